/* Many processes that were one generator: where they ran, how well their clocks agree, and which spoiled what. */
#include "lib/units.h"
#include "loadgen/report_text_parts.h"

#include <inttypes.h>
#include <string.h>

static size_t count_hosts(const struct run *run)
{
	size_t hosts = 0;

	for (size_t i = 0; i < run->rank_count; i++) {
		size_t first = 0;

		while (strcmp(run->ranks[first].host, run->ranks[i].host) != 0)
			first++;
		hosts += first == i;
	}
	return hosts;
}

/* What is to be said of one; each has a line of its own, and most have none. */
static void write_warning(const struct text *text, size_t rank)
{
	const struct ranks_report *report = &text->run->ranks[rank];
	const char *what = report->missing	? "was lost: what it counted is missing"
			   : report->problem[0] ? report->problem
			   : report->spoiled & RUN_GENERATOR_BUSY ? "was as busy as it can be"
			   : report->spoiled & RUN_GENERATOR_LATE ? "sent or read late"
			   : report->told_late_ns > 0 ? "began late: its message was slow"
						      : NULL;

	if (what)
		fprintf(text->out, "%swarning%s: rank %zu on %s %s.\n", text->red, text->plain,
			rank, report->host, what);
}

void text_write_ranks(const struct text *text)
{
	const struct run *run = text->run;
	uint64_t uncertain_ns = 0;
	char clocks[SHOWN_BYTES];
	size_t hosts;

	if (!run->ranks)
		return;
	for (size_t i = 0; i < run->rank_count; i++)
		if (run->ranks[i].clock_uncertain_ns > uncertain_ns)
			uncertain_ns = run->ranks[i].clock_uncertain_ns;
	hosts = count_hosts(run);
	text_label(text, "ranks");
	fprintf(text->out, "%zu on %zu machine%s; clocks agree to within %s\n", run->rank_count,
		hosts, hosts == 1 ? "" : "s",
		units_format(UNIT_DURATION, (double)uncertain_ns, clocks, sizeof(clocks)));
	for (size_t i = 0; i < run->rank_count; i++)
		write_warning(text, i);
}
