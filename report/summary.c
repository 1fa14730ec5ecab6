/* The first screen: the finding, tiles, one picture, how far to trust it, what else there is. */
#include "report/section.h"

#include "report/citation.h"
#include "report/format.h"
#include "report/section_pieces.h"
#include "report/trust.h"
#include "stored/codes.h"

#include <math.h>
#include <string.h>

#define DOT " \xc2\xb7 "

enum { TITLES_MOST = 3 }; /* of more scenarios only their number is told */

void section_append_titles(struct text_buffer *out, const json_t *run, const char *key)
{
	const json_t *scenarios = json_object_get(run, "scenarios");
	size_t count = json_array_size(scenarios);

	if (count > TITLES_MOST) {
		format_count(out, count, "scenario");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const json_t *scenario = json_array_get(scenarios, i);
		const char *title = json_string_of(scenario, key);

		text_append(out, i ? DOT : "");
		text_append(out, *title ? title : json_string_of(scenario, "name"));
	}
}

static bool any_quick_look(const json_t *run)
{
	const json_t *scenarios = json_object_get(run, "scenarios");

	for (size_t i = 0; i < json_array_size(scenarios); i++)
		if (json_is_true(json_object_get(json_array_get(scenarios, i), "quick_look")))
			return true;
	return false;
}

/* "3 trials each: a first impression", "10 to 20 trials each". */
static void append_trials(struct text_buffer *out, const struct report *report)
{
	double least = INFINITY, most = 0;

	for (size_t i = 0; i < report->part_count; i++) {
		double trials = json_number_of(report->parts[i].json, "trials");

		least = fmin(least, trials);
		most = fmax(most, trials);
	}
	if (!(most > 0))
		return;
	text_append(out, DOT);
	if (least < most)
		text_append_format(out, "%.0f to ", least);
	text_append_format(out, "%.0f trial%s of each", most, most == 1 ? "" : "s");
	if (any_quick_look(report->results->run))
		text_append(out, ": a first impression");
}

void section_append_machine(struct text_buffer *out, const json_t *run)
{
	const json_t *environment = json_object_get(run, "environment");
	const char *cpu = json_string_of(environment, "cpu_model");
	const char *kernel = json_string_of(environment, "kernel");
	double cores = json_number_of(environment, "cores_online");

	text_append(out, *cpu ? cpu : "an unknown processor");
	if (cores > 0)
		text_append_format(out, ", %.0f core%s", cores, cores == 1 ? "" : "s");
	if (*kernel)
		text_append_format(out, ", Linux %s", kernel);
}

void section_append_kicker(struct text_buffer *out, const struct report *report)
{
	const json_t *run = report->results->run;

	text_append_format(out, "tenk %s" DOT, json_string_of(run, "tenk_version"));
	if (report->findings.headline) {
		section_append_titles(out, run, "title");
		text_append(out, DOT);
	}
	text_append_format(out, "run %s" DOT, json_string_of(run, "id"));
	section_append_machine(out, run);
	append_trials(out, report);
}

static void summary_title(struct page *page, const struct report *report)
{
	const json_t *run = report->results->run;
	const char *headline = report->findings.headline;
	struct text_buffer title = {0}, kicker = {0}, citation = {0}, bibtex = {0};

	section_append_titles(&title, run, "title");
	section_append_kicker(&kicker, report);
	headline = headline ? headline : text_string(&title);
	citation_append_line(&citation, run, headline);
	citation_append_bibtex(&bibtex, run, headline);
	page_title(page, &(struct page_top){
				 .kicker = text_string(&kicker),
				 .title = headline,
				 .command = json_string_of(run, "repeat"),
				 .citation = text_string(&citation),
				 .bibtex = text_string(&bibtex),
			 });
	page->html.failed = page->html.failed || text_failed(&title) || text_failed(&kicker) ||
			    text_failed(&citation) || text_failed(&bibtex);
	text_destroy(&title);
	text_destroy(&kicker);
	text_destroy(&citation);
	text_destroy(&bibtex);
}

static void summary_tiles(struct page *page, const struct findings *findings)
{
	const struct finding *finding;

	page_tiles_begin(page);
	for (size_t i = 0; i < FINDINGS_TILES && (finding = findings_tile(findings, i)); i++)
		page_tile(page, &(struct page_tile){.title = finding->title,
						    .value = finding->text,
						    .below = finding->compared,
						    .id = finding->part->id,
						    .state = finding_state_word(finding->state)});
	page_tiles_end(page);
}

/* Cells that were left out since their model cannot hold as many connections: nothing went wrong there. */
static size_t count_beyond_models(const struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->part_count; i++)
		count += part_count(&report->parts[i], NULL, NULL).beyond;
	return count;
}

/* What became of the trials, when not all of them are fine or not all were run. */
static void remark_trials(struct page *page, const struct report *report)
{
	static const char *const outcomes[] = {"ok", "saturated", "failed", "invalid", "skipped"};
	const json_t *run = report->results->run;
	const char *status = json_string_of(run, "status");
	double planned = json_number_of(run, "planned_trials");
	size_t superseded = report->results->trial_count, beyond = count_beyond_models(report);
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
		if (strcmp(outcomes[i], "failed") == 0)
			count -= beyond;
		if (i && !count)
			continue;
		text_append_format(&text, "%s%zu %s", shown++ ? ", " : "", count, outcomes[i]);
	}
	if (beyond)
		text_append_format(&text, ", %zu over what a model can hold", beyond);
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

/* What tenk warned of when the run began: servers or cells that are not in it. Folded, for there may be many. */
static void summary_warnings(struct page *page, const json_t *run)
{
	const json_t *warnings = json_object_get(run, "warnings"), *warning;
	struct text_buffer summary = {0};
	size_t i;

	if (!json_array_size(warnings))
		return;
	text_append(&summary, "What is not in it: ");
	format_count(&summary, json_array_size(warnings), "warning");
	page_fold_begin(page, NULL, text_string(&summary));
	page_list_begin(page, NULL);
	json_array_foreach(warnings, i, warning)
	{
		page_list_item(page, json_string_value(warning));
	}
	page_list_end(page);
	page_fold_end(page);
	text_destroy(&summary);
}

static void summary_trust(struct page *page, const struct report *report)
{
	struct text_buffer text = {0};

	trust_append(&text, report->results, report->parts, report->part_count);
	if (any_quick_look(report->results->run))
		text_append(&text,
			    " Few and short trials: brackets are their range, not a confidence "
			    "interval.");
	if (text.length)
		page_remark(page, "trust", "How far to trust it.", text_string(&text) + 1);
	text_destroy(&text);
}

/* A chip for each family that has a server here, and one for each server. */
static void summary_chips(struct page *page, const struct report *report)
{
	static const char *const families[] = {"threads", "loops", "hybrids", "reference", "floor"};
	const json_t *servers = json_object_get(report->results->run, "servers");
	size_t i;
	const json_t *server;

	if (json_array_size(servers) < 2)
		return;
	page_chips_begin(page);
	for (size_t j = 0; j < sizeof families / sizeof *families; j++) {
		struct text_buffer names = {0};

		json_array_foreach(servers, i, server)
		{
			if (strcmp(json_string_of(server, "family"), families[j]) == 0)
				text_append_format(&names, "%s%s", names.length ? "," : "",
						   json_string_of(server, "name"));
		}
		if (names.length)
			page_chip(page, families[j], text_string(&names));
		text_destroy(&names);
	}
	page_chips_each(page);
	json_array_foreach(servers, i, server)
	{
		page_chip(page, json_string_of(server, "name"), json_string_of(server, "name"));
	}
	page_chips_end(page);
}

void section_summary(struct page *page, const struct report *report)
{
	bool complete = strcmp(json_string_of(report->results->run, "status"), "complete") == 0;

	summary_title(page, report);
	summary_tiles(page, &report->findings);
	if (!complete) /* all that follows is to be read with that in mind */
		remark_trials(page, report);
	if (report->picture)
		section_figure(page, report->picture, report->share_file);
	if (complete)
		remark_trials(page, report);
	summary_trust(page, report);
	summary_warnings(page, report->results->run);
	section_contents(page, report);
	summary_chips(page, report);
}
