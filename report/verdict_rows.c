/* The rows of the first screen: you read, we measured, factor. */
#include "report/section.h"
#include "report/section_pieces.h"

#include "report/format.h"

#include <math.h>
#include <string.h>

static const struct page_column columns[] = {
	{"You read", false}, {"We measured", false}, {"Verdict", false}};

static const char *const styles[] = {
	[VERDICT_REPRODUCED] = "verdict reproduced", [VERDICT_DIRECTION_ONLY] = "verdict direction",
	[VERDICT_REFUTED] = "verdict refuted",	     [VERDICT_INCONCLUSIVE] = "verdict open",
	[VERDICT_NOT_TESTABLE] = "verdict open",
};

/* "source: illusion; thread-costs-2mb", and whose system it was decided on. */
static void cell_claim(struct page *page, const struct verdict *verdict, bool again)
{
	const json_t *of = json_object_get(verdict->claim, "of");
	struct text_buffer detail = {0};

	if (again) {
		page_table_cell(page, "the same claim", NULL);
		return;
	}
	text_append_format(&detail, "%s, from %s.", json_string_of(verdict->claim, "id"),
			   json_string_of(verdict->claim, "source"));
	if (json_is_true(json_object_get(verdict->claim, "own_model")))
		text_append_format(&detail, " tenk's own model: %s.", json_string_of(of, "server"));
	page_table_cell(page, json_string_of(verdict->claim, "says"), text_string(&detail));
	text_destroy(&detail);
}

static void cell_measured(struct page *page, const struct verdict *verdict)
{
	const char *title = json_string_of(verdict->descriptor, "title");
	struct summary summary = {.count = verdict->trials,
				  .median = verdict->estimate,
				  .low = verdict->low,
				  .high = verdict->high,
				  .coverage = verdict->coverage};
	struct text_buffer value = {0}, detail = {0};

	title = *title ? title : verdict->metric;
	if (isnan(verdict->estimate)) {
		text_append_format(&value, "%s: not measured", title);
		text_append(&detail, verdict->why);
	} else {
		text_append_format(&value, "%s: ", title);
		format_summary(&value, verdict_unit(verdict), &summary, isnan(verdict->high));
		if (verdict->coverage < 0.90)
			text_append_format(&detail, "range of %zu trials", verdict->trials);
		else
			text_append_format(&detail, "%.0f" TEXT_NBSP "%% interval of %zu trials",
					   floor(verdict->coverage * 100), verdict->trials);
		if (*verdict->why)
			text_append_format(&detail, ". %s", verdict->why);
	}
	page_table_cell(page, text_string(&value), text_string(&detail));
	text_destroy(&value);
	text_destroy(&detail);
}

static void cell_verdict(struct page *page, const struct verdict *verdict)
{
	struct text_buffer factor = {0};

	if (isfinite(verdict->estimate) && isfinite(verdict->factor) && verdict->factor > 1)
		text_append_format(&factor, "%s \xc3\x97" TEXT_NBSP "%.3g",
				   *verdict->factor_word ? verdict->factor_word : "off by",
				   verdict->factor);
	page_table_word(page, styles[verdict->kind], verdict_reads(verdict), text_string(&factor));
	text_destroy(&factor);
}

void section_verdicts(struct page *page, const struct report *report)
{
	const struct chart *ruler = charts_find(&report->run_charts, "claims");

	if (!report->verdict_count)
		return;
	if (ruler)
		section_figure(page, ruler);
	page_table_begin(page, "verdicts", "", columns, sizeof columns / sizeof columns[0]);
	for (size_t i = 0; i < report->verdict_count; i++) {
		cell_claim(page, &report->verdicts[i],
			   i && report->verdicts[i].claim == report->verdicts[i - 1].claim);
		cell_measured(page, &report->verdicts[i]);
		cell_verdict(page, &report->verdicts[i]);
	}
	page_table_end(page);
	page_paragraph(page, "note",
		       "A verdict speaks of this machine and this run. It is decided from the "
		       "interval at a confidence of at least 90" TEXT_NBSP
		       "%; the factor is the distance of "
		       "the estimate from the nearer end of the range claimed.");
}
