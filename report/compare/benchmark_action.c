/*
 * What github-action-benchmark takes as customSmallerIsBetter and customBiggerIsBetter: an array of B's
 * values, of the metrics of which less, or more, is better.
 */
#include "report/compare/format.h"
#include "report/compare/names.h"
#include "report/compare/words.h"

#include "lib/json.h"

#include <math.h>
#include <string.h>

enum { NAME_MOST = 1024 };

/* How the action shows a unit, behind the value. */
static const char *unit_of(const struct comparison *one)
{
	const char *unit = json_string_of(one->descriptor, "unit");

	return strcmp(unit, "per_s") == 0 ? "/s" : strcmp(unit, "bytes") == 0 ? "B" : unit;
}

/* The action shows `range` beside the value and `extra` where one points at it. */
static json_t *entry(const struct comparisons *comparisons, const struct comparison *one)
{
	struct bounds bounds = names_bounds_of_b(one);
	struct text_buffer extra = {0};
	char text[WORDS_SIZE];
	json_t *json = json_pack("{s:o, s:o, s:f}", "name", names_subject(one, NAME_MOST), "unit",
				 names_json(unit_of(one)), "value", one->b);

	if (!isnan(bounds.low) && !isnan(bounds.high)) {
		double half = (bounds.high - bounds.low) / 2;

		snprintf(text, sizeof text, half < 1000 ? "± %.3g" : "± %.0f", half);
		json_object_set_new(json, "range", json_string(text));
	}
	words_append(&extra, comparisons->b_label);
	text_append(&extra, " against ");
	words_append(&extra, comparisons->a_label);
	text_append_format(&extra, " (%s)\n", words_value(one, one->a, text));
	text_append_format(&extra, "change: %s\n", words_change(one, text));
	text_append_format(&extra, "verdict: %s, %zu %s", words_verdict(one), one->pairs,
			   words_pairs(comparisons));
	json_object_set_new(json, "extra", json_string(text_string(&extra)));
	text_destroy(&extra);
	return json;
}

static int write_of(FILE *out, const struct comparisons *comparisons, bool smaller)
{
	json_t *list = json_array();

	for (size_t i = 0; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];

		if (isfinite(one->b) && comparison_more_is_worse(one) == smaller)
			json_array_append_new(list, entry(comparisons, one));
	}
	return compare_finish_json(list, out);
}

int compare_write_smaller(FILE *out, const struct comparisons *comparisons)
{
	return write_of(out, comparisons, true);
}

int compare_write_bigger(FILE *out, const struct comparisons *comparisons)
{
	return write_of(out, comparisons, false);
}
