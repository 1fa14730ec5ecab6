/*
 * How far ladders went: from the last step that was held to the first that was not, with what gave way, in
 * one row for all servers that share their fate.
 */
#include "report/chart_plot.h"

#include "stored/ladder_end.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 2, WALL_LEAST = 2 };

static const double row_px = 30, words_px = 190;

struct fate {
	struct ladder_end end;
	const char *servers[CHART_SERIES_MAX];
	size_t count;
	char *name;
};

static bool is_same(const struct ladder_end *a, const struct ladder_end *b)
{
	bool next = a->next == b->next || (isnan(a->next) && isnan(b->next));

	return next && a->held == b->held && strcmp(a->limit, b->limit) == 0;
}

static int compare_fates(const void *left, const void *right)
{
	const struct fate *a = left, *b = right;

	if (a->end.held != b->end.held)
		return (a->end.held < b->end.held) - (a->end.held > b->end.held);
	return (a->count < b->count) - (a->count > b->count);
}

static void csv_append(struct chart_plot *plot, const char *server, const struct ladder_end *end)
{
	text_append_csv(&plot->csv, server);
	text_append(&plot->csv, ",");
	chart_append_csv_number(&plot->csv, end->held);
	text_append(&plot->csv, ",");
	chart_append_csv_number(&plot->csv, end->next);
	text_append(&plot->csv, ",");
	text_append_csv(&plot->csv, end->limit);
	text_append(&plot->csv, ",");
	text_append_csv(&plot->csv, end->text);
	text_append(&plot->csv, "\r\n");
}

/* Every step of every server, as it went. */
static void csv_trials(struct chart_plot *plot, const char *server)
{
	const json_t *trial;

	for (size_t i = 0; (trial = part_next_trial(plot->part, server, NULL, &i));) {
		text_append_csv(&plot->trials_csv, server);
		text_append(&plot->trials_csv, ",");
		chart_csv_axes(&plot->trials_csv, plot->part, json_object_get(trial, "point"));
		chart_append_csv_number(&plot->trials_csv, json_number_of(trial, "trial"));
		text_append_format(&plot->trials_csv, ",%s\r\n", json_string_of(trial, "outcome"));
	}
}

/* Sorts the part's servers by what became of them. Returns how many fates there are. */
static size_t fates_read(struct fate *fates, struct chart_plot *plot)
{
	const struct part *part = plot->part;
	size_t count = 0;

	for (size_t i = 0; i < part->server_count; i++) {
		struct cell cell = part_cell(part, part->servers[i], NULL);
		struct ladder_end end = ladder_find_end(part->results, &cell);
		size_t at = 0;

		csv_append(plot, part->servers[i], &end);
		csv_trials(plot, part->servers[i]);
		while (at < count && !is_same(&fates[at].end, &end))
			at++;
		if (at == count)
			fates[count++].end = end;
		if (fates[at].count < CHART_SERIES_MAX)
			fates[at].servers[fates[at].count++] = part->servers[i];
	}
	qsort(fates, count, sizeof *fates, compare_fates);
	return count;
}

/* "epoll, libuv and 12 more". */
static int fate_name(struct fate *fate)
{
	struct text_buffer name = {0};
	size_t shown = fate->count > NAMES_MAX + 1 ? NAMES_MAX : fate->count;

	for (size_t i = 0; i < shown; i++) {
		format_separator(&name, i, shown < fate->count ? shown + 1 : shown);
		text_append(&name, fate->servers[i]);
	}
	if (shown < fate->count)
		text_append_format(&name, " and %zu more", fate->count - shown);
	fate->name = strdup(text_string(&name));
	text_destroy(&name);
	return fate->name ? 0 : -ENOMEM;
}

static void append_fate(struct chart_plot *plot, const struct fate *fate, size_t row)
{
	const struct ladder_end *end = &fate->end;
	struct text_buffer words = {0};
	char held[FORMAT_SIZE];

	chart_range_add(&plot->x, end->held > 0 ? end->held : NAN);
	chart_range_add(&plot->x, end->next);
	text_append_format(&plot->data, "%zu", row);
	chart_append_number(&plot->data, end->held > 0 ? end->held : NAN);
	chart_append_number(&plot->data, end->next);
	text_append_format(&plot->data, " %zu", fate->count);
	text_append_format(&words, "%s: %s", format_integer(end->held, held),
			   isnan(end->next) ? "nothing gave way"
			   : *end->limit    ? end->limit
					    : "not known what gave way");
	chart_append_text(&plot->data, text_string(&words));
	text_append(&plot->data, "\n");
	text_destroy(&words);
}

/* Where most servers stopped, if several did: between the last step held and the first not held. */
static void append_wall(struct chart_plot *plot, const struct fate *fates, size_t count)
{
	const struct fate *wall = NULL;
	struct text_buffer words = {0};

	for (size_t i = 0; i < count; i++)
		if (fates[i].count >= WALL_LEAST && !isnan(fates[i].end.next) &&
		    fates[i].end.held > 0 && (!wall || fates[i].count > wall->count))
			wall = &fates[i];
	text_append_format(&plot->settings, "wall = %d\n", wall != NULL);
	if (!wall)
		return;
	text_append_format(&words, "%zu of %zu servers stop here", wall->count,
			   plot->part->server_count);
	text_append_format(&plot->settings,
			   "wall_low = %.12g\nwall_high = %.12g\nwall_title = ", wall->end.held,
			   wall->end.next);
	text_append_gnuplot(&plot->settings, text_string(&words));
	text_append(&plot->settings, "\n");
	text_destroy(&words);
}

static int fill_fates(struct chart_plot *plot, struct fate *fates, size_t count)
{
	const char **names = calloc(count + 1, sizeof *names);
	int code = names ? 0 : -ENOMEM;

	text_append(&plot->data, "# fates: row held not_held servers text\n");
	for (size_t i = 0; i < count && code == 0; i++) {
		code = fate_name(&fates[i]);
		if (code < 0)
			break;
		names[i] = fates[i].name;
		append_fate(plot, &fates[i], i + 1);
	}
	text_append(&plot->data, "\n\n");
	append_wall(plot, fates, count);
	if (code == 0)
		chart_append_rows(plot, names, count, row_px, words_px);
	free(names);
	return code;
}

int chart_fill_ladder(struct chart_plot *plot)
{
	size_t servers = plot->part->server_count, count;
	struct fate *fates;
	int code;

	plot->empty = !ladder_is(plot->part->json) || servers == 0;
	if (plot->empty)
		return 0;
	fates = calloc(servers, sizeof *fates);
	if (!fates)
		return -ENOMEM;
	plot->x = (struct chart_range){
		.low = INFINITY, .high = -INFINITY, .log = true, .unit = "count"};
	text_append(&plot->csv, "server,held,not_held,limit,what_happened\r\n");
	text_append(&plot->trials_csv, "server,");
	chart_csv_axes_header(&plot->trials_csv, plot->part);
	text_append(&plot->trials_csv, "trial,outcome\r\n");
	count = fates_read(fates, plot);
	code = fill_fates(plot, fates, count);
	if (!(plot->x.low < INFINITY))
		plot->empty = true;
	for (size_t i = 0; i < count; i++)
		free(fates[i].name);
	free(fates);
	return code == 0 && !text_failed(&plot->data) ? 0 : -ENOMEM;
}
