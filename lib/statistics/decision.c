#include "lib/statistics/decision.h"

#include "lib/statistics/exact_counts.h"
#include "lib/statistics/holm.h"
#include "lib/statistics/power.h"
#include "lib/statistics/rank_sum.h"
#include "lib/statistics/signed_rank.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

const size_t decision_look_pairs[DECISION_LOOKS] = {10, 20, 40};

bool decision_is_look(size_t pairs)
{
	for (size_t i = 0; i < DECISION_LOOKS; i++)
		if (decision_look_pairs[i] == pairs)
			return true;
	return false;
}

/* What needs more pairs than this is not decided by measuring on. */
static const double PAIRS_MOST = 9999;

static size_t pairs_of(const struct decision_series *series)
{
	return series->a.count < series->b.count ? series->a.count : series->b.count;
}

/* b[i] - a[i]; owned by the caller, NULL without memory. */
static double *differences_of(const double *a, const double *b, size_t count)
{
	double *differences = calloc(count + 1, sizeof *differences);

	for (size_t i = 0; differences && i < count; i++)
		differences[i] = b[i] - a[i];
	return differences;
}

static double p_of_values(bool paired, const struct decision_sample *a,
			  const struct decision_sample *b, double than)
{
	double *differences, p;

	if (!paired)
		return rank_sum_p_greater(a->values, a->count, b->values, b->count, than);
	differences = differences_of(a->values, b->values, a->count);
	p = differences ? signed_rank_p_greater(differences, a->count, than) : NAN;
	free(differences);
	return p;
}

static struct exact_count total_of(const struct decision_sample *sample)
{
	struct exact_count total = {0, 0};
	double events = 0;

	for (size_t i = 0; i < sample->count; i++) {
		events += sample->values[i];
		total.exposure += sample->exposures[i];
	}
	total.events = (uint64_t)llround(events);
	return total;
}

/*
 * How many times as much the trials of a side differ as events would that come by themselves (Pearson's
 * chi-square over its degrees of freedom); 1 if no more than that.
 */
static double dispersion_of(const struct decision_sample *sample)
{
	struct exact_count total = total_of(sample);
	double rate = (double)total.events / total.exposure, squares = 0;

	if (total.events == 0 || sample->count < 2)
		return 1;
	for (size_t i = 0; i < sample->count; i++) {
		double expected = rate * sample->exposures[i];

		squares += pow(sample->values[i] - expected, 2) / expected;
	}
	return fmax(1, squares / (double)(sample->count - 1));
}

static double *rates_of(const struct decision_sample *sample)
{
	double *rates = calloc(sample->count + 1, sizeof *rates);

	for (size_t i = 0; rates && i < sample->count; i++)
		rates[i] = sample->values[i] / sample->exposures[i];
	return rates;
}

/*
 * Events that come in bursts make totals differ that are the same in truth, so the trials must agree with
 * the totals: b's have more events so often that chance does not deal the sides like that.
 */
static double p_of_trials(bool paired, const struct decision_sample *a,
			  const struct decision_sample *b)
{
	double *rates_a = rates_of(a), *rates_b = rates_of(b), p = NAN;
	struct decision_sample of_a = {rates_a, NULL, a->count}, of_b = {rates_b, NULL, b->count};

	if (rates_a && rates_b)
		p = p_of_values(paired, &of_a, &of_b, 0);
	free(rates_a);
	free(rates_b);
	return p;
}

/* One-sided p of "b is worse than a by what matters at most". The samples swapped: the mirror of it. */
static double p_worse(const struct decision_series *series, const struct decision_sample *a,
		      const struct decision_sample *b)
{
	struct exact_count total_a, total_b;
	double p, trials;

	if (!series->counted)
		return p_of_values(series->paired, a, b, series->smallest);
	total_a = total_of(a);
	total_b = total_of(b);
	p = exact_counts_p_ratio(total_a, total_b, exp(series->smallest));
	if (series->smallest_rise > 0)
		p = fmax(p, exact_counts_p_difference(total_a, total_b, series->smallest_rise));
	trials = p_of_trials(series->paired, a, b);
	return isnan(trials) ? NAN : fmax(p, trials); /* fmax would pass a NAN over */
}

/* What the family's size and the looks leave to one series. */
struct stake {
	size_t family, least_pairs;
	double alpha; /* of one look */
};

/* How far the differences of two trials scatter, by either side's own where they are not paired. */
static double spread_of(const struct decision_series *series, const double *differences)
{
	if (series->paired)
		return power_spread(differences, series->a.count);
	return hypot(power_spread(series->a.values, series->a.count),
		     power_spread(series->b.values, series->b.count));
}

/* Whole pairs; 0 where it is more than anybody will measure. */
static size_t whole_pairs(double pairs)
{
	return pairs <= PAIRS_MOST ? (size_t)ceil(pairs) : 0;
}

static struct interval interval_of(const struct decision_series *series, const double *differences,
				   double confidence)
{
	const struct decision_sample *a = &series->a, *b = &series->b;

	return series->paired
		       ? signed_rank_interval(differences, a->count, confidence)
		       : rank_sum_interval(a->values, a->count, b->values, b->count, confidence);
}

/*
 * The formula knows the bulk of the noise. What lies far out it does not know, nor the steps of few pairs:
 * so no change is called detectable with which these very values, moved by it, would not have been one.
 */
static void foresee(const struct decision_series *series, const struct stake *stake,
		    const double *differences, struct decision *decision)
{
	double spread = spread_of(series, differences);
	double gap = decision->estimate - series->smallest;
	double strict = stake->alpha / (double)stake->family;
	double needed = power_pairs(spread, fabs(gap), gap > 0 ? strict : stake->alpha,
				    DECISION_POWER);
	struct interval moved = interval_of(series, differences, 1 - 2 * strict);

	decision->pairs_needed = whole_pairs(
		fmax(fmax(needed, (double)stake->least_pairs), (double)decision->pairs + 1));
	if (decision->pairs >= stake->least_pairs && moved.coverage >= 1 - 2 * strict - 1e-9)
		decision->detectable =
			series->smallest +
			fmax(power_gap(spread, (double)decision->pairs, strict, DECISION_POWER),
			     decision->estimate - moved.low);
}

/* Estimate, bounds, the sign test, and whether the upper bound is below what matters. */
static bool describe_values(const struct decision_series *series, const struct stake *stake,
			    struct decision *decision)
{
	const struct decision_sample *a = &series->a, *b = &series->b;
	double confidence = 1 - 2 * stake->alpha, *differences = NULL;
	struct interval interval;

	if (!series->paired) {
		decision->estimate = rank_sum_shift(a->values, a->count, b->values, b->count);
	} else {
		differences = differences_of(a->values, b->values, a->count);
		if (!differences)
			return false;
		decision->estimate = hodges_lehmann(differences, a->count);
		decision->sign_p = sign_test_p_greater(differences, a->count, series->smallest);
	}
	interval = interval_of(series, differences, confidence);
	foresee(series, stake, differences, decision);
	free(differences);
	decision->coverage = interval.coverage;
	if (interval.coverage < confidence - 1e-9)
		return false;
	decision->low = interval.low;
	decision->high = interval.high;
	return decision->high < series->smallest;
}

/* A burst of `dispersion` events tells as much as one event in so much less of what there was. */
static struct exact_count thin_out(struct exact_count count, double dispersion)
{
	return (struct exact_count){(uint64_t)llround((double)count.events / dispersion),
				    count.exposure / dispersion};
}

static bool describe_counts(const struct decision_series *series, const struct stake *stake,
			    struct decision *decision)
{
	struct exact_count a = total_of(&series->a), b = total_of(&series->b);
	double dispersion = fmax(dispersion_of(&series->a), dispersion_of(&series->b));
	struct exact_count thin_a = thin_out(a, dispersion), thin_b = thin_out(b, dispersion);
	double confidence = 1 - stake->alpha; /* two ways to be ok: each end has half of alpha */
	struct interval rise = exact_counts_difference(thin_a, thin_b, confidence);
	struct interval ratio = exact_counts_ratio(thin_a, thin_b, confidence);

	decision->estimate = (double)b.events / b.exposure - (double)a.events / a.exposure;
	decision->low = rise.low;
	decision->high = rise.high;
	decision->coverage = confidence;
	/* Without any event the bound falls as what there was to go wrong grows. */
	if (a.events + b.events == 0 && series->smallest_rise > 0)
		decision->pairs_needed = whole_pairs(fmax(
			(double)stake->least_pairs,
			floor((double)decision->pairs * rise.high / series->smallest_rise) + 1));
	return rise.high < series->smallest_rise || ratio.high < exp(series->smallest);
}

static enum decision_outcome outcome_of(const struct decision *decision, const struct stake *stake,
					bool below)
{
	if (decision->pairs < stake->least_pairs)
		return DECISION_INCONCLUSIVE;
	if (decision->p_adjusted <= DECISION_ALPHA)
		return DECISION_REGRESSION;
	if (decision->p_better <= DECISION_ALPHA)
		return DECISION_IMPROVEMENT;
	return below ? DECISION_OK : DECISION_INCONCLUSIVE;
}

static void conclude(const struct decision_series *series, const struct stake *stake,
		     struct decision *decision)
{
	bool below = false;

	if (decision->pairs > 0)
		below = series->counted ? describe_counts(series, stake, decision)
					: describe_values(series, stake, decision);
	else
		decision->pairs_needed = stake->least_pairs;
	decision->outcome = outcome_of(decision, stake, below);
	if (decision->outcome != DECISION_INCONCLUSIVE)
		decision->pairs_needed = 0;
}

int decide(const struct decision_series *family, size_t count, size_t looks,
	   struct decision *decisions)
{
	struct stake stake = {count, decision_least_pairs(count), DECISION_ALPHA / (double)looks};
	double *worse = calloc(2 * count + 1, sizeof *worse), *better;
	int result = worse ? 0 : -ENOMEM;

	for (size_t i = 0; result == 0 && i < count; i++) {
		const struct decision_series *series = &family[i];
		size_t pairs = pairs_of(series);

		better = worse + count;
		worse[i] = pairs ? p_worse(series, &series->a, &series->b) : NAN;
		better[i] = pairs ? p_worse(series, &series->b, &series->a) : NAN;
		decisions[i] = (struct decision){.estimate = NAN,
						 .low = -INFINITY,
						 .high = INFINITY,
						 .p = worse[i],
						 .sign_p = NAN,
						 .pairs = pairs,
						 .detectable = NAN};
		if (pairs && (isnan(worse[i]) || isnan(better[i])))
			result = -ENOMEM;
	}
	if (result == 0) {
		holm_adjust(worse, count);
		holm_adjust(worse + count, count);
	}
	for (size_t i = 0; result == 0 && i < count; i++) {
		decisions[i].p_adjusted = fmin(1, (double)looks * worse[i]);
		decisions[i].p_better = fmin(1, (double)looks * worse[count + i]);
		conclude(&family[i], &stake, &decisions[i]);
	}
	free(worse);
	return result;
}

size_t decision_least_pairs(size_t family)
{
	double smallest_p = DECISION_ALPHA / (DECISION_LOOKS * fmax((double)family, 1));
	size_t least = (size_t)ceil(-log2(smallest_p));

	return least > DECISION_LEAST_PAIRS ? least : DECISION_LEAST_PAIRS;
}

bool decision_stops(const struct decision *decisions, size_t count)
{
	bool is_open = false;

	for (size_t i = 0; i < count; i++) {
		if (decisions[i].outcome == DECISION_REGRESSION)
			return true;
		is_open |= decisions[i].outcome == DECISION_INCONCLUSIVE;
	}
	return !is_open;
}
