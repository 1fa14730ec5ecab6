#include "lib/statistics/bootstrap.h"

#include "lib/statistics/ascending.h"
#include "lib/random.h"
#include "lib/statistics/distributions.h"
#include "lib/statistics/statistics.h"

#include <math.h>
#include <stdlib.h>

enum { DRAWS = 2000 };

/* The share of draws to leave out at either end. */
static double share_outside(size_t blocks, double confidence)
{
	double n = (double)blocks;
	double t = student_quantile(1 - (1 - confidence) / 2, (unsigned)blocks - 1);

	return normal_above(t * sqrt(n / (n - 1)));
}

static void draw(const struct bootstrap *bootstrap, size_t *chosen, double *drawn)
{
	struct random random;

	random_seed(&random, bootstrap->seed);
	for (size_t i = 0; i < DRAWS; i++) {
		for (size_t j = 0; j < bootstrap->blocks; j++)
			chosen[j] = random_below(&random, bootstrap->blocks);
		drawn[i] = bootstrap->statistic(chosen, bootstrap->blocks, bootstrap->context);
	}
	qsort(drawn, DRAWS, sizeof *drawn, ascending);
}

struct interval bootstrap_interval(const struct bootstrap *bootstrap, double confidence)
{
	struct interval interval = {NAN, NAN, 0};
	size_t blocks = bootstrap->blocks, outside;
	size_t *chosen = calloc(blocks + 1, sizeof *chosen);
	double *drawn = calloc(DRAWS, sizeof *drawn);

	if (chosen && drawn && blocks > 1) {
		draw(bootstrap, chosen, drawn);
		outside = (size_t)(share_outside(blocks, confidence) * DRAWS);
		interval.low = drawn[outside];
		interval.high = drawn[DRAWS - 1 - outside];
		interval.coverage = blocks >= statistics_trials_for_confidence(confidence)
					    ? confidence
					    : 1 - ldexp(1, 1 - (int)blocks);
	} else if (chosen && blocks == 1) {
		interval.low = interval.high = bootstrap->statistic(chosen, 1, bootstrap->context);
	}
	free(chosen);
	free(drawn);
	return interval;
}
