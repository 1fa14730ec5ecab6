#include "stored/claims/verdict.h"

#include "lib/utf8.h"

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

json_t *verdict_to_json(const struct verdict *verdict)
{
	const json_t *id = json_object_get(verdict->claim, "id");

	return json_pack("{s:O?, s:s, s:s, s:o, s:o, s:o, s:f, s:I, s:o, s:s, s:s}", "claim", id,
			 "metric", verdict->metric, "verdict", verdict_key(verdict->kind),
			 "estimate", number_to_json(verdict->estimate), "low",
			 number_to_json(verdict->low), "high", number_to_json(verdict->high),
			 "coverage", verdict->coverage, "trials", (json_int_t)verdict->trials,
			 "factor", number_to_json(verdict->factor), "factor_word",
			 verdict->factor_word, "why", verdict->why);
}
