/* One run of tenk-load: what came out of it, and how it ended. */
#ifndef TENK_RUN_H
#define TENK_RUN_H

#include "loadgen/options.h"
#include "loadgen/request.h"
#include "loadgen/result.h"
#include "loadgen/target.h"

enum run_outcome {
	RUN_OK,
	RUN_NO_ANSWERS,
	RUN_WRONG_ANSWERS,
	RUN_SERVER_VANISHED,
	RUN_ERRORS,
	RUN_INTERRUPTED,
	RUN_OUTCOMES,
};

/* As in results/SCHEMA.md. */
extern const char *const run_outcome_names[RUN_OUTCOMES];

struct run {
	const struct options *options;
	const struct target *target;
	const struct request *request;
	struct result *total;	    /* all threads together */
	uint64_t started_at_ns;	    /* since the epoch */
	uint64_t window_started_ns; /* since the epoch; 0: it never did */
	uint64_t window_ns;	    /* as long as it really was */
	uint64_t expected_length;   /* given or learnt; RESULT_NO_LENGTH: none */
	bool interrupted;	    /* by SIGINT or SIGTERM */
	bool server_vanished;	    /* all connections gone, and nobody listens any more */
};

/* How the run ended. What is worse hides what is less: wrong answers hide resets. */
enum run_outcome run_decide_outcome(const struct run *run);

/* The exit status that goes with it. */
int run_exit_status(enum run_outcome outcome);

#endif
