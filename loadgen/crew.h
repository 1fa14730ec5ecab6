/*
 * All threads of a run in this process: what they are told, and what they have come to in sum, together with those
 * of other ranks. For the thread that conducts the run, or follows who does.
 */
#ifndef TENK_CREW_H
#define TENK_CREW_H

#include "loadgen/ranks.h"
#include "loadgen/run.h"
#include "loadgen/worker.h"

struct crew {
	struct load load;
	struct conduct conduct;
	uint64_t windows; /* of the whole run, once that is known: see gaps.h */
	int notify_fd;	  /* an eventfd: some worker got further */
	struct worker *workers;
	unsigned worker_count, started_count;
};

/* What the run asks for, as yet without a share of it. */
void crew_init(struct crew *crew, const struct run *run);

/*
 * Starts as many threads as the load's options say. 0, or -errno and a message; then crew_join too, if
 * there are workers.
 */
int crew_start(struct crew *crew, struct error *error);

/*
 * Ends them, adds what they counted to the total and to the gaps of each kind (of a load of several kinds), and
 * frees the workers. -errno and a message if one of them could not work.
 */
int crew_join(struct crew *crew, struct result *total, struct gaps *gaps, struct error *error);

/* What the answers to each request were as long as; EXPECTED_ANY_LENGTH: that does not matter, or is not known. */
void crew_read_lengths(const struct crew *crew, uint64_t lengths[OPTIONS_REQUESTS_MAX]);

/* Whether one of them could not begin, here or elsewhere. */
bool crew_is_broken(const struct crew *crew);

/* Moves all of them on, here and elsewhere. */
void crew_set_phase(struct crew *crew, enum load_phase phase);

/* What they have come to: those here, or all. */
struct ranks_state crew_look_here(const struct crew *crew);
struct ranks_state crew_look(const struct crew *crew);

/* What they have counted of all requests (0), or of each kind (from 1 on); here, or everywhere. */
void crew_collect_here(const struct crew *crew, struct interval_totals *totals, size_t kind);
void crew_collect(const struct crew *crew, struct interval_totals *totals, size_t kind);

#endif
