/* The kinds of request of a mix, each with figures of its own; and those of any part of a load. */
#include "loadgen/report_json_parts.h"

json_t *json_tally(const struct run *run, const struct tally *tally)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "sent", json_count(tally->sent), "good",
			 json_count(tally->good), "errors",
			 json_count(result_count_errors(tally->errors)), "unanswered",
			 json_count(tally->unanswered), "latency",
			 json_distribution(run, &tally->latency, tally->latency_bound_ns));
}

static json_t *json_kind(const struct run *run, size_t index)
{
	const struct request *request = &run->mix->request[index];
	const struct tally *tally = &run->total->tally[index];
	bool open_loop = run_is_open_loop(run);
	uint64_t length = run->expected_lengths[index];
	json_t *entry = json_tally(run, tally);
	json_t *more = json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name", request->name,
		"request", json_text_or_null(request->label), "weight", json_count(request->weight),
		"due", json_count_or_null(open_loop, tally->due), "errors_by_class",
		json_errors(tally->errors), "answer_bytes",
		json_count_or_null(length != EXPECTED_ANY_LENGTH, length), "bytes_received",
		json_count(tally->bytes_received), "windows",
		json_count_or_null(tally->windows > 0, tally->windows), "silent_windows",
		json_count_or_null(tally->windows > 0, tally->silent_windows), "histogram",
		json_histogram(&tally->latency));

	json_object_update_new(entry, more);
	json_object_set_new(
		entry, "service_time",
		open_loop ? json_distribution(run, &tally->service_time, tally->service_bound_ns)
			  : json_distribution(run, &tally->latency, tally->latency_bound_ns));
	return entry;
}

json_t *json_mix(const struct run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; run->mix->count > 1 && i < run->mix->count; i++)
		json_array_append_new(list, json_kind(run, i));
	return list;
}
