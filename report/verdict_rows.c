/* What became of the claims: a ruler, a row for each, and folded what else is known of them. */
#include "report/section.h"
#include "report/section_pieces.h"

#include "report/format.h"
#include "report/verdict_words.h"
#include "stored/checksum.h"

#include <string.h>

static const struct page_column columns[] = {
	{"You read", false}, {"That would be", false}, {"We measured", false}, {"Verdict", false}};

static const char *const styles[] = {
	[VERDICT_REPRODUCED] = "verdict reproduced", [VERDICT_DIRECTION_ONLY] = "verdict direction",
	[VERDICT_REFUTED] = "verdict refuted",	     [VERDICT_INCONCLUSIVE] = "verdict open",
	[VERDICT_NOT_TESTABLE] = "verdict open",
};

/* The first verdict on a claim is the one that counts. */
static bool is_first(const struct report *report, size_t index)
{
	return index == 0 || report->verdicts[index].claim != report->verdicts[index - 1].claim;
}

static void cell_claim(struct page *page, const struct verdict *verdict)
{
	struct text_buffer detail = {0};

	text_append_format(&detail, "%s, from ", json_string_of(verdict->claim, "id"));
	verdict_words_sources(&detail, verdict->claim);
	text_append(&detail, ".");
	if (json_is_true(json_object_get(verdict->claim, "own_model")))
		text_append(&detail, " Decided on tenk's own model.");
	page_table_cell(page, json_string_of(verdict->claim, "says"), text_string(&detail));
	text_destroy(&detail);
}

/* The range that is accepted, and of which metric and server. */
static void cell_accepted(struct page *page, const struct verdict *verdict)
{
	struct text_buffer claimed = {0}, detail = {0};

	verdict_words_claimed(&claimed, verdict);
	text_append_format(&detail, "%s, ", verdict_words_metric(verdict));
	verdict_words_servers(&detail, verdict);
	page_table_cell(page, claimed.length ? text_string(&claimed) : FORMAT_NONE,
			text_string(&detail));
	text_destroy(&claimed);
	text_destroy(&detail);
}

/* How many blocks, and why they do not decide. */
static void append_how(struct text_buffer *out, const struct verdict *verdict)
{
	verdict_words_blocks(out, verdict);
	text_append(out, out->length ? "." : "");
	if (*verdict->why)
		text_append_format(out, " %s%s", verdict->why,
				   verdict->why[strlen(verdict->why) - 1] == '.' ? "" : ".");
	if (verdict->blocks_needed)
		text_append_format(out, " About %zu blocks would decide.", verdict->blocks_needed);
}

static void cell_measured(struct page *page, const struct verdict *verdict)
{
	struct text_buffer value = {0}, detail = {0};

	verdict_words_measured(&value, verdict);
	append_how(&detail, verdict);
	page_table_cell(page, text_string(&value), text_string(&detail));
	text_destroy(&value);
	text_destroy(&detail);
}

static void cell_verdict(struct page *page, const struct verdict *verdict)
{
	const char *style = verdict->at_edge ? "verdict open" : styles[verdict->kind];
	struct text_buffer factor = {0};

	verdict_words_factor(&factor, verdict);
	page_table_word(page, style, verdict_reads(verdict), text_string(&factor));
	text_destroy(&factor);
}

/* The verdicts on the other metrics, after the one that counts. */
static void append_others(struct text_buffer *out, const struct report *report, size_t first)
{
	for (size_t i = first + 1; i < report->verdict_count && !is_first(report, i); i++) {
		const struct verdict *verdict = &report->verdicts[i];
		struct text_buffer factor = {0};

		text_append_format(out, " %s: ", verdict_words_metric(verdict));
		verdict_words_measured(out, verdict);
		verdict_words_factor(&factor, verdict);
		text_append_format(out, ", %s%s%s.", verdict_reads(verdict),
				   factor.length ? ", " : "", text_string(&factor));
		text_destroy(&factor);
	}
}

/* Why that metric is meant, what the others say, how the set-up differs, and how the trials ended. */
static void claim_notes(struct page *page, const struct report *report, size_t first)
{
	const struct verdict *verdict = &report->verdicts[first];
	const struct verdict_validity *validity = &verdict->validity;
	const char *because = json_string_of(verdict->claim, "because");
	const char *differs = json_string_of(verdict->claim, "differs");
	struct text_buffer text = {0}, term = {0};

	text_append_format(&term, "%s.", json_string_of(verdict->claim, "id"));
	text_append_format(&text, "%s%s", because, *because ? " " : "");
	text_append_format(&text, "Trials: %zu ok, %zu saturated, %zu failed, %zu invalid.",
			   validity->ok, validity->saturated, validity->failed, validity->invalid);
	append_others(&text, report, first);
	if (*differs)
		text_append_format(&text, " How the set-up differs: %s", differs);
	page_list_term(page, text_string(&term), text_string(&text));
	page->html.failed = page->html.failed || text_failed(&text);
	text_destroy(&text);
	text_destroy(&term);
}

/* "12 published claims; reproduced: 4, refuted here: 6, inconclusive: 2." */
static void claims_answer(struct page *page, const struct report *report)
{
	struct text_buffer text = {0}, counts = {0};
	size_t claims = 0, words = 0;

	for (size_t i = 0; i < report->verdict_count; i++) {
		const char *word = verdict_reads(&report->verdicts[i]);
		size_t alike = 0, before = 0;

		if (!is_first(report, i))
			continue;
		claims++;
		for (size_t j = 0; j < report->verdict_count; j++) {
			bool same = is_first(report, j) &&
				    strcmp(verdict_reads(&report->verdicts[j]), word) == 0;

			before += same && j < i;
			alike += same;
		}
		if (!before)
			text_append_format(&counts, "%s%s: %zu", words++ ? ", " : "", word, alike);
	}
	format_count(&text, claims, "published claim");
	text_append_format(&text, "; %s.", text_string(&counts));
	page_paragraph(page, "answer", text_string(&text));
	text_destroy(&text);
	text_destroy(&counts);
}

/* What the verdicts were decided from. */
static void raw_data(struct page *page, const struct report *report)
{
	const json_t *run = report->results->run;
	const json_t *environment = json_object_get(run, "environment");
	struct text_buffer text = {0};
	char checksum[CHECKSUM_SIZE];

	results_checksum(report->results, checksum);
	text_append_format(&text, "Decided from run %s, seed %.0f, environment %s",
			   json_string_of(run, "id"), json_number_of(run, "seed"),
			   json_string_of(environment, "fingerprint"));
	if (*checksum)
		text_append_format(&text, "; trials.jsonl has the SHA-256 %s", checksum);
	text_append(&text, ".");
	page_paragraph(page, "note", text_string(&text));
	text_destroy(&text);
}

void section_verdicts(struct page *page, const struct report *report)
{
	const struct chart *ruler = charts_find(&report->run_charts, "claims");

	claims_answer(page, report);
	if (ruler && ruler != report->picture)
		section_figure(page, ruler, NULL);
	page_table_begin(page, "verdicts", "", columns, sizeof columns / sizeof columns[0]);
	for (size_t i = 0; i < report->verdict_count; i++) {
		if (!is_first(report, i))
			continue;
		cell_claim(page, &report->verdicts[i]);
		cell_accepted(page, &report->verdicts[i]);
		cell_measured(page, &report->verdicts[i]);
		cell_verdict(page, &report->verdicts[i]);
	}
	page_table_end(page);
	page_paragraph(page, "note",
		       "A verdict speaks of this machine and this run. It is decided from the "
		       "interval at a confidence of at least 90" TEXT_NBSP
		       "%; the factor is the distance of the estimate from the nearer end of the "
		       "range. Off by less than 5" TEXT_NBSP "% reads \"at the edge\".");
	page_fold_begin(page, NULL,
			"Other metrics of these claims, trials, and how the set-up differs");
	page_list_begin(page, NULL);
	for (size_t i = 0; i < report->verdict_count; i++)
		if (is_first(report, i))
			claim_notes(page, report, i);
	page_list_end(page);
	raw_data(page, report);
	page_fold_end(page);
}
