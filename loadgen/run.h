/* One run of tenk-load: what came out of it, and how it ended. */
#ifndef TENK_RUN_H
#define TENK_RUN_H

#include "loadgen/capacity.h"
#include "loadgen/options.h"
#include "loadgen/ranks.h"
#include "loadgen/request.h"
#include "loadgen/result.h"
#include "loadgen/source.h"
#include "loadgen/target.h"
#include "loadgen/tls.h"

enum run_outcome {
	RUN_OK,
	RUN_NO_ANSWERS,
	RUN_WRONG_ANSWERS,
	RUN_SERVER_VANISHED,
	RUN_ERRORS,
	RUN_INTERRUPTED,
	RUN_NO_CAPACITY, /* of a search: answers were good, but no rate was held */
	RUN_SATURATED,	 /* good answers, but not to all that was due, or later and later */
	RUN_CONDITION,	 /* there were answers, and what --fail-if says holds */
	RUN_OUTCOMES,
};

/* As in results/SCHEMA.md. */
extern const char *const run_outcome_names[RUN_OUTCOMES];

/* How the generator itself spoiled what it measured, as bits. */
enum {
	RUN_GENERATOR_BUSY = 1, /* its busiest thread had no time left: rates are "at least" */
	RUN_GENERATOR_LATE = 2, /* it sent or read too late: response times are partly its doing */
};

/* A percentile is shown if so many samples lie beyond it; with fewer it is an accident. */
enum { RUN_SAMPLES_BEYOND = 20 };

/* A run in slices: each that counts is a part of one window. */
struct run_slices {
	uint64_t *length_ns; /* of each; malloc'ed */
	size_t count, room;
	uint64_t loaded_ns; /* in sum, from its beginning to its last answer */
};

struct run {
	const struct options *options;
	const struct target *target;
	const struct source *source;
	const struct mix *mix;
	struct tls *tls;	     /* NULL: plain */
	struct result *total;	     /* all threads together */
	uint64_t started_at_ns;	     /* since the epoch */
	uint64_t window_started_ns;  /* since the epoch; 0: it never did */
	uint64_t window_base_ns;     /* the same, CLOCK_MONOTONIC */
	uint64_t window_ns;	     /* as long as it really was; all slices together */
	struct run_slices slices;    /* with --slices-fd */
	uint64_t established_count;  /* connections, when the load began */
	uint64_t established_active; /* of these, the ones that carry the load */
	uint64_t connected_ns;	     /* how long it took to establish them */
	uint64_t expected_length;    /* given or learnt; EXPECTED_ANY_LENGTH: none, or a mix */
	uint64_t expected_lengths[OPTIONS_REQUESTS_MAX]; /* of each request, likewise */
	const struct capacity *capacity;		 /* --find-max; NULL: none */
	bool is_guess;	      /* of a search: the closed loop that it began with */
	bool interrupted;     /* by SIGINT or SIGTERM, or by whom it took orders from */
	struct error halted;  /* why it was, in words; "": by a signal */
	bool server_vanished; /* all connections gone, and nobody listens any more */
	struct ranks_report
		*ranks; /* of many processes that were one generator; NULL: there is one */
	size_t rank_count, ranks_missing;
	uint64_t gathered_ns; /* how long it took until their results were here and merged */
	bool lengths_differ; /* ranks had answers of different lengths, and each took its own for good */
};

/* Requests were due on a schedule, answered or not. */
bool run_is_open_loop(const struct run *run);

/*
 * Another slice is over, which was so long, and had all its answers so long after it began. False: out of memory.
 * run_forget_slices frees what is kept of them.
 */
bool run_add_slice(struct run *run, uint64_t length_ns, uint64_t loaded_ns);
void run_forget_slices(struct run *run);

/* How long there was load: the window; in slices also while their last answers were awaited. */
uint64_t run_loaded_ns(const struct run *run);

/* How many whole windows of gaps.h it had, each slice its own. */
uint64_t run_count_windows(const struct run *run);

/* How the run ended. What is worse hides what is less: wrong answers hide resets. */
enum run_outcome run_decide_outcome(const struct run *run);

/*
 * Whether a --fail-if holds. What is not known (a percentile of nothing) is not as it should be: then
 * it does.
 */
bool run_meets_condition(const struct run *run, const struct condition *condition);

/* The first --fail-if that holds; NULL: none. */
const struct condition *run_find_condition(const struct run *run);

/* The exit status that goes with it. */
int run_exit_status(enum run_outcome outcome);

/* How many connections there were for the load when it began; of a burst, when it was due. */
uint64_t run_count_ready(const struct run *run);

/* With --connections-max: how many were opened because none was free, the window over. */
uint64_t run_count_grown(const struct run *run);

/* The share of the time under load in which the busiest thread worked; 0 without a window. */
double run_utilisation(const struct run *run);

/* Likewise, but in which one worked or, if the kernel tells, waited for a core. */
double run_occupied_ratio(const struct run *run);

/*
 * Good answers in a second of the window, and of each request that was due; 0 without these. In slices of a
 * closed loop, in a second under load: a slice asks on to its end and is answered behind it, so over its
 * own length it would have had half a round of requests too many.
 */
double run_rate_per_s(const struct run *run);
double run_answered_ratio(const struct run *run);

/*
 * Whether the server kept up with a steady rate: what it answered in a second of what was due in it.
 * In a queue that grows, each request waits longer than the one before. So if response times grow by
 * 0.1 s in a second, 0.9 of the rate is served; a delay that stays the same is no backlog. 1: it
 * kept up; also where the rate is not steady. In slices: by how they grow within a slice.
 */
double run_kept_up_ratio(const struct run *run);

/*
 * How many connections the load needs at least, by Little's law: its rate, times how long one is busy
 * with a request where that was shortest, of a mix each kind by its share. 0: not known, or no steady rate.
 */
uint64_t run_count_needed(const struct run *run);

/* The lower of both. */
double run_achieved_ratio(const struct run *run);

/* What the generator used for each good answer, without spinning; 0 without any. */
double run_cpu_per_request_ns(const struct run *run);

/*
 * How long of a percentile of the response times may be the generator's own delay, at most: the same
 * percentiles of how late it sent and how late it read, together.
 */
uint64_t run_own_delay_ns(const struct run *run, double percentile);

/* Whether that may be more than a tenth of it. */
bool run_percentile_is_ours(const struct run *run, double percentile);

/* RUN_GENERATOR_ bits; of many ranks those of each, since what spoils one spoils what it measured. */
unsigned run_judge_generator(const struct run *run);

/* Keeps a copy of what is told of each rank (NULL: there is one process), in place of the last. False: out of memory. */
bool run_keep_reports(struct run *run, const struct ranks_report *reports, size_t count);

/* What is told of a rank by itself, as far as its own result and the window tell it. */
void run_fill_report(const struct run *run, struct ranks_report *report);

#endif
