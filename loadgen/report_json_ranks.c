/* Many processes that were one generator: what is known of each. */
#include "loadgen/report_json_parts.h"

static json_t *json_rank(const struct run *run, size_t rank)
{
	const struct ranks_report *report = &run->ranks[rank];
	bool here = !report->missing;
	json_t *entry =
		json_pack("{s:i, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "rank", (int)rank,
			  "host", report->host, "missing", report->missing, "interface",
			  json_text_or_null(report->interface[0] ? report->interface : NULL),
			  "threads", json_count_or_null(here, report->threads), "connections",
			  json_count_or_null(here, report->connections), "due",
			  json_count_or_null(here, report->due), "good",
			  json_count_or_null(here, report->good), "errors",
			  json_count_or_null(here, report->errors), "cpu_ns",
			  json_count_or_null(here, report->cpu_ns));

	json_object_update_new(
		entry,
		json_pack("{s:o, s:o, s:o, s:o, s:I, s:o, s:I, s:o, s:o, s:o}", "occupied_ratio",
			  json_real_or_null(here, report->occupied_ratio), "send_lateness_p99_ns",
			  json_count_or_null(here, report->send_late_p99_ns),
			  "read_lateness_p99_ns",
			  json_count_or_null(here, report->read_late_p99_ns), "bottleneck",
			  json_bottleneck(report->spoiled), "clock_offset_ns",
			  (json_int_t)report->clock_offset_ns, "clock_uncertainty_ns",
			  json_count(report->clock_uncertain_ns), "clock_drift_ns",
			  (json_int_t)report->clock_drift_ns, "told_late_ns",
			  json_count_or_null(here, report->told_late_ns), "sent_bytes",
			  json_count_or_null(here && rank > 0, report->sent_bytes), "problem",
			  json_text_or_null(report->problem[0] ? report->problem : NULL)));
	return entry;
}

json_t *json_ranks(const struct run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; run->ranks && i < run->rank_count; i++)
		json_array_append_new(list, json_rank(run, i));
	return json_pack("{s:o, s:b, s:o}", "ranks", list, "partial", run->ranks_missing > 0,
			 "gathered_ns", json_count_or_null(run->ranks != NULL, run->gathered_ns));
}
