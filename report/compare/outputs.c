#include "report/compare/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Beyond what commands have of their own. */
enum key {
	KEY_FORMATS = 3000, /* and one for each row of file_options */
	KEY_BENCHMARK_ACTION = KEY_FORMATS + 100,
	KEY_ANNOTATIONS,
	KEY_STEP_SUMMARY,
};

static const char *const file_options[] = {"json", "markdown", "junit", "bencher", "openmetrics"};

enum { FILE_OPTIONS = sizeof file_options / sizeof *file_options };

static const struct argp_option option_table[] = {
	{"json", KEY_FORMATS, "FILE", 0,
	 "write all figures as JSON (results/SCHEMA.md); in all of "
	 "these FILE may be - for standard output",
	 0},
	{"markdown", KEY_FORMATS + 1, "FILE", 0, "write Markdown, such as for a comment", 0},
	{"junit", KEY_FORMATS + 2, "FILE", 0,
	 "write JUnit XML: a regression is a failure, inconclusive is skipped, invalid is an error",
	 0},
	{"bencher", KEY_FORMATS + 3, "FILE", 0, "write Bencher Metric Format", 0},
	{"openmetrics", KEY_FORMATS + 4, "FILE", 0, "write OpenMetrics text", 0},
	{"github-action-benchmark", KEY_BENCHMARK_ACTION, "smaller=FILE,bigger=FILE", 0,
	 "write what github-action-benchmark reads as customSmallerIsBetter and customBiggerIsBetter",
	 0},
	{"annotations", KEY_ANNOTATIONS, NULL, 0,
	 "print annotations for GitHub Actions, at most 10", 0},
	{"step-summary", KEY_STEP_SUMMARY, NULL, 0,
	 "append the Markdown to the file that $GITHUB_STEP_SUMMARY names", 0},
	{0},
};

static bool is_standard_output(const char *file)
{
	return strcmp(file, "-") == 0;
}

/* Whether it can be written; it is left as it was. */
static void check_file(struct argp_state *state, const char *option, const char *file)
{
	bool was_there = access(file, F_OK) == 0;
	int descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	if (descriptor < 0) {
		argp_error(state, "--%s: cannot write %s: %s", option, file, strerror(errno));
		return;
	}
	close(descriptor);
	if (!was_there)
		unlink(file);
}

static void add(struct compare_outputs *outputs, struct argp_state *state, const char *option,
		const char *format, const char *file)
{
	if (!*file)
		argp_error(state, "--%s: it needs a FILE", option);
	if (outputs->count == COMPARE_OUTPUTS_MOST)
		argp_error(state, "--%s: more than %d files", option, COMPARE_OUTPUTS_MOST);
	for (size_t i = 0; i < outputs->count; i++)
		if (strcmp(outputs->items[i].file, file) == 0)
			argp_error(state, "--%s: %s is to be written twice", option,
				   is_standard_output(file) ? "standard output" : file);
	if (!is_standard_output(file))
		check_file(state, option, file);
	outputs->items[outputs->count++] = (struct compare_output){compare_format_find(format),
								   file};
}

/* "smaller=FILE,bigger=FILE", or one of them. */
static void add_benchmark_action(struct compare_outputs *outputs, struct argp_state *state,
				 char *text)
{
	static const char option[] = "github-action-benchmark";
	enum { SMALLER, BIGGER };
	static char smaller[] = "smaller", bigger[] = "bigger";
	char *const names[] = {smaller, bigger, NULL};
	char *value;

	while (*text) {
		int which = getsubopt(&text, names, &value);

		if (which < 0 || !value)
			argp_error(state, "--%s: \"%s\" is neither smaller=FILE nor bigger=FILE",
				   option, value ? value : "");
		add(outputs, state, option, names[which], value);
	}
}

static void set_step_summary(struct compare_outputs *outputs, struct argp_state *state)
{
	const char *file = getenv("GITHUB_STEP_SUMMARY");

	if (!file || !*file)
		argp_error(state,
			   "--step-summary: GITHUB_STEP_SUMMARY is not set; it names a file in the "
			   "steps of GitHub Actions (elsewhere use --markdown FILE)");
	else
		check_file(state, "step-summary", outputs->step_summary = file);
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct compare_outputs *outputs = state->input;

	switch (key) {
	case KEY_BENCHMARK_ACTION:
		add_benchmark_action(outputs, state, text);
		return 0;
	case KEY_ANNOTATIONS:
		outputs->annotations = true;
		return 0;
	case KEY_STEP_SUMMARY:
		set_step_summary(outputs, state);
		return 0;
	default:
		if (key < KEY_FORMATS || key >= KEY_FORMATS + FILE_OPTIONS)
			return ARGP_ERR_UNKNOWN;
		add(outputs, state, file_options[key - KEY_FORMATS],
		    file_options[key - KEY_FORMATS], text);
		return 0;
	}
}

const struct argp compare_outputs_argp = {option_table, parse_option, NULL, NULL, NULL, NULL, NULL};

/* Closes what it opened. 0 or -errno. */
static int write_file(const struct compare_format *format, const char *file, const char *mode,
		      const struct comparisons *comparisons)
{
	FILE *out = fopen(file, mode);
	int result;

	if (!out)
		return -errno;
	result = format->write(out, comparisons);
	if (fclose(out) != 0 && result == 0)
		result = -errno;
	return result;
}

static void keep_first(int *first, int result, const char *file, struct error *error)
{
	if (result == 0 || *first < 0)
		return;
	error_set(error, "cannot write %s: %s", file, strerror(-result));
	*first = result;
}

int compare_outputs_write(const struct compare_outputs *outputs,
			  const struct comparisons *comparisons, struct error *error)
{
	FILE *people = stdout;
	int first = 0;

	for (size_t i = 0; i < outputs->count; i++)
		if (is_standard_output(outputs->items[i].file))
			people = stderr;
	keep_first(&first, compare_write_table(people, comparisons), "the table", error);
	for (size_t i = 0; i < outputs->count; i++) {
		const struct compare_output *output = &outputs->items[i];

		keep_first(&first,
			   is_standard_output(output->file)
				   ? output->format->write(stdout, comparisons)
				   : write_file(output->format, output->file, "we", comparisons),
			   output->file, error);
	}
	if (outputs->step_summary)
		keep_first(&first,
			   write_file(compare_format_find("markdown"), outputs->step_summary, "ae",
				      comparisons),
			   outputs->step_summary, error);
	if (outputs->annotations)
		keep_first(&first, compare_write_annotations(people, comparisons), "annotations",
			   error);
	return first;
}
