/* One of the two servers of a demonstration, with what loads it and what was seen of it. */
#ifndef TENK_DEMO_SIDE_H
#define TENK_DEMO_SIDE_H

#include "harness/catalogue/catalogue.h"
#include "harness/demo/demonstration.h"
#include "harness/machine/cores.h"
#include "harness/machine/paths.h"
#include "harness/measure/memory_group.h"
#include "harness/trial/load_process.h"
#include "harness/trial/server_process.h"

enum { DEMO_GENERATORS = DEMO_STEPS };

struct demo_side {
	const struct demonstration *kind;
	const struct demo_subject *subject;
	struct server_process server;
	struct memory_group group;
	struct load_process generators[DEMO_GENERATORS];
	size_t generator_count, warm_count;
	bool warm[DEMO_GENERATORS];
	uint64_t connections;  /* that were asked for so far, by the first load */
	uint64_t due_every_ns; /* its requests; 0: it has no rate */

	/* Of the column that is under way. */
	uint64_t begun_ns, answers;
	double slowest_ns, cpu_ns;
	uint64_t told_ns,
		told_before_ns; /* until when its load has told, and had when the column began */
	uint64_t silent_ns;	/* since when no answer came, through columns */

	double process_before, kernel_before; /* bytes, without connections */
	struct demo_column columns[DEMO_SECONDS_MOST];
	size_t column_count;
};

/* What both have in common. */
struct demo_place {
	const struct paths *paths;
	const struct catalogue *catalogue;
	const struct cores *cores;
	const struct memory_groups *groups;
};

/* Nothing is started; demo_side_stop in any case. */
void demo_side_init(struct demo_side *side, const struct demonstration *kind, size_t index);

/* Starts the server and asks it for a right answer to each load. 0 or -errno with a message. */
int demo_side_start(struct demo_side *side, const struct demo_place *place, struct error *error);

/* Starts a generator. 0 or -errno with a message. */
int demo_side_load(struct demo_side *side, const struct demo_place *place, const struct load *load,
		   struct error *error);

/*
 * Takes in what its generators have told since the last time. 0; -ECHILD with a message if one of them, or the
 * server, has ended.
 */
int demo_side_follow(struct demo_side *side, struct error *error);

/* Whether all that was started loads it. */
bool demo_side_is_warm(const struct demo_side *side);

/* A column begins; it ends, and is one more. */
void demo_side_begin_column(struct demo_side *side);
void demo_side_end_column(struct demo_side *side);

/* Ends what loads it and then the server. */
void demo_side_stop(struct demo_side *side);

#endif
