#include "loadgen/report_text.h"
#include "lib/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN_BYTES = 32, ROWS_MAX = 6 };

/* From this share of the time on that the generator waited for a core, that is shown. */
static const double shown_waits_ratio = 0.05;

/* Less than this is a backlog, and shown. */
static const double kept_up_shown_ratio = 0.99;

/* From this share of the requests on that waited for a connection, that is shown. */
static const double shown_waited_ratio = 0.01;

static const double percentiles[] = {50, 90, 99, 99.9};

enum { PERCENTILES = sizeof(percentiles) / sizeof(percentiles[0]) };

struct text {
	const struct run *run;
	FILE *out;
	const char *bold, *red, *plain;
};

/* The heading of a line, in a column of its own. */
static void text_label(const struct text *text, const char *label)
{
	fprintf(text->out, "  %s%-12s%s", text->bold, label, text->plain);
}

static void text_write_arrivals(const struct text *text)
{
	const struct options *options = text->run->options;
	char number[SHOWN_BYTES], limit[SHOWN_BYTES];

	if (text->run->capacity)
		fprintf(text->out, "the highest Poisson rate with p99 within %s",
			units_format(UNIT_DURATION, (double)options->find_max_ns, limit,
				     sizeof(limit)));
	else if (options_burst_is_throttled(options))
		fprintf(text->out, "one request on each, at most %" PRIu64 " under way",
			options->outstanding);
	else if (options->arrivals == ARRIVALS_BURST)
		fputs("one request on each at once", text->out);
	else if (options->stages.count > 0)
		fprintf(text->out, "%zu stage%s of %s", options->stages.count,
			options->stages.count == 1 ? "" : "s",
			options->stages.of_connections ? "connections (closed loop)"
						       : "a rate (open loop)");
	else if (options_is_open_loop(options))
		fprintf(text->out, "%s due (open loop%s)",
			units_format(UNIT_RATE, options->rate_per_s, number, sizeof(number)),
			options->arrivals == ARRIVALS_POISSON ? ", Poisson" : "");
	else if (options->think_time_ns > 0)
		fprintf(text->out, "%s after each answer (closed loop)",
			units_format(UNIT_DURATION, (double)options->think_time_ns, number,
				     sizeof(number)));
	else
		fputs("as fast as they answer (closed loop)", text->out);
}

static void text_write_crowd(const struct text *text)
{
	const struct options *options = text->run->options;
	const struct result *total = text->run->total;

	if (options->idle > 0) {
		text_label(text, "idle");
		fprintf(text->out, "%" PRIu64 " of %" PRIu64 " held to the end", total->crowd_open,
			options->idle);
		if (total->crowd_answered > total->crowd_open)
			fprintf(text->out, "; %" PRIu64 " had their answer", total->crowd_answered);
		fputc('\n', text->out);
	}
	if (options->slow_readers + options->slow_writers > 0) {
		text_label(text, "slow");
		fprintf(text->out,
			"%" PRIu64 " readers and %" PRIu64 " writers had %" PRIu64
			" answers, and were cut off %" PRIu64 " times\n",
			options->slow_readers, options->slow_writers, total->crowd_slow_answers,
			total->crowd_slow_cut);
	}
}

static void text_write_connections(const struct text *text)
{
	const struct options *options = text->run->options;
	uint64_t ready = run_count_ready(text->run);

	if (ready < options->connections && !options->stages.of_connections)
		fprintf(text->out, "%" PRIu64 " of ", ready);
	fprintf(text->out, "%" PRIu64 " connection%s, %" PRIu64 " thread%s, ", options->connections,
		options->connections == 1 ? "" : "s", options->threads,
		options->threads == 1 ? "" : "s");
}

static void text_write_head(const struct text *text)
{
	const struct options *options = text->run->options;
	char time[SHOWN_BYTES];

	fprintf(text->out, "%stenk-load%s  %s %s\n", text->bold, text->plain,
		options->request_count ? "a mix for" : options->method, options->url);
	text_label(text, "load");
	if (options->connections > 0) {
		text_write_connections(text);
		text_write_arrivals(text);
		fprintf(text->out, "\n%14s", "");
	}
	fprintf(text->out, "%s measured",
		units_format(UNIT_DURATION, (double)text->run->window_ns, time, sizeof(time)));
	fprintf(text->out, ", after a warm-up of %s\n",
		units_format(UNIT_DURATION, (double)options->warmup_ns, time, sizeof(time)));
	text_write_crowd(text);
	fputc('\n', text->out);
}

static void text_write_due(const struct text *text)
{
	const struct result *total = text->run->total;
	char ratio[SHOWN_BYTES];

	if (!run_is_open_loop(text->run))
		return;
	text_label(text, "due");
	fprintf(text->out, "%" PRIu64 " in the window, of which %" PRIu64 " were sent", total->due,
		total->sent);
	if (total->due > 0)
		fprintf(text->out, "; answered: %s",
			units_format(UNIT_RATIO, run_answered_ratio(text->run), ratio,
				     sizeof(ratio)));
	if (run_kept_up_ratio(text->run) < kept_up_shown_ratio)
		fprintf(text->out, "; kept up with: %s",
			units_format(UNIT_RATIO, run_kept_up_ratio(text->run), ratio,
				     sizeof(ratio)));
	fputc('\n', text->out);
}

static void text_write_unanswered(const struct text *text)
{
	const struct result *total = text->run->total;
	const struct histogram *ages = &total->unanswered_age;
	char half[SHOWN_BYTES], longest[SHOWN_BYTES];

	if (ages->total > 0) {
		text_label(text, "unanswered");
		fprintf(text->out, "%" PRIu64 " when nobody waited any more, after %s", ages->total,
			units_format(UNIT_DURATION, (double)ages->max_ns, longest,
				     sizeof(longest)));
		if (ages->total > 1)
			fprintf(text->out, " or less (half of them %s)",
				units_format(UNIT_DURATION,
					     (double)histogram_percentile_ns(ages, 50), half,
					     sizeof(half)));
		fputc('\n', text->out);
	}
	if (total->unanswered_outside > 0) {
		text_label(text, "  outside");
		fprintf(text->out, "%" PRIu64 " from before the window had no answer to its end\n",
			total->unanswered_outside);
	}
}

/* What a burst is asked for: how long until everybody has an answer. */
static void text_write_last(const struct text *text)
{
	const struct result *total = text->run->total;
	char last[SHOWN_BYTES];

	if (text->run->options->arrivals != ARRIVALS_BURST || total->good == 0)
		return;
	text_label(text, "burst");
	fprintf(text->out, "the last of %" PRIu64 " answers came after %s%s%s\n", total->good,
		text->bold,
		units_format(UNIT_DURATION, (double)total->latency.max_ns, last, sizeof(last)),
		text->plain);
}

static void text_write_rate(const struct text *text)
{
	const struct run *run = text->run;
	const struct result *total = run->total;
	char rate[SHOWN_BYTES], received[SHOWN_BYTES];

	if (run->options->connections == 0)
		return;
	text_label(text, "rate");
	units_format(UNIT_RATE, run_rate_per_s(run), rate, sizeof(rate));
	units_format(UNIT_BYTES, (double)total->bytes_received, received, sizeof(received));
	fprintf(text->out, "%s%s%s%s   %" PRIu64 " good answer%s", text->bold,
		run_judge_generator(run) & RUN_GENERATOR_BUSY ? ">= " : "", rate, text->plain,
		total->good, total->good == 1 ? "" : "s");
	if (total->good > 0 && run->expected_length != OPTIONS_ANY_LENGTH)
		fprintf(text->out, " of %" PRIu64 " bytes", run->expected_length);
	fprintf(text->out, ", %s received\n", received);
	text_write_due(text);
	text_write_last(text);
	text_write_unanswered(text);
}

/* The answer of --find-max, with how sure it is. */
static void text_write_capacity(const struct text *text)
{
	const struct capacity *capacity = text->run->capacity;
	char rate[SHOWN_BYTES], failed[SHOWN_BYTES];

	if (!capacity)
		return;
	text_label(text, "capacity");
	if (capacity->held_per_s <= 0) {
		fprintf(text->out, "%snone found%s in %zu trials; %s:\n", text->red, text->plain,
			capacity->count,
			text->run->is_guess ? "the closed loop to begin with"
			: capacity->low > 0 ? "the last that was held, once"
					    : "the last of them");
		return;
	}
	fprintf(text->out, "%s%s%s%s, held in %u of %u trials", text->bold,
		capacity->at_least ? ">= " : "",
		units_format(UNIT_RATE, capacity->held_per_s, rate, sizeof(rate)), text->plain,
		capacity->held, capacity->of);
	if (capacity->failed_per_s > 0)
		fprintf(text->out, "; %s was not",
			units_format(UNIT_RATE, capacity->failed_per_s, failed, sizeof(failed)));
	fprintf(text->out, " (%zu trials in all);\n%14sthe last that was held:\n", capacity->count,
		"");
}

static void text_write_error_counts(const struct text *text, const char *label,
				    const uint64_t errors[ERROR_CLASSES])
{
	const char *separator = "";

	text_label(text, label);
	for (size_t i = 0; i < ERROR_CLASSES; i++) {
		if (errors[i] == 0)
			continue;
		fprintf(text->out, "%s%s%" PRIu64 " %s%s", separator, text->red, errors[i],
			error_class_names[i], text->plain);
		separator = ", ";
	}
	fputs(*separator ? "\n" : "none\n", text->out);
}

static void text_write_failures(const struct text *text, const struct failures *failures)
{
	const struct run *run = text->run;
	char at[SHOWN_BYTES];

	for (size_t i = 0; i < failures->count && i < ROWS_MAX; i++) {
		const struct failure *kind = &failures->kind[i];

		fprintf(text->out, "%14s%" PRIu64 " %s", "", kind->count,
			error_class_names[kind->class]);
		if (kind->phase != PHASE_RECEIVE && kind->phase != PHASE_CONNECT)
			fprintf(text->out, " (%s)", error_phase_names[kind->phase]);
		if (kind->problem)
			fprintf(text->out, ": %s", strerror(kind->problem));
		if (kind->example[0])
			fprintf(text->out, ": %s", kind->example);
		if (run->window_base_ns && kind->first_ns >= 0)
			fprintf(text->out, "; first at %s",
				units_format(UNIT_DURATION, (double)kind->first_ns, at,
					     sizeof(at)));
		fputc('\n', text->out);
	}
	if (failures->count > ROWS_MAX)
		fprintf(text->out, "%14sand %zu kinds more (--json)\n", "",
			failures->count - ROWS_MAX);
	if (failures->others > 0)
		fprintf(text->out, "%14sand %" PRIu64 " of more kinds than there was room for\n",
			"", failures->others);
}

/* Answers by status, if there was more than one; a screen has room for some. */
static void text_write_statuses(const struct text *text)
{
	const uint64_t *statuses = text->run->total->statuses;
	size_t kinds = 0;

	for (size_t i = 0; i < RESULT_STATUSES; i++)
		kinds += statuses[i] > 0;
	if (kinds < 2)
		return;
	text_label(text, "status");
	for (size_t i = 0, shown = 0; i < RESULT_STATUSES && shown < ROWS_MAX; i++)
		if (statuses[i] > 0)
			fprintf(text->out, "%s%zu: %" PRIu64, shown++ ? ", " : "",
				i + RESULT_STATUS_LOWEST, statuses[i]);
	fputc('\n', text->out);
}

static void text_write_errors(const struct text *text)
{
	const struct result *total = text->run->total;

	if (total->resent > 0) {
		text_label(text, "resent");
		fprintf(text->out,
			"%" PRIu64 " times the server closed a connection while we sent\n",
			total->resent);
	}

	text_write_error_counts(text, "errors", total->errors);
	text_write_failures(text, &total->failures);
	if (total->errors[ERROR_LENGTH] > 0 &&
	    text->run->options->expect_length == OPTIONS_LEARN_LENGTH)
		fprintf(text->out, "%14sIf its pages vary in length, say --expect-length any.\n",
			"");
	if (result_count_errors(total->errors_outside) > 0) {
		text_write_error_counts(text, "  outside", total->errors_outside);
		text_write_failures(text, &total->failures_outside);
	}
}

/* Whether the kernel did it, of so many connections. */
static const char *text_by_kernel(uint64_t by_kernel, uint64_t all)
{
	return by_kernel == 0 ? "no" : by_kernel == all ? "yes" : "at times";
}

static void text_write_tls(const struct text *text)
{
	const struct handshakes *handshakes = &text->run->total->handshakes;
	uint64_t full = handshakes->full.total, all = full + handshakes->resumed.total;

	if (all == 0)
		return;
	text_label(text, "tls");
	fprintf(text->out,
		"%s, %" PRIu64 " full and %" PRIu64 " resumed handshakes\n%14s%scertificates %s; "
		"kTLS to send: %s, to receive: %s\n",
		handshakes->name, full, handshakes->resumed.total, "",
		text->run->options->tls_sessions ? "" : "sessions off; ",
		text->run->options->insecure ? "not verified (--insecure)" : "verified",
		text_by_kernel(handshakes->kernel_sends, all),
		text_by_kernel(handshakes->kernel_receives, all));
}

/* A time in a column of its own; from the bound on, times are lower bounds. */
static void text_write_time(const struct text *text, uint64_t value_ns, uint64_t bound_ns)
{
	char number[SHOWN_BYTES], shown[SHOWN_BYTES];

	units_format(UNIT_DURATION, (double)value_ns, number, sizeof(number));
	snprintf(shown, sizeof(shown), "%s%.20s", value_ns >= bound_ns ? ">=" : "", number);
	fprintf(text->out, "%10s", shown);
}

static void text_write_distribution(const struct text *text, const char *label,
				    const struct histogram *histogram, uint64_t bound_ns)
{

	if (histogram->total == 0)
		return;
	text_label(text, label);
	for (size_t i = 0; i < PERCENTILES; i++) {
		double beyond = (double)histogram->total * (1 - percentiles[i] / 100);

		if (beyond < RUN_SAMPLES_BEYOND)
			fprintf(text->out, "%10s", "-");
		else
			text_write_time(text, histogram_percentile_ns(histogram, percentiles[i]),
					bound_ns);
	}
	text_write_time(text, histogram->max_ns, bound_ns);
	fputc('\n', text->out);
}

/* The rows of a mix or of stages, as far as they fit on a screen. */
static void text_write_tallies(const struct text *text)
{
	const struct run *run = text->run;
	const struct stages *stages = &run->options->stages;
	size_t requests = run->mix->count > 1 ? run->mix->count : 0, shown = 0;
	char label[SHOWN_BYTES];

	for (size_t i = 0; i < run->total->tally_count && shown < 2 * ROWS_MAX; i++, shown++) {
		const struct stage *stage = i < requests ? NULL : &stages->stage[i - requests];

		if (stage)
			snprintf(label, sizeof(label), "  to %.3gs", (double)stage->end_ns / 1e9);
		else
			snprintf(label, sizeof(label), "  %.10s", run->mix->request[i].label);
		text_write_distribution(text, label, &run->total->tally[i].latency,
					run->total->latency_bound_ns);
	}
}

static void text_write_times(const struct text *text)
{
	const struct result *total = text->run->total;

	fprintf(text->out, "\n  %s%-12s%10s%10s%10s%10s%10s%s\n", text->bold, "", "p50", "p90",
		"p99", "p99.9", "max", text->plain);
	text_write_distribution(text, "response", &total->latency, total->latency_bound_ns);
	text_write_tallies(text);
	text_write_distribution(text, "  service", &total->service_time, total->service_bound_ns);
	text_write_distribution(text, "connect", &total->connect, UINT64_MAX);
	text_write_distribution(text, "handshake", &total->handshakes.full, UINT64_MAX);
	text_write_distribution(text, "  resumed", &total->handshakes.resumed, UINT64_MAX);
	text_write_distribution(text, "sent late", &total->send_lateness, UINT64_MAX);
	text_write_distribution(text, "read late", &total->read_lateness, UINT64_MAX);
	if (total->unstamped > 0) {
		text_label(text, "read late");
		fputs("     not measured at so many answers a second: it costs 5 % of them\n",
		      text->out);
	}
}

static void text_write_fairness(const struct text *text)
{
	const struct fairness *fairness = &text->run->total->fairness;
	char p99[SHOWN_BYTES];

	if (fairness->connections < 2 || fairness->requests == 0)
		return;
	text_label(text, "fairness");
	if (!text->run->options->stages.of_connections)
		fprintf(text->out, "Jain's index %.3f; ", fairness_index_of_rates(fairness));
	fprintf(text->out, "one connection had %" PRIu64 " to %" PRIu64 " answers",
		fairness->fewest, fairness->most);
	if (fairness->timed > 0)
		fprintf(text->out,
			"\n%14sJain's index of their p99s %.3f; the slowest one's was %s", "",
			fairness_index_of_p99(fairness),
			units_format(UNIT_DURATION, (double)fairness->highest_p99_ns, p99,
				     sizeof(p99)));
	fputc('\n', text->out);
}

/* Requests that waited for a connection: the remedy, if that was what they waited for. */
static void text_write_waited(const struct text *text)
{
	const struct run *run = text->run;
	const struct result *total = run->total;
	uint64_t needed = run_count_needed(run);
	char time[SHOWN_BYTES], rate[SHOWN_BYTES];

	if (run->capacity || !run_is_open_loop(run) || run->options->arrivals == ARRIVALS_BURST ||
	    (double)total->waited < shown_waited_ratio * (double)total->due)
		return;
	fprintf(text->out,
		"\n%swarning%s: %" PRIu64 " of %" PRIu64
		" requests waited for a free connection.\n",
		text->red, text->plain, total->waited, total->due);
	if (needed > run->options->connections)
		fprintf(text->out,
			"         At %s you need %" PRIu64 " connections for %s; there are %" PRIu64
			": ask for more\n         --connections.\n",
			units_format(UNIT_DURATION, (double)total->fastest_ns, time, sizeof(time)),
			needed,
			units_format(UNIT_RATE, run->options->rate_per_s, rate, sizeof(rate)),
			run->options->connections);
	else
		fputs("         If more --connections do not help, the server does not bear the "
		      "rate.\n",
		      text->out);
}

/* What the generator did where a search found its upper end. */
static void text_write_limit_of_search(const struct text *text)
{
	const struct capacity *capacity = text->run->capacity;
	char failed[SHOWN_BYTES];

	if (!capacity)
		return;
	if (capacity->held_per_s > 0 && capacity->of_connections)
		fprintf(text->out,
			"\n%swarning%s: %" PRIu64
			" connections are about as many as %s keeps busy: they are the\n         "
			"limit, or part of it. Ask for more --connections.\n",
			text->red, text->plain, text->run->options->connections,
			units_format(UNIT_RATE, capacity->failed_per_s, failed, sizeof(failed)));
	if (!capacity->at_least)
		return;
	fprintf(text->out,
		"\n%swarning%s: %s was not held, but there the generator itself was busy or late:\n"
		"         the server may bear more. Give the generator cores of its own, or more "
		"--threads.\n",
		text->red, text->plain,
		units_format(UNIT_RATE, capacity->failed_per_s, failed, sizeof(failed)));
}

static void text_write_generator(const struct text *text)
{
	const struct run *run = text->run;
	const struct result *total = run->total;
	unsigned spoiled = run_judge_generator(run);
	bool waited = run_occupied_ratio(run) >= run_utilisation(run) + shown_waits_ratio;
	char shown[SHOWN_BYTES];

	if (run->window_ns == 0)
		return;
	text_label(text, "generator");
	fprintf(text->out, "busiest thread %s busy",
		units_format(UNIT_RATIO, run_utilisation(run), shown, sizeof(shown)));
	if (waited)
		fprintf(text->out, ", %s with waits for a core",
			units_format(UNIT_RATIO, run_occupied_ratio(run), shown, sizeof(shown)));
	if (total->good > 0)
		fprintf(text->out, "; %s of CPU a request",
			units_format(UNIT_DURATION, run_cpu_per_request_ns(run), shown,
				     sizeof(shown)));
	if (total->spin_ns > 0)
		fprintf(text->out, "%s%s spent spinning", waited ? ",\n              " : ", ",
			units_format(UNIT_DURATION, (double)total->spin_ns, shown, sizeof(shown)));
	fputc('\n', text->out);
	if (spoiled & RUN_GENERATOR_BUSY)
		fprintf(text->out,
			"\n%swarning%s: the generator %s,\n         so this rate is \"at least\", not a "
			"maximum. Give it more --threads and cores,\n         or ask for a fixed "
			"--rate.\n",
			text->red, text->plain,
			run_utilisation(run) < run_occupied_ratio(run) / 2
				? "waited for a core most of the time"
				: "was as busy as it can be");
	if (spoiled & RUN_GENERATOR_LATE)
		fprintf(text->out,
			"\n%swarning%s: the generator itself sent or read late: that may be over a "
			"tenth of a percentile\n         of the response times, and over 1 ms of it. "
			"Give it cores of its own, more\n         --threads, or --spin.\n",
			text->red, text->plain);
}

const char *report_text_outcome(enum run_outcome outcome)
{
	static const char *const sentences[RUN_OUTCOMES] = {
		[RUN_NO_ANSWERS] = "nothing answered",
		[RUN_WRONG_ANSWERS] = "there were wrong answers",
		[RUN_SERVER_VANISHED] = "the server vanished: it refuses connections now",
		[RUN_ERRORS] = "there were errors",
		[RUN_INTERRUPTED] = "interrupted: this is what was measured until then",
		[RUN_NO_CAPACITY] = "no rate was held within the limit",
		[RUN_SATURATED] =
			"the rate was not borne: not all that was due was answered, or later "
			"and later",
	};

	return sentences[outcome];
}

static void text_write_outcome(const struct text *text)
{
	const char *sentence = report_text_outcome(run_decide_outcome(text->run));

	if (sentence)
		fprintf(text->out, "\n%s%s%s\n", text->red, sentence, text->plain);
	for (size_t i = 0; i < text->run->options->condition_count; i++)
		if (run_meets_condition(text->run, &text->run->options->conditions[i]))
			fprintf(text->out, "%sfailed%s: %s\n", text->red, text->plain,
				text->run->options->conditions[i].text);
}

void report_text_write(const struct run *run, FILE *out, bool colour)
{
	struct text text = {.run = run,
			    .out = out,
			    .bold = colour ? "\x1b[1m" : "",
			    .red = colour ? "\x1b[31m" : "",
			    .plain = colour ? "\x1b[0m" : ""};

	text_write_head(&text);
	text_write_capacity(&text);
	text_write_rate(&text);
	text_write_statuses(&text);
	text_write_tls(&text);
	text_write_errors(&text);
	if (run->total->latency.total > 0 || run->total->connect.total > 0)
		text_write_times(&text);
	fputc('\n', out);
	text_write_fairness(&text);
	text_write_generator(&text);
	text_write_waited(&text);
	text_write_limit_of_search(&text);
	text_write_outcome(&text);
}
