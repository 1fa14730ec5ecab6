#include "report/terminal_brief.h"

#include "lib/text_buffer.h"
#include "report/finding_kinds.h"
#include "report/format.h"
#include "report/lines.h"
#include "report/plain.h"
#include "stored/axis.h"
#include "stored/codes.h"
#include "stored/ladder_end.h"
#include "stored/metric.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of a cell, and of notes that two lines hold. */
enum { INDENT = 2, GAP = 2, CELL = 64, NOTES_MOST = 140 };

/* Signs of a cell, each with a note under the table. */
enum mark { MARK_NONE, MARK_BOUND, MARK_EMPTY };

/* What a column is made of. */
struct brief_rule {
	const char *kind;  /* of the finding that says where */
	const char *title; /* "" for the server that ratios are to */
	bool placed;	   /* the title says where */
	enum mark (*fill)(const struct brief_column *column, const char *server, char cell[CELL]);
};

static enum mark fill_value(const struct brief_column *column, const char *server, char cell[CELL])
{
	const struct finding *finding = column->finding;
	const struct part *part = finding->part;
	struct summary summary = part_shown_summary(part, server, finding->point, finding->metric);
	bool bound = part_value_is_bound(part, server, finding->point, finding->metric);
	char value[FORMAT_SIZE];

	if (summary.count == 0)
		return MARK_EMPTY;
	snprintf(cell, CELL, "%s%.48s", bound ? "\xe2\x89\xa5" : "",
		 format_value(format_metric_unit(part->results, finding->metric), summary.median,
			      value));
	return bound ? MARK_BOUND : MARK_NONE;
}

/* To the server that the finding compares with; that one itself is one. */
static enum mark fill_ratio(const struct brief_column *column, const char *server, char cell[CELL])
{
	const struct finding *finding = column->finding;
	const struct part *part = finding->part;
	const struct cell of = part_cell(part, server, finding->point),
			  over = part_cell(part, finding->over, finding->point);
	struct block_ratio ratio;
	char number[CELL];

	if (strcmp(server, finding->over) == 0) {
		snprintf(cell, CELL, "1");
		return isnan(finding->over_value) ? MARK_EMPTY : MARK_NONE;
	}
	ratio = block_ratio_find(part->results, &of, &over, finding->metric, 0.95);
	if (ratio.summary.count == 0)
		return MARK_EMPTY;
	snprintf(cell, CELL, "%s%.48s",
		 ratio.at_least	 ? "\xe2\x89\xa5"
		 : ratio.at_most ? "\xe2\x89\xa4"
				 : "",
		 finding_times(ratio.summary.median, number));
	return ratio.at_least || ratio.at_most ? MARK_BOUND : MARK_NONE;
}

static struct ladder_end end_of(const struct brief_column *column, const char *server)
{
	const struct part *part = column->finding->part;
	const struct cell cell = part_cell(part, server, NULL);

	return ladder_find_end(part->results, &cell);
}

static enum mark fill_held(const struct brief_column *column, const char *server, char cell[CELL])
{
	struct ladder_end end = end_of(column, server);

	if (!(end.held > 0))
		return MARK_EMPTY;
	format_integer(end.held, cell);
	return MARK_NONE;
}

static enum mark fill_limit(const struct brief_column *column, const char *server, char cell[CELL])
{
	struct ladder_end end = end_of(column, server);

	snprintf(cell, CELL, "%.24s",
		 isnan(end.next) ? "nothing"
		 : *end.limit	 ? end.limit
				 : "an error");
	return MARK_NONE;
}

/* In the order in which they stand. */
static const struct brief_rule rules[] = {
	{"wall", "held", false, fill_held},
	{"wall", "then", false, fill_limit},
	{"beside", "quick p99", false, fill_value},
	{"offloaded", "offloaded", false, fill_value},
	{"burst", "last answer", false, fill_value},
	{"rate", "rate", true, fill_value},
	{"behind", "rate", true, fill_value},
	{"cpu", "CPU", true, fill_value},
	{"cpu", "", false, fill_ratio},
	{"tail", "p99", true, fill_value},
	{"memory", "all memory", false, fill_value},
	{"kernel-share", "the kernel's", false, fill_value},
	{"reserved", "reserved", false, fill_value},
	{"held", "taken", true, fill_value},
};

static const struct finding *find_kind(const struct findings *findings, const char *kind)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->items[i].kind, kind) == 0)
			return &findings->items[i];
	return NULL;
}

/* "64", "5k/s", "50 %": where a finding is, in as little room; "" where nothing says it. */
static void name_place(const struct finding *finding, char place[FORMAT_SIZE])
{
	static const enum axis_kind axes[] = {AXIS_SHARE, AXIS_RATE, AXIS_CONNECTIONS};
	char text[FORMAT_SIZE];

	*place = '\0';
	for (size_t i = 0; i < sizeof axes / sizeof *axes && !*place; i++) {
		const char *axis = axis_at(axes[i])->key;
		double value = part_load(finding->part, finding->point, axis);

		if (isnan(value))
			continue;
		snprintf(place, FORMAT_SIZE, "%.48s%s", format_axis_value(axis, value, text),
			 axes[i] == AXIS_SHARE ? "%" : "");
	}
}

/* "rate at 64", "p99 at 5k/s", "x epoll". */
static void name_column(struct brief_column *column)
{
	char place[FORMAT_SIZE];

	name_place(column->finding, place);
	if (!*column->rule->title)
		snprintf(column->title, sizeof column->title, "\xc3\x97 %.40s",
			 column->finding->over);
	else if (column->rule->placed && *place)
		snprintf(column->title, sizeof column->title, "%s at %.40s", column->rule->title,
			 place);
	else
		snprintf(column->title, sizeof column->title, "%s", column->rule->title);
}

static bool has_title(const struct brief *brief, const char *title)
{
	for (size_t i = 0; i < brief->column_count; i++)
		if (strcmp(brief->columns[i].rule->title, title) == 0)
			return true;
	return false;
}

/* What is told of no figure at all has no column. */
static bool has_figure(const struct finding *finding)
{
	return isfinite(finding->of_value) || isfinite(finding->over_value);
}

static void add_columns(struct brief *brief, const struct findings *findings)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		struct brief_column *column = &brief->columns[brief->column_count];
		const struct finding *finding = find_kind(findings, rules[i].kind);

		if (!finding || brief->column_count == BRIEF_COLUMNS || !has_figure(finding) ||
		    (!*rules[i].title && !finding->over) || has_title(brief, rules[i].title))
			continue;
		*column = (struct brief_column){.rule = &rules[i], .finding = finding};
		name_column(column);
		brief->column_count++;
	}
}

static void add_server(struct brief *brief, const char *server)
{
	for (size_t i = 0; i < brief->server_count; i++)
		if (strcmp(brief->servers[i], server) == 0)
			return;
	brief->servers[brief->server_count++] = server;
}

/* Those that are compared, then all others in the scenario's order. */
static void add_servers(struct brief *brief)
{
	for (size_t i = 0; i < brief->column_count; i++) {
		const struct finding *finding = brief->columns[i].finding;

		if (!finding->over)
			continue;
		add_server(brief, finding->of);
		add_server(brief, finding->over);
	}
	for (size_t i = 0; i < brief->column_count; i++) {
		const struct part *part = brief->columns[i].finding->part;

		for (size_t j = 0; j < part->server_count; j++)
			add_server(brief, part->servers[j]);
	}
}

int brief_make(struct brief *brief, const struct findings *findings)
{
	size_t most = 0;

	*brief = (struct brief){0};
	add_columns(brief, findings);
	for (size_t i = 0; i < brief->column_count; i++)
		most += brief->columns[i].finding->part->server_count + 2;
	brief->servers = calloc(most + 1, sizeof *brief->servers);
	if (!brief->servers)
		return -ENOMEM;
	add_servers(brief);
	return 0;
}

void brief_destroy(struct brief *brief)
{
	free(brief->servers);
	*brief = (struct brief){0};
}

static enum mark fill(const struct brief_column *column, const char *server, char cell[CELL])
{
	enum mark mark = column->rule->fill(column, server, cell);

	if (mark == MARK_EMPTY)
		snprintf(cell, CELL, "-");
	return mark;
}

/* How wide a column is for so many servers, its gap with it. */
static int column_width(const struct brief *brief, const struct brief_column *column, size_t rows,
			bool utf8)
{
	int widest = plain_print(column->title, utf8, NULL);
	char cell[CELL];

	for (size_t i = 0; i < rows; i++) {
		int width;

		fill(column, brief->servers[i], cell);
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
	char cell[CELL];

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
			fill(&brief->columns[j], brief->servers[i], cell);
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

static bool is_beyond_model(const struct part *part, const char *server, const json_t *point)
{
	const json_t *trial;

	for (size_t i = 0; (trial = part_next_trial(part, server, point, &i));)
		if (trial_has_code(trial, TRIAL_CODE_MODEL))
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
	if (column->rule->fill == fill_ratio)
		return part_shown_summary(part, finding->over, finding->point, finding->metric)
					       .count == 0
			       ? "nothing to divide by"
			       : "no block has both";
	if (is_beyond_model(part, server, finding->point))
		return "over its model's limit";
	if (outcomes.all > 0 && outcomes.failed == outcomes.all)
		return "failed";
	if (outcomes.all > 0 && outcomes.invalid == outcomes.all)
		return "invalid";
	if (metric_slope_of(results_metric(part->results, finding->metric)))
		return lines_is_none(part, server, finding->metric) ? "not on a line"
								    : "too few counts held";
	if (!part_metric_shown(part, server, finding->point, finding->metric))
		return "too few answers";
	return "no figure";
}

/* Whether a column before has said of the same part that the server has no figure there. */
static bool is_said(const struct brief *brief, size_t index, const char *server)
{
	char cell[CELL];

	for (size_t i = 0; i < index; i++)
		if (brief->columns[i].finding->part == brief->columns[index].finding->part &&
		    fill(&brief->columns[i], server, cell) == MARK_EMPTY)
			return true;
	return false;
}

/* "over its model's limit: select all memory", joined by "; ", those of one reason together. */
static void append_reasons(struct text_buffer *out, const struct brief *brief)
{
	const char *reason = "";
	char cell[CELL];

	for (size_t i = 0; i < brief->column_count; i++)
		for (size_t j = 0; j < brief->server_count; j++) {
			const struct brief_column *column = &brief->columns[i];
			const char *why;

			if (fill(column, brief->servers[j], cell) != MARK_EMPTY ||
			    is_said(brief, i, brief->servers[j]))
				continue;
			why = why_empty(column, brief->servers[j]);
			if (strcmp(why, reason) == 0)
				text_append(out, ", ");
			else
				text_append_format(out, "%s%s: ", *reason ? "; " : "- ", why);
			text_append_format(out, "%s %s", brief->servers[j],
					   *column->rule->title ? column->rule->title : "ratio");
			reason = why;
		}
}

static bool has_bound(const struct brief *brief)
{
	char cell[CELL];

	for (size_t i = 0; i < brief->column_count; i++)
		for (size_t j = 0; j < brief->server_count; j++)
			if (fill(&brief->columns[i], brief->servers[j], cell) == MARK_BOUND)
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
