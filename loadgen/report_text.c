#include "loadgen/report_text.h"
#include "lib/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN_BYTES = 32 };

/* Over this share of a core the generator itself is likely to be what limits the rate. */
static const double busy_limit_ratio = 0.9;

/* A percentile is shown if so many samples lie beyond it; with fewer it is an accident. */
static const double samples_beyond = 20;

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

static void text_write_head(const struct text *text)
{
	const struct options *options = text->run->options;
	char number[SHOWN_BYTES], time[SHOWN_BYTES];

	fprintf(text->out, "%stenk-load%s  %s %s\n", text->bold, text->plain, options->method,
		options->url);
	text_label(text, "load");
	if (options->connections > 0) {
		fprintf(text->out, "%" PRIu64 " connection%s, %" PRIu64 " thread%s, ",
			options->connections, options->connections == 1 ? "" : "s",
			options->threads, options->threads == 1 ? "" : "s");
		if (options->rate_per_s > 0)
			fprintf(text->out, "%s due (open loop)",
				units_format(UNIT_RATE, options->rate_per_s, number,
					     sizeof(number)));
		else
			fputs("as fast as they answer (closed loop)", text->out);
		fputs(options->idle ? ", " : "", text->out);
	}
	if (options->idle > 0)
		fprintf(text->out, "%" PRIu64 " of %" PRIu64 " idle ones held",
			text->run->total->crowd_answered, options->idle);
	fprintf(text->out, "\n%14s%s measured", "",
		units_format(UNIT_DURATION, (double)text->run->window_ns, time, sizeof(time)));
	fprintf(text->out, ", after a warm-up of %s\n\n",
		units_format(UNIT_DURATION, (double)options->warmup_ns, time, sizeof(time)));
}

static void text_write_rate(const struct text *text)
{
	const struct run *run = text->run;
	const struct result *total = run->total;
	char rate[SHOWN_BYTES], received[SHOWN_BYTES];
	double window_s = (double)run->window_ns / 1e9;

	if (run->options->connections == 0)
		return;
	text_label(text, "rate");
	units_format(UNIT_RATE, window_s > 0 ? (double)total->good / window_s : 0, rate,
		     sizeof(rate));
	units_format(UNIT_BYTES, (double)total->bytes_received, received, sizeof(received));
	fprintf(text->out, "%s%s%s   %" PRIu64 " good answer%s", text->bold, rate, text->plain,
		total->good, total->good == 1 ? "" : "s");
	if (total->good > 0 && run->expected_length != RESULT_NO_LENGTH)
		fprintf(text->out, " of %" PRIu64 " bytes", run->expected_length);
	fprintf(text->out, ", %s received\n", received);
	if (run->options->rate_per_s > 0) {
		text_label(text, "due");
		fprintf(text->out, "%" PRIu64 ", of which %" PRIu64 " were sent", total->due,
			total->sent);
		if (total->due > 0)
			fprintf(text->out, "; answered: %s",
				units_format(UNIT_RATIO, (double)total->good / (double)total->due,
					     rate, sizeof(rate)));
		fputc('\n', text->out);
	}
	if (total->unanswered > 0) {
		text_label(text, "unanswered");
		fprintf(text->out, "%" PRIu64 " at the end of the window\n", total->unanswered);
	}
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

static void text_write_errors(const struct text *text)
{
	const struct run *run = text->run;
	const struct result *total = run->total;

	text_write_error_counts(text, "errors", total->errors);
	if (result_count_errors(total->errors_outside) > 0)
		text_write_error_counts(text, "  outside", total->errors_outside);
	if (total->connect_errno)
		fprintf(text->out, "%14sconnect: %s\n", "", strerror(total->connect_errno));
	if (total->status_seen)
		fprintf(text->out, "%14sstatus: %u came, expected was %u to %u\n", "",
			total->status_seen, run->options->status_low, run->options->status_high);
	if (total->length_seen != RESULT_NO_LENGTH)
		fprintf(text->out,
			"%14slength: %" PRIu64 " bytes came, expected were %" PRIu64 "%s\n", "",
			total->length_seen, run->expected_length,
			run->options->expect_length == OPTIONS_LEARN_LENGTH
				? " as in the first good answer (--expect-length any allows it)"
				: "");
}

static void text_write_distribution(const struct text *text, const char *label,
				    const struct histogram *histogram)
{
	char shown[SHOWN_BYTES];

	if (histogram->total == 0)
		return;
	text_label(text, label);
	for (size_t i = 0; i < PERCENTILES; i++) {
		double beyond = (double)histogram->total * (1 - percentiles[i] / 100);

		fprintf(text->out, "%10s",
			beyond < samples_beyond ? "-"
						: units_format(UNIT_DURATION,
							       (double)histogram_percentile_ns(
								       histogram, percentiles[i]),
							       shown, sizeof(shown)));
	}
	fprintf(text->out, "%10s\n",
		units_format(UNIT_DURATION, (double)histogram->max_ns, shown, sizeof(shown)));
}

static void text_write_times(const struct text *text)
{
	const struct result *total = text->run->total;

	fprintf(text->out, "\n  %s%-12s%10s%10s%10s%10s%10s%s\n", text->bold, "", "p50", "p90",
		"p99", "p99.9", "max", text->plain);
	text_write_distribution(text, "response", &total->latency);
	text_write_distribution(text, "  service", &total->service_time);
	text_write_distribution(text, "connect", &total->connect);
	text_write_distribution(text, "sent late", &total->send_lateness);
}

static void text_write_generator(const struct text *text)
{
	const struct run *run = text->run;
	const struct result *total = run->total;
	char shown[SHOWN_BYTES];
	double busy;

	if (run->window_ns == 0)
		return;
	fputc('\n', text->out);
	busy = (double)total->busiest_cpu_ns / (double)run->window_ns;
	text_label(text, "generator");
	fprintf(text->out, "busiest thread %s",
		units_format(UNIT_RATIO, busy, shown, sizeof(shown)));
	if (total->good > 0)
		fprintf(text->out, " busy; %s of CPU a request",
			units_format(UNIT_DURATION, (double)total->cpu_ns / (double)total->good,
				     shown, sizeof(shown)));
	else
		fputs(" busy", text->out);
	fputc('\n', text->out);
	if (busy < busy_limit_ratio || run->options->connections == 0)
		return;
	fprintf(text->out,
		"\n%swarning%s: the generator was as busy as it can be, so this rate is \"at least\", "
		"not a maximum.\n         Give it more --threads and cores, or ask for a fixed "
		"--rate.\n",
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
	};

	return sentences[outcome];
}

static void text_write_outcome(const struct text *text)
{
	const char *sentence = report_text_outcome(run_decide_outcome(text->run));

	if (sentence)
		fprintf(text->out, "\n%s%s%s\n", text->red, sentence, text->plain);
}

void report_text_write(const struct run *run, FILE *out, bool colour)
{
	struct text text = {.run = run,
			    .out = out,
			    .bold = colour ? "\x1b[1m" : "",
			    .red = colour ? "\x1b[31m" : "",
			    .plain = colour ? "\x1b[0m" : ""};

	text_write_head(&text);
	text_write_rate(&text);
	text_write_errors(&text);
	if (run->total->latency.total > 0 || run->total->connect.total > 0)
		text_write_times(&text);
	text_write_generator(&text);
	text_write_outcome(&text);
}

bool report_text_wants_colour(FILE *out)
{
	const char *no_colour = getenv("NO_COLOR");

	return isatty(fileno(out)) && !(no_colour && no_colour[0]);
}
