#include "report/contenders.h"

#include "stored/blocks/model.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_better(double a, double b, bool higher)
{
	return higher ? a > b : a < b;
}

/* A floor does no work that a server does: it shows what the generator can do. */
static bool is_floor(const struct part *part, const char *server)
{
	const json_t *servers = json_object_get(part->results->run, "servers");

	return strcmp(json_string_of(json_find(servers, "name", server), "family"), "floor") == 0;
}

/* Differences that rounding can make are none, so that equal ones keep their order. */
static bool is_before(const struct contender *a, const struct contender *b, bool higher)
{
	double lead = higher ? a->effect - b->effect : b->effect - a->effect;

	if (a->rank != b->rank)
		return a->rank < b->rank;
	return lead > 1e-9 * fmax(1, fabs(a->effect));
}

/* Stable, so that what is not before one another stays in the scenario's order. */
static void contenders_sort(struct contenders *all)
{
	for (size_t i = 1; i < all->count; i++) {
		struct contender moving = all->items[i];
		size_t j = i;

		for (; j > 0 && is_before(&moving, &all->items[j - 1], all->higher); j--)
			all->items[j] = all->items[j - 1];
		all->items[j] = moving;
	}
}

/* Of a bound it is known only that the figure itself is no less. */
static bool is_overtaken(const struct contenders *all, const struct contender *leader)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].rank == CONTENDER_BOUND &&
		    is_better(all->items[i].summary.median, leader->summary.median, all->higher))
			return true;
	return false;
}

/*
 * Places all of them, whatever their rank, by their effects: each tells something of the blocks. Then
 * how the ranked ones stand to the first of these.
 */
static void place(struct contenders *all, const struct block_model *model)
{
	struct contender *items = all->items;
	size_t first = 0;

	for (size_t i = 0; i < all->count; i++) {
		items[i].effect = model->effects[i];
		all->of_rank[items[i].rank]++;
		if (is_before(&items[i], &items[first], all->higher))
			first = i;
	}
	all->overtaken = all->count > 0 && is_overtaken(all, &items[first]);
	all->always_ahead = all->of_rank[CONTENDER_RANKED] > 1 && !all->overtaken;
	for (size_t i = 0; i < all->count; i++)
		if (i != first && items[i].rank == CONTENDER_RANKED)
			all->always_ahead = all->always_ahead &&
					    block_model_always_behind(model, i, first, all->higher);
	contenders_sort(all);
}

static int compare_within_blocks(struct contenders *all, const struct part *part,
				 const char *metric)
{
	struct cell *cells = calloc(all->count + 1, sizeof *cells);
	struct block_model model;
	int code = -ENOMEM;

	for (size_t i = 0; cells && i < all->count; i++)
		cells[i] = part_cell(part, all->items[i].server, all->items[i].point);
	if (cells)
		code = block_model_fit(&model, part->results, cells, all->count, metric);
	free(cells);
	if (code < 0)
		return code;
	place(all, &model);
	block_model_destroy(&model);
	return 0;
}

static struct contender contender_at(const struct part *part, const char *server,
				     const json_t *point, const char *metric)
{
	struct contender contender = {
		.server = server,
		.point = point,
		.summary = part_shown_summary(part, server, point, metric),
		.bound = part_value_is_bound(part, server, point, metric),
	};

	if (is_floor(part, server))
		contender.rank = CONTENDER_FLOOR;
	else if (contender.bound)
		contender.rank = CONTENDER_BOUND;
	else if (contender.summary.count == 1)
		contender.rank = CONTENDER_SINGLE;
	return contender;
}

int contenders_find_at(struct contenders *contenders, const struct part *part, const json_t *point,
		       const char *metric, bool higher)
{
	int code;

	*contenders = (struct contenders){.higher = higher};
	contenders->items = calloc(part->server_count + 1, sizeof *contenders->items);
	if (!contenders->items)
		return -ENOMEM;
	for (size_t i = 0; i < part->server_count; i++) {
		struct contender one = contender_at(part, part->servers[i], point, metric);

		if (one.summary.count)
			contenders->items[contenders->count++] = one;
	}
	code = compare_within_blocks(contenders, part, metric);
	if (code < 0)
		contenders_destroy(contenders);
	return code;
}

int contenders_find_best(struct contenders *contenders, const struct part *part, const char *metric,
			 bool higher)
{
	struct contender best = {.rank = CONTENDER_RANKS};

	for (size_t i = 0; i < part->point_count; i++)
		for (size_t j = 0; j < part->server_count; j++) {
			struct contender one = contender_at(part, part->servers[j], part->points[i],
							    metric);

			if (one.summary.count &&
			    (one.rank != best.rank
				     ? one.rank < best.rank
				     : is_better(one.summary.median, best.summary.median, higher)))
				best = one;
		}
	return contenders_find_at(contenders, part, best.point, metric, higher);
}

void contenders_destroy(struct contenders *contenders)
{
	free(contenders->items);
	*contenders = (struct contenders){0};
}
