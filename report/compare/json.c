/* All there is, for machines: results/SCHEMA.md, results/schema/comparison.json. */
#include "report/compare/format.h"
#include "report/compare/names.h"
#include "report/compare/words.h"

#include "lib/json.h"

#include <math.h>

/* JSON knows no infinity: a bound that is not known is null. */
static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *count_or_null(size_t count)
{
	return count > 0 ? json_integer((json_int_t)count) : json_null();
}

static json_t *text_or_null(const char *text)
{
	return *text ? names_json(text) : json_null();
}

static const char *scale_name(enum comparison_scale scale)
{
	return scale == COMPARISON_RATIO	? "ratio"
	       : scale == COMPARISON_DIFFERENCE ? "difference"
						: "count";
}

static json_t *describe(const struct comparison *one)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:b, s:b,"
		" s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o}",
		"metric", names_json(one->metric), "title", names_json(words_metric(one)), "cell",
		names_json(one->cell), "unit", names_json(json_string_of(one->descriptor, "unit")),
		"better", comparison_more_is_worse(one) ? "lower" : "higher", "scale",
		scale_name(one->scale), "outcome", comparison_outcome_name(one->outcome), "gating",
		one->gating, "accepted", one->accepted, "a", number(one->a), "b", number(one->b),
		"change", number(one->change), "low", number(one->low), "high", number(one->high),
		"coverage", number(one->coverage), "smallest", number(one->smallest), "p",
		number(one->p), "p_adjusted", number(one->p_adjusted), "sign_p",
		number(one->sign_p), "pairs", (json_int_t)one->pairs, "detectable",
		number(one->detectable), "pairs_needed", count_or_null(one->pairs_needed), "why",
		text_or_null(one->why));
}

int compare_write_json(FILE *out, const struct comparisons *comparisons)
{
	json_t *items = json_array(), *warnings = json_array(), *json;
	struct text_buffer sentence = {0};

	for (size_t i = 0; i < comparisons->count; i++)
		json_array_append_new(items, describe(&comparisons->items[i]));
	for (size_t i = 0; i < comparisons->warning_count; i++)
		json_array_append_new(warnings, names_json(comparisons->warnings[i]));
	words_sentence(&sentence, comparisons);
	json = json_pack("{s:i, s:s, s:s, s:o, s:o, s:b, s:b, s:s, s:s, s:o, s:o}", "schema", 1,
			 "tool", "tenk compare", "version", TENK_VERSION, "a",
			 names_json(comparisons->a_label), "b", names_json(comparisons->b_label),
			 "paired", comparisons->paired, "gates", comparisons->gates, "outcome",
			 comparison_outcome_name(comparisons->outcome), "sentence",
			 text_string(&sentence), "comparisons", items, "warnings", warnings);
	text_destroy(&sentence);
	return compare_finish_json(json, out);
}
