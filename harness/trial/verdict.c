#include "harness/trial/verdict.h"

#include "harness/machine/quota.h"
#include "lib/clock.h"
#include "lib/statistics/statistics.h"
#include "lib/units.h"
#include "lib/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The limits of docs/method.md. */
#define GENERATOR_BUSY_RATIO 0.90
#define STEAL_RATIO	     0.05
/*
 * What is nobody's of ours is a difference of two clocks: the cores' is kept by ticks, a thread's is exact. Of
 * servers that switch all the time 10 to 12 % are missing on an idle machine, which must not cost them a trial.
 */
#define OTHERS_RATIO	  0.20
#define ACHIEVED_RATIO	  0.99
#define SERVER_BUSY_RATIO 0.95
#define UNSTEADY_SLOPE	  0.03
#define UNSTEADY_HALVES	  0.05
#define UNSTEADY_P	  0.01
enum { STEADINESS_WINDOWS = 10 };

void trial_verdict_init(struct trial_verdict *verdict)
{
	*verdict = (struct trial_verdict){.reasons = json_array(), .notes = json_array()};
}

void trial_verdict_destroy(struct trial_verdict *verdict)
{
	json_decref(verdict->reasons);
	json_decref(verdict->notes);
}

static void append(json_t *list, const char *code, const char *format, va_list values)
{
	char text[1100];

	vsnprintf(text, sizeof text, format, values);
	json_array_append_new(list, json_pack("{s:s, s:s}", "code", code, "text", utf8_mend(text)));
}

static int weight(enum outcome outcome)
{
	static const int weights[] = {[OUTCOME_OK] = 0,
				      [OUTCOME_SKIPPED] = 1,
				      [OUTCOME_SATURATED] = 1,
				      [OUTCOME_INVALID] = 2,
				      [OUTCOME_FAILED] = 3};

	return weights[outcome];
}

void trial_verdict_add(struct trial_verdict *verdict, enum outcome outcome, const char *code,
		       const char *format, ...)
{
	va_list values;

	va_start(values, format);
	append(verdict->reasons, code, format, values);
	va_end(values);
	if (weight(outcome) > weight(verdict->outcome))
		verdict->outcome = outcome;
}

void trial_verdict_spoil(struct trial_verdict *verdict, const char *code, const char *format, ...)
{
	va_list values;

	json_array_clear(verdict->reasons);
	va_start(values, format);
	append(verdict->reasons, code, format, values);
	va_end(values);
	verdict->outcome = OUTCOME_INVALID;
}

void trial_verdict_explain(struct trial_verdict *verdict, const char *limit, const char *remedy)
{
	size_t count = json_array_size(verdict->reasons);
	json_t *reason = count ? json_array_get(verdict->reasons, count - 1) : NULL;

	if (limit && *limit)
		json_object_set_new(reason, "limit", json_string(limit));
	if (remedy && *remedy)
		json_object_set_new(reason, "remedy", json_string(remedy));
}

void trial_verdict_note(struct trial_verdict *verdict, const char *code, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	append(verdict->notes, code, format, values);
	va_end(values);
}

/* "3 reset, 1 timeout" */
static double list_errors(const json_t *errors, char *text, size_t size)
{
	const char *class;
	const json_t *value;
	size_t length = 0;
	double sum = 0;

	text[0] = '\0';
	json_object_foreach((json_t *)(uintptr_t)errors, class, value)
	{
		double count = json_number_value(value);

		sum += count;
		if (count > 0 && length < size)
			length += (size_t)snprintf(text + length, size - length, "%s%.0f %s",
						   length ? ", " : "", count, class);
	}
	return sum;
}

static bool has_wrong_answers(const json_t *errors)
{
	static const char *const classes[] = {"status", "length", "parse", "body", "header"};

	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (json_number_value(json_object_get(errors, classes[i])) > 0)
			return true;
	return false;
}

static const char more_time[] =
	"a longer timeout in the scenario's load, or more cores for the server "
	"(--server-cores)";

/* What a class of error tells of what was reached, the gravest first. */
static void explain_errors(struct trial_verdict *verdict, const json_t *errors)
{
	static const struct {
		const char *class, *limit, *remedy;
	} classes[] = {
		{"status", "refusal",
		 "a higher limit of connections or workers in the server's own settings, which are the "
		 "first to look at"},
		{"connect", "not accepted",
		 "more time to accept them (timeout in the scenario's load), more cores for the server "
		 "(--server-cores), a longer backlog (sysctl net.core.somaxconn), or a higher limit of "
		 "the server's own"},
		{"reset", "closed",
		 "higher limits of the server's own (connections, descriptors, idle time); what it wrote "
		 "to stderr tells more"},
		{"timeout", "deadline", more_time},
	};

	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (json_number_value(json_object_get(errors, classes[i].class)) > 0) {
			trial_verdict_explain(verdict, classes[i].limit, classes[i].remedy);
			return;
		}
	trial_verdict_explain(verdict, "wrong answers", NULL);
}

/* What the server did. */
static void judge_answers(struct trial_verdict *verdict, const struct observation *observation)
{
	const json_t *load = observation->load;
	const json_t *errors = json_object_get(load, "errors");
	const char *outcome = json_string_value(json_object_get(load, "outcome"));
	char list[200], outside[200];
	double count = list_errors(errors, list, sizeof list);
	double before = list_errors(json_object_get(load, "errors_outside"), outside,
				    sizeof outside);

	if (outcome && strcmp(outcome, "server_vanished") == 0)
		trial_verdict_add(verdict, OUTCOME_FAILED, "server_died",
				  "the server stopped answering and took no more connections");
	else if (outcome && strcmp(outcome, "no_answers") == 0) {
		trial_verdict_add(verdict, OUTCOME_FAILED, "no_answers",
				  "not one request was answered");
		trial_verdict_explain(verdict, "deadline", more_time);
	}
	if (count > 0) {
		bool wrong = has_wrong_answers(errors);

		trial_verdict_add(verdict, OUTCOME_FAILED, wrong ? "wrong_answers" : "errors",
				  "%s in the window: %s", wrong ? "wrong answers" : "errors", list);
		explain_errors(verdict, errors);
	}
	if (before > 0) {
		trial_verdict_add(verdict, OUTCOME_FAILED, "errors",
				  "errors before or after the window: %s", outside);
		explain_errors(verdict, json_object_get(load, "errors_outside"));
	}
}

/* What the generator's busiest thread worked or waited for a core; worked, if no more is known. */
static double generator_occupied(const struct observation *observation)
{
	double occupied = metrics_value(observation, "load_occupied_ratio");

	return isnan(occupied) ? metrics_value(observation, "load_utilisation_ratio") : occupied;
}

static void judge_open_loop(struct trial_verdict *verdict, const struct observation *observation)
{
	double achieved = metrics_value(observation, "achieved_ratio");
	double occupied = generator_occupied(observation);
	double late_ns = metrics_value(observation, "send_lateness_p99_ns");
	double half_late_ns = metrics_value(observation, "send_lateness_p50_ns");
	char text[32];

	if (occupied > GENERATOR_BUSY_RATIO)
		trial_verdict_add(
			verdict, OUTCOME_INVALID, "generator_busy",
			"the generator worked or waited for a core for %.0f %% of the time, at a "
			"rate it was to offer",
			100 * occupied);
	else if (achieved < ACHIEVED_RATIO)
		trial_verdict_add(verdict, OUTCOME_SATURATED, "rate_not_achieved",
				  "%.1f %% of the offered rate was answered", 100 * achieved);
	else if (metrics_is_late(observation, "p50_ns"))
		trial_verdict_add(verdict, OUTCOME_INVALID, "generator_late",
				  "half of the requests were sent %s late or more",
				  units_format(UNIT_DURATION, half_late_ns, text, sizeof text));
	else if (metrics_is_late(observation, "p99_ns"))
		trial_verdict_note(verdict, "generator_late",
				   "1 %% of the requests were sent %s late or more, so the slowest "
				   "response times are not the server's and are left out",
				   units_format(UNIT_DURATION, late_ns, text, sizeof text));
}

/* The rate and the percentiles are then those of the others. */
static void judge_starved(struct trial_verdict *verdict, const json_t *load)
{
	const json_t *fairness = json_object_get(load, "fairness");
	double all = json_number_value(json_object_get(fairness, "connections"));
	double unused = json_number_value(json_object_get(fairness, "unused"));

	if (unused > 0)
		trial_verdict_note(
			verdict, "starved",
			"%.0f of %.0f connections had no answer in the window: all figures "
			"are of the others",
			unused, all);
}

/*
 * What share of the time the threads are blocked that requests are given to, by Little's law; NAN where requests do not
 * block, or nobody said how many threads there are. Who has no thread left answers no more, however many ask.
 */
static double threads_blocked(const struct observation *observation)
{
	const struct load *load = &observation->planned->load;
	uint64_t threads = load->offload ? load->offload : load->workers;
	unsigned long long ms;

	if (threads == 0 || load->kind_count > 0 || sscanf(load->target, "/block/%llu", &ms) != 1)
		return NAN;
	return metrics_value(observation, "requests_per_s") * ((double)ms / 1000) / (double)threads;
}

static void judge_closed_loop(struct trial_verdict *verdict, const struct observation *observation)
{
	double busy = fmax(fmax(metrics_value(observation, "server_cores_busy_ratio"),
				metrics_value(observation, "server_capacity_used_ratio")),
			   threads_blocked(observation));
	double occupied = generator_occupied(observation);

	judge_starved(verdict, observation->load);
	verdict->rate_is_lower_bound = !(busy >= SERVER_BUSY_RATIO);
	if (verdict->rate_is_lower_bound && occupied > GENERATOR_BUSY_RATIO)
		trial_verdict_note(
			verdict, "generator_limited",
			"the generator worked or waited for a core for %.0f %% of the time, "
			"the server used %.0f %% of what it could: its rate is \"at least\"",
			100 * occupied, 100 * busy);
}

/*
 * What others took spoils a window. In slices it is told and no more: whose turn it is was drawn by lot, so
 * nobody outside can be in step with a server, and what most rounds have in common is no figure's.
 */
static void judge_others(struct trial_verdict *verdict, const struct observation *observation)
{
	double stolen = metrics_value(observation, "steal_ratio");
	double others = metrics_value(observation, "others_ratio");

	if (observation->slices && (stolen > STEAL_RATIO || others > OTHERS_RATIO)) {
		trial_verdict_note(
			verdict, "disturbed",
			"the host took %.1f %% of these cores' time and other work %.0f %% "
			"of a core that was reserved, from all servers of the block in turn: "
			"what is told of one against another holds, absolute figures are of a "
			"busy machine",
			100 * stolen, 100 * fmax(0, others));
		return;
	}
	if (stolen > STEAL_RATIO)
		trial_verdict_add(verdict, OUTCOME_INVALID, "steal",
				  "the host took %.1f %% of these cores' time", 100 * stolen);
	if (others > OTHERS_RATIO)
		trial_verdict_add(verdict, OUTCOME_INVALID, "others",
				  "other work on this machine took %.0f %% of a core that was "
				  "reserved",
				  100 * others);
}

void trial_verdict_judge(struct trial_verdict *verdict, const struct observation *observation)
{
	const struct load *load = &observation->planned->load;
	double drops = metrics_value(observation, "listen_drop_count");
	double stopped = metrics_value(observation, "throttled_period_count");
	char text[32];

	if (!observation->load) {
		trial_verdict_add(verdict, OUTCOME_INVALID, "setup",
				  "the generator left no report");
		return;
	}
	judge_answers(verdict, observation);
	if (load->idle && !observation->has_memory)
		trial_verdict_add(verdict, OUTCOME_INVALID, "sampler",
				  "the server's memory could not be read while its connections "
				  "were open");
	if (!load->idle && load->rate_per_s > 0)
		judge_open_loop(verdict, observation);
	else if (!load->idle)
		judge_closed_loop(verdict, observation);
	if (!load->idle)
		judge_others(verdict, observation);
	if (!load->idle && metrics_is_neighbours(observation, "p99_ns"))
		trial_verdict_note(
			verdict, "neighbours",
			"servers of the block that were not asked had a core for %.1f %% of its turns, "
			"so the slowest response times are not its own and are left out",
			100 * metrics_value(observation, "neighbours_ratio"));
	if (!load->idle && stopped > 0) {
		trial_verdict_add(
			verdict, OUTCOME_INVALID, "throttled",
			"a CPU quota stopped what was measured in %.0f of its periods, for "
			"%s in all",
			stopped,
			units_format(UNIT_DURATION, metrics_value(observation, "throttled_ns"),
				     text, sizeof text));
		trial_verdict_explain(verdict, "CPU quota", quota_remedy);
	}
	if (drops > 0)
		trial_verdict_note(verdict, "listen_drops",
				   "the kernel dropped %.0f connections at a full listen queue",
				   drops);
}

/* By how much of its mean it rises or falls from its beginning to its end; 0: there is no trend. */
static double find_trend(const double *values, size_t count, double mean)
{
	double drift = statistics_theil_sen(values, count) * (double)(count - 1) / mean;

	return fabs(drift) > UNSTEADY_SLOPE && statistics_mann_kendall_p(values, count) < UNSTEADY_P
		       ? drift
		       : 0;
}

static double mean_of(const double *values, size_t count)
{
	double mean = 0;

	for (size_t i = 0; i < count; i++)
		mean += values[i] / (double)count;
	return mean;
}

void trial_verdict_judge_steadiness(struct trial_verdict *verdict, const double *completed,
				    size_t count)
{
	double mean = mean_of(completed, count), first, second;

	if (count < STEADINESS_WINDOWS || mean <= 0)
		return;
	first = statistics_median(completed, count / 2);
	second = statistics_median(completed + count - count / 2, count / 2);
	if (find_trend(completed, count, mean) != 0 ||
	    fabs(second - first) > UNSTEADY_HALVES * mean)
		trial_verdict_note(verdict, "unsteady",
				   "the rate drifted by %.1f %% over the window; its halves' "
				   "medians differ by %.1f %%",
				   100 * statistics_theil_sen(completed, count) *
					   (double)(count - 1) / mean,
				   100 * (second - first) / mean);
}

void trial_verdict_judge_slices(struct trial_verdict *verdict, const struct slices *slices)
{
	double *relative = calloc(slices->count + 1, sizeof *relative), mean, trend;

	for (size_t i = 0; relative && i < slices->count; i++)
		relative[i] = slices->made[i].relative;
	mean = relative ? mean_of(relative, slices->count) : NAN;
	if (slices->count >= STEADINESS_WINDOWS && mean > 0) {
		trend = find_trend(relative, slices->count, mean);
		if (trend != 0)
			trial_verdict_note(
				verdict, "unsteady",
				"the rate drifted by %.1f %% over its slices, beyond what all "
				"servers of the block did",
				100 * trend);
	}
	free(relative);
}
