/* Runs side by side on the terminal. */
#include "report/against.h"

#include "lib/units.h"
#include "report/format.h"
#include "stored/metric.h"

#include <math.h>
#include <string.h>

enum { LINE_WIDTH = 80, FIGURE_WIDTH = 17, RATIO_WIDTH = 22, NAME_LEAST = 24 };

/* A paragraph of a terminal's width, a word never cut. */
static void print_wrapped(const char *text, FILE *out)
{
	int column = 0;

	while (*text) {
		int length = (int)strcspn(text, " ");

		if (column && column + 1 + length > LINE_WIDTH) {
			fputc('\n', out);
			column = 0;
		}
		column += fprintf(out, "%s%.*s", column ? " " : "", length, text);
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void print_runs(const struct against *against, FILE *out)
{
	char list[400];

	for (size_t i = 0; i < against->run_count; i++) {
		const json_t *run = against->runs[i]->run;

		fprintf(out, "%c  %s, begun %s, %zu trials\n", against_letter(i),
			json_string_of(run, "id"), json_string_of(run, "started_at"),
			against->runs[i]->trial_count);
		against_differences(against, i, list, sizeof list);
		if (i > 0)
			fprintf(out, "   not as in A: %s\n",
				*list ? list : "nothing that is known, but the hour");
	}
}

/* ">=172k/s ±6.7%": half of the interval, in per cent of the median. */
static void print_figure(const struct against_table *table, const struct against_value *value,
			 FILE *out)
{
	const struct summary *summary = &value->summary;
	double spread = 50 * (summary->high - summary->low) / fabs(summary->median);
	char number[32], text[64] = "-", around[24] = "";
	int width = FIGURE_WIDTH;

	if (summary->count > 0 && !table->metric) {
		snprintf(text, sizeof text, "%.0f", summary->median);
	} else if (summary->count > 0) {
		if (summary->count > 1 && isfinite(spread)) {
			snprintf(around, sizeof around, " ±%.*f%%", spread < 9.95 ? 1 : 0, spread);
			width++; /* "±" is two bytes and one column */
		}
		units_format(units_kind_named(table->unit), summary->median, number, sizeof number);
		snprintf(text, sizeof text, "%s%s%s", value->bound ? ">=" : "", number, around);
	}
	fprintf(out, "%*s", width, text);
}

/* "1.51 [1.40, 1.60]"; the other server is one. */
static void print_ratio(const struct against_table *table, const struct against_row *row,
			size_t run, FILE *out)
{
	const struct against_value *value = &row->values[run];
	const struct summary *summary = &value->ratio.summary;
	char median[FORMAT_SIZE], low[FORMAT_SIZE], high[FORMAT_SIZE], text[3 * FORMAT_SIZE] = "-";

	if (strcmp(row->server, table->part->against) == 0 && value->summary.count > 0)
		snprintf(text, sizeof text, "1");
	else if (summary->count > 0)
		snprintf(text, sizeof text, "%s%s [%s, %s]",
			 value->ratio.at_least	? ">="
			 : value->ratio.at_most ? "<="
						: "",
			 format_ratio_number(summary->median, median),
			 isnan(summary->low) ? "?" : format_ratio_number(summary->low, low),
			 isnan(summary->high) ? "?" : format_ratio_number(summary->high, high));
	fprintf(out, "%*s", RATIO_WIDTH, text);
}

/* "epoll, 64 connections". */
static void row_name(struct text_buffer *out, const struct against_row *row)
{
	text_append(out, row->server);
	if (json_object_size(row->point) == 0)
		return;
	text_append(out, ", ");
	format_point(out, row->point, NULL);
}

/* How wide it stands: a character of UTF-8 has one byte that does not go on with another. */
static int columns_of(const char *text)
{
	int columns = 0;

	for (; *text; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

static int name_width(const struct against_table *table)
{
	int width = NAME_LEAST;

	for (size_t i = 0; i < table->count; i++) {
		struct text_buffer name = {0};

		row_name(&name, &table->rows[i]);
		if (columns_of(text_string(&name)) > width)
			width = columns_of(text_string(&name));
		text_destroy(&name);
	}
	return width;
}

static void print_table(const struct against_table *table, size_t runs, FILE *out)
{
	const char *over = table->metric ? table->part->against : NULL;
	int width = name_width(table);
	char title[RATIO_WIDTH + 1];

	fprintf(out, "\n  %s (%s)\n  %-*s", table->title, part_text(table->part, "name"), width,
		"");
	for (size_t i = 0; i < runs; i++)
		fprintf(out, "%*c", FIGURE_WIDTH, against_letter(i));
	for (size_t i = 0; over && i < runs; i++) {
		snprintf(title, sizeof title, "%c: x %s", against_letter(i), over);
		fprintf(out, "%*s", RATIO_WIDTH, title);
	}
	fputc('\n', out);
	for (size_t i = 0; i < table->count; i++) {
		const struct against_row *row = &table->rows[i];
		struct text_buffer name = {0};

		row_name(&name, row);
		fprintf(out, "  %s%*s", text_string(&name), width - columns_of(text_string(&name)),
			"");
		text_destroy(&name);
		for (size_t j = 0; j < runs; j++)
			print_figure(table, &row->values[j], out);
		for (size_t j = 0; over && j < runs; j++)
			print_ratio(table, row, j, out);
		fputc('\n', out);
	}
}

void against_print(const struct against *against, FILE *out)
{
	struct text_buffer answer = {0};

	print_runs(against, out);
	fputc('\n', out);
	against_append_answer(&answer, against);
	print_wrapped(text_string(&answer), out);
	print_wrapped(against_caution, out);
	text_destroy(&answer);
	for (size_t i = 0; i < against->count; i++)
		print_table(&against->tables[i], against->run_count, out);
}
