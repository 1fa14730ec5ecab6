/* Claims about a shape: a slope on logarithmic axes, and where one curve crosses another. */
#include "stored/claims/curve.h"
#include "stored/claims/deciders.h"

#include "lib/json.h"
#include "lib/statistics/bootstrap.h"
#include "stored/axis.h"
#include "stored/claims/missing.h"
#include "stored/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is known of a curve, and how it is read. */
struct shape {
	struct claim_curve curve;
	double sign; /* -1 where less is better */
	double *scaled; /* the axis, on which points are joined: its logarithms, or itself where it has none */
	bool logarithms;
	double *mean;	/* of the blocks that were drawn, at each point: room to work in */
	size_t *merged; /* the same */
};

static void shape_destroy(struct shape *shape)
{
	claim_curve_destroy(&shape->curve);
	free(shape->scaled);
	free(shape->mean);
	free(shape->merged);
}

/* False: there is no curve to speak of, and the verdict is set. */
static bool shape_read(struct shape *shape, const struct question *question,
		       const struct cell *over, struct verdict *verdict)
{
	const struct claimed_cell *of = &question->cells[0];
	size_t points;

	*shape = (struct shape){.sign = 1, .logarithms = true};
	verdict_set(verdict, VERDICT_NOT_TESTABLE, "There was no memory for it.");
	if (claim_curve_read(&shape->curve, question, &of->cell, over) < 0)
		return false;
	points = shape->curve.points;
	verdict->trials = shape->curve.blocks;
	shape->scaled = calloc(points + 1, sizeof *shape->scaled);
	shape->mean = calloc(points + 1, sizeof *shape->mean);
	shape->merged = calloc(points + 1, sizeof *shape->merged);
	if (!shape->scaled || !shape->mean || !shape->merged)
		return false;
	*verdict->why = '\0';
	if (shape->curve.blocks == 0 || points < CURVE_POINTS_FEWEST) {
		missing_explain(verdict, of->results, &of->cell);
		if (points >= CURVE_POINTS_FEWEST)
			verdict_set(verdict, VERDICT_NOT_TESTABLE,
				    "No block has a value of %s at each point along %s.",
				    verdict->servers, axis_at(axis_find(question->along))->title);
		else if (points > 0)
			verdict_set(verdict, VERDICT_NOT_TESTABLE,
				    "Along %s only %zu of the points have values of %s in enough "
				    "blocks, and a shape needs %d.",
				    axis_at(axis_find(question->along))->title, points,
				    verdict->servers, CURVE_POINTS_FEWEST);
		return false;
	}
	for (size_t i = 0; i < points; i++)
		shape->logarithms = shape->logarithms && shape->curve.x[i] > 0;
	for (size_t i = 0; i < points; i++)
		shape->scaled[i] = shape->logarithms ? log(shape->curve.x[i]) : shape->curve.x[i];
	return true;
}

static void find_mean(const struct shape *shape, const size_t *blocks, size_t count)
{
	size_t points = shape->curve.points;

	for (size_t i = 0; i < points; i++) {
		double sum = 0;

		for (size_t j = 0; j < count; j++)
			sum += shape->curve.y[blocks[j] * points + i];
		shape->mean[i] = shape->sign * sum / (double)count;
	}
}

static double slope_of(const size_t *blocks, size_t count, const void *context)
{
	const struct shape *shape = context;
	double intercept;

	find_mean(shape, blocks, count);
	return statistics_slope(shape->scaled, shape->mean, shape->curve.points, &intercept);
}

/*
 * Makes what is at the points rise or stay: neighbours that fall are replaced by their mean (pool adjacent
 * violators; Ayer et al., Annals of Mathematical Statistics 26, 1955), so that noise about a crossing gives one place.
 */
static void make_rise(const struct shape *shape)
{
	double *value = shape->mean;
	size_t *width = shape->merged, groups = 0, points = shape->curve.points;

	for (size_t i = 0; i < points; i++) {
		value[groups] = shape->mean[i];
		width[groups++] = 1;
		while (groups > 1 && value[groups - 2] > value[groups - 1]) {
			size_t both = width[groups - 2] + width[groups - 1];

			value[groups - 2] = (value[groups - 2] * (double)width[groups - 2] +
					     value[groups - 1] * (double)width[groups - 1]) /
					    (double)both;
			width[groups - 2] = both;
			groups--;
		}
	}
	for (size_t i = points; groups > 0; groups--)
		for (size_t j = width[groups - 1]; j > 0; j--)
			value[--i] = value[groups - 1];
}

/* Where the first becomes the better one: infinite if nowhere, minus infinite if it is from the first point on. */
static double crossing_of(const size_t *blocks, size_t count, const void *context)
{
	const struct shape *shape = context;
	const double *at = shape->scaled, *value = shape->mean;
	size_t i = 0;

	find_mean(shape, blocks, count);
	make_rise(shape);
	while (i < shape->curve.points && value[i] <= 0)
		i++;
	if (i == 0)
		return -INFINITY;
	if (i == shape->curve.points)
		return INFINITY;
	double share = -value[i - 1] / (value[i] - value[i - 1]);
	double place = at[i - 1] + share * (at[i] - at[i - 1]);
	return shape->logarithms ? exp(place) : place;
}

/* The statistic of all blocks, and its interval. */
static struct summary measure(const struct shape *shape, const struct question *question,
			      double confidence,
			      double (*statistic)(const size_t *, size_t, const void *))
{
	struct bootstrap bootstrap = {statistic, shape, shape->curve.blocks, question->seed};
	size_t *all = calloc(shape->curve.blocks + 1, sizeof *all);
	struct summary summary = {.median = NAN, .low = NAN, .high = NAN, .min = NAN, .max = NAN};
	struct interval interval;

	if (!all)
		return summary;
	interval = bootstrap_interval(&bootstrap, confidence);
	for (size_t i = 0; i < shape->curve.blocks; i++)
		all[i] = i;
	summary.median = statistic(all, shape->curve.blocks, shape);
	summary.count = shape->curve.blocks;
	summary.low = interval.low;
	summary.high = interval.high;
	summary.coverage = interval.coverage;
	free(all);
	return summary;
}

/* Whether some value of the cell, at any point, is only a lower bound. */
static bool is_bound(const struct question *question, size_t cell)
{
	return results_value_is_bound(question->cells[cell].results, &question->cells[cell].cell,
				      question->metric);
}

static bool refuse_bounds(const struct question *question, struct verdict *verdict)
{
	for (size_t i = 0; i < question->cell_count; i++) {
		if (!is_bound(question, i))
			continue;
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "%s was not driven to its limit at each point: its rates are lower "
			    "bounds, and have no shape.",
			    question->cells[i].cell.server);
		return true;
	}
	return false;
}

/* What was tried along the axis and has no value may be just where the shape changes. */
static void refuse_gaps(const struct shape *shape, const struct question *question,
			struct verdict *verdict)
{
	size_t dropped = shape->curve.dropped;

	if (dropped == 0)
		return;
	verdict->blocks_needed = 0;
	verdict->at_edge = false;
	verdict_set(
		verdict, VERDICT_INCONCLUSIVE,
		"At %zu of %zu points along %s too few blocks have a value above zero: this is the shape of the "
		"others.",
		dropped, dropped + shape->curve.points, axis_at(axis_find(question->along))->title);
}

void claim_decide_slope(const struct question *question, struct verdict *verdict)
{
	struct shape shape;
	double nothing;

	if (shape_read(&shape, question, NULL, verdict) && !refuse_bounds(question, verdict)) {
		if (!shape.logarithms) {
			verdict_set(
				verdict, VERDICT_NOT_TESTABLE,
				"A slope on logarithmic axes needs values of the axis above zero.");
		} else {
			/* Over all of the axis it then rises or falls by less than what matters. */
			nothing = log1p(metric_smallest_difference(verdict->descriptor)) /
				  (shape.scaled[shape.curve.points - 1] - shape.scaled[0]);
			claim_decide(
				question, verdict,
				&(struct finding){.summary = measure(&shape, question,
								     verdict->confidence, slope_of),
						  .neutral = 0,
						  .nothing_low = -nothing,
						  .nothing_high = nothing});
			refuse_gaps(&shape, question, verdict);
		}
	}
	shape_destroy(&shape);
}

/* What lies beyond the axis is known to be there, and no more. */
static void bound_by_axis(const struct shape *shape, struct finding *finding)
{
	double first = shape->curve.x[0], last = shape->curve.x[shape->curve.points - 1];
	struct summary *summary = &finding->summary;

	finding->at_least = summary->high == INFINITY;
	finding->at_most = summary->low == -INFINITY;
	summary->median = fmin(fmax(summary->median, first), last);
	summary->low = finding->at_most ? NAN : fmin(summary->low, last);
	summary->high = finding->at_least ? NAN : fmax(summary->high, first);
	if (finding->at_least)
		finding->why = "further along nothing was measured";
	else if (finding->at_most)
		finding->why = "from the first point on it is the better one";
}

void claim_decide_crossover(const struct question *question, struct verdict *verdict)
{
	const char *better = json_string_of(verdict->descriptor, "better");
	struct finding finding = {.neutral = NAN};
	struct shape shape = {0};

	if (question->cells[0].results != question->cells[1].results) {
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "Where two curves cross is seen only within one run, and these are of "
			    "two.");
	} else if (shape_read(&shape, question, &question->cells[1].cell, verdict) &&
		   !refuse_bounds(question, verdict)) {
		shape.sign = strcmp(better, "higher") == 0 ? 1 : -1;
		finding.summary = measure(&shape, question, verdict->confidence, crossing_of);
		/* That they cross somewhere is the way that the claim goes. */
		finding.way = isfinite(finding.summary.low) && isfinite(finding.summary.high)
				      ? CLAIM_WAY_RIGHT
			      : isfinite(finding.summary.median) ? CLAIM_WAY_OPEN
								 : CLAIM_WAY_WRONG;
		bound_by_axis(&shape, &finding);
		claim_decide(question, verdict, &finding);
		if (isnan(verdict->high) &&
		    finding.summary.low == shape.curve.x[shape.curve.points - 1])
			verdict_set(verdict, verdict->kind,
				    "%s is nowhere the better one as far as it was measured.",
				    question->cells[0].cell.server);
		refuse_gaps(&shape, question, verdict);
	}
	shape_destroy(&shape);
}
