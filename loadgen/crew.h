/*
 * All threads of a run together: what they are told, and what they have come to in sum. For the thread
 * that conducts the run.
 */
#ifndef TENK_CREW_H
#define TENK_CREW_H

#include "loadgen/worker.h"

struct crew {
	struct load load;
	struct conduct conduct;
	int notify_fd; /* an eventfd: some worker got further */
	struct worker *workers;
	unsigned worker_count, started_count;
};

/*
 * Starts as many threads as the load's options say. 0, or -errno and a message; then crew_stop too, if
 * there are workers.
 */
int crew_start(struct crew *crew, struct error *error);

/*
 * Ends them, adds what they counted to the total, and frees the workers. -errno and a message if one of
 * them could not work.
 */
int crew_stop(struct crew *crew, struct result *total, uint64_t windows, struct error *error);

/* Whether one of them could not begin. */
bool crew_is_broken(const struct crew *crew);

/* Moves all of them on. */
void crew_set_phase(struct crew *crew, enum load_phase phase);

/* The sum of a member of their progress; whether all of them have set it. */
#define CREW_SUM(crew, member) crew_sum((crew), offsetof(struct worker, progress.member))
#define CREW_ALL(crew, member) crew_all((crew), offsetof(struct worker, progress.member))

/* These, of the member at that offset in struct worker. */
uint64_t crew_sum(const struct crew *crew, size_t offset);
bool crew_all(const struct crew *crew, size_t offset);

#endif
