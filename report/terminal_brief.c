#include "report/terminal_brief.h"

#include "report/finding_kinds.h"
#include "report/format.h"
#include "stored/axis.h"
#include "stored/ladder_end.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a column is made of. */
struct brief_rule {
	const char *kind;  /* of the finding that says where */
	const char *title; /* "" for the server that ratios are to */
	bool placed;	   /* the title says where */
	enum brief_mark (*fill)(const struct brief_column *column, const char *server,
				char cell[BRIEF_CELL]);
};

static enum brief_mark fill_value(const struct brief_column *column, const char *server,
				  char cell[BRIEF_CELL])
{
	const struct finding *finding = column->finding;
	const struct part *part = finding->part;
	struct summary summary = part_shown_summary(part, server, finding->point, finding->metric);
	bool bound = part_value_is_bound(part, server, finding->point, finding->metric);
	char value[FORMAT_SIZE];

	if (summary.count == 0)
		return BRIEF_EMPTY;
	snprintf(cell, BRIEF_CELL, "%s%.48s", bound ? "\xe2\x89\xa5" : "",
		 format_value(format_metric_unit(part->results, finding->metric), summary.median,
			      value));
	return bound ? BRIEF_BOUND : BRIEF_PLAIN;
}

/* To the server that the finding compares with; that one itself is one. */
static enum brief_mark fill_ratio(const struct brief_column *column, const char *server,
				  char cell[BRIEF_CELL])
{
	const struct finding *finding = column->finding;
	const struct part *part = finding->part;
	const struct cell of = part_cell(part, server, finding->point),
			  over = part_cell(part, finding->over, finding->point);
	struct block_ratio ratio;
	char number[BRIEF_CELL];

	if (strcmp(server, finding->over) == 0) {
		snprintf(cell, BRIEF_CELL, "1");
		return isnan(finding->over_value) ? BRIEF_EMPTY : BRIEF_PLAIN;
	}
	ratio = block_ratio_find(part->results, &of, &over, finding->metric, 0.95);
	if (ratio.summary.count == 0)
		return BRIEF_EMPTY;
	snprintf(cell, BRIEF_CELL, "%s%.48s",
		 ratio.at_least	 ? "\xe2\x89\xa5"
		 : ratio.at_most ? "\xe2\x89\xa4"
				 : "",
		 finding_times(ratio.summary.median, number));
	return ratio.at_least || ratio.at_most ? BRIEF_BOUND : BRIEF_PLAIN;
}

static struct ladder_end end_of(const struct brief_column *column, const char *server)
{
	const struct part *part = column->finding->part;
	const struct cell cell = part_cell(part, server, NULL);

	return ladder_find_end(part->results, &cell);
}

static enum brief_mark fill_held(const struct brief_column *column, const char *server,
				 char cell[BRIEF_CELL])
{
	struct ladder_end end = end_of(column, server);

	if (!(end.held > 0))
		return BRIEF_EMPTY;
	format_integer(end.held, cell);
	return BRIEF_PLAIN;
}

static enum brief_mark fill_limit(const struct brief_column *column, const char *server,
				  char cell[BRIEF_CELL])
{
	struct ladder_end end = end_of(column, server);

	snprintf(cell, BRIEF_CELL, "%.24s",
		 isnan(end.next) ? "nothing"
		 : *end.limit	 ? end.limit
				 : "an error");
	return BRIEF_PLAIN;
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

/* "64", "5k/s", "50 %": where a finding is, in as little room, by what is varied if it is; "" where nothing says it. */
static void name_place(const struct finding *finding, char place[FORMAT_SIZE])
{
	static const enum axis_kind axes[] = {AXIS_SHARE, AXIS_RATE, AXIS_CONNECTIONS};
	const size_t count = sizeof axes / sizeof *axes;
	char text[FORMAT_SIZE];

	*place = '\0';
	for (size_t i = 0; i < 2 * count && !*place; i++) {
		const char *axis = axis_at(axes[i % count])->key;
		double value = part_load(finding->part, finding->point, axis);

		if (isnan(value) || part_varies(finding->part, axis) != (i < count))
			continue;
		snprintf(place, FORMAT_SIZE, "%.48s%s", format_axis_value(axis, value, text),
			 axes[i % count] == AXIS_SHARE ? "%" : "");
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
		*column = (struct brief_column){.rule = &rules[i],
						.finding = finding,
						.ratio = rules[i].fill == fill_ratio,
						.name = *rules[i].title ? rules[i].title : "ratio"};
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

enum brief_mark brief_fill(const struct brief_column *column, const char *server,
			   char cell[BRIEF_CELL])
{
	enum brief_mark mark = column->rule->fill(column, server, cell);

	if (mark == BRIEF_EMPTY)
		snprintf(cell, BRIEF_CELL, "-");
	return mark;
}
