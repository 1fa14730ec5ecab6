/*
 * The gate's promises, where the truth is known: how often it raises a false alarm, how often it finds what
 * is there. With TENK_LONG=1 many more rounds are played, and the shares printed.
 */
#include "lib/statistics/decision.h"

#include "tests/unit/random_normal.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAIRS_MOST = 40, FAMILY_MOST = 6, LONG_TIMES = 30 };

/*
 * A shared machine. Its blocks differ by tens of per cent, log-normally, which both trials of a block have
 * in common. Beyond that a trial varies by `cv`: half of that variance is drift that goes on from trial to
 * trial (autoregressive), half is its own; and one in 25 is hit by something that slows it by a fifth more or
 * less.
 */
struct machine {
	double cv, drift;
};

static const double BLOCKS_CV = 0.3, SPIKE_CHANCE = 0.04, SPIKE_MEAN = 0.2;

/* What a family of metrics made of one comparison. */
struct values {
	double a[FAMILY_MOST][PAIRS_MOST], b[FAMILY_MOST][PAIRS_MOST];
};

/* ln of what a trial took, but for the block's share; `drift` goes on. */
static double draw_trial(struct random *random, const struct machine *machine, double *drift)
{
	double kept = machine->drift, spike = 0;

	*drift = kept * *drift + sqrt(1 - kept * kept) * random_normal(random);
	if (random_unit(random) < SPIKE_CHANCE)
		spike = SPIKE_MEAN * random_exponential(random);
	return machine->cv * sqrt(0.5) * (*drift + random_normal(random)) + spike;
}

/* Two trials a block, in a random order and then in its reverse; b is truly more by `change`, in ln. */
static void draw_blocks(struct random *random, const struct machine *machine, double change,
			double *a, double *b)
{
	double drift = random_normal(random);
	size_t first_of_two = 0;

	for (size_t i = 0; i < PAIRS_MOST; i++) {
		double block = BLOCKS_CV * random_normal(random), trials[2];

		first_of_two = i % 2 ? 1 - first_of_two : random_below(random, 2);
		for (size_t k = 0; k < 2; k++)
			trials[k] = block + draw_trial(random, machine, &drift);
		a[i] = trials[first_of_two];
		b[i] = trials[1 - first_of_two] + change;
	}
}

/* How many rounds had come to which end by each look. */
struct tally {
	size_t rounds;
	size_t alarms
		[DECISION_LOOKS]; /* a regression in one that was watched, at this look or before */
	size_t all_ok;
};

/* Plays one gate, which stops as it does in earnest; the first `watched` of the family are looked at. */
static void play(const struct values *values, size_t family, size_t watched, double smallest,
		 struct tally *tally)
{
	struct decision_series series[FAMILY_MOST];
	struct decision decisions[FAMILY_MOST] = {0};
	bool is_alarm = false, stops = false, is_ok = true;

	for (size_t look = 0; look < DECISION_LOOKS; look++) {
		size_t pairs = decision_look_pairs[look];

		for (size_t i = 0; i < family; i++)
			series[i] = (struct decision_series){.a = {values->a[i], NULL, pairs},
							     .b = {values->b[i], NULL, pairs},
							     .paired = true,
							     .smallest = smallest};
		if (!stops) {
			cr_assert_eq(decide(series, family, DECISION_LOOKS, decisions), 0);
			stops = decision_stops(decisions, family);
			for (size_t i = 0; i < watched; i++)
				is_alarm |= decisions[i].outcome == DECISION_REGRESSION;
		}
		tally->alarms[look] += is_alarm;
	}
	for (size_t i = 0; i < watched; i++)
		is_ok &= decisions[i].outcome == DECISION_OK;
	tally->all_ok += is_ok;
}

/* A family whose first `changed` metrics are truly worse by this ratio, the others not at all. */
static struct tally simulate(size_t rounds, double drift, size_t family, size_t changed,
			     double ratio)
{
	const struct machine machine = {0.02, drift};
	struct tally tally = {.rounds = rounds * (getenv("TENK_LONG") ? LONG_TIMES : 1)};
	static struct values values;
	struct random random;

	random_seed(&random, 1914);
	for (size_t round = 0; round < tally.rounds; round++) {
		for (size_t i = 0; i < family; i++)
			draw_blocks(&random, &machine, i < changed ? log(ratio) : 0, values.a[i],
				    values.b[i]);
		play(&values, family, changed, log(1.02), &tally);
	}
	return tally;
}

static double share(size_t count, const struct tally *tally)
{
	return (double)count / (double)tally->rounds;
}

static void tell(const char *what, double drift, const struct tally *tally)
{
	if (getenv("TENK_LONG"))
		fprintf(stderr, "%s, drift %.1f: by 10, 20, 40 pairs %.3f %.3f %.3f, ok %.3f\n",
			what, drift, share(tally->alarms[0], tally), share(tally->alarms[1], tally),
			share(tally->alarms[2], tally), share(tally->all_ok, tally));
}

static const double drifts[] = {0.9, 0.6, 0.3};

Test(gate_simulation, false_alarms_where_the_change_just_does_not_matter)
{
	/* 2 % more is the most that is not a regression; and it is not ok either. */
	for (size_t i = 0; i < sizeof drifts / sizeof *drifts; i++) {
		struct tally tally = simulate(600, drifts[i], 1, 1, 1.02);

		tell("one metric, worst null", drifts[i], &tally);
		cr_expect_leq(share(tally.alarms[2], &tally), 0.05, "%zu", tally.alarms[2]);
		cr_expect_leq(share(tally.all_ok, &tally), 0.05, "%zu", tally.all_ok);
		/* A gate that never speaks would pass this too. */
		cr_expect_geq(share(tally.alarms[2], &tally), 0.015, "%zu", tally.alarms[2]);
	}
}

Test(gate_simulation, false_alarms_of_six_metrics_together)
{
	struct tally tally = simulate(400, drifts[0], FAMILY_MOST, FAMILY_MOST, 1.02);

	tell("six metrics, worst null", drifts[0], &tally);
	cr_expect_leq(share(tally.alarms[2], &tally), 0.05, "%zu", tally.alarms[2]);
}

Test(gate_simulation, a_slowdown_of_5_percent_in_one_metric)
{
	struct tally tally = simulate(600, drifts[0], 1, 1, 1.05);

	tell("one metric, 5 % slower", drifts[0], &tally);
	cr_expect_geq(share(tally.alarms[0], &tally), 0.60, "%zu", tally.alarms[0]);
	cr_expect_geq(share(tally.alarms[1], &tally), 0.90, "%zu", tally.alarms[1]);
	cr_expect_geq(share(tally.alarms[2], &tally), 0.98, "%zu", tally.alarms[2]);
}

Test(gate_simulation, a_slowdown_of_5_percent_in_one_of_six_metrics)
{
	/* The one that is worse has the smallest p, and all six against it: Holm's hardest step. */
	struct tally tally = simulate(300, drifts[0], FAMILY_MOST, 1, 1.05);

	tell("one of six metrics, 5 % slower", drifts[0], &tally);
	cr_expect_geq(share(tally.alarms[0], &tally), 0.40, "%zu", tally.alarms[0]);
	cr_expect_geq(share(tally.alarms[1], &tally), 0.75, "%zu", tally.alarms[1]);
	cr_expect_geq(share(tally.alarms[2], &tally), 0.97, "%zu", tally.alarms[2]);
}

Test(gate_simulation, less_drift_leaves_more_noise_within_a_block)
{
	/* What does not go on from trial to trial does not drop out of a pair: less is found early. */
	for (size_t i = 1; i < sizeof drifts / sizeof *drifts; i++) {
		struct tally one = simulate(200, drifts[i], 1, 1, 1.05);
		struct tally six = simulate(100, drifts[i], FAMILY_MOST, 1, 1.05);

		tell("one metric, 5 % slower", drifts[i], &one);
		tell("one of six metrics, 5 % slower", drifts[i], &six);
		cr_expect_geq(share(one.alarms[2], &one), 0.98, "%zu", one.alarms[2]);
		cr_expect_geq(share(six.alarms[2], &six), 0.95, "%zu", six.alarms[2]);
	}
}

/* Events that come in bursts of about 500: most trials have none. */
static void draw_bursts(struct random *random, double chance, double *events)
{
	for (size_t i = 0; i < PAIRS_MOST; i++)
		events[i] = random_unit(random) < chance ? round(500 * random_exponential(random))
							 : 0;
}

/* Errors that come by themselves, `mean` a trial. */
static void draw_errors(struct random *random, double mean, double *events)
{
	for (size_t i = 0; i < PAIRS_MOST; i++) {
		events[i] = -1;
		for (double left = mean; left >= 0; left -= random_exponential(random))
			events[i]++;
	}
}

/*
 * A gate on errors in so many requests a trial, at the hardest step of a family of six; a rise of one error in
 * 20,000 requests does not matter.
 */
static void play_counts(const double *a, const double *b, double requests_each, struct tally *tally)
{
	static double requests[PAIRS_MOST];
	struct decision_series series[FAMILY_MOST] = {0};
	struct decision decisions[FAMILY_MOST];
	bool is_alarm = false;

	for (size_t i = 0; i < PAIRS_MOST; i++)
		requests[i] = requests_each;
	for (size_t look = 0; look < DECISION_LOOKS; look++) {
		series[0] = (struct decision_series){.a = {a, requests, decision_look_pairs[look]},
						     .b = {b, requests, decision_look_pairs[look]},
						     .paired = true,
						     .counted = true,
						     .smallest = log(1.02),
						     .smallest_rise = 5e-5};
		cr_assert_eq(decide(series, FAMILY_MOST, DECISION_LOOKS, decisions), 0);
		is_alarm |= decisions[0].outcome == DECISION_REGRESSION;
		tally->alarms[look] += is_alarm;
	}
	tally->all_ok += decisions[0].outcome == DECISION_OK;
}

Test(gate_simulation, errors)
{
	struct tally bursts = {.rounds = getenv("TENK_LONG") ? 4000 : 50}, more = bursts,
		     none = bursts, fault = bursts, few = bursts;
	double a[PAIRS_MOST], b[PAIRS_MOST];
	struct random random;

	random_seed(&random, 20);
	for (size_t round = 0; round < bursts.rounds; round++) {
		draw_bursts(&random, 0.1, a);
		draw_bursts(&random, 0.1, b);
		play_counts(a, b, 50000, &bursts);
		draw_bursts(&random, 0.2, b);
		play_counts(a, b, 50000, &more);
		draw_errors(&random, 0, a);
		draw_errors(&random, 0, b);
		play_counts(a, b, 50000, &none);
		draw_errors(&random, 5, b);
		play_counts(a, b, 50000, &fault);
		draw_errors(&random, 1, b);
		play_counts(a, b, 10000, &few);
	}
	tell("errors, in bursts on both sides", 0, &bursts);
	tell("errors, twice as many bursts", 0, &more);
	tell("errors, none at all", 0, &none);
	tell("errors, 1 in 10,000 requests fails, of 50,000", 0, &fault);
	tell("errors, 1 in 10,000 requests fails, of 10,000", 0, &few);
	cr_expect_leq(share(bursts.alarms[2], &bursts), 0.05, "%zu", bursts.alarms[2]);
	cr_expect_leq(share(more.all_ok, &more), 0.05, "%zu", more.all_ok);
	cr_expect_eq(none.alarms[2], 0);
	cr_expect_eq(none.all_ok, none.rounds);
	cr_expect_geq(share(fault.alarms[1], &fault), 0.95, "%zu", fault.alarms[1]);
	cr_expect_geq(share(few.alarms[2], &few), 0.7, "%zu", few.alarms[2]);
}
