#include "harness/check/report.h"

#include "harness/check/rows.h"

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
	static const char *const words[] = {
		[CHECK_PASSED] = "ok",	 [CHECK_FAILED] = "FAIL", [CHECK_DIFFERS] = "differs",
		[CHECK_KNOWN] = "known", [CHECK_STALE] = "STALE", [CHECK_NOT_ASKED] = "-"};

	return words[result->outcome];
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

static const char *or_unknown(const char *text)
{
	return text ? text : "?";
}

static void print_failure(const struct check_row *row, const struct check_target *target,
			  const struct check_result *result, FILE *out)
{
	static const char *const what[] = {
		[CHECK_FAILED] = "failed",
		[CHECK_DIFFERS] = "differs from the other servers",
		[CHECK_STALE] = "is listed as known to differ, but passes",
	};

	fprintf(out, "\n%s: %s %s\n", target->name, row->name, what[result->outcome]);
	fprintf(out, "  rule      %s (%s)\n", row->what, row->section);
	if (result->outcome == CHECK_STALE) {
		fprintf(out, "  listed    %s\n", result->reason);
		return;
	}
	fprintf(out, "  expected  %s\n", or_unknown(result->expected));
	fprintf(out, "  came      %s\n", or_unknown(result->came));
}

/* Whether this result of a row is known to differ for that reason. */
static bool has_reason(const struct check_suite *suite, size_t row, size_t target,
		       const char *reason)
{
	const struct check_result *result = result_at(suite, row, target);

	return result->outcome == CHECK_KNOWN && strcmp(result->reason, reason) == 0;
}

/* Who has this reason, unless all have it that have a parser of their own. */
static void print_who(const struct check_suite *suite, size_t row, const char *reason, FILE *out)
{
	const char *separator = " (";
	bool all = true;

	for (size_t j = 0; j < suite->target_count; j++)
		if (suite->targets[j].own_parser && !has_reason(suite, row, j, reason))
			all = false;
	for (size_t j = 0; !all && j < suite->target_count; j++)
		if (has_reason(suite, row, j, reason)) {
			fprintf(out, "%s%s", separator, suite->targets[j].name);
			separator = ", ";
		}
	fputs(all ? "\n" : ")\n", out);
}

/* One reason of a row, told by the first server that has it for all that have. */
static void print_reason(const struct check_suite *suite, size_t row, size_t first, FILE *out,
			 bool verbose)
{
	const char *reason = result_at(suite, row, first)->reason;

	for (size_t j = 0; j < first; j++)
		if (has_reason(suite, row, j, reason))
			return;
	fprintf(out, "  %-*s%s", name_width(suite), suite->rows[row]->name, reason);
	print_who(suite, row, reason, out);
	for (size_t j = first; verbose && j < suite->target_count; j++)
		if (has_reason(suite, row, j, reason))
			fprintf(out, "    %s: expected %s; came %.100s\n", suite->targets[j].name,
				or_unknown(result_at(suite, row, j)->expected),
				or_unknown(result_at(suite, row, j)->came));
}

static void print_known(const struct check_suite *suite, FILE *out, bool verbose)
{
	if (suite->known)
		fputs("\nKnown to differ, by the servers' own lists:\n", out);
	for (size_t i = 0; i < suite->row_count; i++)
		for (size_t j = 0; j < suite->target_count; j++)
			if (result_at(suite, i, j)->outcome == CHECK_KNOWN)
				print_reason(suite, i, j, out, verbose);
}

static size_t count_passed(const struct check_suite *suite)
{
	return suite->row_count * suite->target_count - suite->failed - suite->known -
	       suite->not_asked;
}

/* What is not compared has to be said. */
static void print_own_parsers(const struct check_suite *suite, FILE *out)
{
	size_t count = 0;

	for (size_t i = 0; i < suite->target_count; i++)
		if (suite->targets[i].own_parser)
			fprintf(out, "%s%s", count++ ? ", " : "\nWith an HTTP parser of its own: ",
				suite->targets[i].name);
	if (count)
		fputs(".\nSuch answers are right field by field, but not compared byte for byte.\n",
		      out);
}

void check_suite_print(const struct check_suite *suite, FILE *out, bool verbose)
{
	print_grid(suite, out, verbose);
	for (size_t i = 0; i < suite->row_count; i++)
		for (size_t j = 0; j < suite->target_count; j++) {
			const struct check_result *result = result_at(suite, i, j);

			if (check_is_failure(result))
				print_failure(suite->rows[i], &suite->targets[j], result, out);
		}
	print_known(suite, out, verbose);
	print_own_parsers(suite, out);
	fprintf(out, "\n%zu rows x %zu servers: %zu passed, %zu failed", suite->row_count,
		suite->target_count, count_passed(suite), suite->failed);
	if (suite->known)
		fprintf(out, ", %zu known to differ", suite->known);
	if (suite->not_asked)
		fprintf(out, ", %zu not applicable", suite->not_asked);
	fputc('\n', out);
}

static int add_failure(json_t *failures, const struct check_row *row,
		       const struct check_target *target, const struct check_result *result)
{
	static const char *const kinds[] = {
		[CHECK_FAILED] = "failed", [CHECK_DIFFERS] = "differs", [CHECK_STALE] = "stale"};

	return json_array_append_new(failures, json_pack("{s:s, s:s, s:s, s:s, s:s}", "row",
							 row->name, "server", target->name, "kind",
							 kinds[result->outcome], "expected",
							 result->expected ? result->expected : "",
							 "came", result->came ? result->came : ""));
}

static int add_known(json_t *list, const struct check_row *row, const struct check_target *target,
		     const struct check_result *result)
{
	return json_array_append_new(list,
				     json_pack("{s:s, s:s, s:s, s:s, s:s}", "row", row->name,
					       "server", target->name, "reason", result->reason,
					       "expected", result->expected ? result->expected : "",
					       "came", result->came ? result->came : ""));
}

/* What a server is held to: in which rows it is known to differ, and which it was not asked. */
static json_t *describe_target(const struct check_suite *suite, size_t index)
{
	const struct check_target *target = &suite->targets[index];
	json_t *known = json_array(), *not_asked = json_array();

	for (size_t i = 0; i < suite->row_count; i++) {
		const struct check_row *row = suite->rows[i];
		const char *reason = check_known_reason(target, row);

		if (reason)
			json_array_append_new(
				known, json_pack("{s:s, s:s}", "row", row->name, "reason", reason));
		if (result_at(suite, i, index)->outcome == CHECK_NOT_ASKED)
			json_array_append_new(not_asked, json_string(row->name));
	}
	return json_pack("{s:s, s:b, s:s?, s:o, s:o}", "server", target->name, "own",
			 !target->foreign, "version", target->version, "known", known,
			 "not_applicable", not_asked);
}

json_t *check_suite_json(const struct check_suite *suite)
{
	json_t *servers = json_array(), *rows = json_array(), *failures = json_array();
	json_t *known = json_array(), *details = json_array(), *all;
	int status = 0;

	for (size_t j = 0; j < suite->target_count; j++) {
		status |= json_array_append_new(servers, json_string(suite->targets[j].name));
		status |= json_array_append_new(details, describe_target(suite, j));
	}
	for (size_t i = 0; i < suite->row_count; i++) {
		const struct check_row *row = suite->rows[i];

		status |= json_array_append_new(
			rows, json_pack("{s:s, s:s, s:s, s:s}", "name", row->name, "group",
					row->group, "section", row->section, "what", row->what));
		for (size_t j = 0; j < suite->target_count; j++) {
			const struct check_result *result = result_at(suite, i, j);

			if (check_is_failure(result))
				status |= add_failure(failures, row, &suite->targets[j], result);
			else if (result->outcome == CHECK_KNOWN)
				status |= add_known(known, row, &suite->targets[j], result);
		}
	}
	all = json_pack("{s:i, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "schema", 1,
			"servers", servers, "rows", rows, "passed", (json_int_t)count_passed(suite),
			"failed", (json_int_t)suite->failed, "known", (json_int_t)suite->known,
			"not_applicable", (json_int_t)suite->not_asked, "failures", failures,
			"known_differences", known, "details", details);
	if (status != 0) {
		json_decref(all);
		return NULL;
	}
	return all;
}
