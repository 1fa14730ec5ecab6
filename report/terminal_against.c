/* Runs side by side on the terminal. */
#include "report/against.h"

#include "lib/terminal.h"
#include "report/format.h"
#include "report/plain.h"

#include <string.h>

enum { NAME_LEAST = 22, POINT_WIDTH = 14, FIGURE_WIDTH = 24, RATIO_WIDTH = 23 };

static void print_runs(const struct against *against, bool utf8, FILE *out)
{
	char list[400];

	for (size_t i = 0; i < against->run_count; i++) {
		const json_t *run = against->runs[i]->run;

		fprintf(out, "%c  %s, begun %s, %zu trials\n", against_letter(i),
			json_string_of(run, "id"), json_string_of(run, "started_at"),
			against->runs[i]->trial_count);
		against_differences(against, i, list, sizeof list);
		if (i > 0) {
			struct text_buffer text = {0};

			text_append_format(&text, "not as in A: %s",
					   *list ? list : "nothing that is known, but the hour");
			plain_print_wrapped(text_string(&text), 3, PLAIN_COLUMNS, utf8, out);
			text_destroy(&text);
		}
	}
}

/* To the right of a column, and destroyed. */
static void print_right(struct text_buffer *text, int width, bool utf8, FILE *out)
{
	fprintf(out, "%*s", width - plain_print(text_string(text), utf8, NULL), "");
	plain_print(text_string(text), utf8, out);
	text_destroy(text);
}

static void print_point(const struct against_table *table, const json_t *point, bool utf8,
			FILE *out)
{
	const char *axis = part_main_axis(table->part);
	struct text_buffer text = {0};
	char value[FORMAT_SIZE];

	if (json_object_size(point) == 1)
		text_append(&text, format_axis_value(axis, json_number_of(point, axis), value));
	else
		format_point(&text, point, NULL);
	print_right(&text, POINT_WIDTH, utf8, out);
}

static void print_figure(const struct against_table *table, const struct against_value *value,
			 bool utf8, FILE *out)
{
	struct text_buffer text = {0};
	char held[FORMAT_SIZE];

	if (!table->metric && value->summary.count > 0)
		text_append(&text, format_integer(value->summary.median, held));
	else
		format_summary(&text, table->unit, &value->summary, value->bound);
	print_right(&text, FIGURE_WIDTH, utf8, out);
}

/* The server that the others are set against is one. */
static void print_ratio(const struct against_table *table, const struct against_row *row,
			size_t run, bool utf8, FILE *out)
{
	const struct against_value *value = &row->values[run];
	struct text_buffer text = {0};
	char ratio[FORMAT_SIZE], interval[FORMAT_SIZE];

	if (strcmp(row->server, table->part->against) == 0 && value->summary.count > 0)
		text_append(&text, "1");
	else if (value->ratio.summary.count > 0)
		text_append_format(&text, "%s %s", format_ratio_value(&value->ratio, ratio),
				   format_ratio_interval(&value->ratio, interval));
	else
		text_append(&text, FORMAT_NONE);
	print_right(&text, RATIO_WIDTH, utf8, out);
}

static int name_width(const struct against_table *table)
{
	int width = NAME_LEAST;

	for (size_t i = 0; i < table->count; i++)
		if ((int)strlen(table->rows[i].server) > width)
			width = (int)strlen(table->rows[i].server);
	return width;
}

/* "A", or "A: x epoll", of each run. */
static void print_heads(size_t runs, const char *over, int width, bool utf8, FILE *out)
{
	for (size_t i = 0; i < runs; i++) {
		struct text_buffer text = {0};

		text_append_format(&text, "%c%s%s", against_letter(i), over ? ": \xc3\x97 " : "",
				   over ? over : "");
		print_right(&text, width, utf8, out);
	}
}

static void print_table(const struct against_table *table, size_t runs, bool utf8, FILE *out)
{
	const char *over = table->metric ? table->part->against : NULL;
	bool points = json_object_size(table->rows[0].point) > 0;
	int width = name_width(table);

	fprintf(out, "\n  %s (%s)\n  %-*s%*s", table->title, part_text(table->part, "name"), width,
		"", points ? POINT_WIDTH : 0,
		points && json_object_size(table->rows[0].point) == 1
			? format_axis_title(part_main_axis(table->part))
			: "");
	print_heads(runs, NULL, FIGURE_WIDTH, utf8, out);
	if (over)
		print_heads(runs, over, RATIO_WIDTH, utf8, out);
	fputc('\n', out);
	for (size_t i = 0; i < table->count; i++) {
		const struct against_row *row = &table->rows[i];

		fprintf(out, "  %-*s", width, row->server);
		if (points)
			print_point(table, row->point, utf8, out);
		for (size_t j = 0; j < runs; j++)
			print_figure(table, &row->values[j], utf8, out);
		for (size_t j = 0; over && j < runs; j++)
			print_ratio(table, row, j, utf8, out);
		fputc('\n', out);
	}
}

void against_print(const struct against *against, FILE *out)
{
	struct text_buffer answer = {0};
	bool utf8 = terminal_has_utf8();

	print_runs(against, utf8, out);
	fputc('\n', out);
	against_append_answer(&answer, against);
	text_append_format(&answer, " %s %s", against_caution, against_brackets);
	plain_print_wrapped(text_string(&answer), 0, PLAIN_COLUMNS, utf8, out);
	text_destroy(&answer);
	for (size_t i = 0; i < against->count; i++)
		print_table(&against->tables[i], against->run_count, utf8, out);
}
