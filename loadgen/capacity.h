/*
 * The search for the highest rate that a server bears: what to try next, and what came of it.
 *
 * A rate is held if p99 stays within the limit, nothing fails, and 99 % of what was due is answered
 * and kept up with. From a guess (what a closed loop reached) the search halves the distance between
 * the highest rate that was held and the lowest that was not, until they are 2 % apart; a rate that is
 * not held has a second chance. What was held then was chosen because it was, by chance perhaps, so
 * it is put to the test: of five more trials four must hold, else it goes down by 2 % and tests that.
 * And what was not held then may have been bad luck, so the lowest of these is put to the same test,
 * up to three times; if it passes, the search goes on from there.
 *
 * A rate may also not be held because the generator was at its limit. Such a trial is repeated; if it
 * is spoiled again and again, what is below is no more than what the server bears at least. Pure: it
 * is told what happened and does nothing by itself.
 */
#ifndef TENK_CAPACITY_H
#define TENK_CAPACITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CAPACITY_TRIALS_MAX = 64, CAPACITY_OF = 5, CAPACITY_HELD = 4 };

/* So many samples are wanted in a trial that 20 lie beyond its p99. */
enum { CAPACITY_SAMPLES = 2000 };

struct capacity_trial {
	double rate_per_s, achieved_ratio;
	uint64_t p99_ns, errors;
	unsigned spoiled;	   /* how by the generator itself, as bits; 0: it was not */
	bool short_of_connections; /* there were hardly as many as the rate needs */
	bool held;
	bool confirms; /* it is one of those that decide about a rate */
	bool repeated; /* it was not held and spoiled, so it counts for nothing */
};

enum capacity_stage {
	CAPACITY_SEARCHING,
	CAPACITY_CONFIRMING, /* tests what was held */
	CAPACITY_REOPENING,  /* tests what was not */
	CAPACITY_DONE,
};

struct capacity {
	uint64_t limit_ns; /* of p99 */
	struct capacity_trial trial[CAPACITY_TRIALS_MAX];
	size_t count;
	enum capacity_stage stage;
	double low, high; /* held, not held; 0: none yet */
	double guess;
	double doubted;	       /* a rate that was not held, once; 0: none */
	double tested;	       /* the rate that is put to the test */
	size_t test_first;     /* the first trial that counts for that */
	unsigned failed_tests; /* of this upper end */
	unsigned reopened;     /* how often an upper end passed; bounded, where the edge is soft */
	unsigned spoiled_in_row;

	/* The result, once there is no next rate; 0: none was held often enough. */
	double held_per_s;
	unsigned held, of;   /* trials that tested it */
	double failed_per_s; /* the lowest rate above that was not; 0: none */
	bool at_least;	     /* that one was spoiled by the generator, each time */
	bool of_connections; /* there were hardly as many as that one needs */
};

void capacity_init(struct capacity *capacity, uint64_t limit_ns, double guess_per_s);

/* The rate to try; 0: the search has ended. */
double capacity_next(struct capacity *capacity);

/* What a trial came to; fills in whether it was held and what for. */
void capacity_add(struct capacity *capacity, struct capacity_trial trial);

/* Whether the last trial is the one to show, of those until now. */
bool capacity_shows_last(const struct capacity *capacity);

/* What limits what was found: "server", "generator", "connections"; NULL: nothing was found. */
const char *capacity_limit_name(const struct capacity *capacity);

/* How long a trial at that rate should be, if so long was asked for: four times that at most. */
uint64_t capacity_duration_ns(double rate_per_s, uint64_t asked_ns);

#endif
