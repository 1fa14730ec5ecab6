#include "harness/measure/slices.h"

#include "lib/clock.h"
#include "lib/random.h"
#include "lib/statistics/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* It settles in two or three. */
enum { POLISH_STEPS = 8 };

/* A part of its CPU that may be known in ticks only, for one slice to be known by itself. */
#define IN_TICKS_MOST 0.05

size_t slices_rounds(uint64_t duration_ns, uint64_t slice_ns)
{
	size_t rounds = (size_t)((duration_ns + slice_ns - 1) / slice_ns);

	return rounds > SLICES_ROUNDS_LEAST ? rounds : SLICES_ROUNDS_LEAST;
}

void slices_order(uint64_t seed, size_t round, size_t *order, size_t count)
{
	struct random random;

	for (size_t i = 0; i < count; i++)
		order[i] = i;
	random_seed(&random, random_derive(seed, round / 2));
	random_shuffle(&random, order, count);
	for (size_t i = 0; round % 2 == 1 && i < count / 2; i++) {
		size_t other = order[count - 1 - i];

		order[count - 1 - i] = order[i];
		order[i] = other;
	}
}

static double active_ns(const struct slice *slice)
{
	return (double)(slice->drained_ns - slice->begin_ns);
}

double slices_active_ns(const struct slices *slices)
{
	double sum = 0;

	for (size_t i = 0; i < slices->count; i++)
		sum += active_ns(&slices->made[i]);
	return sum;
}

/*
 * In a closed loop the answers to what was sent at the end come behind it, as those to what was sent
 * before its beginning would have come in it, had there been any: so they count with the time that they
 * took. What is due at a rate is due in the slice's own time.
 */
static double figure_of(const struct slices *slices, const struct slice *slice,
			enum slice_figure figure)
{
	double length_ns = slices->rate_per_s > 0 ? (double)(slice->end_ns - slice->begin_ns)
						  : active_ns(slice);

	if (slice->good == 0 || length_ns <= 0)
		return NAN;
	if (figure == SLICE_CPU_PER_REQUEST_NS)
		return slice->cpu_ns / (double)slice->good;
	return (double)slice->good / length_ns * (double)NS_PER_S;
}

/* All slices as one. */
static struct slice sum_up(const struct slices *slices)
{
	struct slice sum = {0};

	for (size_t i = 0; i < slices->count; i++) {
		const struct slice *slice = &slices->made[i];

		sum.end_ns += slice->end_ns - slice->begin_ns;
		sum.drained_ns += slice->drained_ns - slice->begin_ns;
		sum.good += slice->good;
		sum.cpu_ns += slice->cpu_ns;
		sum.ended_ns += slice->ended_ns;
	}
	return sum;
}

/* Whether a server has a figure in each round, and one that is known well. */
static bool came_through(const struct slices *slices, const struct slice *sum, size_t rounds,
			 enum slice_figure figure)
{
	bool all = slices->count == rounds;

	for (size_t i = 0; i < slices->count; i++)
		all &= slices->made[i].good > 0 && slices->made[i].errors == 0;
	if (figure == SLICE_CPU_PER_REQUEST_NS)
		all &= !(sum->ended_ns > IN_TICKS_MOST * sum->cpu_ns);
	return all;
}

/* Logarithms of one figure of the servers that came through, and what is fitted to them. */
struct fit {
	struct slices **servers;
	size_t count, rounds;
	double *levels, *effects; /* of servers, and of rounds: a value is about their sum */
	double *work;		  /* room for a number a round or server */
};

/* One step of the polish: servers' levels without rounds' effects, then these without those. */
static void polish(struct fit *fit, enum slice_figure figure)
{
	double middle;

	for (size_t i = 0; i < fit->count; i++) {
		const struct slices *server = fit->servers[i];

		for (size_t round = 0; round < fit->rounds; round++)
			fit->work[round] = log(figure_of(server, &server->made[round], figure)) -
					   fit->effects[round];
		fit->levels[i] = statistics_median(fit->work, fit->rounds);
	}
	for (size_t round = 0; round < fit->rounds; round++) {
		for (size_t i = 0; i < fit->count; i++)
			fit->work[i] = log(figure_of(fit->servers[i], &fit->servers[i]->made[round],
						     figure)) -
				       fit->levels[i];
		fit->effects[round] = statistics_median(fit->work, fit->count);
	}
	/* The machine's usual state is that of the round in the middle. */
	middle = statistics_median(fit->effects, fit->rounds);
	for (size_t round = 0; round < fit->rounds; round++)
		fit->effects[round] -= middle;
	for (size_t i = 0; i < fit->count; i++)
		fit->levels[i] += middle;
}

/*
 * What all slices as one have of what their level promises: of a rate its inverse, so that more is worse. Without
 * the worst slice: one may be worse by accident.
 */
static double excess_of(const struct fit *fit, size_t i, enum slice_figure figure,
			bool without_worst)
{
	const struct slices *server = fit->servers[i];
	bool is_cpu = figure == SLICE_CPU_PER_REQUEST_NS;
	double made = 0, promised = 0, worst = -INFINITY, worst_made = 0, worst_promised = 0;

	for (size_t round = 0; round < fit->rounds; round++) {
		const struct slice *slice = &server->made[round];
		double weight = is_cpu ? (double)slice->good : active_ns(slice);
		double this_made = weight * figure_of(server, slice, figure);
		double this_promised = weight * exp(fit->levels[i] + fit->effects[round]);
		double worse = is_cpu ? this_made - this_promised : this_promised - this_made;

		made += this_made;
		promised += this_promised;
		if (without_worst && worse > worst) {
			worst = worse;
			worst_made = this_made;
			worst_promised = this_promised;
		}
	}
	made -= worst_made;
	promised -= worst_promised;
	return is_cpu ? made / promised : promised / made;
}

/* Whether one of these is more than all others are, by so much, and these show that noise is small. */
static bool stands_out(const double *excess, size_t count, size_t i)
{
	double most = 0;

	for (size_t j = 0; j < count; j++)
		if (j != i)
			most = fmax(most, excess[j]);
	return count > 1 && most < 1 + SLICES_QUIET && excess[i] > (1 + SLICES_BURSTS) * most;
}

static void count_bursts(struct fit *fit, enum slice_figure figure)
{
	double *excess = fit->work, *trimmed = calloc(fit->count + 1, sizeof *trimmed), usual;

	for (size_t i = 0; trimmed && i < fit->count; i++) {
		excess[i] = excess_of(fit, i, figure, false);
		trimmed[i] = excess_of(fit, i, figure, true);
	}
	usual = trimmed ? statistics_median(excess, fit->count) : NAN;
	for (size_t i = 0; trimmed && i < fit->count; i++) {
		struct slices *server = fit->servers[i];

		if (!stands_out(excess, fit->count, i) || !stands_out(trimmed, fit->count, i))
			continue;
		/* Of two servers the other one's is what is usual. */
		server->bursts[figure] = excess[i] / (fit->count == 2 ? excess[1 - i] : usual);
		server->figures[figure] *= figure == SLICE_CPU_PER_REQUEST_NS
						   ? server->bursts[figure]
						   : 1 / server->bursts[figure];
	}
	free(trimmed);
}

/* How far the second of its slices lies off, after the one that lies off most. */
static double scatter_of(const struct fit *fit, size_t i)
{
	const struct slices *server = fit->servers[i];
	double most = 0, second = 0;

	for (size_t round = 0; round < fit->rounds; round++) {
		double value = figure_of(server, &server->made[round], SLICE_CPU_PER_REQUEST_NS);
		double off = fabs(log(value) - fit->levels[i] - fit->effects[round]);

		second = fmax(second, fmin(off, most));
		most = fmax(most, off);
	}
	return second;
}

/* Far more than most servers' do. */
static void find_scatter(struct fit *fit)
{
	double usual;

	for (size_t i = 0; i < fit->count; i++)
		fit->work[i] = scatter_of(fit, i);
	usual = statistics_median(fit->work, fit->count);
	for (size_t i = 0; i < fit->count && fit->count > 2; i++)
		if (fit->work[i] > fmax(SLICES_SCATTER, 3 * usual))
			fit->servers[i]->scatter = fit->work[i];
}

static void compute(struct fit *fit, enum slice_figure figure)
{
	for (size_t round = 0; round < fit->rounds; round++)
		fit->effects[round] = 0;
	for (int step = 0; step < POLISH_STEPS; step++)
		polish(fit, figure);
	for (size_t i = 0; i < fit->count; i++)
		fit->servers[i]->figures[figure] = exp(fit->levels[i]);
	count_bursts(fit, figure);
	if (figure == SLICE_CPU_PER_REQUEST_NS)
		find_scatter(fit);
	for (size_t i = 0; figure == SLICE_REQUESTS_PER_S && i < fit->count; i++)
		for (size_t round = 0; round < fit->rounds; round++) {
			struct slice *slice = &fit->servers[i]->made[round];

			slice->relative = figure_of(fit->servers[i], slice, figure) /
					  exp(fit->levels[i] + fit->effects[round]);
		}
}

void slices_compute(struct slices *const *block, size_t servers, size_t rounds)
{
	struct fit fit = {.servers = calloc(servers + 1, sizeof(struct slices *)),
			  .rounds = rounds,
			  .levels = calloc(servers + 1, sizeof(double)),
			  .effects = calloc(rounds + 1, sizeof(double)),
			  .work = calloc(servers + rounds + 1, sizeof(double))};
	bool has_room = fit.servers && fit.levels && fit.effects && fit.work;

	for (size_t i = 0; i < servers; i++)
		for (size_t round = 0; round < block[i]->count; round++)
			block[i]->made[round].relative = NAN;
	for (enum slice_figure figure = 0; figure < SLICE_FIGURES; figure++) {
		fit.count = 0;
		for (size_t i = 0; i < servers; i++) {
			struct slice sum = sum_up(block[i]);

			block[i]->figures[figure] = figure_of(block[i], &sum, figure);
			block[i]->bursts[figure] = 1;
			block[i]->scatter = 0;
			if (has_room && came_through(block[i], &sum, rounds, figure))
				fit.servers[fit.count++] = block[i];
		}
		if (fit.count > 0)
			compute(&fit, figure);
	}
	free(fit.servers);
	free(fit.levels);
	free(fit.effects);
	free(fit.work);
}

json_t *slices_describe(const struct slices *slices)
{
	json_t *list = json_array();

	for (size_t i = 0; i < slices->count; i++) {
		const struct slice *slice = &slices->made[i];

		json_array_append_new(
			list,
			json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:o}", "order", (int)slice->order,
				  "begin_ns", (json_int_t)(slice->begin_ns - slices->origin_ns),
				  "duration_ns", (json_int_t)(slice->end_ns - slice->begin_ns),
				  "drained_ns", (json_int_t)(slice->drained_ns - slice->begin_ns),
				  "good", (json_int_t)slice->good, "errors",
				  (json_int_t)slice->errors, "cpu_ns",
				  isfinite(slice->cpu_ns) ? json_real(slice->cpu_ns)
							  : json_null()));
	}
	return list;
}
