/* The trials that are not ok: which, why, and what the server said last. */
#include "report/section.h"

#include "report/format.h"

#include <stdlib.h>
#include <string.h>

static const struct page_column columns[] = {
	{"outcome", false}, {"server", false}, {"part", false},
	{"at", false},	    {"order", true},   {"why", false},
};

/* All reasons of a trial, "text (code)", with a semicolon between two. */
static void append_reasons(struct text_buffer *out, const json_t *trial)
{
	const json_t *reasons = json_object_get(trial, "reasons");

	for (size_t i = 0; i < json_array_size(reasons); i++) {
		const json_t *reason = json_array_get(reasons, i);

		const char *remedy = json_string_of(reason, "remedy");

		text_append_format(out, "%s%s (%s)%s%s", i ? "; " : "",
				   json_string_of(reason, "text"), json_string_of(reason, "code"),
				   *remedy ? "; what would lift it: " : "", remedy);
	}
	if (!out->length)
		text_append(out, "no reason was stored");
}

/* "throughput", with the scenario before it where a run has several. */
static void append_part(struct text_buffer *out, const struct report *report, const json_t *trial)
{
	const json_t *scenarios = json_object_get(report->results->run, "scenarios");
	const char *scenario = json_string_of(trial, "scenario");
	const char *part = json_string_of(trial, "part");

	if (json_array_size(scenarios) > 1 && strcmp(scenario, part) != 0)
		text_append_format(out, "%s, ", scenario);
	text_append(out, part);
}

static void trial_row(struct page *page, const struct report *report, const json_t *trial)
{
	const char *outcome = json_string_of(trial, "outcome");
	struct text_buffer part = {0}, point = {0}, reasons = {0}, style = {0};
	char order[FORMAT_SIZE];

	append_part(&part, report, trial);
	format_point(&point, json_object_get(trial, "point"), NULL);
	append_reasons(&reasons, trial);
	text_append_format(&style, "outcome %s",
			   strcmp(outcome, "failed") == 0      ? "failed"
			   : strcmp(outcome, "saturated") == 0 ? "saturated"
							       : "invalid");
	page_table_word(page, text_string(&style), outcome, NULL);
	page_table_cell(page, json_string_of(trial, "server"), NULL);
	page_table_cell(page, text_string(&part), NULL);
	page_table_cell(page, point.length ? text_string(&point) : FORMAT_NONE, NULL);
	page_table_cell(page, format_value("count", json_number_of(trial, "order"), order), NULL);
	page_table_cell(page, text_string(&reasons), NULL);
	text_destroy(&part);
	text_destroy(&point);
	text_destroy(&reasons);
	text_destroy(&style);
}

/* What servers of trials that are not ok wrote to stderr, folded away. */
static void trial_stderr(struct page *page, const json_t *trial)
{
	const json_t *process = json_object_get(trial, "server_process");
	const char *text = json_string_of(process, "stderr");
	struct text_buffer summary = {0};

	if (!*text)
		return;
	text_append_format(&summary, "What %s wrote to stderr in trial %.0f",
			   json_string_of(trial, "server"), json_number_of(trial, "order"));
	page_fold_begin(page, NULL, text_string(&summary));
	page_code(page, text);
	page_fold_end(page);
	text_destroy(&summary);
}

static int compare_orders(const void *left, const void *right)
{
	double a = json_number_of(*(const json_t *const *)left, "order");
	double b = json_number_of(*(const json_t *const *)right, "order");

	return (a > b) - (a < b);
}

static void trial_table(struct page *page, const struct report *report, const json_t **odd,
			size_t count)
{
	qsort(odd, count, sizeof *odd, compare_orders);
	page_table_begin(page, "data trials", "", columns, sizeof columns / sizeof columns[0]);
	for (size_t i = 0; i < count; i++)
		trial_row(page, report, odd[i]);
	page_table_end(page);
	for (size_t i = 0; i < count; i++)
		trial_stderr(page, odd[i]);
}

void section_trials(struct page *page, const struct report *report)
{
	const struct results *results = report->results;
	const json_t **odd = calloc(results->trial_count + 1, sizeof *odd);
	struct text_buffer summary = {0};
	size_t count = 0;

	for (size_t i = 0; odd && i < results->trial_count; i++) {
		const char *outcome = json_string_of(results->trials[i], "outcome");

		if (strcmp(outcome, "ok") != 0 && strcmp(outcome, "skipped") != 0)
			odd[count++] = results->trials[i];
	}
	text_append(&summary, "Trials that failed, were saturated or invalid: ");
	text_append_format(&summary, count ? "%zu" : "none", count);
	page_fold_begin(page, "trials", text_string(&summary));
	text_destroy(&summary);
	if (!odd)
		page->html.failed = true;
	if (!count)
		page_paragraph(page, NULL, "None: every trial is ok.");
	else
		trial_table(page, report, odd, count);
	page_fold_end(page);
	free(odd);
}
