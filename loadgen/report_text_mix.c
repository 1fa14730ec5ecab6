#include "lib/units.h"
#include "loadgen/report_text_parts.h"

#include <inttypes.h>

static void write_kind(const struct text *text, const struct request *request,
		       const struct tally *tally, double time_s)
{
	char rate[SHOWN_BYTES];

	fprintf(text->out, "    %-20.20s%8" PRIu64 "%12s%12" PRIu64 "%10" PRIu64 "%12" PRIu64,
		request->name, request->weight,
		units_format(UNIT_RATE, time_s > 0 ? (double)tally->good / time_s : 0, rate,
			     sizeof(rate)),
		tally->good, result_count_errors(tally->errors), tally->unanswered);
	if (tally->windows > 0)
		fprintf(text->out, "%8" PRIu64 " of %" PRIu64, tally->silent_windows,
			tally->windows);
	fputc('\n', text->out);
}

void text_write_mix(const struct text *text)
{
	const struct run *run = text->run;
	uint64_t time_ns = run_is_open_loop(run) ? run->window_ns : run_loaded_ns(run);

	if (run->mix->count < 2)
		return;
	fprintf(text->out, "\n  %s%-22s%8s%12s%12s%10s%12s%s%s\n", text->bold, "mix", "weight",
		"rate", "good", "errors", "unanswered",
		run->total->tally[0].windows > 0 ? "   100 ms without one" : "", text->plain);
	for (size_t i = 0; i < run->mix->count; i++)
		write_kind(text, &run->mix->request[i], &run->total->tally[i],
			   (double)time_ns / 1e9);
}
