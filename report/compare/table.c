/* The terminal's: a sentence, a row a metric under each cell, and what is to be known beside them. */
#include "report/compare/drawing.h"
#include "report/compare/format.h"
#include "report/compare/words.h"

#include "lib/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TITLE_LEAST = 32,
	REASONS_MOST = 4,
	GAP = 2,
	WIDTH_BY_DEFAULT = 80,
	WIDTH_LEAST = 40,
	WIDTH_MOST = 200
};

struct table {
	int title, value, change, verdict; /* columns */
	struct drawing drawing;
	bool below; /* the drawing has a line of its own */
	bool colour;
};

/* Columns of text that words_append has made: a character each. */
static int columns(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += (*text & 0xc0) != 0x80;
	return count;
}

/* Cut with an ellipsis where it is too long. */
static void append_column(struct text_buffer *out, const char *text, int width, bool right)
{
	int wide = columns(text);

	if (right && wide < width)
		text_append_format(out, "%*s", width - wide, "");
	if (wide > width) {
		int kept = 0;
		const char *at = text;

		while (*at && kept < width - 2) {
			do
				at++;
			while ((*at & 0xc0) == 0x80);
			kept++;
		}
		text_append_bytes(out, text, (size_t)(at - text));
		text_append(out, "..");
	} else {
		text_append(out, text);
	}
	if (!right && wide < width)
		text_append_format(out, "%*s", width - wide, "");
}

static void append_gap(struct text_buffer *out)
{
	text_append_format(out, "%*s", GAP, "");
}

static int most(int a, int b)
{
	return a > b ? a : b;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* What only advises stands in brackets. */
static void format_verdict(const struct comparison *comparison, char out[WORDS_SIZE])
{
	snprintf(out, WORDS_SIZE, comparison->gating ? "%s" : "(%s)", words_verdict(comparison));
}

/* Of what only advises a terminal has room for what has changed. */
static bool is_shown(const struct comparisons *comparisons, const struct comparison *one)
{
	return one->outcome == COMPARISON_REGRESSION || one->outcome == COMPARISON_IMPROVEMENT ||
	       words_decides(comparisons, one);
}

static struct table measure(const struct comparisons *comparisons, FILE *out)
{
	struct table table = {.title = 6, .value = 1, .change = 6, .verdict = 7};
	int width = terminal_width(out, WIDTH_BY_DEFAULT), left;
	char text[WORDS_SIZE];

	width = most(WIDTH_LEAST, least(width, WIDTH_MOST));
	for (size_t i = 0; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];

		if (!is_shown(comparisons, one))
			continue;
		table.title = most(table.title, columns(words_metric(one)));
		table.value = most(table.value, columns(words_value(one, one->a, text)));
		table.value = most(table.value, columns(words_value(one, one->b, text)));
		table.change = most(table.change, columns(words_change(one, text)));
		format_verdict(one, text);
		table.verdict = most(table.verdict, columns(text));
	}
	table.title = least(table.title, most(TITLE_LEAST, width / 3));
	left = width -
	       (GAP + table.title + 2 * table.value + table.change + table.verdict + 5 * GAP);
	table.below = left < DRAWING_LEAST;
	table.drawing = drawing_scale(comparisons, table.below ? width - 3 * GAP : left,
				      terminal_has_utf8());
	table.colour = terminal_has_colour(out);
	return table;
}

static void append_head(struct text_buffer *out, const struct table *table)
{
	append_gap(out);
	append_column(out, "metric", table->title, false);
	append_gap(out);
	append_column(out, "A", table->value, true);
	append_gap(out);
	append_column(out, "B", table->value, true);
	append_gap(out);
	append_column(out, "change", table->change, false);
	append_gap(out);
	if (table->below) {
		text_append(out, "verdict\n");
		append_gap(out);
	} else {
		append_column(out, "verdict", table->verdict, false);
	}
	append_gap(out);
	drawing_append_head(out, &table->drawing);
	text_append(out, "\n");
}

/* Red, green, yellow: by the outcome. */
static void append_verdict(struct text_buffer *out, const struct table *table,
			   const struct comparison *one)
{
	static const char *const colours[] = {
		[COMPARISON_OK] = "32",		  [COMPARISON_IMPROVEMENT] = "32;1",
		[COMPARISON_INCONCLUSIVE] = "33", [COMPARISON_REGRESSION] = "31;1",
		[COMPARISON_INVALID] = "35",
	};
	char text[WORDS_SIZE];

	format_verdict(one, text);
	if (table->colour)
		text_append_format(out, "\033[%sm", one->accepted ? "33" : colours[one->outcome]);
	text_append(out, text);
	if (table->colour)
		text_append(out, "\033[0m");
	if (!table->below)
		append_column(out, "", table->verdict - columns(text), false);
}

static void append_row(struct text_buffer *out, const struct table *table,
		       const struct comparison *one)
{
	struct text_buffer title = {0};
	char text[WORDS_SIZE];

	words_append(&title, words_metric(one));
	append_gap(out);
	append_column(out, text_string(&title), table->title, false);
	append_gap(out);
	append_column(out, words_value(one, one->a, text), table->value, true);
	append_gap(out);
	append_column(out, words_value(one, one->b, text), table->value, true);
	append_gap(out);
	append_column(out, words_change(one, text), table->change, false);
	append_gap(out);
	append_verdict(out, table, one);
	if (table->below)
		text_append_format(out, "\n%*s", GAP, "");
	append_gap(out);
	drawing_append(out, &table->drawing, one);
	text_append(out, "\n");
	text_destroy(&title);
}

/* The rows of a cell, unless they stood before. */
static void append_cell(struct text_buffer *out, const struct table *table,
			const struct comparisons *comparisons, size_t first)
{
	const char *cell = comparisons->items[first].cell;
	bool begun = false;

	for (size_t i = 0; i < first; i++)
		if (strcmp(comparisons->items[i].cell, cell) == 0)
			return;
	for (size_t i = first; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];

		if (strcmp(one->cell, cell) != 0 || !is_shown(comparisons, one))
			continue;
		if (!begun) {
			words_append(out, cell);
			text_append(out, "\n");
		}
		begun = true;
		append_row(out, table, one);
	}
}

static void append_rows(struct text_buffer *out, const struct table *table,
			const struct comparisons *comparisons)
{
	size_t hidden = 0;

	for (size_t i = 0; i < comparisons->count; i++) {
		append_cell(out, table, comparisons, i);
		hidden += !is_shown(comparisons, &comparisons->items[i]);
	}
	if (hidden > 0)
		text_append_format(
			out,
			"  %zu more that only advise have not changed, or cannot tell (--json has all)\n",
			hidden);
}

/* Why things are as they are; where there is much to say, the rest is for a file. */
static void append_reasons(struct text_buffer *out, const struct comparisons *comparisons)
{
	size_t said = 0;

	for (size_t i = 0; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];

		if (!*one->why || !is_shown(comparisons, one) || ++said > REASONS_MOST)
			continue;
		text_append_format(out, "  %s: ", words_verdict(one));
		words_subject(out, one);
		text_append(out, ": ");
		words_append(out, one->why);
		text_append(out, "\n");
	}
	if (said > REASONS_MOST)
		text_append_format(out, "  and so on, for %zu more (--json has all)\n",
				   said - REASONS_MOST);
}

static void append_notes(struct text_buffer *out, const struct comparisons *comparisons)
{
	struct text_buffer advice = {0};

	append_reasons(out, comparisons);
	for (size_t i = 0; i < comparisons->warning_count; i++) {
		text_append(out, "warning: ");
		words_append(out, comparisons->warnings[i]);
		text_append(out, "\n");
	}
	words_advice(&advice, comparisons);
	if (advice.length > 0)
		text_append_format(out, "%s\n", text_string(&advice));
	text_destroy(&advice);
}

static void append_sides(struct text_buffer *out, const struct comparisons *comparisons)
{
	text_append(out, "\n\n  A  ");
	words_append(out, comparisons->a_label);
	text_append(out, "\n  B  ");
	words_append(out, comparisons->b_label);
	text_append(out, "\n\n");
}

static bool any_advises(const struct comparisons *comparisons)
{
	for (size_t i = 0; i < comparisons->count; i++)
		if (!comparisons->items[i].gating && is_shown(comparisons, &comparisons->items[i]))
			return true;
	return false;
}

int compare_write_table(FILE *out, const struct comparisons *comparisons)
{
	struct table table = measure(comparisons, out);
	struct text_buffer text = {0};

	words_sentence(&text, comparisons);
	append_sides(&text, comparisons);
	if (comparisons->count > 0) {
		append_head(&text, &table);
		append_rows(&text, &table, comparisons);
		text_append(&text, "  ");
		drawing_append_legend(&text, &table.drawing);
		text_append(&text, any_advises(comparisons) ? "   ( ) advises\n" : "\n");
	}
	append_notes(&text, comparisons);
	return compare_finish(&text, out);
}
