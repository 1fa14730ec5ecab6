/* What the suite found, for people and for machines. */
#include "harness/check_rows.h"

#include <stdio.h>
#include <string.h>

enum { GRID_WIDTH = 100, COLUMN_LEAST = 7 };

static const struct check_result *result_at(const struct check_suite *suite, size_t row,
					    size_t target)
{
	return &suite->results[row * suite->target_count + target];
}

static const char *word(const struct check_result *result)
{
	return !result->ok ? "FAIL" : result->differs ? "differs" : "ok";
}

static int name_width(const struct check_suite *suite)
{
	size_t width = 0;

	for (size_t i = 0; i < suite->row_count; i++)
		if (strlen(suite->rows[i]->name) > width)
			width = strlen(suite->rows[i]->name);
	return (int)width + 2;
}

static int column_width(const char *name)
{
	size_t length = strlen(name);

	return length < COLUMN_LEAST ? COLUMN_LEAST : (int)length;
}

/* Names over the columns where they fit; else numbers, with a list of who they are. */
static bool print_heading(const struct check_suite *suite, FILE *out, int width)
{
	int total = width + 2;
	bool named;

	for (size_t i = 0; i < suite->target_count; i++)
		total += column_width(suite->targets[i].name) + 2;
	named = total <= GRID_WIDTH;
	for (size_t i = 0; !named && i < suite->target_count; i++)
		fprintf(out, "  %zu  %s\n", i + 1, suite->targets[i].name);
	fprintf(out, "%*s", width + 2, "");
	for (size_t i = 0; i < suite->target_count; i++)
		if (named)
			fprintf(out, "  %-*s",
				i + 1 < suite->target_count ? column_width(suite->targets[i].name)
							    : 0,
				suite->targets[i].name);
		else
			fprintf(out, "  %-*zu", COLUMN_LEAST, i + 1);
	fputc('\n', out);
	return named;
}

/* The words of one row; the last is not padded. */
static void print_words(const struct check_suite *suite, size_t row, bool named, bool padded,
			FILE *out)
{
	for (size_t j = 0; j < suite->target_count; j++) {
		int width = named ? column_width(suite->targets[j].name) : COLUMN_LEAST;

		if (j + 1 == suite->target_count && !padded)
			width = 0;
		fprintf(out, "  %-*s", width, word(result_at(suite, row, j)));
	}
}

static void print_grid(const struct check_suite *suite, FILE *out, bool verbose)
{
	int width = name_width(suite);
	bool named = print_heading(suite, out, width);
	const char *group = "";

	for (size_t i = 0; i < suite->row_count; i++) {
		const struct check_row *row = suite->rows[i];

		if (strcmp(row->group, group) != 0)
			fprintf(out, "%s\n", row->group);
		group = row->group;
		fprintf(out, "  %-*s", width, row->name);
		print_words(suite, i, named, verbose, out);
		if (verbose)
			fprintf(out, "  %s (%s)", row->what, row->section);
		fputc('\n', out);
	}
}

static void print_failure(const struct check_row *row, const struct check_target *target,
			  const struct check_result *result, FILE *out)
{
	fprintf(out, "\n%s: %s %s\n", target->name, row->name,
		result->ok ? "differs from the other servers" : "failed");
	fprintf(out, "  rule      %s (%s)\n", row->what, row->section);
	fprintf(out, "  expected  %s\n", result->expected ? result->expected : "?");
	fprintf(out, "  came      %s\n", result->came ? result->came : "?");
}

void check_suite_print(const struct check_suite *suite, FILE *out, bool verbose)
{
	print_grid(suite, out, verbose);
	for (size_t i = 0; i < suite->row_count; i++)
		for (size_t j = 0; j < suite->target_count; j++) {
			const struct check_result *result = result_at(suite, i, j);

			if (!result->ok || result->differs)
				print_failure(suite->rows[i], &suite->targets[j], result, out);
		}
	fprintf(out, "\n%zu rows x %zu servers: %zu passed, %zu failed\n", suite->row_count,
		suite->target_count, suite->row_count * suite->target_count - suite->failed,
		suite->failed);
}

static int add_failure(json_t *failures, const struct check_row *row,
		       const struct check_target *target, const struct check_result *result)
{
	return json_array_append_new(
		failures, json_pack("{s:s, s:s, s:s, s:s, s:s}", "row", row->name, "server",
				    target->name, "kind", result->ok ? "differs" : "failed",
				    "expected", result->expected ? result->expected : "", "came",
				    result->came ? result->came : ""));
}

json_t *check_suite_json(const struct check_suite *suite)
{
	json_t *servers = json_array(), *rows = json_array(), *failures = json_array();
	size_t cells = suite->row_count * suite->target_count;
	int status = 0;

	for (size_t j = 0; j < suite->target_count; j++)
		status |= json_array_append_new(servers, json_string(suite->targets[j].name));
	for (size_t i = 0; i < suite->row_count; i++) {
		const struct check_row *row = suite->rows[i];

		status |= json_array_append_new(
			rows, json_pack("{s:s, s:s, s:s, s:s}", "name", row->name, "group",
					row->group, "section", row->section, "what", row->what));
		for (size_t j = 0; j < suite->target_count; j++) {
			const struct check_result *result = result_at(suite, i, j);

			if (!result->ok || result->differs)
				status |= add_failure(failures, row, &suite->targets[j], result);
		}
	}
	if (status != 0) {
		json_decref(servers);
		json_decref(rows);
		json_decref(failures);
		return NULL;
	}
	return json_pack("{s:i, s:o, s:o, s:I, s:I, s:o}", "schema", 1, "servers", servers, "rows",
			 rows, "passed", (json_int_t)(cells - suite->failed), "failed",
			 (json_int_t)suite->failed, "failures", failures);
}
