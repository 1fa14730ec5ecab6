#include "loadgen/run.h"
#include "loadgen/gaps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const run_outcome_names[RUN_OUTCOMES] = {
	[RUN_OK] = "ok",
	[RUN_NO_ANSWERS] = "no_answers",
	[RUN_WRONG_ANSWERS] = "wrong_answers",
	[RUN_SERVER_VANISHED] = "server_vanished",
	[RUN_ERRORS] = "errors",
	[RUN_INTERRUPTED] = "interrupted",
	[RUN_NO_CAPACITY] = "no_capacity",
	[RUN_SATURATED] = "saturated",
	[RUN_CONDITION] = "condition",
};

/*
 * A thread that was working or waiting for a core for this share of the time is likely to be what
 * limits the rate: it waited for the server only in the rest.
 */
static const double busy_limit_ratio = 0.9;

/* A load is borne if so much of what was due was answered, and kept up with. */
static const double answered_least = 0.99, kept_up_least = 0.95;

/*
 * Response times may differ by as much by accident, as by a pause of somebody near an end of the
 * window; and a shorter window than this shows no trend.
 */
static const double growth_accident_ns = 100e6;
static const uint64_t trend_window_ns = 2000000000;

/* The medians over several slices have no accidents of that kind; but each begins with idle cores. */
static const double slice_growth_ns = 1e6;
static const size_t trend_slices = 5;

/*
 * A delay of our own spoils a percentile if it may be more than this share of it. A core that slept
 * takes its time to wake up, so what is less than the limit is told, but not warned of.
 */
static const double own_share = 0.1;
static const uint64_t late_limit_ns = 1000000;

static const int exit_statuses[RUN_OUTCOMES] = {
	[RUN_OK] = 0,
	[RUN_NO_ANSWERS] = 1,
	[RUN_WRONG_ANSWERS] = 1,
	[RUN_SERVER_VANISHED] = 1,
	[RUN_ERRORS] = 1,
	[RUN_INTERRUPTED] = 130,
	[RUN_NO_CAPACITY] = 1,
	[RUN_SATURATED] = 3,
	[RUN_CONDITION] = 4,
};

static uint64_t run_count_wrong(const uint64_t errors[ERROR_CLASSES])
{
	return errors[ERROR_STATUS] + errors[ERROR_LENGTH] + errors[ERROR_PARSE] +
	       errors[ERROR_BODY] + errors[ERROR_HEADER];
}

bool run_is_open_loop(const struct run *run)
{
	return !run->is_guess && options_is_open_loop(run->options);
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

/* How much response times grew, from the middle of the first tenth to that of the last one. */
static double growth_ns(const struct run *run)
{
	const struct histogram *early = &run->total->early, *late = &run->total->late;

	if (early->total == 0 || late->total == 0)
		return 0;
	return (double)histogram_percentile_ns(late, 50) -
	       (double)histogram_percentile_ns(early, 50);
}

static bool grew_later(const struct run *run)
{
	if (run->slices.count > 0)
		return run->slices.count >= trend_slices && growth_ns(run) > slice_growth_ns;
	return run->window_ns >= trend_window_ns && growth_ns(run) > growth_accident_ns;
}

static bool is_saturated(const struct run *run)
{
	if (!run_is_open_loop(run) || run->total->due == 0)
		return false;
	return run_answered_ratio(run) < answered_least ||
	       (run_kept_up_ratio(run) < kept_up_least && grew_later(run));
}

enum run_outcome run_decide_outcome(const struct run *run)
{
	const struct result *total = run->total;
	/* The crowd is used before the window: its errors count although they are outside. */
	bool crowd_failed = total->crowd_answered < run->options->idle ||
			    total->crowd_open < run->options->idle;
	uint64_t wrong = run_count_wrong(total->errors);
	uint64_t answered = run->options->connections
				    ? total->good
				    : total->crowd_answered + total->crowd_slow_answers +
					      total->crowd_slow_cut;

	if (run->interrupted)
		return RUN_INTERRUPTED;
	if (run->server_vanished)
		return RUN_SERVER_VANISHED;
	/* Who asks for an answer of his own gets it, whatever else there is to say of the answers. */
	if (answered > 0 && run_find_condition(run))
		return RUN_CONDITION;
	/* A search goes to where errors are, on purpose. */
	if (run->capacity && run->capacity->held_per_s > 0)
		return RUN_OK;
	if (crowd_failed)
		wrong += run_count_wrong(total->errors_outside);
	if (wrong > 0 || run->lengths_differ)
		return RUN_WRONG_ANSWERS;
	if (answered == 0)
		return RUN_NO_ANSWERS;
	if (crowd_failed || result_count_errors(total->errors) > 0)
		return RUN_ERRORS;
	if (run->capacity)
		return RUN_NO_CAPACITY;
	return is_saturated(run) ? RUN_SATURATED : RUN_OK;
}

/* Over which rates are had. */
static uint64_t counted_ns(const struct run *run)
{
	return run_is_open_loop(run) ? run->window_ns : run_loaded_ns(run);
}

static double value_of_times(const struct histogram *latency, const struct condition *condition)
{
	if (condition->of == CONDITION_MEAN)
		return histogram_mean_ns(latency);
	return latency->total ? (double)histogram_percentile_ns(latency, condition->percentile)
			      : NAN;
}

static double value_of_kind(const struct run *run, const struct condition *condition)
{
	size_t index = mix_find(run->mix, condition->kind);
	const struct tally *tally = &run->total->tally[index];

	if (index >= run->mix->count || run->mix->count < 2)
		return NAN;
	switch (condition->of) {
	case CONDITION_ERRORS:
		return (double)result_count_errors(tally->errors);
	case CONDITION_ANSWERED:
		return tally->due ? ratio((double)tally->good, (double)tally->due) : NAN;
	case CONDITION_RATE:
		return ratio((double)tally->good * 1e9, (double)counted_ns(run));
	case CONDITION_SILENT:
		return tally->windows ? ratio((double)tally->silent_windows, (double)tally->windows)
				      : NAN;
	default:
		return value_of_times(&tally->latency, condition);
	}
}

static double value_of(const struct run *run, const struct condition *condition)
{
	if (*condition->kind)
		return value_of_kind(run, condition);
	switch (condition->of) {
	case CONDITION_ERRORS:
		return (double)result_count_errors(run->total->errors);
	case CONDITION_ANSWERED:
		return run->total->due ? run_answered_ratio(run) : NAN;
	case CONDITION_RATE:
		return run_rate_per_s(run);
	default:
		return value_of_times(&run->total->latency, condition);
	}
}

bool run_meets_condition(const struct run *run, const struct condition *condition)
{
	double value = value_of(run, condition);

	if (isnan(value))
		return true;
	return condition->above ? value > condition->limit : value < condition->limit;
}

const struct condition *run_find_condition(const struct run *run)
{
	for (size_t i = 0; i < run->options->condition_count; i++)
		if (run_meets_condition(run, &run->options->conditions[i]))
			return &run->options->conditions[i];
	return NULL;
}

int run_exit_status(enum run_outcome outcome)
{
	return exit_statuses[outcome];
}

uint64_t run_count_ready(const struct run *run)
{
	if (run->options->arrivals == ARRIVALS_BURST && run->window_ns > 0)
		return run->options->connections - run->total->unopened;
	return run->established_active;
}

uint64_t run_count_grown(const struct run *run)
{
	uint64_t used = run->total->fairness.connections, first = run->options->connections;

	return run->options->connections_max > 0 && used > first ? used - first : 0;
}

bool run_add_slice(struct run *run, uint64_t length_ns, uint64_t loaded_ns)
{
	struct run_slices *slices = &run->slices;

	if (slices->count == slices->room) {
		size_t room = slices->room ? 2 * slices->room : 64;
		uint64_t *more = reallocarray(slices->length_ns, room, sizeof(*more));

		if (!more)
			return false;
		slices->length_ns = more;
		slices->room = room;
	}
	slices->length_ns[slices->count++] = length_ns;
	slices->loaded_ns += loaded_ns;
	run->window_ns += length_ns;
	return true;
}

void run_forget_slices(struct run *run)
{
	free(run->slices.length_ns);
	run->slices = (struct run_slices){0};
}

uint64_t run_count_windows(const struct run *run)
{
	uint64_t count = run->slices.count > 0 ? 0 : run->window_ns / GAPS_WINDOW_NS;

	for (size_t i = 0; i < run->slices.count; i++)
		count += run->slices.length_ns[i] / GAPS_WINDOW_NS;
	return count;
}

uint64_t run_loaded_ns(const struct run *run)
{
	return run->slices.count > 0 ? run->slices.loaded_ns : run->window_ns;
}

double run_utilisation(const struct run *run)
{
	return ratio((double)run->total->busiest_cpu_ns, (double)run_loaded_ns(run));
}

double run_occupied_ratio(const struct run *run)
{
	return ratio((double)run->total->busiest_occupied_ns, (double)run_loaded_ns(run));
}

double run_rate_per_s(const struct run *run)
{
	return ratio((double)run->total->good * 1e9, (double)counted_ns(run));
}

double run_answered_ratio(const struct run *run)
{
	return ratio((double)run->total->good, (double)run->total->due);
}

double run_kept_up_ratio(const struct run *run)
{
	double parts = run->slices.count > 0 ? (double)run->slices.count : 1;
	double grown = ratio(parts * growth_ns(run), 0.9 * (double)run->window_ns);

	return fmin(1, fmax(0, 1 - grown));
}

uint64_t run_count_needed(const struct run *run)
{
	const struct options *options = run->options;
	double rate_per_s = options->stages.count ? 0 : options->rate_per_s;

	double busy_ns = 0;

	if (!run_is_open_loop(run) || run->total->fastest_ns == UINT64_MAX)
		return 0;
	for (size_t i = 0; run->mix->count > 1 && i < run->mix->count; i++) {
		uint64_t fastest_ns = run->total->tally[i].fastest_ns;
		double share = (double)run->mix->request[i].weight / (double)run->mix->weight;

		busy_ns += share *
			   (double)(fastest_ns == UINT64_MAX ? run->total->fastest_ns : fastest_ns);
	}
	if (run->mix->count < 2)
		busy_ns = (double)run->total->fastest_ns;
	return (uint64_t)ceil(rate_per_s * busy_ns / 1e9);
}

double run_achieved_ratio(const struct run *run)
{
	return fmin(run_answered_ratio(run), run_kept_up_ratio(run));
}

double run_cpu_per_request_ns(const struct run *run)
{
	const struct result *total = run->total;

	return ratio((double)(total->cpu_ns - total->spin_ns), (double)total->good);
}

uint64_t run_own_delay_ns(const struct run *run, double percentile)
{
	return histogram_percentile_ns(&run->total->send_lateness, percentile) +
	       histogram_percentile_ns(&run->total->read_lateness, percentile);
}

bool run_percentile_is_ours(const struct run *run, double percentile)
{
	return (double)run_own_delay_ns(run, percentile) >
	       own_share * (double)histogram_percentile_ns(&run->total->latency, percentile);
}

/* By what one result holds, of a rank or of all together. */
static unsigned run_judge_here(const struct run *run)
{
	static const double percentiles[] = {50, 90, 99, 99.9};
	bool busy = run->options->connections > 0 && run_occupied_ratio(run) >= busy_limit_ratio;
	bool late = false;

	for (size_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++) {
		/* The last of them is more often than not an accident, the others are always told. */
		bool told = percentiles[i] <= 99 ||
			    (double)run->total->latency.total * (1 - percentiles[i] / 100) >=
				    RUN_SAMPLES_BEYOND;

		late |= told && run_own_delay_ns(run, percentiles[i]) >= late_limit_ns &&
			run_percentile_is_ours(run, percentiles[i]);
	}
	/* A burst is due all at once and cannot be sent so. */
	late &= run->options->arrivals != ARRIVALS_BURST;
	return (busy ? RUN_GENERATOR_BUSY : 0) | (late ? RUN_GENERATOR_LATE : 0);
}

void run_fill_report(const struct run *run, struct ranks_report *report)
{
	const struct result *total = run->total;

	report->threads = (uint32_t)total->threads;
	report->due = total->due;
	report->good = total->good;
	report->errors = result_count_errors(total->errors);
	report->cpu_ns = total->cpu_ns;
	report->occupied_ratio = run_occupied_ratio(run);
	report->send_late_p99_ns = histogram_percentile_ns(&total->send_lateness, 99);
	report->read_late_p99_ns = histogram_percentile_ns(&total->read_lateness, 99);
	report->spoiled = run_judge_here(run);
	target_find_interface(run->target, report->interface);
}

bool run_keep_reports(struct run *run, const struct ranks_report *reports, size_t count)
{
	free(run->ranks);
	run->ranks = NULL;
	run->rank_count = 0;
	if (!reports)
		return true;
	run->ranks = reallocarray(NULL, count, sizeof(*run->ranks));
	if (!run->ranks)
		return false;
	memcpy(run->ranks, reports, count * sizeof(*run->ranks));
	run->rank_count = count;
	return true;
}

unsigned run_judge_generator(const struct run *run)
{
	unsigned spoiled = run_judge_here(run);

	for (size_t i = 0; run->ranks && i < run->rank_count; i++)
		spoiled |= run->ranks[i].spoiled;
	return spoiled;
}
