#include "loadgen/report_text.h"
#include "lib/units.h"
#include "loadgen/report_text_parts.h"

#include <inttypes.h>

/* Less than this is a backlog, and shown. */
static const double kept_up_shown_ratio = 0.99;

void text_label(const struct text *text, const char *label)
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
		fprintf(text->out, "%s after each answer (closed loop%s)",
			units_format(UNIT_DURATION, (double)options->think_time_ns, number,
				     sizeof(number)),
			options->think_at_random ? ", mean of random times" : "");
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
	if (options->connections_max > 0)
		fprintf(text->out,
			"%" PRIu64 " more opened when none was free (%" PRIu64 " at most), ",
			run_count_grown(text->run),
			options->connections_max - options->connections);
}

static void text_write_head(const struct text *text)
{
	const struct options *options = text->run->options;
	char time[SHOWN_BYTES];

	fprintf(text->out, "%stenk-load%s  %s %s\n", text->bold, text->plain,
		options->request_count || options->requests_file ? "a mix for" : options->method,
		options->url);
	text_label(text, "load");
	if (options->connections > 0) {
		text_write_connections(text);
		text_write_arrivals(text);
		fprintf(text->out, "\n%14s", "");
	}
	fprintf(text->out, "%s measured",
		units_format(UNIT_DURATION, (double)text->run->window_ns, time, sizeof(time)));
	if (options->in_slices)
		fprintf(text->out, " in %zu slice%s", text->run->slices.count,
			text->run->slices.count == 1 ? "" : "s");
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
	if (total->good > 0 && run->expected_length != EXPECTED_ANY_LENGTH)
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
			"the rate was not borne: not all that was due was answered, or later and later",
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
	text_write_mix(&text);
	if (run->total->latency.total > 0 || run->total->connect.total > 0)
		text_write_times(&text);
	fputc('\n', out);
	text_write_fairness(&text);
	text_write_generator(&text);
	text_write_ranks(&text);
	text_write_waited(&text);
	text_write_limit_of_search(&text);
	text_write_outcome(&text);
}
