/* A choice on a terminal. */
#include "report/choice/parts.h"

#include "report/format.h"
#include "report/plain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 2, GAP = 2, ROWS_MOST = 12, SOURCES_MOST = 26 };
enum { TABLE_COLUMNS = CHOICE_COLUMNS + 2 };

/* A table's row as texts: the server, its figures, and the letters of the runs that they are from. */
struct line {
	struct text_buffer cells[TABLE_COLUMNS];
};

/* The places that rows are from, each once; a letter stands for one. */
struct sources {
	const struct choice_place *items[SOURCES_MOST];
	bool of_memory[SOURCES_MOST];
	size_t blocks[SOURCES_MOST]; /* of the server with most */
	size_t count;
};

/* SOURCES_MOST: there are too many. */
static size_t source_of(struct sources *sources, const struct choice_row *row,
			enum choice_column column)
{
	const struct choice_place *place = &row->places[column];
	size_t i = 0;

	while (i < sources->count && sources->items[i]->point != place->point)
		i++;
	if (i == SOURCES_MOST)
		return i;
	if (i == sources->count)
		sources->items[sources->count++] = place;
	if (column == CHOICE_MEMORY)
		sources->of_memory[i] = true;
	if (row->figures[column].summary.count > sources->blocks[i])
		sources->blocks[i] = row->figures[column].summary.count;
	return i;
}

static char letter_of(size_t source)
{
	return (char)(source < SOURCES_MOST ? 'a' + source : '?');
}

/* To the best, as far as that is known; the best and what stands beside nobody by itself. */
static void append_figure(struct text_buffer *out, const struct choice *choice,
			  const struct choice_row *row, enum choice_column column)
{
	const struct choice_place *place = &row->places[column];
	const struct choice_figure *figure = &row->figures[column];
	double value = figure->summary.median;
	char text[FORMAT_SIZE];

	if (figure->summary.count == 0) {
		text_append(out, figure->why == choice_not_measured ? FORMAT_NONE : figure->why);
		return;
	}
	if (column == choice->decides && figure->ratio.summary.count > 0) {
		text_append(out, format_ratio_value(&figure->ratio, text));
		text_append_format(out, " %s", format_ratio_interval(&figure->ratio, text));
		return;
	}
	if (column == CHOICE_MEMORY && !isnan(row->needs_bytes))
		value = row->needs_bytes;
	text_append_format(
		out, "%s%s", figure->bound ? "\xe2\x89\xa5" TEXT_NBSP : "",
		format_value(format_metric_unit(place->run->results, place->metric), value, text));
	if (strcmp(place->metric, choice->places[column].metric) != 0)
		text_append_format(out, " %s", choice_metric_words(place->metric));
}

/* Once: two figures may be of the same cells. */
static void append_letter(struct text_buffer *out, char letter)
{
	if (!strchr(text_string(out), letter))
		text_append_format(out, "%s%c", out->length ? " " : "", letter);
}

static void fill_line(struct line *line, const struct choice *choice, const struct choice_row *row,
		      struct sources *sources)
{
	text_append(&line->cells[0], row->server);
	for (enum choice_column i = 0; i < CHOICE_COLUMNS; i++) {
		if (!choice->places[i].run)
			continue;
		append_figure(&line->cells[i + 1], choice, row, i);
		if (row->figures[i].summary.count > 0)
			append_letter(&line->cells[TABLE_COLUMNS - 1],
				      letter_of(source_of(sources, row, i)));
	}
}

static void fill_heading(struct line *line, const struct choice *choice)
{
	for (size_t i = 0; i < CHOICE_COLUMNS; i++)
		if (choice->places[i].run)
			text_append(&line->cells[i + 1],
				    choice_metric_words(choice->places[i].metric));
	text_append(&line->cells[TABLE_COLUMNS - 1], "from");
}

/* Those that fit, the first of each family among them however far behind it is. */
static size_t choose_rows(const struct choice *choice, bool full, bool *shown)
{
	size_t count = 0, left = 0;

	for (size_t i = 0; i < choice->count; i++) {
		bool first = choice->rows[i].fit != CHOICE_FAILS;

		for (size_t j = 0; first && j < i; j++)
			first = !shown[j] ||
				strcmp(choice->rows[j].family, choice->rows[i].family) != 0;
		shown[i] = first;
		count += first;
	}
	for (size_t i = 0; i < choice->count; i++) {
		if (shown[i] || choice->rows[i].fit == CHOICE_FAILS)
			continue;
		shown[i] = full || count < ROWS_MOST;
		count += shown[i];
		left += !shown[i];
	}
	return left;
}

static void print_cell(const char *text, size_t column, int width, bool utf8, FILE *out)
{
	int used = plain_print(text, utf8, NULL);

	if (column > 0)
		fprintf(out, "%*s", width - used, "");
	plain_print(text, utf8, out);
	if (column == 0)
		fprintf(out, "%*s", width - used, "");
}

static void print_lines(const struct line *lines, size_t count, bool utf8, FILE *out)
{
	int widths[TABLE_COLUMNS] = {0};

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < TABLE_COLUMNS; j++) {
			int width = plain_print(text_string(&lines[i].cells[j]), utf8, NULL);

			widths[j] = width > widths[j] ? width : widths[j];
		}
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%*s", INDENT, "");
		for (size_t j = 0; j < TABLE_COLUMNS; j++)
			if (widths[j] > 0)
				print_cell(text_string(&lines[i].cells[j]), j,
					   widths[j] + (j > 0 ? GAP : 0), utf8, out);
		fputc('\n', out);
	}
}

static void print_table(const struct choice *choice, bool full, bool utf8, struct sources *sources,
			FILE *out)
{
	struct line *lines = calloc(choice->count + 1, sizeof *lines);
	bool *shown = calloc(choice->count + 1, sizeof *shown);
	size_t left, count = 1;

	if (lines && shown) {
		left = choose_rows(choice, full, shown);
		fill_heading(&lines[0], choice);
		for (size_t i = 0; i < choice->count; i++)
			if (shown[i])
				fill_line(&lines[count++], choice, &choice->rows[i], sources);
		if (count > 1)
			print_lines(lines, count, utf8, out);
		if (left > 0)
			fprintf(out, "%*sand %zu more: --full\n", INDENT, "", left);
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; j < TABLE_COLUMNS; j++)
				text_destroy(&lines[i].cells[j]);
	}
	free(lines);
	free(shown);
}

static void print_wrapped(struct text_buffer *text, bool utf8, FILE *out)
{
	if (text->length > 0)
		plain_print_wrapped(text_string(text), INDENT, PLAIN_COLUMNS, utf8, out);
	text_destroy(text);
}

static bool is_alike(const struct choice_row *a, const struct choice_row *b)
{
	return a->fit == b->fit && strcmp(a->why, b->why) == 0;
}

/* What cannot be taken, or of which that is not known, and why; those of one reason together. */
static void print_unfit(const struct choice *choice, bool utf8, FILE *out)
{
	static const char *const leads[] = {
		[CHOICE_UNKNOWN] = "not known to fit", [CHOICE_FAILS] = "does not fit"};

	for (enum choice_fit fit = CHOICE_FAILS; fit > CHOICE_FITS; fit--)
		for (size_t i = 0; i < choice->count; i++) {
			const struct choice_row *row = &choice->rows[i];
			struct text_buffer text = {0};
			bool said = row->fit != fit;

			for (size_t j = 0; j < i; j++)
				said = said || is_alike(&choice->rows[j], row);
			if (said)
				continue;
			text_append_format(&text, "%s: %s", leads[fit], row->server);
			for (size_t j = i + 1; j < choice->count; j++)
				if (is_alike(&choice->rows[j], row))
					text_append_format(&text, ", %s", choice->rows[j].server);
			text_append_format(&text, ": %s", row->why);
			print_wrapped(&text, utf8, out);
		}
}

static void print_sources(const struct choice *choice, const struct sources *sources, bool utf8,
			  FILE *out)
{
	for (size_t i = 0; i < sources->count; i++) {
		const struct choice_place *place = sources->items[i];
		struct text_buffer text = {0};

		text_append_format(&text, "%c  %s/%s: ", letter_of(i),
				   json_string_of(place->part->scenario, "name"),
				   part_text(place->part, "name"));
		choice_append_place(&text, place);
		text_append(&text, "; ");
		format_count(&text, sources->blocks[i], "block");
		text_append_format(&text, "; run %s of %.10s (%s)",
				   json_string_of(place->run->results->run, "id"),
				   json_string_of(place->run->results->run, "started_at"),
				   place->run->results->directory);
		if (sources->of_memory[i] && place->connections != choice->needs.connections)
			text_append(&text, place->near ? "; memory in proportion to the connections"
						       : "; memory of so many connections");
		if (*place->run->changes)
			text_append_format(&text, "; there and here: %s", place->run->changes);
		print_wrapped(&text, utf8, out);
	}
}

static void print_missing(const struct choice *choice, const struct choice_run *scenarios,
			  size_t most, bool utf8, FILE *out)
{
	for (enum choice_column i = 0; i < CHOICE_COLUMNS; i++) {
		struct text_buffer text = {0}, missing = {0};

		choice_append_missing(&missing, choice, scenarios, i);
		if (missing.length == 0)
			choice_append_missing_servers(&missing, choice, scenarios, i, most);
		if (missing.length > 0)
			text_append_format(&text, "not measured: %s", text_string(&missing));
		print_wrapped(&text, utf8, out);
		text_destroy(&missing);
	}
}

static void print_needs(const struct choice_needs *needs, bool utf8, FILE *out)
{
	struct text_buffer text = {0};
	char number[FORMAT_SIZE];

	text_append_format(&text, "%s connection%s, requests for /%s",
			   format_integer(needs->connections, number),
			   needs->connections == 1 ? "" : "s", needs->work);
	if (needs->cores > 0)
		text_append_format(&text, ", %s core%s", format_integer(needs->cores, number),
				   needs->cores == 1 ? "" : "s");
	if (needs->memory_bytes > 0)
		text_append_format(&text, ", %s of memory",
				   format_value("bytes", needs->memory_bytes, number));
	plain_print(text_string(&text), utf8, out);
	fputs(":\n", out);
	text_destroy(&text);
}

void choice_print(const struct choice *choice, const struct choice_run *scenarios, bool full,
		  bool utf8, FILE *out)
{
	struct text_buffer answer = {0};
	struct sources sources = {0};

	print_needs(&choice->needs, utf8, out);
	choice_append_answer(&answer, choice);
	print_wrapped(&answer, utf8, out);
	if (choice->count > 0) {
		fputc('\n', out);
		print_table(choice, full, utf8, &sources, out);
		print_unfit(choice, utf8, out);
		fputc('\n', out);
		print_sources(choice, &sources, utf8, out);
	}
	print_missing(choice, scenarios, full ? choice->count : ROWS_MOST, utf8, out);
}
