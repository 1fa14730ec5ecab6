/* The rows of a choice, and which of them is taken. */
#include "report/choice/choice.h"

#include "report/choice/parts.h"
#include "report/contenders.h"
#include "report/pair.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char rate[] = "requests_per_s", cpu[] = "server_cpu_per_request_ns";

/* Whether the rates of those that are compared are known, and not only that they are at least so high. */
static bool tells_rates(const struct contenders *all)
{
	return all->of_rank[CONTENDER_RANKED] > 1 && !all->overtaken;
}

/*
 * All servers at the place that decides, in order. By their rates if these are known; else, as where requests wait, by the CPU
 * that one takes.
 */
static int find_contenders(struct contenders *all, struct choice *choice)
{
	struct choice_place *place = &choice->places[choice->decides];
	int code;

	choice->higher = choice->decides == CHOICE_WORK && strcmp(place->metric, rate) == 0;
	code = contenders_find_at(all, place->part, place->point, place->metric, choice->higher);
	if (code < 0 || !choice->higher || tells_rates(all))
		return code;
	contenders_destroy(all);
	code = contenders_find_at(all, place->part, place->point, cpu, false);
	if (code < 0)
		return code;
	if (all->count > 0) {
		choice->higher = false;
		place->metric = cpu;
		return 0;
	}
	contenders_destroy(all);
	return contenders_find_at(all, place->part, place->point, rate, true);
}

static bool is_own(const struct part *part, const char *server)
{
	const json_t *servers = json_object_get(part->results->run, "servers");

	return strcmp(json_string_of(json_find(servers, "name", server), "family"), "reference") !=
	       0;
}

static void add_row(struct choice *choice, const char *server)
{
	const struct part *part = choice->places[choice->decides].part;

	for (size_t i = 0; i < choice->count; i++)
		if (strcmp(choice->rows[i].server, server) == 0)
			return;
	if (!choice_is_floor(part, server))
		choice->rows[choice->count++] =
			(struct choice_row){.server = server,
					    .family = pair_family(part, server),
					    .own = is_own(part, server)};
}

/* Those that are compared, and behind them the others of the place. */
static int add_rows(struct choice *choice)
{
	const struct part *part = choice->places[choice->decides].part;
	struct contenders all;
	int code = find_contenders(&all, choice);

	if (code < 0)
		return code;
	choice->rows = calloc(part->server_count + 1, sizeof *choice->rows);
	if (choice->rows) {
		for (size_t i = 0; i < all.count; i++)
			add_row(choice, all.items[i].server);
		for (size_t i = 0; i < part->server_count; i++)
			add_row(choice, part->servers[i]);
	}
	contenders_destroy(&all);
	return choice->rows ? 0 : -ENOMEM;
}

/* The times of who fell behind grow for as long as it is loaded. */
static bool is_bound(const struct choice_place *place, const char *server)
{
	return part_value_is_bound(place->part, server, place->point, place->metric) ||
	       (part_is_open_loop(place->part) &&
		part_count(place->part, server, place->point).saturated > 0);
}

static struct choice_figure figure_at(const struct choice_place *place, const char *server)
{
	struct choice_figure figure = {.summary = statistics_summarise(NULL, 0, 0.95), .why = ""};

	if (place->run) {
		figure.summary = part_shown_summary(place->part, server, place->point,
						    place->metric);
		figure.bound = is_bound(place, server);
	}
	if (figure.summary.count == 0)
		figure.why = choice_why_missing(place, server);
	return figure;
}

/* `search` is for memory. */
static void fill_row(struct choice_row *row, const struct choice *choice,
		     const struct choice_search *search)
{
	const struct choice_place *memory = &row->places[CHOICE_MEMORY];

	for (size_t i = 0; i < CHOICE_COLUMNS; i++) {
		row->places[i] = choice->places[i];
		row->figures[i] = figure_at(&row->places[i], row->server);
	}
	if (row->figures[CHOICE_MEMORY].summary.count == 0 &&
	    row->figures[CHOICE_MEMORY].why != choice_failed) {
		struct choice_search own = *search;
		struct choice_place place;

		own.server = row->server;
		place = choice_find_place(&own);
		if (place.run) {
			row->places[CHOICE_MEMORY] = place;
			row->figures[CHOICE_MEMORY] = figure_at(&place, row->server);
		}
	}
	row->needs_bytes = memory->run && memory->near
				   ? row->figures[CHOICE_MEMORY].summary.median *
					     choice->needs.connections / memory->connections
				   : NAN;
	choice_judge(row, choice);
}

/*
 * Of those with a figure of what decides the first that fits, else the first of which that is not known; one of tenk's own
 * before others, which differ in more than in how they wait. The number of rows: none.
 */
static size_t find_best(const struct choice *choice)
{
	for (enum choice_fit fit = CHOICE_FITS; fit < CHOICE_FAILS; fit++)
		for (int own = 1; own >= 0; own--)
			for (size_t i = 0; i < choice->count; i++)
				if (choice->rows[i].fit == fit && choice->rows[i].own == own &&
				    choice->rows[i].figures[choice->decides].summary.count > 0)
					return i;
	return choice->count;
}

static void take(struct choice *choice, size_t best)
{
	struct choice_row row = choice->rows[best];

	memmove(choice->rows + 1, choice->rows, best * sizeof row);
	choice->rows[0] = row;
	choice->taken = true;
}

struct block_ratio choice_ratio(const struct choice_place *place, const char *metric,
				const char *server, const char *against)
{
	const struct cell of = part_cell(place->part, server, place->point),
			  over = part_cell(place->part, against, place->point);

	if (!part_metric_shown(place->part, server, place->point, metric) ||
	    !part_metric_shown(place->part, against, place->point, metric))
		return (struct block_ratio){.kind = BLOCK_RATIO_NO_VALUES};
	return block_ratio_find(place->run->results, &of, &over, metric, 0.95);
}

/* Where both were measured together. */
static void set_against_first(struct choice *choice)
{
	const struct choice_row *first = &choice->rows[0];

	for (size_t i = 1; i < choice->count; i++)
		for (size_t j = 0; j < CHOICE_COLUMNS; j++) {
			const struct choice_place *place = &choice->rows[i].places[j];

			if (place->run && place->part == first->places[j].part &&
			    place->point == first->places[j].point)
				choice->rows[i].figures[j].ratio =
					choice_ratio(place, place->metric, choice->rows[i].server,
						     first->server);
		}
}

/* Whether a row belongs before another by what the table shows of what decides. */
static bool comes_before(const struct choice *choice, const struct choice_row *row,
			 const struct choice_row *other)
{
	const struct block_ratio *one = &row->figures[choice->decides].ratio,
				 *two = &other->figures[choice->decides].ratio;

	if (one->kind != BLOCK_RATIO_FOUND || two->kind != BLOCK_RATIO_FOUND)
		return one->kind == BLOCK_RATIO_FOUND && two->kind != BLOCK_RATIO_FOUND;
	return choice->higher ? one->summary.median > two->summary.median
			      : one->summary.median < two->summary.median;
}

/* Behind the first, which all are compared with. Stable. */
static void put_in_order(struct choice *choice)
{
	for (size_t i = 2; i < choice->count; i++) {
		struct choice_row moving = choice->rows[i];
		size_t j = i;

		for (; j > 1 && comes_before(choice, &moving, &choice->rows[j - 1]); j--)
			choice->rows[j] = choice->rows[j - 1];
		choice->rows[j] = moving;
	}
}

/* Where each figure is from; and which of them decides, whose servers the others are looked for. */
static void find_places(struct choice *choice, struct choice_search *search)
{
	for (enum choice_column i = 0; i < CHOICE_COLUMNS; i++) {
		search->column = i;
		choice->places[i] = choice_find_place(search);
		if (!choice->places[i].run || choice->decides < CHOICE_COLUMNS)
			continue;
		choice->decides = i;
		search->decides = choice->places[i].part;
	}
	search->column = CHOICE_MEMORY;
}

int choice_make(struct choice *choice, const struct choice_run *runs, size_t count,
		const struct choice_needs *needs)
{
	struct choice_search search = {.runs = runs, .count = count, .needs = needs};
	size_t best;
	int code;

	*choice = (struct choice){.needs = *needs, .decides = CHOICE_COLUMNS};
	find_places(choice, &search);
	if (choice->decides == CHOICE_COLUMNS)
		return 0;
	code = add_rows(choice);
	if (code < 0) {
		choice_destroy(choice);
		return code;
	}
	for (size_t i = 0; i < choice->count; i++)
		fill_row(&choice->rows[i], choice, &search);
	best = find_best(choice);
	if (best < choice->count) {
		take(choice, best);
		set_against_first(choice);
		put_in_order(choice);
	}
	return 0;
}

void choice_destroy(struct choice *choice)
{
	free(choice->rows);
	*choice = (struct choice){0};
}
