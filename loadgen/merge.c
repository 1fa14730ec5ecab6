#include "loadgen/merge.h"
#include "lib/command_line.h"
#include "lib/terminal.h"
#include "lib/units.h"
#include "loadgen/options_rows.h"
#include "loadgen/report_json_parts.h"
#include "loadgen/report_text_parts.h"
#include "loadgen/stored.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_WRONG_USE = 2, KEY_JSON = 256, KEY_FORCE, KEY_TOGETHER, KEY_PERCENTILES };

struct merge {
	struct options options; /* of the output */
	bool force, together;
	char **files;
	size_t count;
	struct stored all;
	json_t *reports; /* what each was */
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct merge *merge = state->input;
	struct error error;

	switch (key) {
	case KEY_JSON:
		merge->options.json_file = text;
		return 0;
	case KEY_FORCE:
		merge->force = true;
		return 0;
	case KEY_TOGETHER:
		merge->together = true;
		return 0;
	case KEY_PERCENTILES:
		if (read_percentiles(&merge->options, NULL, text, &error) < 0)
			argp_error(state, "--percentiles: %s", error.text);
		return 0;
	case 'q':
		merge->options.quiet = true;
		return 0;
	case ARGP_KEY_ARGS:
		merge->files = state->argv + state->next;
		merge->count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_END:
		if (merge->count < 2)
			argp_error(state, "say which results to merge, two or more: FILE FILE...");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option rows[] = {
	{.name = "json",
	 .key = KEY_JSON,
	 .arg = "FILE",
	 .doc = "the whole, for programs (-: standard output)"},
	{.name = "percentiles",
	 .key = KEY_PERCENTILES,
	 .arg = "LIST",
	 .doc = "to show: 50,95,99.9"},
	{.name = "together",
	 .key = KEY_TOGETHER,
	 .doc = "they ran at the same time, each with a part of the load: rates are added"},
	{.name = "force", .key = KEY_FORCE, .doc = "merge what measured different things, too"},
	{.name = "quiet", .key = 'q', .doc = "nothing on the screen but errors"},
	{0},
};

static const struct argp argp = {
	.options = rows,
	.parser = parse_option,
	.args_doc = "FILE FILE...",
	.doc = "Puts stored results of tenk-load (--json) together as one: counts are added, and so are "
	       "the histograms, of which percentiles are computed again.\v"
	       "Results of another target or load are refused. The window is as long as all of them in "
	       "sum, as of runs one after another, so the rate is their mean; with --together it is the "
	       "time that they share, and the rate their sum. The order makes no difference, and what "
	       "was merged can be merged again.\n\n"
	       "Exit status: 0 merged; 1 it could not be written; 2 wrong use, or results that do not "
	       "go together.",
};

static int add_report(struct merge *merge, const char *file, const struct stored *one)
{
	json_t *entry = json_pack("{s:o, s:O?, s:o, s:O?, s:O?}", "file", json_text_or_null(file),
				  "started_at", json_object_get(one->report, "started_at"),
				  "window_ns", json_count(one->window_ns), "requests_per_s",
				  json_object_get(one->report, "requests_per_s"), "outcome",
				  json_object_get(one->report, "outcome"));

	return entry ? json_array_append_new(merge->reports, entry) : -1;
}

static int join(struct merge *merge, const char *file, const struct stored *one,
		struct error *error)
{
	struct error why;

	if (stored_join(&merge->all, one, merge->force, &why) == 0)
		return 0;
	return error_set(
		error,
		"%s was not measured together with %s: %s; --force merges them nevertheless, "
		"as if all of the shorter one had been at the same time",
		file, merge->files[0], why.text);
}

/* The first is the one that the others have to go with. */
static int add(struct merge *merge, const char *file, bool first, struct error *error)
{
	struct stored one;
	char key[64];
	int result = stored_read(&one, file, error);

	if (result == 0 && add_report(merge, file, &one) < 0)
		result = error_set(error, "out of memory");
	if (result == 0 && !first && !merge->force &&
	    stored_find_difference(&merge->all, &one, merge->together, key, sizeof(key)))
		result = error_set(
			error,
			"%s and %s measured different things: %s is not the same; --force "
			"merges them nevertheless",
			merge->files[0], file, key);
	if (result == 0 && first) {
		merge->all = one;
		return 0;
	}
	if (result == 0 && !merge->together)
		stored_merge(&merge->all, &one);
	else if (result == 0)
		result = join(merge, file, &one, error);
	stored_destroy(&one);
	return result;
}

static void write_text(const struct merge *merge, const struct run *run, FILE *out)
{
	bool colour = terminal_has_colour(out);
	struct text text = {.run = run,
			    .out = out,
			    .bold = colour ? "\x1b[1m" : "",
			    .red = colour ? "\x1b[31m" : "",
			    .plain = colour ? "\x1b[0m" : ""};
	char number[SHOWN_BYTES];

	fprintf(out, "%stenk-load merge%s  %zu results\n", text.bold, text.plain, merge->count);
	text_label(&text, "load");
	fprintf(out, "%s measured %s\n\n",
		units_format(UNIT_DURATION, (double)merge->all.window_ns, number, sizeof(number)),
		merge->together ? "at the same time" : "in sum");
	text_label(&text, "rate");
	fprintf(out, "%s%s%s %s   %" PRIu64 " good answers\n", text.bold,
		units_format(UNIT_RATE, merge->all.rate_per_s, number, sizeof(number)), text.plain,
		merge->together ? "in sum" : "on average", run->total->good);
	if (merge->all.unanswered > 0) {
		text_label(&text, "unanswered");
		fprintf(out, "%" PRIu64 "\n", merge->all.unanswered);
	}
	text_write_statuses(&text);
	text_write_errors(&text);
	text_write_mix(&text);
	if (run->total->latency.total > 0)
		text_write_times(&text);
}

/* As of a run; of what was no histogram stored nothing is known of all together. */
static json_t *json_merged_mix(const struct merge *merge, const struct run *run)
{
	const json_t *due = json_object_get(json_object_get(merge->all.report, "requests"), "due");
	json_t *list = json_mix(run), *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		json_object_del(entry, "service_time");
		json_object_set_new(
			entry, "due",
			json_count_or_null(json_is_integer(due), run->total->tally[i].due));
	}
	return list;
}

static json_t *make_json(const struct merge *merge, const struct run *run)
{
	const struct result *total = run->total;
	const json_t *due = json_object_get(json_object_get(merge->all.report, "requests"), "due");

	return json_pack(
		"{s:i, s:s, s:s, s:O, s:O, s:O, s:b, s:o, s:o, s:f, s:{s:o, s:o, s:o, s:o, s:o}, s:{s:o, s:o}, "
		"s:o, s:o, s:o, s:o, s:o}",
		"schema", 1, "tool", "tenk-load merge", "version", TENK_VERSION, "target",
		json_object_get(merge->all.report, "target"), "load",
		json_object_get(merge->all.report, "load"), "reports", merge->reports, "together",
		merge->together, "window_started_ns",
		json_count_or_null(merge->all.window_started_ns > 0, merge->all.window_started_ns),
		"window_ns", json_count(merge->all.window_ns), "requests_per_s",
		merge->all.rate_per_s, "requests", "due",
		json_count_or_null(json_is_integer(due), total->due), "sent",
		json_count(total->sent), "good", json_count(total->good), "unanswered",
		json_count(merge->all.unanswered), "resent", json_count(total->resent), "bytes",
		"sent", json_count(total->bytes_sent), "received",
		json_count(total->bytes_received), "statuses", json_statuses(total), "errors",
		json_errors(total->errors), "latency",
		json_distribution(run, &total->latency, total->latency_bound_ns), "histogram",
		json_histogram(&total->latency), "mix", json_merged_mix(merge, run));
}

static int write_json(const struct merge *merge, const struct run *run, struct error *error)
{
	const char *name = merge->options.json_file;
	FILE *file = strcmp(name, "-") == 0 ? stdout : fopen(name, "we");
	json_t *whole = make_json(merge, run);
	bool written = file && whole && json_dumpf(whole, file, JSON_COMPACT) == 0 &&
		       fputc('\n', file) != EOF && fflush(file) == 0;

	if (!written)
		error_set(error, "%s could not be written: %s", name, strerror(errno));
	if (file && file != stdout)
		written &= fclose(file) == 0;
	json_decref(whole);
	return written ? 0 : -EIO;
}

static int complain(const struct error *error, int status)
{
	fprintf(stderr, "tenk-load merge: %s\n", error->text);
	return status;
}

int merge_main(int argc, char **argv)
{
	static char name[] = "tenk-load merge";
	struct merge merge = {.options = options_default, .reports = json_array()};
	struct run run = {.options = &merge.options, .mix = &merge.all.mix};
	struct error error;
	int status = EXIT_SUCCESS;

	argv[0] = name; /* in usage and errors */
	command_line_read(&argp, argc, argv, &merge);
	for (size_t i = 0; i < merge.count && status == EXIT_SUCCESS; i++)
		if (add(&merge, merge.files[i], i == 0, &error) < 0)
			status = complain(&error, EXIT_WRONG_USE);
	run.total = merge.all.result;
	run.window_ns = merge.all.window_ns;
	for (size_t i = 0; i < OPTIONS_REQUESTS_MAX; i++)
		run.expected_lengths[i] = EXPECTED_ANY_LENGTH;
	if (status == EXIT_SUCCESS && !merge.options.quiet) {
		const char *json = merge.options.json_file;

		write_text(&merge, &run, json && strcmp(json, "-") == 0 ? stderr : stdout);
	}
	if (status == EXIT_SUCCESS && merge.options.json_file &&
	    write_json(&merge, &run, &error) < 0)
		status = complain(&error, EXIT_FAILURE);
	json_decref(merge.reports);
	stored_destroy(&merge.all);
	return status;
}
