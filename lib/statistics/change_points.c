#include "lib/statistics/change_points.h"

#include "lib/random.h"
#include "lib/statistics/statistics.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST = CHANGE_POINTS_SEGMENT };

/* What is searched: the series, cut where changes were found, and room to work in. */
struct search {
	const double *values;
	size_t count;
	size_t *cuts; /* ascending; the first is 0, the last is count */
	size_t cut_count;
	double *shuffled;
	double *earlier; /* of each value, its distances to those left of the cut that is tried */
	double *within;	 /* and to all before it */
};

struct cut {
	double distance;
	size_t position;
};

/*
 * The best cut of a segment. For a cut at `cut`, the right side may end anywhere, so that a change is not
 * watered down by the next one (the paper's kappa). The sums of distances within and between the two sides
 * grow by one value at a time, so all cuts together take the square of the length.
 */
static struct cut best_in_segment(const double *values, size_t length, double *earlier,
				  double *within)
{
	struct cut best = {-INFINITY, 0};
	double left = 0;

	for (size_t k = 0; k < length; k++) {
		earlier[k] = within[k] = 0;
		for (size_t i = 0; i < k; i++)
			within[k] += fabs(values[i] - values[k]);
	}
	for (size_t cut = 1; cut + LEAST <= length; cut++) {
		double right = 0, between = 0, n = (double)cut;

		left += within[cut - 1];
		for (size_t k = cut; k < length; k++) {
			double m = (double)(k + 1 - cut), distance;

			earlier[k] += fabs(values[cut - 1] - values[k]);
			right += within[k] - earlier[k];
			between += earlier[k];
			if (cut < LEAST || m < LEAST)
				continue;
			distance = n * m / (n + m) *
				   (2 * between / (n * m) - 2 * left / (n * (n - 1)) -
				    2 * right / (m * (m - 1)));
			if (distance > best.distance)
				best = (struct cut){distance, cut};
		}
	}
	return best;
}

/* The best cut of all segments of `values`, which are the search's own or shuffled ones. */
static struct cut best_cut(const struct search *search, const double *values)
{
	struct cut best = {-INFINITY, 0};

	for (size_t s = 0; s + 1 < search->cut_count; s++) {
		size_t from = search->cuts[s];
		struct cut cut = best_in_segment(values + from, search->cuts[s + 1] - from,
						 search->earlier, search->within);

		if (cut.distance > best.distance)
			best = (struct cut){cut.distance, from + cut.position};
	}
	return best;
}

/* Shuffles the values of each segment among themselves. */
static void shuffle(struct search *search, struct random *random)
{
	memcpy(search->shuffled, search->values, search->count * sizeof *search->shuffled);
	for (size_t s = 0; s + 1 < search->cut_count; s++) {
		double *segment = search->shuffled + search->cuts[s];

		for (size_t i = search->cuts[s + 1] - search->cuts[s]; i > 1; i--) {
			size_t j = random_below(random, i);
			double last = segment[i - 1];

			segment[i - 1] = segment[j];
			segment[j] = last;
		}
	}
}

/*
 * How many shuffles have a cut as good as this one, the series itself counted as one. Once they are too many
 * it stops: by how many is nobody's concern.
 */
static double p_of_cut(struct search *search, double distance, const struct change_rules *rules,
		       struct random *random)
{
	double all = (double)rules->permutations + 1, as_good = 1;

	for (size_t i = 0; i < rules->permutations && as_good / all <= rules->significance; i++) {
		shuffle(search, random);
		as_good += best_cut(search, search->shuffled).distance >= distance;
	}
	return as_good / all;
}

static void insert_change(struct search *search, struct change_point *found, size_t position,
			  double p)
{
	size_t at = search->cut_count++;

	for (; search->cuts[at - 1] > position; at--)
		search->cuts[at] = search->cuts[at - 1];
	search->cuts[at] = position;
	memmove(&found[at], &found[at - 1], (search->cut_count - 2 - at) * sizeof *found);
	found[at - 1] = (struct change_point){.position = position, .p = p};
}

static void remove_change(struct search *search, struct change_point *found, size_t i)
{
	memmove(&found[i], &found[i + 1], (search->cut_count - 3 - i) * sizeof *found);
	memmove(&search->cuts[i + 1], &search->cuts[i + 2],
		(search->cut_count - 2 - i) * sizeof *search->cuts);
	search->cut_count--;
}

/* Fills in the medians; returns the change that is smallest. */
static size_t measure_changes(const struct search *search, struct change_point *found)
{
	size_t smallest = 0, count = search->cut_count - 2;

	for (size_t s = 0; s <= count; s++) {
		size_t from = search->cuts[s];
		double median = statistics_median(search->values + from,
						  search->cuts[s + 1] - from);

		if (s < count)
			found[s].before = median;
		if (s > 0)
			found[s - 1].after = median;
	}
	for (size_t i = 1; i < count; i++)
		if (fabs(found[i].after - found[i].before) <
		    fabs(found[smallest].after - found[smallest].before))
			smallest = i;
	return smallest;
}

static int search_changes(struct search *search, const struct change_rules *rules,
			  struct change_point *found)
{
	struct random random;
	bool is_change = true;

	random_seed(&random, rules->seed);
	while (is_change) {
		struct cut cut = best_cut(search, search->values);
		double p = cut.position ? p_of_cut(search, cut.distance, rules, &random) : 1;

		is_change = cut.position && p <= rules->significance;
		if (is_change)
			insert_change(search, found, cut.position, p);
	}
	/* Taking one out joins its neighbours' segments, so the others are measured anew. */
	while (search->cut_count > 2) {
		size_t i = measure_changes(search, found);

		if (fabs(found[i].after - found[i].before) >= rules->smallest)
			break;
		remove_change(search, found, i);
	}
	return (int)search->cut_count - 2;
}

int change_points_find(const double *values, size_t count, const struct change_rules *rules,
		       struct change_point *found)
{
	struct search search = {.values = values, .count = count, .cut_count = 2};
	int result = -ENOMEM;

	if (count < 2 * LEAST)
		return 0;
	search.cuts = calloc(count / LEAST + 2, sizeof *search.cuts);
	search.shuffled = calloc(count, sizeof *search.shuffled);
	search.earlier = calloc(count, sizeof *search.earlier);
	search.within = calloc(count, sizeof *search.within);
	if (search.cuts && search.shuffled && search.earlier && search.within) {
		search.cuts[1] = count;
		result = search_changes(&search, rules, found);
	}
	free(search.cuts);
	free(search.shuffled);
	free(search.earlier);
	free(search.within);
	return result;
}
