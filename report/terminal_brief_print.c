/* The table of a screen as lines, and the notes under it. */
#include "report/terminal_brief.h"

#include "lib/text_buffer.h"
#include "report/lines.h"
#include "report/plain.h"
#include "stored/metric.h"

#include <string.h>

/* Spaces, and the bytes of notes that two lines hold. */
enum { INDENT = 2, GAP = 2, NOTES_MOST = 140 };

/* How wide a column is for so many servers, its gap with it. */
static int column_width(const struct brief *brief, const struct brief_column *column, size_t rows,
			bool utf8)
{
	int widest = plain_print(column->title, utf8, NULL);
	char cell[BRIEF_CELL];

	for (size_t i = 0; i < rows; i++) {
		int width;

		brief_fill(column, brief->servers[i], cell);
		width = plain_print(cell, utf8, NULL);
		widest = width > widest ? width : widest;
	}
	return widest + GAP;
}

static void print_right(const char *text, int width, bool utf8, FILE *out)
{
	fprintf(out, "%*s", width - plain_print(text, utf8, NULL), "");
	plain_print(text, utf8, out);
}

void brief_print(const struct brief *brief, size_t lines, bool utf8, FILE *out)
{
	size_t rows = brief->server_count, columns = 0;
	int widths[BRIEF_COLUMNS], name = 0, used;
	char cell[BRIEF_CELL];

	if (brief->column_count == 0 || lines < 2)
		return;
	if (rows + 1 > lines)
		rows = lines - 2;
	for (size_t i = 0; i < rows; i++) {
		int width = plain_print(brief->servers[i], utf8, NULL);

		name = width > name ? width : name;
	}
	used = INDENT + name;
	for (; columns < brief->column_count; columns++) {
		widths[columns] = column_width(brief, &brief->columns[columns], rows, utf8);
		if (used + widths[columns] > PLAIN_COLUMNS)
			break;
		used += widths[columns];
	}
	fprintf(out, "%*s", INDENT + name, "");
	for (size_t i = 0; i < columns; i++)
		print_right(brief->columns[i].title, widths[i], utf8, out);
	fputc('\n', out);
	for (size_t i = 0; i < rows; i++) {
		fprintf(out, "%*s", INDENT, "");
		fprintf(out, "%-*s", name, brief->servers[i]);
		for (size_t j = 0; j < columns; j++) {
			brief_fill(&brief->columns[j], brief->servers[i], cell);
			print_right(cell, widths[j], utf8, out);
		}
		fputc('\n', out);
	}
	if (rows < brief->server_count)
		fprintf(out, "%*sand %zu more: --full\n", INDENT, "", brief->server_count - rows);
}

/* --- notes -------------------------------------------------------------------------------------- */

/* Whether the part has tried that server at all. */
static bool has_server(const struct part *part, const char *server)
{
	for (size_t i = 0; i < part->server_count; i++)
		if (strcmp(part->servers[i], server) == 0)
			return true;
	return false;
}

static const char *why_empty(const struct brief_column *column, const char *server)
{
	const struct finding *finding = column->finding;
	const struct part *part = finding->part;
	struct part_outcomes outcomes = part_count(part, server, finding->point);

	if (!has_server(part, server))
		return "not measured there";
	if (column->ratio)
		return part_shown_summary(part, finding->over, finding->point, finding->metric)
					       .count == 0
			       ? "nothing to divide by"
			       : "no block has both";
	if (part_is_beyond_model(part, server, finding->point))
		return "more than its model holds";
	if (outcomes.all > 0 && outcomes.failed == outcomes.all)
		return "failed";
	if (outcomes.all > 0 && outcomes.invalid == outcomes.all)
		return "invalid";
	if (metric_slope_of(results_metric(part->results, finding->metric)))
		return lines_is_none(part, server, finding->metric) ? "not on a line"
								    : "too few counts held";
	switch (part_tail(part, server, finding->point, finding->metric)) {
	case RESULTS_TAIL_THIN:
		return "too few answers";
	case RESULTS_TAIL_WITHHELD:
		return "mostly late by others";
	case RESULTS_TAIL_TELLS:
		break;
	}
	return "no figure";
}

/* Whether a column before has said of the same part that the server has no figure there. */
static bool is_said(const struct brief *brief, size_t index, const char *server)
{
	char cell[BRIEF_CELL];

	for (size_t i = 0; i < index; i++)
		if (brief->columns[i].finding->part == brief->columns[index].finding->part &&
		    brief_fill(&brief->columns[i], server, cell) == BRIEF_EMPTY)
			return true;
	return false;
}

/* "more than its model holds: select all memory", joined by "; ", those of one reason together. */
static void append_reasons(struct text_buffer *out, const struct brief *brief)
{
	const char *reason = "";
	char cell[BRIEF_CELL];

	for (size_t i = 0; i < brief->column_count; i++)
		for (size_t j = 0; j < brief->server_count; j++) {
			const struct brief_column *column = &brief->columns[i];
			const char *why;

			if (brief_fill(column, brief->servers[j], cell) != BRIEF_EMPTY ||
			    is_said(brief, i, brief->servers[j]))
				continue;
			why = why_empty(column, brief->servers[j]);
			if (strcmp(why, reason) == 0)
				text_append(out, ", ");
			else
				text_append_format(out, "%s%s: ", *reason ? "; " : "- ", why);
			text_append_format(out, "%s %s", brief->servers[j], column->name);
			reason = why;
		}
}

static bool has_bound(const struct brief *brief)
{
	char cell[BRIEF_CELL];

	for (size_t i = 0; i < brief->column_count; i++)
		for (size_t j = 0; j < brief->server_count; j++)
			if (brief_fill(&brief->columns[i], brief->servers[j], cell) == BRIEF_BOUND)
				return true;
	return false;
}

void brief_print_notes(const struct brief *brief, bool utf8, FILE *out)
{
	struct text_buffer text = {0};

	append_reasons(&text, brief);
	if (text.length > NOTES_MOST) {
		text_destroy(&text);
		text_append(&text, "- has its reasons in the report and with --full");
	}
	if (has_bound(brief))
		text_append_format(&text, "%s\xe2\x89\xa5 not driven to its limit",
				   text.length ? "; " : "");
	if (text.length > 0) {
		text_append(&text, ".");
		plain_print_wrapped(text_string(&text), INDENT, PLAIN_COLUMNS, utf8, out);
	}
	text_destroy(&text);
}
