/* tenk bundle and tenk verify: a run in one file to pass on, and whether such a file says what its trials say. */
#include "harness/bundle/bundle.h"
#include "harness/command/command.h"
#include "harness/machine/paths.h"
#include "lib/command_line.h"
#include "lib/json.h"
#include "lib/json_differences.h"
#include "report/report.h"
#include "stored/checksum.h"
#include "stored/packed_file.h"
#include "stored/results.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- bundle ------------------------------------------------------------------------------------- */

struct bundle_arguments {
	const char *run, *out;
};

static error_t parse_bundle(int key, char *text, struct argp_state *state)
{
	struct bundle_arguments *arguments = state->input;

	switch (key) {
	case 'o':
		arguments->out = text;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->run)
			argp_error(state, "one run at a time");
		arguments->run = text;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->run)
			argp_error(state, "say which run, such as results/20261121T093000Z-quick");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Writes it anew, so that it says what the trials say by this build, which a reader will see. */
static int write_report(const struct results *results, struct error *error)
{
	struct report_options options = {0};
	struct paths paths;
	int result = paths_find(&paths, error);

	options.resource_directory = paths.report;
	return result < 0 ? result : report_write(results, &options, error);
}

int command_bundle(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"out", 'o', "FILE", 0, "the file to write (default: NAME.tenk.tar.gz here)", 0},
		{0}};
	static const struct argp argp = {
		options,
		parse_bundle,
		"RUN",
		"Writes a run into one file to pass on: its trials, its report, where it was measured, the "
		"command that repeats it, and a checksum of each file."
		"\vWho has it reads it as it is: tenk report FILE --out DIR, tenk compare FILE OTHER. tenk verify FILE says "
		"whether its figures are those of its trials.",
		NULL,
		NULL,
		NULL};
	struct bundle_arguments arguments = {0};
	struct results results = {0};
	struct error error;
	char file[PATH_MAX], sum[CHECKSUM_SIZE];
	int result;

	command_line_read(&argp, argc, argv, &arguments);
	if (results_load(&results, arguments.run, &error) < 0)
		return command_fail(EXIT_USAGE, error.text);
	snprintf(file, sizeof file, "%s.tenk.tar.gz", json_string_of(results.run, "id"));
	if (arguments.out)
		snprintf(file, sizeof file, "%s", arguments.out);
	result = write_report(&results, &error);
	if (result >= 0)
		result = bundle_write(arguments.run, file, &error);
	if (result >= 0)
		printf("%s\n  trials  %zu, sha256 %s\n  verify  tenk verify %s\n", file,
		       results.trial_count, results_checksum(&results, sum), file);
	results_destroy(&results);
	return result < 0 ? command_fail(EXIT_FAILED, error.text) : EXIT_OK;
}

/* --- verify ------------------------------------------------------------------------------------- */

/* What is not as it should be. */
struct doubts {
	size_t count;
};

enum { SHOWN_MOST = 20 };

static void doubt(void *context, const char *text)
{
	struct doubts *doubts = context;

	if (++doubts->count <= SHOWN_MOST)
		printf("  %s\n", text);
	else if (doubts->count == SHOWN_MOST + 1)
		puts("  ...");
}

static json_t *read_summary(const char *folder, struct error *error)
{
	char path[PATH_MAX + 32];
	json_error_t where;
	json_t *json = NULL;
	FILE *file;

	snprintf(path, sizeof path, "%s/report/summary.json", folder);
	file = packed_file_open(path);
	if (!file) {
		error_set(error, "%s: %s", path, strerror(errno));
		return NULL;
	}
	json = json_loadf(file, 0, &where);
	fclose(file);
	if (!json)
		error_set(error, "%s: %s", path, where.text);
	return json;
}

/* The same made anew from the trials. */
static json_t *make_summary(const struct results *results, struct error *error)
{
	struct report_options options = {.without_charts = true};
	struct paths paths;
	char *text = NULL;
	size_t length = 0;
	FILE *memory;
	json_t *json = NULL;
	int result = paths_find(&paths, error);

	options.resource_directory = paths.report;
	if (result < 0)
		return NULL;
	memory = open_memstream(&text, &length);
	if (memory)
		result = report_write_document(results, &options, "summary.json", memory, error);
	if (memory && fclose(memory) == 0 && result >= 0)
		json = json_loadb(text, length, 0, NULL);
	free(text);
	return json;
}

/* Figures of another machine's mathematics differ in their last digits. */
#define ALIKE 1e-9

static void tell_difference(void *context, const char *path, const char *said, const char *found)
{
	char text[700];

	snprintf(text, sizeof text, "%s: it says %s, its trials %s", path, said, found);
	doubt(context, text);
}

/* 0 with the doubts, or -errno with a message. */
static int verify(const struct bundle *bundle, struct doubts *doubts, struct error *error)
{
	struct results results = {0};
	json_t *said = NULL, *found = NULL;
	long files = bundle_check(bundle, doubt, doubts, error);
	int result = files < 0 ? (int)files : results_load(&results, bundle->run, error);

	if (result == 0 && (!(said = read_summary(bundle->run, error)) ||
			    !(found = make_summary(&results, error))))
		result = -EIO;
	if (result == 0) {
		char sum[CHECKSUM_SIZE];
		size_t figures = json_compare(said, found, ALIKE, tell_difference, doubts);
		printf("%s: %ld files, %zu trials, %zu figures and words of its report, %zu verdicts\n",
		       json_string_of(results.run, "id"), files, results.trial_count, figures,
		       json_array_size(json_object_get(found, "claims")));
		printf("  trials  sha256 %s\n  repeat  %s\n", results_checksum(&results, sum),
		       json_string_of(results.run, "repeat"));
	}
	json_decref(said);
	json_decref(found);
	results_destroy(&results);
	return result;
}

static error_t parse_verify(int key, char *text, struct argp_state *state)
{
	const char **file = state->input;

	if (key == ARGP_KEY_ARG && !*file) {
		*file = text;
		return 0;
	}
	if (key == ARGP_KEY_ARG)
		argp_error(state, "one file at a time");
	if (key == ARGP_KEY_END && !*file)
		argp_error(state, "say which file, as tenk bundle wrote it");
	return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
}

int command_verify(int argc, char **argv)
{
	static const struct argp argp = {
		NULL,
		parse_verify,
		"FILE",
		"Says of a run that was passed on (tenk bundle) whether its files are those that were packed, and "
		"recomputes every figure and verdict of its report from its raw trials: do they agree?"
		"\vThat shows that nothing was changed by mistake, and that the report is what the trials say. It does not "
		"show that somebody measured them: repeat the run by the command that it prints.\n\n"
		"Exit codes: 0 it holds, 1 it does not, 2 it is no such file.",
		NULL,
		NULL,
		NULL};
	const char *file = NULL;
	struct doubts doubts = {0};
	struct bundle bundle;
	struct error error;
	int result;

	command_line_read(&argp, argc, argv, &file);
	result = bundle_open(&bundle, file, &error);
	if (result == 0)
		result = verify(&bundle, &doubts, &error);
	bundle_close(&bundle);
	if (result < 0)
		return command_fail(EXIT_USAGE, error.text);
	if (doubts.count)
		printf("it does not hold: %zu difference%s\n", doubts.count,
		       doubts.count == 1 ? "" : "s");
	else
		puts("it holds");
	return doubts.count ? EXIT_FAILED : EXIT_OK;
}
