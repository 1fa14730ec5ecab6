#include "stored/blocks/ratio.h"

#include "lib/statistics/range_test.h"
#include "lib/statistics/signed_rank.h"
#include "stored/blocks/blocks.h"

#include <math.h>

static const char to_zero[] = "what it is divided by comes down to zero";
const char block_ratio_not_driven[] = "the server was not driven to its limit";
const char block_ratio_other_not_driven[] =
	"the server it is compared with was not driven to its limit";

struct summary block_pairs_summarise(const double *differences, size_t count, double confidence)
{
	struct summary summary = statistics_summarise(differences, count, confidence);
	struct interval interval;

	if (count < BLOCK_PAIRS_EXACT) /* one spoiled block moves their median little */
		return summary;
	interval = signed_rank_interval(differences, count, confidence);
	summary.median = hodges_lehmann(differences, count);
	summary.low = interval.low;
	summary.high = interval.high;
	summary.coverage = interval.coverage;
	return summary;
}

static bool all_above_zero(const double *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!(values[i] > 0))
			return false;
	return true;
}

static struct interval find_sure(const double *values, size_t count, const struct summary *summary)
{
	return count < BLOCK_PAIRS_EXACT ? range_test_interval(values, count)
					 : (struct interval){.low = summary->low,
							     .high = summary->high,
							     .coverage = summary->coverage};
}

static void summarise_differences(struct block_ratio *ratio, const double *values, size_t count,
				  double confidence)
{
	ratio->summary = statistics_summarise(values, count, confidence);
	ratio->sure = find_sure(values, count, &ratio->summary);
}

/* By logarithms, as long as there are any; the values are lost. */
static void summarise_quotients(struct block_ratio *ratio, double *quotients, size_t count,
				double confidence)
{
	struct summary *summary = &ratio->summary;
	double *const ends[] = {&summary->median, &summary->low,    &summary->high,   &summary->min,
				&summary->max,	  &ratio->sure.low, &ratio->sure.high};

	if (!all_above_zero(quotients, count)) {
		summarise_differences(ratio, quotients, count, confidence);
		return;
	}
	for (size_t i = 0; i < count; i++)
		quotients[i] = log(quotients[i]);
	*summary = block_pairs_summarise(quotients, count, confidence);
	ratio->sure = find_sure(quotients, count, summary);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		*ends[i] = exp(*ends[i]);
}

/*
 * Where the lower series is not above zero in every block its quotients mean nothing; then the upper end
 * of its interval divides instead of its values, and the ratio is known to be that "at least". False
 * if there is not even such a bound.
 */
static bool divide(struct block_values *of, const struct block_values *over, double confidence,
		   struct block_ratio *ratio)
{
	struct summary below = statistics_summarise(over->values, over->count, confidence);
	bool to_bound = below.min <= 0;

	if (to_bound && below.high <= 0)
		return false;
	if (to_bound) {
		ratio->at_least = true;
		ratio->why = to_zero;
	}
	for (size_t i = 0; i < over->count; i++)
		of->values[i] /= to_bound ? below.high : over->values[i];
	if (to_bound)
		summarise_differences(ratio, of->values, of->count, confidence);
	else
		summarise_quotients(ratio, of->values, of->count, confidence);
	return true;
}

/*
 * Of a server that could do more than it was driven to the quotient is at least what it is, and what is
 * divided by such a one at most that.
 */
static void find_bounds(const struct results *results, const struct cell *of,
			const struct cell *over, const char *metric, struct block_ratio *ratio)
{
	ratio->at_least = results_value_is_bound(results, of, metric);
	ratio->at_most = results_value_is_bound(results, over, metric);
	ratio->why = ratio->at_least  ? block_ratio_not_driven
		     : ratio->at_most ? block_ratio_other_not_driven
				      : NULL;
}

void block_ratio_heed_bounds(struct block_ratio *ratio)
{
	if (ratio->at_most)
		ratio->summary.low = ratio->sure.low = NAN;
	if (ratio->at_least)
		ratio->summary.high = ratio->sure.high = NAN;
}

struct block_ratio block_ratio_find(const struct results *results, const struct cell *of,
				    const struct cell *over, const char *metric, double confidence)
{
	struct block_ratio ratio = {.summary = statistics_summarise(NULL, 0, confidence),
				    .sure = {.low = NAN, .high = NAN}};
	struct block_values values, divisors;

	block_values_read(&values, results, of, metric);
	block_values_read(&divisors, results, over, metric);
	if (values.count == 0) {
		ratio.kind = BLOCK_RATIO_NO_VALUES;
	} else if (divisors.count == 0) {
		ratio.kind = BLOCK_RATIO_NO_REFERENCE;
	} else if ((ratio.pairs = block_values_pair(&values, &divisors)) == 0) {
		ratio.kind = BLOCK_RATIO_APART;
	} else {
		find_bounds(results, of, over, metric, &ratio);
		if (ratio.at_least && ratio.at_most)
			ratio.kind = BLOCK_RATIO_BOTH_BOUNDS;
		else if (!divide(&values, &divisors, confidence, &ratio))
			ratio.kind = BLOCK_RATIO_NO_DIVISOR;
	}
	block_ratio_heed_bounds(&ratio);
	block_values_destroy(&values);
	block_values_destroy(&divisors);
	return ratio;
}
