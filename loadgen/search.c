#include "loadgen/search.h"
#include "lib/clock.h"
#include "lib/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { NOTE_BYTES = 64, NUMBER_BYTES = 32 };

/* From this share of the connections on that a rate keeps busy at least, they limit it. */
static const double connections_share = 0.8;

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
		.achieved_ratio = run_achieved_ratio(run),
		.p99_ns = total->latency.total ? histogram_percentile_ns(&total->latency, 99)
					       : UINT64_MAX,
		.errors = result_count_errors(total->errors),
		.spoiled = run_judge_generator(run),
		.short_of_connections = (double)run_count_needed(run) >=
					connections_share * (double)options_most(run->options),
	};
}

/* A closed loop, whose rate is where to begin, and which is what there is to tell if it has none. */
static int search_guess(struct run *run, struct events *events, struct live *live,
			struct error *error)
{
	const struct options *asked = run->options;
	struct options options = *asked;
	int result;

	options.arrivals = ARRIVALS_CLOSED;
	options.spin_ns = 0;
	if (options.duration_ns > GUESS_NS)
		options.duration_ns = GUESS_NS;
	run->options = &options;
	run->is_guess = true;
	live->note = "closed loop";
	events->searching = true;
	events->trial = 0;
	result = control_run(run, events, live, error);
	run->options = asked;
	return result;
}

/* Answers that take longer than the closed loop did belong to no window, but are a beginning. */
static double guess_rate(const struct run *run)
{
	double all_ns = (double)(run->window_ns + run->options->warmup_ns);

	if (run->total->good > 0 || run->window_ns == 0)
		return run_rate_per_s(run);
	return (double)run->total->good_outside * 1e9 / all_ns;
}

/*
 * A trial for which nothing could be opened has measured no server. If nobody listens any more, the
 * search ends; what it has found until then is kept.
 */
static void search_look_for_server(struct run *trial)
{
	if (trial->window_ns == 0 && !search_must_stop(trial) &&
	    target_probe(trial->target, TARGET_PROBE_MS) == -ECONNREFUSED)
		trial->server_vanished = true;
}

/* The trial is kept, or what was. */
static void search_keep(struct run *best, struct run *trial, bool better)
{
	struct run other = better ? *best : *trial;

	if (better)
		*best = *trial;
	free(other.total);
	free(other.ranks);
}

int search_run(struct run *run, struct capacity *capacity, struct events *events, struct live *live,
	       struct error *error)
{
	const struct options *asked = run->options;
	struct options options = *asked;
	char note[NOTE_BYTES], number[NUMBER_BYTES];
	int result = search_guess(run, events, live, error);

	capacity_init(capacity, asked->find_max_ns, result < 0 ? 0 : guess_rate(run));
	while (result == 0 && !search_must_stop(run) &&
	       (options.rate_per_s = capacity_next(capacity)) > 0) {
		/* While nothing was held, the last one tells most: it is at the lowest rate. */
		bool better = capacity->low <= 0;
		struct run trial = *run;

		trial.options = &options;
		trial.is_guess = false;
		trial.total = NULL;
		trial.ranks = NULL;
		snprintf(note, sizeof(note), "trial %zu: %s", capacity->count + 1,
			 units_format(UNIT_RATE, options.rate_per_s, number, sizeof(number)));
		live->note = note;
		events->trial = capacity->count + 1;
		options.duration_ns = capacity_duration_ns(options.rate_per_s, asked->duration_ns);
		/* Each trial has arrivals of its own. */
		options.seed = asked->seed + capacity->count;
		result = control_run(&trial, events, live, error);
		search_look_for_server(&trial);
		run->interrupted = trial.interrupted;
		run->server_vanished = trial.server_vanished;
		if (result == 0 && !search_must_stop(&trial)) {
			capacity_add(capacity, trial_of(&trial));
			better |= capacity_shows_last(capacity);
		}
		search_keep(run, &trial,
			    trial.window_ns > 0 && (better || search_must_stop(&trial)));
	}
	live->note = NULL;
	run->options = asked;
	run->capacity = capacity;
	return result;
}
