#include "loadgen/search.h"
#include "lib/clock.h"
#include "lib/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { NOTE_BYTES = 64, NUMBER_BYTES = 32 };

/* How long a closed loop runs to find where to begin. */
#define GUESS_NS (2 * NS_PER_S)

static bool search_must_stop(const struct run *run)
{
	return run->interrupted || run->server_vanished;
}

static struct capacity_trial trial_of(const struct run *run)
{
	const struct result *total = run->total;

	return (struct capacity_trial){
		.rate_per_s = run->options->rate_per_s,
		.achieved_ratio = total->due ? (double)total->good / (double)total->due : 0,
		.p99_ns = total->latency.total ? histogram_percentile_ns(&total->latency, 99)
					       : UINT64_MAX,
		.errors = result_count_errors(total->errors),
	};
}

/* What a closed loop reaches, in requests per second; 0 if nothing answers, -1 for an error. */
static double search_guess(struct run *run, struct events *events, struct live *live,
			   struct error *error)
{
	struct options options = *run->options;
	struct run guess = *run;
	double rate = 0;

	options.arrivals = ARRIVALS_CLOSED;
	options.spin_ns = 0;
	if (options.duration_ns > GUESS_NS)
		options.duration_ns = GUESS_NS;
	guess.options = &options;
	guess.total = NULL;
	live->note = "closed loop";
	events->searching = true;
	events->trial = 0;
	if (control_run(&guess, events, live, error) < 0)
		rate = -1;
	run->interrupted = guess.interrupted;
	run->server_vanished = guess.server_vanished;
	if (rate >= 0 && guess.total && guess.window_ns > 0)
		rate = (double)guess.total->good * 1e9 / (double)guess.window_ns;
	free(guess.total);
	return rate;
}

/* The trial is kept, or the one that was. */
static void search_keep(struct run *best, struct run *trial, bool better)
{
	struct result *other = better ? best->total : trial->total;

	if (better)
		*best = *trial;
	free(other);
}

int search_run(struct run *run, struct capacity *capacity, struct events *events, struct live *live,
	       struct error *error)
{
	const struct options *asked = run->options;
	struct options options = *asked;
	char note[NOTE_BYTES], number[NUMBER_BYTES];
	double guess = search_guess(run, events, live, error);
	int result = guess < 0 ? -ECANCELED : 0;

	capacity_init(capacity, asked->find_max_ns, guess);
	while (result == 0 && !search_must_stop(run) &&
	       (options.rate_per_s = capacity_next(capacity)) > 0) {
		struct run trial = *run;
		bool held = false;

		trial.options = &options;
		trial.total = NULL;
		snprintf(note, sizeof(note), "trial %zu: %s", capacity->count + 1,
			 units_format(UNIT_RATE, options.rate_per_s, number, sizeof(number)));
		live->note = note;
		events->trial = capacity->count + 1;
		/* Each trial has arrivals of its own. */
		options.seed = asked->seed + capacity->count;
		result = control_run(&trial, events, live, error);
		if (result == 0 && !search_must_stop(&trial))
			held = capacity_add(capacity, trial_of(&trial));
		search_keep(run, &trial, held || !run->total || search_must_stop(&trial));
	}
	live->note = NULL;
	run->options = asked;
	run->capacity = capacity;
	if (!run->total)
		run->total = result_create(0);
	return result < 0 || run->total ? result : -ENOMEM;
}
