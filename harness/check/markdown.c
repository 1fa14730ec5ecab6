/* What the suite found as a page for docs/. The same servers make the same page, chance aside. */
#include "harness/check/report.h"
#include "harness/check/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum mark { MARK_OK, MARK_KNOWN, MARK_FAILED, MARK_NOT_ASKED, MARKS };

static const char *const words[MARKS] = {[MARK_OK] = "ok",
					 [MARK_KNOWN] = "known",
					 [MARK_FAILED] = "**fails**",
					 [MARK_NOT_ASKED] = "-"};

/* What is known to fail sometimes is known, whatever came this time. */
static enum mark mark_of(const struct check_suite *suite, size_t row, size_t target)
{
	const struct check_result *result = &suite->results[row * suite->target_count + target];

	if (check_is_failure(result))
		return MARK_FAILED;
	if (result->outcome == CHECK_NOT_ASKED)
		return MARK_NOT_ASKED;
	return check_known_reason(&suite->targets[target], suite->rows[row]) ? MARK_KNOWN : MARK_OK;
}

static bool columns_are_alike(const struct check_suite *suite, size_t one, size_t other)
{
	if (suite->targets[one].foreign != suite->targets[other].foreign)
		return false;
	for (size_t i = 0; i < suite->row_count; i++)
		if (mark_of(suite, i, one) != mark_of(suite, i, other))
			return false;
	return true;
}

/* Servers whose columns are alike share that of the first of them. */
static size_t column_of(const struct check_suite *suite, size_t target)
{
	for (size_t i = 0; i < target; i++)
		if (columns_are_alike(suite, i, target))
			return i;
	return target;
}

static void print_members(const struct check_suite *suite, const size_t *columns, size_t column,
			  FILE *out)
{
	for (size_t i = column; i < suite->target_count; i++)
		if (columns[i] == column) {
			const struct check_target *target = &suite->targets[i];

			fprintf(out, "%s%s", i > column ? ", " : "", target->name);
			if (target->version)
				fprintf(out, " (%s)", target->version);
		}
}

static void print_totals(const struct check_suite *suite, const size_t *columns, FILE *out)
{
	unsigned letter = 'A';

	fputs("| column | servers | passed | known to differ | failed | not applicable |\n"
	      "|---|---|--:|--:|--:|--:|\n",
	      out);
	for (size_t i = 0; i < suite->target_count; i++) {
		size_t counts[MARKS] = {0};

		if (columns[i] != i)
			continue;
		for (size_t j = 0; j < suite->row_count; j++)
			counts[mark_of(suite, j, i)]++;
		fprintf(out, "| %c | ", letter++);
		print_members(suite, columns, i, out);
		fprintf(out, " | %zu | %zu | %zu | %zu |\n", counts[MARK_OK], counts[MARK_KNOWN],
			counts[MARK_FAILED], counts[MARK_NOT_ASKED]);
	}
}

static void print_text(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (strchr("|*_<>[]`", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void print_heading(const struct check_suite *suite, const size_t *columns, FILE *out)
{
	unsigned letter = 'A';

	fputs("| row | what must happen | source |", out);
	for (size_t i = 0; i < suite->target_count; i++)
		if (columns[i] == i)
			fprintf(out, " %c |", letter++);
	fputs("\n|---|---|---|", out);
	for (size_t i = 0; i < suite->target_count; i++)
		if (columns[i] == i)
			fputs("---|", out);
	fputc('\n', out);
}

static void print_grid(const struct check_suite *suite, const size_t *columns, FILE *out)
{
	const char *group = "";

	print_heading(suite, columns, out);
	for (size_t i = 0; i < suite->row_count; i++) {
		const struct check_row *row = suite->rows[i];

		if (strcmp(row->group, group) != 0)
			fprintf(out, "| **%s** |\n", row->group);
		group = row->group;
		fprintf(out, "| %s | ", row->name);
		print_text(row->what, out);
		fprintf(out, " | %s |", row->section);
		for (size_t j = 0; j < suite->target_count; j++)
			if (columns[j] == j)
				fprintf(out, " %s |", words[mark_of(suite, i, j)]);
		fputc('\n', out);
	}
}

/* Each reason of a column once, with all its rows. */
static void print_reasons(const struct check_suite *suite, size_t column, FILE *out)
{
	const struct check_target *target = &suite->targets[column];

	for (size_t i = 0; i < suite->row_count; i++) {
		const char *reason = check_known_reason(target, suite->rows[i]);
		bool told = false;

		for (size_t j = 0; reason && j < i && !told; j++) {
			const char *before = check_known_reason(target, suite->rows[j]);

			told = before && strcmp(before, reason) == 0;
		}
		if (!reason || told)
			continue;
		fputs("- ", out);
		print_text(reason, out);
		fprintf(out, ": %s", suite->rows[i]->name);
		for (size_t j = i + 1; j < suite->row_count; j++) {
			const char *behind = check_known_reason(target, suite->rows[j]);

			if (behind && strcmp(behind, reason) == 0)
				fprintf(out, ", %s", suite->rows[j]->name);
		}
		fputc('\n', out);
	}
}

int check_suite_print_markdown(const struct check_suite *suite, FILE *out)
{
	size_t *columns = calloc(suite->target_count + 1, sizeof *columns);

	if (!columns)
		return -1;
	for (size_t i = 0; i < suite->target_count; i++)
		columns[i] = column_of(suite, i);
	fputs("# Conformance\n\n"
	      "What `tenk check` found; `make conformance` writes this page. Our servers are held to "
	      "each row to the letter;\nservers of other people to what the standard asks for, on the "
	      "routes that they have.\n\n",
	      out);
	print_totals(suite, columns, out);
	fprintf(out,
		"\n%zu rows. *known*: it differs, for a reason that is listed below. *-*: it has not the "
		"route, or the\nstandard leaves the row open.\n\n## The rows\n\n",
		suite->row_count);
	print_grid(suite, columns, out);
	fputs("\n## Known differences\n", out);
	for (size_t i = 0; i < suite->target_count; i++)
		if (columns[i] == i && json_array_size(suite->targets[i].known) > 0) {
			fputs("\n### ", out);
			print_members(suite, columns, i, out);
			fputs("\n\n", out);
			print_reasons(suite, i, out);
		}
	free(columns);
	return 0;
}
