#include "report/contenders.h"

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

static bool intervals_overlap(const struct summary *a, const struct summary *b)
{
	return a->low <= b->high && b->low <= a->high;
}

/* By rank, then better before worse, else in the order they came. */
static void contenders_sort(struct contenders *all)
{
	for (size_t i = 1; i < all->count; i++) {
		struct contender moving = all->items[i];
		size_t j = i;

		for (; j > 0; j--) {
			const struct contender *before = &all->items[j - 1];

			if (before->rank != moving.rank
				    ? before->rank < moving.rank
				    : !is_better(moving.summary.median, before->summary.median,
						 all->higher))
				break;
			all->items[j] = *before;
		}
		all->items[j] = moving;
	}
}

static void contenders_finish(struct contenders *all)
{
	contenders_sort(all);
	for (size_t i = 0; i < all->count; i++) {
		all->of_rank[all->items[i].rank]++;
		all->first_tier += all->items[i].rank == CONTENDER_RANKED &&
				   intervals_overlap(&all->items[0].summary,
						     &all->items[i].summary);
	}
}

static struct contender contender_at(const struct part *part, const char *server,
				     const json_t *point, const char *metric)
{
	struct contender contender = {
		.server = server,
		.point = point,
		.summary = part_shown_summary(part, server, point, metric),
		.bound = strcmp(metric, "requests_per_s") == 0 &&
			 part_rate_is_bound(part, server, point),
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
	*contenders = (struct contenders){.higher = higher};
	contenders->items = calloc(part->server_count + 1, sizeof *contenders->items);
	if (!contenders->items)
		return -ENOMEM;
	for (size_t i = 0; i < part->server_count; i++) {
		struct contender one = contender_at(part, part->servers[i], point, metric);

		if (one.summary.count)
			contenders->items[contenders->count++] = one;
	}
	contenders_finish(contenders);
	return 0;
}

int contenders_find_best(struct contenders *contenders, const struct part *part, const char *metric,
			 bool higher)
{
	*contenders = (struct contenders){.higher = higher};
	contenders->items = calloc(part->server_count + 1, sizeof *contenders->items);
	if (!contenders->items)
		return -ENOMEM;
	for (size_t i = 0; i < part->server_count; i++) {
		struct contender best = {0};

		for (size_t j = 0; j < part->point_count; j++) {
			struct contender one = contender_at(part, part->servers[i], part->points[j],
							    metric);

			if (one.summary.count &&
			    (!best.summary.count ||
			     is_better(one.summary.median, best.summary.median, higher)))
				best = one;
		}
		if (best.summary.count)
			contenders->items[contenders->count++] = best;
	}
	contenders_finish(contenders);
	return 0;
}

void contenders_destroy(struct contenders *contenders)
{
	free(contenders->items);
	*contenders = (struct contenders){0};
}

bool contenders_leader_always_ahead(const struct contenders *contenders)
{
	const struct summary *leader;

	if (contenders->of_rank[CONTENDER_RANKED] < 2)
		return false;
	leader = &contenders->items[0].summary;
	for (size_t i = 1; i < contenders->of_rank[CONTENDER_RANKED]; i++) {
		const struct summary *other = &contenders->items[i].summary;

		if (contenders->higher ? leader->min <= other->max : leader->max >= other->min)
			return false;
	}
	return true;
}
