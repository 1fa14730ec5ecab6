#include "stored/claims/verdict.h"

#include "lib/utf8.h"
#include "stored/checksum.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char *key, *word;
} verdict_names[] = {
	[VERDICT_REPRODUCED] = {"reproduced", "reproduced"},
	[VERDICT_DIRECTION_ONLY] = {"direction_only", "direction only"},
	[VERDICT_REFUTED] = {"refuted", "refuted here"},
	[VERDICT_INCONCLUSIVE] = {"inconclusive", "inconclusive"},
	[VERDICT_NOT_TESTABLE] = {"not_testable", "not testable here"},
};

const char *verdict_word(enum verdict_kind kind)
{
	return verdict_names[kind].word;
}

const char *verdict_key(enum verdict_kind kind)
{
	return verdict_names[kind].key;
}

void verdict_set(struct verdict *verdict, enum verdict_kind kind, const char *format, ...)
{
	va_list arguments;

	verdict->kind = kind;
	va_start(arguments, format);
	vsnprintf(verdict->why, sizeof verdict->why, format, arguments);
	va_end(arguments);
	utf8_mend(verdict->why); /* it may have been cut within a character */
}

/* null where there is no number. */
static json_t *number_to_json(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static const char *const unit_names[] = {
	[UNIT_COUNT] = "count", [UNIT_DURATION] = "ns", [UNIT_BYTES] = "bytes",
	[UNIT_RATE] = "per_s",	[UNIT_RATIO] = "ratio",
};

const char *verdict_unit(const struct verdict *verdict)
{
	return unit_names[verdict->unit];
}

const char *verdict_reads(const struct verdict *verdict)
{
	return verdict->at_edge ? "at the edge" : verdict_word(verdict->kind);
}

static json_t *validity_to_json(const struct verdict_validity *validity)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "ok", (json_int_t)validity->ok, "saturated",
			 (json_int_t)validity->saturated, "failed", (json_int_t)validity->failed,
			 "invalid", (json_int_t)validity->invalid, "skipped",
			 (json_int_t)validity->skipped);
}

/* What leads from a verdict back to what was measured, run by run. */
static json_t *runs_to_json(const struct verdict *verdict)
{
	json_t *list = json_array();

	for (size_t i = 0; i < verdict->run_count; i++) {
		const json_t *run = verdict->runs[i]->run;
		const json_t *environment = json_object_get(run, "environment");
		char checksum[CHECKSUM_SIZE];

		results_checksum(verdict->runs[i], checksum);
		json_array_append_new(list,
				      json_pack("{s:O?, s:O?, s:O?, s:O?, s:s?}", "run",
						json_object_get(run, "id"), "seed",
						json_object_get(run, "seed"), "repeat",
						json_object_get(run, "repeat"), "fingerprint",
						json_object_get(environment, "fingerprint"),
						"trials_sha256", *checksum ? checksum : NULL));
	}
	return list;
}

json_t *verdict_to_json(const struct verdict *verdict)
{
	const json_t *claim = verdict->claim;
	json_t *json = json_pack("{s:O?, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:b}", "claim",
				 json_object_get(claim, "id"), "scenario", verdict->scenario,
				 "part", verdict->part, "servers", verdict->servers, "metric",
				 verdict->metric, "headline", (int)verdict->headline, "verdict",
				 verdict_key(verdict->kind), "reads", verdict_reads(verdict),
				 "at_edge", (int)verdict->at_edge);
	json_t *figures = json_pack(
		"{s:[o, o], s:s, s:o, s:o, s:o, s:f, s:I, s:I, s:o, s:s, s:s, s:o, s:O?, s:o}",
		"accepted", number_to_json(verdict->accepted_low),
		number_to_json(verdict->accepted_high), "unit", verdict_unit(verdict), "estimate",
		number_to_json(verdict->estimate), "low", number_to_json(verdict->low), "high",
		number_to_json(verdict->high), "coverage", verdict->coverage, "trials",
		(json_int_t)verdict->trials, "blocks_needed", (json_int_t)verdict->blocks_needed,
		"factor", number_to_json(verdict->factor), "factor_word", verdict->factor_word,
		"why", verdict->why, "validity", validity_to_json(&verdict->validity), "differs",
		json_object_get(claim, "differs"), "runs", runs_to_json(verdict));

	if (!json || json_object_update(json, figures) < 0) {
		json_decref(json);
		json = NULL;
	}
	json_decref(figures);
	return json;
}
