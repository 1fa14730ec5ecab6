/* tenk report: what stored runs say, as a folder, as one document, or side by side. */
#include "harness/bundle/bundle.h"
#include "harness/command/command.h"
#include "harness/machine/paths.h"
#include "lib/command_line.h"
#include "report/figures.h"
#include "report/report.h"
#include "report/terminal.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum key { KEY_OUT = 'o', KEY_FORMAT = 'f', KEY_FULL = 256, KEY_BASE_URL };

static int print_figures(const struct results *results, FILE *out)
{
	json_t *cells = figures_to_json(results);
	int result = cells ? json_dumpf(cells, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : -1;

	fputc('\n', out);
	json_decref(cells);
	return result < 0 ? -ENOMEM : 0;
}

/* A document of the report, or what is printed of a run, or of runs side by side. */
static const struct format {
	const char *name, *file; /* NULL: it is no file of a report */
	bool without_charts;	 /* none is in it */
	int (*print)(const struct results *results, FILE *out); /* NULL: what was found */
} formats[] = {
	{"html", "index.html", false, NULL},  {"md", "report.md", true, NULL},
	{"json", "summary.json", true, NULL}, {"figures", NULL, true, print_figures},
	{"text", NULL, true, NULL},
};

enum { FORMATS = sizeof formats / sizeof *formats };

struct arguments {
	const char *runs[AGAINST_RUNS_MOST];
	size_t run_count;
	const char *out, *base_url;
	const struct format *format; /* NULL: the whole folder */
	bool full;
};

/* Everything that the command has read. */
struct stored {
	struct results results[AGAINST_RUNS_MOST];
	const struct results *runs[AGAINST_RUNS_MOST];
	size_t count;
	struct against against; /* of several runs */
};

static const struct format *parse_format(struct argp_state *state, const char *text)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(formats[i].name, text) == 0)
			return &formats[i];
	argp_error(state,
		   "--format: there is no format \"%s\"; there are html, md, json, "
		   "figures and text",
		   text);
	return NULL;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case KEY_OUT:
		arguments->out = text;
		break;
	case KEY_FORMAT:
		arguments->format = parse_format(state, text);
		break;
	case KEY_FULL:
		arguments->full = true;
		break;
	case KEY_BASE_URL:
		if (strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0)
			argp_error(state,
				   "--base-url: \"%s\" is no address such as "
				   "https://example.org/runs/quick/",
				   text);
		arguments->base_url = text;
		break;
	case ARGP_KEY_ARG:
		if (arguments->run_count == AGAINST_RUNS_MOST)
			argp_error(state, "more than %d runs", AGAINST_RUNS_MOST);
		arguments->runs[arguments->run_count++] = text;
		break;
	case ARGP_KEY_END:
		if (arguments->run_count == 0)
			argp_error(state, "say which run: a folder such as "
					  "results/20261121T093000Z-quick");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_option options[] = {
	{"out", KEY_OUT, "PLACE", 0,
	 "where to write it: a folder (default: RUN/report, of several runs RUN/against of the first), "
	 "or with --format a file (default: standard output)",
	 0},
	{"format", KEY_FORMAT, "FORMAT", 0,
	 "only this: html (the page, which needs no other file), md, json (what was found), figures "
	 "(every cell, as tenk run --json has them) or text (what tenk run prints; of several runs, "
	 "side by side)",
	 0},
	{"full", KEY_FULL, NULL, 0, "print every table, in place of what fits on one screen", 0},
	{"base-url", KEY_BASE_URL, "URL", 0,
	 "where the page will be published, so that links to it show what was found and its picture "
	 "(Open Graph)",
	 0},
	{0}};

static const struct argp argp = {
	options,
	parse_option,
	"RUN [RUN...]",
	"Writes the report of a stored run again: one HTML page that needs no other file, "
	"Markdown, a chart and a CSV file for each picture; and prints what was found. Nothing is "
	"measured.\n"
	"Of several runs it is the report of the first, beside which the others' figures stand cell by "
	"cell."
	"\vExamples:\n"
	"  tenk report results/20261121T093000Z-quick\n"
	"  tenk report --format json results/20261121T093000Z-quick | jq .findings\n"
	"  tenk report --format text results/before results/after   side by side",
	NULL,
	NULL,
	NULL};

/* --- reading ------------------------------------------------------------------------------------ */

/* A run beside itself would agree with itself. */
static int refuse_twice(const struct stored *stored, const struct results *one, struct error *error)
{
	for (size_t i = 0; i < stored->count; i++)
		if (json_equal(json_object_get(stored->results[i].run, "id"),
			       json_object_get(one->run, "id"))) {
			error_set(error, "%s and %s are the same run; lay another beside it",
				  stored->results[i].directory, one->directory);
			return -EINVAL;
		}
	return 0;
}

static int stored_read(struct stored *stored, const struct arguments *arguments,
		       struct error *error)
{
	int result = 0;

	for (size_t i = 0; i < arguments->run_count && result == 0; i++) {
		result = bundle_load(&stored->results[i], arguments->runs[i], error);
		if (result < 0)
			return result;
		result = refuse_twice(stored, &stored->results[i], error);
		stored->runs[stored->count] = &stored->results[i];
		stored->count++;
	}
	if (result < 0 || stored->count == 1)
		return result;
	result = against_make(&stored->against, stored->runs, stored->count);
	if (result < 0) {
		error_set(error, "%s", strerror(-result));
	} else if (stored->against.count == 0) {
		error_set(error,
			  "%s has no figure in common with %s: other scenarios, or other servers",
			  arguments->runs[0],
			  stored->count > 2 ? "the others" : arguments->runs[1]);
		result = -EINVAL;
	}
	return result;
}

static void stored_destroy(struct stored *stored)
{
	against_destroy(&stored->against);
	for (size_t i = 0; i < stored->count; i++)
		results_destroy(&stored->results[i]);
}

/* --- writing ------------------------------------------------------------------------------------ */

/* What was found, or every table of it; runs side by side have a table of their own. */
static int print_found(const struct stored *stored, bool full, FILE *out)
{
	if (stored->count > 1) {
		against_print(&stored->against, out);
		return 0;
	}
	if (!full)
		return terminal_print(stored->runs[0], out);
	terminal_print_tables(stored->runs[0], out);
	return 0;
}

/* The page's path is the last line. */
static int write_folder(const struct stored *stored, const struct report_options *how, bool full,
			struct error *error)
{
	struct report_options where = *how;
	char folder[PATH_MAX];
	int result;

	snprintf(folder, sizeof folder, "%s/%s", stored->runs[0]->directory,
		 how->against ? "against" : "report");
	if (!where.report_directory)
		where.report_directory = folder;
	result = report_write(stored->runs[0], &where, error);
	if (result >= 0 && print_found(stored, full, stdout) < 0) {
		error_set(error, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	if (result >= 0)
		printf("\n%s/index.html\n", where.report_directory);
	return result;
}

static int write_format(const struct stored *stored, struct report_options *how,
			const struct arguments *arguments, FILE *out, struct error *error)
{
	const struct format *format = arguments->format;

	how->without_charts = format->without_charts;
	if (format->file)
		return report_write_document(stored->runs[0], how, format->file, out, error);
	if (how->against || !format->print)
		return print_found(stored, arguments->full, out);
	return format->print(stored->runs[0], out);
}

/* To a file, which is left as it was when there is nothing to write, or to standard output. */
static int write_document(const struct stored *stored, struct report_options *how,
			  const struct arguments *arguments, struct error *error)
{
	char *text = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&text, &length), *out = stdout;
	int result = memory ? write_format(stored, how, arguments, memory, error) : -ENOMEM;

	if (memory && fclose(memory) != 0)
		result = -ENOMEM;
	if (result == -ENOMEM)
		error_set(error, "%s", strerror(ENOMEM));
	if (result >= 0 && arguments->out)
		out = fopen(arguments->out, "we");
	if (result >= 0 && (!out || fwrite(text, 1, length, out) != length ||
			    (out != stdout && fclose(out) != 0))) {
		result = -errno;
		error_set(error, "%s: %s", arguments->out ? arguments->out : "standard output",
			  strerror(errno));
	}
	free(text);
	return result;
}

static int write_all(const struct stored *stored, const struct arguments *arguments,
		     struct error *error)
{
	struct report_options how = {.report_directory = arguments->out,
				     .base_url = arguments->base_url,
				     .against = stored->count > 1 ? &stored->against : NULL};
	struct paths paths;
	int result = paths_find(&paths, error);

	how.resource_directory = paths.report;
	if (result < 0)
		return result;
	if (!arguments->out && !arguments->format &&
	    strcmp(stored->runs[0]->directory, arguments->runs[0]) != 0)
		return error_set(error,
				 "%s is a file: say where its report is to be, with --out DIR",
				 arguments->runs[0]);
	return arguments->format ? write_document(stored, &how, arguments, error)
				 : write_folder(stored, &how, arguments->full, error);
}

int command_report(int argc, char **argv)
{
	struct arguments arguments = {0};
	static struct stored stored;
	struct error error;
	int result;

	command_line_read(&argp, argc, argv, &arguments);
	result = stored_read(&stored, &arguments, &error);
	if (result < 0) {
		stored_destroy(&stored);
		return command_fail(EXIT_USAGE, error.text);
	}
	result = write_all(&stored, &arguments, &error);
	stored_destroy(&stored);
	if (result < 0)
		return command_fail(EXIT_FAILED, error.text);
	if (result > 0) {
		fprintf(stderr, "tenk: %d charts could not be drawn: %s\n", result, error.text);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}
