#include "report/summary_json.h"

#include "report/answer.h"
#include "report/figures.h"
#include "stored/claims/claims.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* Sentences for programs: a no-break space is a matter of pages. */
static json_t *sentence(const char *text)
{
	struct text_buffer plain = {0};
	json_t *json;

	for (const char *next; (next = strstr(text, TEXT_NBSP)); text = next + strlen(TEXT_NBSP)) {
		text_append_bytes(&plain, text, (size_t)(next - text));
		text_append(&plain, " ");
	}
	text_append(&plain, text);
	json = text_failed(&plain) ? NULL : json_string(text_string(&plain));
	text_destroy(&plain);
	return json;
}

static json_t *describe_finding(const struct finding *finding)
{
	const struct part *part = finding->part;

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:O?, s:s?, s:s, s:s?, s:s, s:s, s:s, s:o, s:o, s:o, s:o, "
		"s:o, s:I, s:b, s:o, s:o, s:o, s:o?}",
		"kind", finding->kind, "title", finding->title, "scenario",
		json_string_of(part->scenario, "name"), "part", part_text(part, "name"), "anchor",
		part->id, "point", finding->point, "metric",
		*finding->metric ? finding->metric : NULL, "of", finding->of, "over", finding->over,
		"unit", finding->unit, "state", finding_state_word(finding->state), "direction",
		finding_direction_word(finding->direction), "estimate", number(finding->value),
		"low", number(finding->low), "high", number(finding->high), "of_value",
		number(finding->of_value), "over_value", number(finding->over_value), "blocks",
		(json_int_t)finding->blocks, "every_block", finding->every_block, "text",
		sentence(finding->text), "compared", sentence(finding->compared), "sentence",
		sentence(finding->sentence), "why", *finding->why ? sentence(finding->why) : NULL);
}

/* NULL: no memory. */
static json_t *describe_findings(const struct findings *findings)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < findings->count; i++)
		if (json_array_append_new(list, describe_finding(&findings->items[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *describe_answers(const struct report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < report->part_count; i++) {
		const struct part *part = &report->parts[i];
		struct text_buffer text = {0};
		json_t *answer;

		answer_append(&text, part);
		answer = json_pack(
			"{s:s, s:s, s:s, s:o}", "scenario", json_string_of(part->scenario, "name"),
			"part", part_text(part, "name"), "question", part_text(part, "question"),
			"answer", text_failed(&text) ? NULL : sentence(text_string(&text)));
		text_destroy(&text);
		if (json_array_append_new(list, answer) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* What the page's tables tell of; every other metric is in the data beside them and in the run. */
static bool is_told(const char *key)
{
	static const char *const told[] = {
		"requests_per_s",
		"achieved_ratio",
		"latency_p50_ns",
		"latency_p99_ns",
		"silent_window_ratio",
		"server_cpu_per_request_ns",
		"total_cpu_per_request_ns",
		"virtual_per_connection_bytes",
		"resident_per_connection_bytes",
		"kernel_per_connection_bytes",
		"total_per_connection_bytes",
		"total_bytes",
	};
	size_t length = strcspn(key, "@");

	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		if (strlen(told[i]) == length && strncmp(told[i], key, length) == 0)
			return true;
	return false;
}

/* NULL: no memory. */
static json_t *describe_cells(const struct results *results)
{
	json_t *cells = figures_to_json(results), *cell, *figure;
	const char *key;
	void *next;
	size_t i;

	json_array_foreach(cells, i, cell)
	{
		json_t *metrics = json_object_get(cell, "metrics");

		json_object_foreach_safe(metrics, next, key, figure)
		{
			if (!is_told(key))
				json_object_del(metrics, key);
		}
	}
	return cells;
}

json_t *summary_to_json(const struct report *report)
{
	const json_t *run = report->results->run;

	return json_pack(
		"{s:i, s:s, s:s, s:s, s:s, s:s, s:O?, s:o, s:o, s:o, s:o, s:o}", "schema", 1, "run",
		json_string_of(run, "id"), "tenk_version", json_string_of(run, "tenk_version"),
		"status", json_string_of(run, "status"), "started_at",
		json_string_of(run, "started_at"), "repeat", json_string_of(run, "repeat"), "seed",
		json_object_get(run, "seed"), "headline", sentence(report->findings.headline),
		"findings", describe_findings(&report->findings), "answers",
		describe_answers(report), "claims", claims_to_json(report->results, 1), "cells",
		describe_cells(report->results));
}
