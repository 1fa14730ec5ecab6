/* The first screen: what was found, in words, verdicts and one picture. */
#include "report/section.h"

#include "stored/ladder_end.h"
#include "report/answer.h"
#include "report/format.h"
#include "report/section_pieces.h"

#include <string.h>

/* "A", "A · B": the titles, or the questions one after the other, of the run's scenarios. */
static void append_titles(struct text_buffer *out, const json_t *scenarios, const char *key)
{
	size_t count = json_array_size(scenarios);

	for (size_t i = 0; i < count; i++) {
		const json_t *scenario = json_array_get(scenarios, i);
		const char *title = json_string_of(scenario, key);

		if (strcmp(key, "title") == 0) {
			text_append(out, i ? " \xc2\xb7 " : "");
			text_append(out, *title ? title : json_string_of(scenario, "name"));
		} else if (*title) {
			text_append_format(out, "%s%s", out->length ? " " : "", title);
		}
	}
}

static void summary_title(struct page *page, const struct report *report)
{
	const json_t *run = report->results->run;
	const json_t *scenarios = json_object_get(run, "scenarios");
	struct text_buffer title = {0}, question = {0}, kicker = {0};

	append_titles(&title, scenarios, "title");
	append_titles(&question, scenarios, "question");
	text_append_format(&kicker, "tenk %s, run %s, %s", json_string_of(run, "tenk_version"),
			   json_string_of(run, "id"), json_string_of(run, "started_at"));
	page_title(page, text_string(&kicker), text_string(&title), text_string(&question));
	page->html.failed = page->html.failed || text_failed(&title) || text_failed(&question) ||
			    text_failed(&kicker);
	text_destroy(&title);
	text_destroy(&question);
	text_destroy(&kicker);
}

static bool any_quick_look(const json_t *run)
{
	const json_t *scenarios = json_object_get(run, "scenarios");

	for (size_t i = 0; i < json_array_size(scenarios); i++)
		if (json_is_true(json_object_get(json_array_get(scenarios, i), "quick_look")))
			return true;
	return false;
}

/* The scenarios that are a quick look, by name where the run has others too. */
static void remark_quick_look(struct page *page, const json_t *run)
{
	const json_t *scenarios = json_object_get(run, "scenarios");
	size_t count = json_array_size(scenarios);
	struct text_buffer text = {0};
	bool all = true;

	for (size_t i = 0; i < count; i++)
		all = all &&
		      json_is_true(json_object_get(json_array_get(scenarios, i), "quick_look"));
	for (size_t i = 0; i < count && !all; i++) {
		const json_t *scenario = json_array_get(scenarios, i);

		if (json_is_true(json_object_get(scenario, "quick_look")))
			text_append_format(&text, "%s%s", text.length ? ", " : "Of this run: ",
					   json_string_of(scenario, "name"));
	}
	text_append(&text, all ? "" : ". ");
	text_append(&text,
		    "Short trials and few of them. With so few the brackets are the range of "
		    "the trials, not a confidence interval. Good for a first impression, not "
		    "for citation.");
	page_remark(page, "remark quick", "A quick look.", text_string(&text));
	text_destroy(&text);
}

/* What became of the trials, when not all of them are fine or not all were run. */
static void remark_trials(struct page *page, const struct report *report)
{
	static const char *const outcomes[] = {"ok", "saturated", "failed", "invalid", "skipped"};
	const json_t *run = report->results->run;
	const char *status = json_string_of(run, "status");
	double planned = json_number_of(run, "planned_trials");
	size_t superseded = report->results->trial_count;
	struct cell all = {0};
	struct text_buffer text = {0};
	char number[FORMAT_SIZE];

	format_count(&text, report->results->trial_count, "trial");
	if (planned > (double)report->results->trial_count)
		text_append_format(&text, " of %s planned", format_integer(planned, number));
	text_append(&text, ": ");
	for (size_t i = 0, shown = 0; i < 5; i++) {
		size_t count = results_count_outcome(report->results, &all, outcomes[i]);

		superseded -= count;
		if (i && !count)
			continue;
		text_append_format(&text, "%s%zu %s", shown++ ? ", " : "", count, outcomes[i]);
	}
	if (superseded)
		text_append_format(&text, ", %zu of blocks that were made once more", superseded);
	text_append(&text, ".");
	if (strcmp(status, "complete") != 0)
		page_remark(page, "remark stopped",
			    strcmp(status, "running") == 0 ? "Still running."
							   : "Stopped before its end.",
			    text_string(&text));
	else
		page_paragraph(page, "tally", text_string(&text));
	text_destroy(&text);
}

static bool has_server(const struct part *part, const char *server)
{
	for (size_t i = 0; i < part->server_count; i++)
		if (strcmp(part->servers[i], server) == 0)
			return true;
	return false;
}

static bool covers(const struct part *part, const struct part *other)
{
	for (size_t i = 0; i < other->server_count; i++)
		if (!has_server(part, other->servers[i]))
			return false;
	return true;
}

/*
 * Parts on memory answer one question, so on the first screen one of them is silent where another
 * has all of its servers and more trials.
 */
static bool part_speaks(const struct report *report, size_t index)
{
	const struct part *part = &report->parts[index];
	double own = json_number_of(part->json, "trials");

	if (part->kind != PART_MEMORY || ladder_is(part->json) ||
	    part->point_count < BLOCKS_SLOPE_POINTS) /* it says what there is in all */
		return true;
	for (size_t i = 0; i < report->part_count; i++) {
		const struct part *other = &report->parts[i];
		double trials = json_number_of(other->json, "trials");

		if (i != index && other->kind == PART_MEMORY && !ladder_is(other->json) &&
		    other->idle == part->idle && covers(other, part) &&
		    (trials > own || (trials == own && i < index)))
			return false;
	}
	return true;
}

static void summary_found(struct page *page, const struct report *report)
{
	page_list_begin(page, "found");
	for (size_t i = 0; i < report->part_count; i++) {
		const struct part *part = &report->parts[i];
		struct text_buffer term = {0}, text = {0};

		if (!part_speaks(report, i))
			continue;
		text_append(&term, part_text(part, "title"));
		if (term.length && term.text[term.length - 1] != '?')
			text_append(&term, ".");
		answer_append(&text, part, true);
		page_list_term(page, text_string(&term), text_string(&text));
		page->html.failed = page->html.failed || text_failed(&term) || text_failed(&text);
		text_destroy(&term);
		text_destroy(&text);
	}
	page_list_end(page);
}

/* What tenk warned of when the run began: servers or cells that are not in it. */
static void remark_warnings(struct page *page, const json_t *run)
{
	const json_t *warnings = json_object_get(run, "warnings");

	for (size_t i = 0; i < json_array_size(warnings); i++)
		page_remark(page, "remark", "Warning.",
			    json_string_value(json_array_get(warnings, i)));
}

void section_summary(struct page *page, const struct report *report)
{
	summary_title(page, report);
	summary_found(page, report);
	if (any_quick_look(report->results->run))
		remark_quick_look(page, report->results->run);
	remark_warnings(page, report->results->run);
	remark_trials(page, report);
	section_verdicts(page, report);
	if (report->picture)
		section_figure(page, report->picture);
}
