#include "loadgen/report_text_parts.h"
#include "lib/units.h"

#include <inttypes.h>

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
	const struct options *options = text->run->options;

	if (histogram->total == 0)
		return;
	text_label(text, label);
	for (size_t i = 0; i < options->percentile_count; i++) {
		double percentile = options->percentiles[i];
		double beyond = (double)histogram->total * (1 - percentile / 100);

		if (beyond < RUN_SAMPLES_BEYOND)
			fprintf(text->out, "%10s", "-");
		else
			text_write_time(text, histogram_percentile_ns(histogram, percentile),
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
			snprintf(label, sizeof(label), "  %.10s", run->mix->request[i].name);
		text_write_distribution(text, label, &run->total->tally[i].latency,
					run->total->tally[i].latency_bound_ns);
	}
}

void text_write_times(const struct text *text)
{
	const struct result *total = text->run->total;
	const struct options *options = text->run->options;
	char name[SHOWN_BYTES];

	fprintf(text->out, "\n  %s%-12s", text->bold, "");
	for (size_t i = 0; i < options->percentile_count; i++) {
		snprintf(name, sizeof(name), "p%.10g", options->percentiles[i]);
		fprintf(text->out, "%10s", name);
	}
	fprintf(text->out, "%10s%s\n", "max", text->plain);
	text_write_distribution(text, "response", &total->latency, total->latency_bound_ns);
	text_write_tallies(text);
	text_write_distribution(text, "  service", &total->service_time, total->service_bound_ns);
	text_write_distribution(text, "first byte", &total->first_byte, UINT64_MAX);
	text_write_distribution(text, "connect", &total->connect, UINT64_MAX);
	text_write_distribution(text, "handshake", &total->handshakes.full, UINT64_MAX);
	text_write_distribution(text, "  resumed", &total->handshakes.resumed, UINT64_MAX);
	text_write_distribution(text, "sent late", &total->send_lateness, UINT64_MAX);
	text_write_distribution(text, "read late", &total->read_lateness, UINT64_MAX);
	if (total->unstamped > 0) {
		text_label(text, "read late");
		fputs("     at so many answers a second only pauses over 10 ms are seen: to see all would cost 5 % of them\n",
		      text->out);
	}
}

void text_write_fairness(const struct text *text)
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
