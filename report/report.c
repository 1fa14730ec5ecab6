#include "report/report.h"

#include "report/chart.h"
#include "report/files.h"
#include "report/html_file.h"
#include "report/section.h"
#include "report/summary_json.h"
#include "report/verdict_words.h"
#include "stored/axis.h"
#include "stored/metric.h"
#include "stored/packed_file.h"
#include "stored/repeats.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A report being written: what is read, and the folder that will become the report. */
struct work {
	struct report report;
	const struct report_options *options;
	char *folder;	/* the new one */
	bool is_packed; /* the run is, so its report's data are, too */
	size_t charts_missing;
};

static int out_of_memory(struct error *error)
{
	error_set(error, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

static int parts_make(struct report *report)
{
	int code = parts_open(&report->parts, &report->part_count, report->results);

	if (code < 0)
		return code;
	report->charts = calloc(report->part_count + 1, sizeof *report->charts);
	return report->charts ? 0 : -ENOMEM;
}

static void work_destroy(struct work *work)
{
	for (size_t i = 0; work->report.charts && i < work->report.part_count; i++)
		charts_destroy(&work->report.charts[i]);
	charts_destroy(&work->report.run_charts);
	parts_close(work->report.parts, work->report.part_count);
	free(work->report.charts);
	findings_destroy(&work->report.findings);
	free(work->report.verdicts);
	if (work->folder)
		folder_remove(work->folder);
	free(work->folder);
}

/* That in which a reader finds what the headline says; NULL: it was not drawn. */
static const struct chart *picture_of_headline(const struct report *report)
{
	const struct finding *finding = report->findings.items;
	const struct charts *charts;
	const struct chart *picture;
	char ratio[64];

	if (report->findings.count == 0)
		return NULL;
	charts = &report->charts[finding->part - report->parts];
	picture = charts_find(charts, finding->chart);
	snprintf(ratio, sizeof ratio, "%s-ratio", finding->chart);
	picture = picture ? picture : charts_find(charts, ratio);
	if (!picture && !isnan(metric_percentile(finding->metric)))
		picture = charts_find(charts, "latency");
	return picture;
}

/* Whether a run was made to decide claims, and for nothing else. */
static bool is_of_claims(const struct report *report)
{
	const json_t *words = json_object_get(report->results->run, "command");
	const char *second = json_string_value(json_array_get(words, 1));

	return report->verdict_count > 0 && second && strcmp(second, "claims") == 0;
}

/* What such a run has to say first: how its claims read. */
static int head_with_verdicts(struct report *report)
{
	struct text_buffer text = {0};
	char *headline;

	text_append(&text, "What became of ");
	verdict_words_count(&text, report->verdicts, report->verdict_count);
	text_append(&text, ".");
	headline = text_failed(&text) ? NULL : strdup(text_string(&text));
	text_destroy(&text);
	if (!headline)
		return -ENOMEM;
	free(report->findings.headline);
	report->findings.headline = headline;
	return 0;
}

/*
 * The most telling picture: of a run of claims these, else the trade-off, else what the headline speaks of, else the first of these that there is,
 * else the first at all, the claims last.
 */
static const struct chart *picture_choose(const struct report *report)
{
	static const char *const telling[] = {"ladder", "kinds", "latency-rate", "throughput",
					      "memory"};
	const struct chart *picture = charts_find(&report->run_charts,
						  is_of_claims(report) ? "claims" : "tradeoff");

	if (!picture)
		picture = picture_of_headline(report);
	for (size_t i = 0; i < sizeof telling / sizeof *telling && !picture; i++)
		for (size_t j = 0; j < report->part_count && !picture; j++)
			picture = charts_find(&report->charts[j], telling[i]);
	for (size_t i = 0; i < report->part_count && !picture; i++)
		for (size_t j = 0; j < report->charts[i].count && !picture; j++)
			if (!report->charts[i].items[j].why)
				picture = &report->charts[i].items[j];
	return picture ? picture : charts_find(&report->run_charts, "claims");
}

/* Counts those that are missing; the first reason goes to `why`. */
static void charts_count(struct work *work, const struct charts *charts, struct error *why)
{
	for (size_t i = 0; i < charts->count; i++)
		if (charts->items[i].why && work->charts_missing++ == 0)
			error_set(why, "%s: %s", charts->items[i].id, charts->items[i].why);
}

/* The picture as one passes it on. A gnuplot that draws no PNG is a reason, not a failure. */
static int picture_share(struct work *work, const struct chart_place *place, struct error *why,
			 struct error *error)
{
	static const char file[] = "share/picture.png";
	struct report *report = &work->report;
	const char *headline = report->findings.headline;
	struct text_buffer below = {0};
	struct error reason = {0};
	int code;

	if (!report->picture)
		return 0;
	/* Of runs that are kept for long it takes more room than all curves, and nobody links to it without an address. */
	if (work->is_packed && !work->options->base_url)
		return 0;
	section_append_kicker(&below, report);
	code = folder_make(work->folder, "share", error);
	if (code == 0 &&
	    chart_share(report->picture, place, headline ? headline : report->picture->title,
			text_string(&below), file, &reason) == 0)
		report->share_file = file;
	else if (code == 0 && work->charts_missing++ == 0)
		error_set(why, "%s: %s", file, reason.text);
	text_destroy(&below);
	return code;
}

/* Draws all charts; the first reason for one that is missing goes to `why`. */
static int charts_draw(struct work *work, struct error *why, struct error *error)
{
	struct chart_place place = {.resource_directory = work->options->resource_directory,
				    .gnuplot = work->options->gnuplot,
				    .folder = work->folder,
				    .ending = work->is_packed ? ".csv.gz" : ".csv"};
	struct report *report = &work->report;
	const struct chart_run run = {report->parts, report->part_count, report->verdicts,
				      report->verdict_count};
	int code;

	if (work->options->without_charts)
		return 0;
	code = charts_make_run(&report->run_charts, &run, &place, error);
	charts_count(work, &report->run_charts, why);
	for (size_t i = 0; i < report->part_count && code == 0; i++) {
		code = charts_make(&report->charts[i], &report->parts[i], &place, error);
		charts_count(work, &report->charts[i], why);
	}
	if (code < 0)
		return code;
	report->picture = picture_choose(report);
	return picture_share(work, &place, why, error);
}

static int pages_write(const struct work *work, struct error *error)
{
	struct text_buffer title = {0}, head = {0};
	struct page page = {0};
	int code;

	section_append_titles(&title, work->report.results->run, "title");
	section_document_head(&head, &work->report, work->options->base_url);
	section_summary(&page, &work->report);
	section_chapters(&page, &work->report);
	code = text_failed(&page.html) || text_failed(&page.markdown) || text_failed(&title) ||
			       text_failed(&head)
		       ? out_of_memory(error)
		       : 0;
	if (code == 0)
		code = html_file_write(work->folder, "index.html",
				       work->options->resource_directory,
				       &(struct html_document){.title = text_string(&title),
							       .head = text_string(&head),
							       .body = text_string(&page.html)},
				       error);
	if (code == 0)
		code = file_write(work->folder, "report.md", text_string(&page.markdown),
				  page.markdown.length, error);
	page_destroy(&page);
	text_destroy(&title);
	text_destroy(&head);
	return code;
}

/* summary.json, or that packed: what the page says, for programs. */
static int summary_write(const struct work *work, struct error *error)
{
	json_t *json = summary_to_json(&work->report);
	char *text = json ? json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) : NULL;
	int code = text ? file_write(work->folder,
				     work->is_packed ? "summary.json.gz" : "summary.json", text,
				     strlen(text), error)
			: out_of_memory(error);

	free(text);
	json_decref(json);
	return code;
}

static void csv_number(struct text_buffer *out, double value)
{
	text_append(out, ",");
	chart_append_csv_number(out, value);
}

/* One row of data/trials.csv. An axis that does not vary has the value of the part's load. */
static void trial_append(struct text_buffer *out, const struct part *part, const json_t *trial)
{
	const json_t *metrics = json_object_get(part->results->run, "metrics");

	text_append_csv(out, json_string_of(trial, "scenario"));
	text_append(out, ",");
	text_append_csv(out, json_string_of(trial, "part"));
	text_append(out, ",");
	text_append_csv(out, json_string_of(trial, "server"));
	for (enum axis_kind axis = 0; axis < AXIS_COUNT; axis++)
		csv_number(out,
			   part_load(part, json_object_get(trial, "point"), axis_at(axis)->key));
	csv_number(out, json_number_of(trial, "trial"));
	csv_number(out, json_number_of(trial, "order"));
	text_append(out, ",");
	text_append_csv(out, repeats_superseded(trial) ? "superseded"
						       : json_string_of(trial, "outcome"));
	text_append(out, json_is_true(json_object_get(trial, "rate_is_lower_bound")) ? ",true"
										     : ",false");
	csv_number(out, json_number_of(trial, "latency_count"));
	for (size_t i = 0; i < json_array_size(metrics); i++) {
		const json_t *metric = json_array_get(metrics, i);

		if (!metric_slope_of(metric))
			csv_number(out, json_number_of(json_object_get(trial, "metrics"),
						       json_string_of(metric, "key")));
	}
	text_append(out, "\r\n");
}

/* data/trials.csv: a row for each trial, a column for each metric that is stored. */
static int trials_write(const struct work *work, struct error *error)
{
	const struct results *results = work->report.results;
	const json_t *metrics = json_object_get(results->run, "metrics");
	struct text_buffer out = {0};
	int code;

	text_append(&out, "scenario,part,server");
	for (enum axis_kind axis = 0; axis < AXIS_COUNT; axis++)
		text_append_format(&out, ",%s", axis_at(axis)->key);
	text_append(&out, ",trial,order,outcome,rate_is_lower_bound,latency_count");
	for (size_t i = 0; i < json_array_size(metrics); i++) {
		const json_t *metric = json_array_get(metrics, i);

		if (metric_slope_of(metric))
			continue;
		text_append(&out, ",");
		text_append_csv(&out, json_string_of(metric, "key"));
	}
	text_append(&out, "\r\n");
	for (size_t i = 0; i < work->report.part_count; i++) {
		const struct part *part = &work->report.parts[i];
		const struct cell all = part_cell(part, NULL, NULL);

		for (size_t j = 0; j < results->trial_count; j++)
			if (results_trial_matches(results->trials[j], &all))
				trial_append(&out, part, results->trials[j]);
	}
	code = text_failed(&out) ? out_of_memory(error)
				 : file_write(work->folder, work->report.trials_file,
					      text_string(&out), out.length, error);
	text_destroy(&out);
	return code;
}

static int folders_make(struct work *work, const char *target, struct error *error)
{
	static const char *const names[] = {"", "charts", "data", "work"};
	int code = 0;

	if (asprintf(&work->folder, "%s.new-%d", target, (int)getpid()) < 0) {
		work->folder = NULL;
		return out_of_memory(error);
	}
	folder_remove(work->folder); /* left by a process of that number that was killed */
	for (size_t i = 0; i < sizeof names / sizeof names[0] && code == 0; i++)
		code = folder_make(work->folder, names[i], error);
	return code;
}

/* Removes the working files and moves the finished report to where it belongs. */
static int work_finish(struct work *work, const char *target, struct error *error)
{
	char *path;
	int code;

	if (asprintf(&path, "%s/work", work->folder) < 0)
		return out_of_memory(error);
	code = folder_remove(path);
	free(path);
	if (code < 0) {
		error_set(error, "%s/work: %s", work->folder, strerror(-code));
		return code;
	}
	return folder_replace(work->folder, target, error);
}

static bool is_packed(const struct results *results)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof path, "%s/trials.jsonl", results->directory) <
		       (int)sizeof path &&
	       packed_file_is(path);
}

int report_write(const struct results *results, const struct report_options *options,
		 struct error *error)
{
	struct work work = {.report = {.results = results, .against = options->against},
			    .options = options};
	struct error why = {0};
	char *target;
	long verdicts;
	int code;

	if (asprintf(&target, "%s%s",
		     options->report_directory ? options->report_directory : results->directory,
		     options->report_directory ? "" : "/report") < 0)
		return out_of_memory(error);
	work.is_packed = is_packed(results);
	work.report.trials_file = work.is_packed ? "data/trials.csv.gz" : "data/trials.csv";
	verdicts = claims_evaluate(results, 1, &work.report.verdicts);
	work.report.verdict_count = verdicts > 0 ? (size_t)verdicts : 0;
	code = verdicts < 0 ? (int)verdicts : parts_make(&work.report);
	if (code == 0)
		code = findings_make(&work.report.findings, work.report.parts,
				     work.report.part_count);
	if (code == 0 && is_of_claims(&work.report))
		code = head_with_verdicts(&work.report);
	if (code < 0)
		error_set(error, "%s: %s", results->directory, strerror(-code));
	if (code == 0)
		code = folders_make(&work, target, error);
	if (code == 0)
		code = charts_draw(&work, &why, error);
	if (code == 0)
		code = trials_write(&work, error);
	if (code == 0)
		code = pages_write(&work, error);
	if (code == 0)
		code = summary_write(&work, error);
	if (code == 0)
		code = work_finish(&work, target, error);
	if (code == 0 && work.charts_missing) {
		*error = why;
		code = (int)work.charts_missing;
	}
	work_destroy(&work);
	free(target);
	return code;
}
