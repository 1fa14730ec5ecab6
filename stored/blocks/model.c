#include "stored/blocks/model.h"

#include "lib/statistics/statistics.h"
#include "stored/blocks/blocks.h"
#include "stored/metric.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Effects agree long before; nearer than this they are the same. */
enum { ROUNDS_MOST = 1000 };
#define SETTLED 1e-12

static bool all_above_zero(const struct block_model *model)
{
	for (size_t i = 0; i < model->servers; i++)
		for (size_t j = 0; j < model->of[i].count; j++)
			if (!(model->of[i].values[j] > 0))
				return false;
	return true;
}

static int values_read(struct block_model *model, const struct results *results,
		       const struct cell *cells, const char *metric)
{
	const json_t *descriptor = results_metric(results, metric);

	for (size_t i = 0; i < model->servers; i++)
		if (block_values_read(&model->of[i], results, &cells[i], metric) < 0)
			return -ENOMEM;
	model->logarithms = metric_compared_by(descriptor) == METRIC_BY_RATIO &&
			    all_above_zero(model);
	for (size_t i = 0; model->logarithms && i < model->servers; i++)
		for (size_t j = 0; j < model->of[i].count; j++)
			model->of[i].values[j] = log(model->of[i].values[j]);
	return 0;
}

/* The value of a server in a block; NAN: it has none. */
static double value_in(const struct block_values *of, long block)
{
	for (size_t i = 0; i < of->count; i++)
		if (of->blocks[i] == block)
			return of->values[i];
	return NAN;
}

/* The median of what one has more than the other in the same blocks; NAN: none has both. */
static double median_difference(const struct block_values *a, const struct block_values *b)
{
	double *differences = calloc(a->count + 1, sizeof *differences), median = NAN;

	for (size_t i = 0; differences && i < a->count; i++)
		differences[i] = a->values[i] - value_in(b, a->blocks[i]); /* NANs are left out */
	if (differences)
		median = statistics_median(differences, a->count);
	free(differences);
	return median;
}

/*
 * One round of Gauss and Seidel's: each server lies where the others, with the difference to each, put
 * it on average. Returns the largest step.
 */
static double effects_settle(double *effects, const double *differences, size_t servers)
{
	double step = 0;

	for (size_t i = 0; i < servers; i++) {
		double sum = 0;
		size_t known = 0;

		for (size_t j = 0; j < servers; j++)
			if (j != i && !isnan(differences[i * servers + j])) {
				sum += effects[j] + differences[i * servers + j];
				known++;
			}
		if (!known)
			continue;
		step = fmax(step, fabs(sum / (double)known - effects[i]));
		effects[i] = sum / (double)known;
	}
	return step;
}

/* So that the effects of servers that have any are none on average. */
static void effects_centre(double *effects, size_t servers)
{
	double sum = 0;
	size_t known = 0;

	for (size_t i = 0; i < servers; i++) {
		sum += isnan(effects[i]) ? 0 : effects[i];
		known += !isnan(effects[i]);
	}
	for (size_t i = 0; i < servers; i++)
		effects[i] -= sum / (double)known;
}

static int effects_find(struct block_model *model)
{
	size_t servers = model->servers;
	double *differences = calloc(servers * servers + 1, sizeof *differences);

	if (!differences)
		return -ENOMEM;
	for (size_t i = 0; i < servers; i++) {
		/* Where it begins, and stays, if no block has it together with another. */
		model->effects[i] = statistics_median(model->of[i].values, model->of[i].count);
		for (size_t j = 0; j < i; j++) {
			double one = median_difference(&model->of[i], &model->of[j]);

			differences[i * servers + j] = one;
			differences[j * servers + i] = -one;
		}
	}
	for (size_t round = 0; round < ROUNDS_MOST; round++)
		if (effects_settle(model->effects, differences, servers) < SETTLED)
			break;
	effects_centre(model->effects, servers);
	free(differences);
	return 0;
}

/* The mean of what the servers that have values have in a block; NAN: one of them has none there. */
static double block_mean(const struct block_model *model, long block)
{
	double sum = 0;
	size_t servers = 0;

	for (size_t i = 0; i < model->servers; i++)
		if (model->of[i].count > 0) {
			sum += value_in(&model->of[i], block);
			servers++;
		}
	return servers ? sum / (double)servers : NAN;
}

/* Of one server: its mean over the complete blocks, and how many these are. */
static double server_mean(const struct block_model *model, const struct block_values *of,
			  size_t *blocks)
{
	double sum = 0;

	*blocks = 0;
	for (size_t i = 0; i < of->count; i++)
		if (!isnan(block_mean(model, of->blocks[i]))) {
			sum += of->values[i];
			(*blocks)++;
		}
	return *blocks ? sum / (double)*blocks : NAN;
}

/* The two-way table's sums of squares, of its complete blocks. */
static struct block_spread spread_find(const struct block_model *model)
{
	struct block_spread spread = {0};
	double mean = 0;
	size_t servers = 0, blocks = 0;

	for (size_t i = 0; i < model->servers; i++)
		if (model->of[i].count > 0) {
			mean += server_mean(model, &model->of[i], &blocks);
			servers++;
		}
	mean /= (double)servers;
	if (servers < 2 || blocks < 2)
		return spread;
	for (size_t i = 0; i < model->servers; i++) {
		const struct block_values *of = &model->of[i];
		double own = server_mean(model, of, &blocks);

		for (size_t j = 0; j < of->count; j++) {
			double block = block_mean(model, of->blocks[j]);

			if (isnan(block))
				continue;
			spread.between += pow(block - mean, 2);
			spread.within += pow(of->values[j] - own - block + mean, 2);
		}
	}
	spread.servers_free = (double)servers - 1;
	spread.between_free = (double)blocks - 1;
	spread.within_free = spread.servers_free * spread.between_free;
	return spread;
}

/* What is left in a block when every server's effect is taken off it. */
static void left_add(struct block_spread *spread, const struct block_model *model, long block)
{
	double level = 0, squares = 0;
	size_t servers = 0;

	for (size_t i = 0; i < model->servers; i++) {
		double value = value_in(&model->of[i], block) - model->effects[i];

		if (isnan(value))
			continue;
		level += value;
		squares += value * value;
		servers++;
	}
	spread->left += fmax(0, squares - level * level / (double)servers);
	spread->left_free += (double)servers - 1; /* the block's level */
}

/* Over all blocks that any server has a value in. */
static void left_find(struct block_spread *spread, const struct block_model *model)
{
	size_t servers = 0;

	for (size_t i = 0; i < model->servers; i++) {
		servers += model->of[i].count > 0;
		for (size_t j = 0; j < model->of[i].count; j++) {
			long block = model->of[i].blocks[j];
			bool seen = false;

			for (size_t k = 0; k < i; k++)
				seen = seen || !isnan(value_in(&model->of[k], block));
			if (!seen)
				left_add(spread, model, block);
		}
	}
	spread->left_free -= servers > 0 ? (double)servers - 1 : 0; /* the servers' effects */
}

int block_model_fit(struct block_model *model, const struct results *results,
		    const struct cell *cells, size_t count, const char *metric)
{
	int code = -ENOMEM;

	*model = (struct block_model){.servers = count,
				      .of = calloc(count + 1, sizeof *model->of),
				      .effects = calloc(count + 1, sizeof *model->effects)};
	if (model->of && model->effects)
		code = values_read(model, results, cells, metric);
	if (code == 0)
		code = effects_find(model);
	if (code < 0) {
		block_model_destroy(model);
		return code;
	}
	model->spread = spread_find(model);
	left_find(&model->spread, model);
	return 0;
}

void block_model_destroy(struct block_model *model)
{
	for (size_t i = 0; model->of && i < model->servers; i++)
		block_values_destroy(&model->of[i]);
	free(model->of);
	free(model->effects);
	*model = (struct block_model){0};
}

bool block_model_always_behind(const struct block_model *model, size_t server, size_t first,
			       bool higher)
{
	const struct block_values *of = &model->of[server], *best = &model->of[first];
	size_t pairs = 0;

	for (size_t i = 0; i < of->count; i++) {
		double lead = value_in(best, of->blocks[i]) - of->values[i];

		if (isnan(lead))
			continue;
		if (!(higher ? lead > 0 : lead < 0))
			return false;
		pairs++;
	}
	return pairs > 0;
}

void block_spread_add(struct block_spread *sum, const struct block_spread *other)
{
	sum->left += other->left;
	sum->left_free += other->left_free;
	sum->between += other->between;
	sum->within += other->within;
	sum->servers_free += other->servers_free;
	sum->between_free += other->between_free;
	sum->within_free += other->within_free;
}

double block_spread_residual(const struct block_spread *spread)
{
	return spread->left_free > 0 ? sqrt(spread->left / spread->left_free) : NAN;
}

double block_spread_efficiency(const struct block_spread *spread)
{
	double within = spread->within / spread->within_free;
	double between = spread->between / spread->between_free;
	double servers = spread->servers_free + spread->within_free; /* what blocks do not take */
	double alone = spread->between_free + spread->within_free;   /* without blocks */
	double fewer = (spread->within_free + 1) * (alone + 3) /
		       ((spread->within_free + 3) * (alone + 1));

	if (!(spread->within_free > 0) || !(within > 0))
		return NAN;
	return fewer * (spread->between_free * between + servers * within) /
	       ((spread->between_free + servers) * within);
}
