#include "loadgen/report_text_parts.h"
#include "lib/units.h"

#include <inttypes.h>

/* From this share of the time on that the generator waited for a core, that is shown. */
static const double shown_waits_ratio = 0.05;

/* From this share of the requests on that waited for a connection, that is shown. */
static const double shown_waited_ratio = 0.01;

/* Requests that waited for a connection: the remedy, if that was what they waited for. */
void text_write_waited(const struct text *text)
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
	if (needed > options_most(run->options))
		fprintf(text->out,
			"         At %s you need %" PRIu64 " connections for %s; there are %" PRIu64
			": ask for more\n         --connections, or let it open some by --connections-max.\n",
			units_format(UNIT_DURATION, (double)total->fastest_ns, time, sizeof(time)),
			needed,
			units_format(UNIT_RATE, run->options->rate_per_s, rate, sizeof(rate)),
			options_most(run->options));
	else
		fputs("         If more --connections do not help, the server does not bear the "
		      "rate.\n",
		      text->out);
}

/* What the generator did where a search found its upper end. */
void text_write_limit_of_search(const struct text *text)
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
			text->red, text->plain, options_most(text->run->options),
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

void text_write_generator(const struct text *text)
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
