#include "stored/claims/curve.h"

#include "lib/json.h"
#include "lib/statistics/ascending.h"
#include "stored/blocks/blocks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* The values on the axis that were tried, ascending, each once; and the largest number of a block. */
static int find_points(struct claim_curve *curve, const struct question *question,
		       const struct cell *cell)
{
	const struct results *results = question->cells[0].results;
	size_t kept = 0;

	curve->x = calloc(results->trial_count + 1, sizeof *curve->x);
	if (!curve->x)
		return -ENOMEM;
	for (size_t i = 0; i < results->trial_count; i++) {
		const json_t *trial = results->trials[i];
		double x = json_number_of(json_object_get(trial, "point"), question->along);
		json_int_t block = json_integer_value(json_object_get(trial, "trial"));

		if (!results_trial_matches_but(trial, cell, question->along) || isnan(x) ||
		    block < 1)
			continue;
		curve->x[curve->points++] = x;
		if ((size_t)block > curve->blocks)
			curve->blocks = (size_t)block;
	}
	qsort(curve->x, curve->points, sizeof *curve->x, ascending);
	for (size_t i = 0; i < curve->points; i++)
		if (i == 0 || curve->x[i] != curve->x[kept - 1])
			curve->x[kept++] = curve->x[i];
	curve->points = kept;
	return 0;
}

/* The cell at one value of the axis. */
static int read_at(struct block_values *values, const struct question *question,
		   const struct cell *cell, double x)
{
	json_t *point = cell->point ? json_copy((json_t *)cell->point) : json_object();
	struct cell at = *cell;
	int code;

	if (!point || json_object_set_new(point, question->along, json_real(x)) < 0) {
		json_decref(point);
		return -ENOMEM;
	}
	at.point = point;
	code = block_values_read(values, question->cells[0].results, &at, question->metric);
	json_decref(point);
	return code;
}

/* One column. What is not above zero has no logarithm, and counts as missing. */
static int fill_point(struct claim_curve *curve, const struct question *question,
		      const struct cell *of, const struct cell *over, size_t point)
{
	struct block_values values = {0}, divisors = {0};
	int code = read_at(&values, question, of, curve->x[point]);

	if (code == 0 && over)
		code = read_at(&divisors, question, over, curve->x[point]);
	if (code == 0 && over)
		block_values_pair(&values, &divisors);
	for (size_t i = 0; code == 0 && i < values.count; i++) {
		double value = values.values[i] / (over ? divisors.values[i] : 1);
		bool fits = values.blocks[i] >= 1 && (size_t)values.blocks[i] <= curve->blocks;

		if (fits && values.values[i] > 0 && value > 0 && isfinite(value))
			curve->y[((size_t)values.blocks[i] - 1) * curve->points + point] =
				log(value);
	}
	block_values_destroy(&values);
	block_values_destroy(&divisors);
	return code;
}

static size_t count_block(const struct claim_curve *curve, size_t block)
{
	size_t count = 0;

	for (size_t i = 0; i < curve->points; i++)
		count += !isnan(curve->y[block * curve->points + i]);
	return count;
}

static size_t count_point(const struct claim_curve *curve, size_t point)
{
	size_t count = 0;

	for (size_t i = 0; i < curve->blocks; i++)
		count += !isnan(curve->y[i * curve->points + point]);
	return count;
}

/* Keeps the points that enough blocks have, then the blocks that have all of those. In place: nothing moves up. */
static int make_whole(struct claim_curve *curve)
{
	size_t points = 0, blocks = 0, present = 0, old = curve->points;
	bool *keep = calloc(old + 1, sizeof *keep);

	if (!keep)
		return -ENOMEM;
	for (size_t i = 0; i < curve->blocks; i++)
		present += count_block(curve, i) > 0;
	for (size_t i = 0; i < old; i++)
		keep[i] = 2 * count_point(curve, i) >= present && present > 0;
	for (size_t i = 0; i < old; i++)
		if (keep[i])
			curve->x[points++] = curve->x[i];
	for (size_t i = 0; i < curve->blocks; i++) {
		size_t column = 0;
		bool whole = points > 0;

		for (size_t j = 0; j < old; j++) {
			if (!keep[j])
				continue;
			whole = whole && !isnan(curve->y[i * old + j]);
			curve->y[blocks * points + column++] = curve->y[i * old + j];
		}
		blocks += whole;
	}
	free(keep);
	curve->points = points;
	curve->dropped = old - points;
	curve->blocks = blocks;
	return 0;
}

int claim_curve_read(struct claim_curve *curve, const struct question *question,
		     const struct cell *of, const struct cell *over)
{
	int code;

	*curve = (struct claim_curve){0};
	code = find_points(curve, question, of);
	if (code == 0)
		curve->y = calloc(curve->points * curve->blocks + 1, sizeof *curve->y);
	if (code == 0 && !curve->y)
		code = -ENOMEM;
	for (size_t i = 0; code == 0 && i < curve->points * curve->blocks; i++)
		curve->y[i] = NAN;
	for (size_t i = 0; code == 0 && i < curve->points; i++)
		code = fill_point(curve, question, of, over, i);
	return code < 0 ? code : make_whole(curve);
}

void claim_curve_destroy(struct claim_curve *curve)
{
	free(curve->x);
	free(curve->y);
	*curve = (struct claim_curve){0};
}
