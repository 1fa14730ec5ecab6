/* Claims about a value, a ratio of two, and the order that events come in. */
#include "stored/claims/deciders.h"
#include "stored/claims/question.h"

#include "lib/json.h"
#include "lib/statistics/rank_sum.h"
#include "stored/blocks/blocks.h"
#include "stored/claims/missing.h"
#include "stored/ladder_end.h"
#include "stored/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char not_its_end[] = "what ended its ladder is no limit of its own";

/* A ladder that ended at a limit of the machine, or at its top, leaves open what lies above. */
static void explain_ladder(const struct claimed_cell *of, struct verdict *verdict)
{
	struct ladder_end end = ladder_find_end(of->results, &of->cell);
	char held[32];

	verdict_set(
		verdict, VERDICT_NOT_TESTABLE,
		"%s connections were held, and what ended that, %s, is no limit of its own%s%s%s%s.",
		units_format_count((uint64_t)end.held, held),
		*end.limit ? end.limit : "the top of the ladder", *end.text ? ": " : "", end.text,
		*end.remedy ? "; to lift that: " : "", end.remedy);
}

void claim_decide_value(const struct question *question, struct verdict *verdict)
{
	const struct claimed_cell *of = &question->cells[0];
	struct finding finding = {.neutral = NAN};
	struct block_values values;

	block_values_read(&values, of->results, &of->cell, question->metric);
	finding.summary = statistics_summarise(values.values, values.count, verdict->confidence);
	block_values_destroy(&values);
	if (finding.summary.count == 0) {
		missing_explain(verdict, of->results, &of->cell);
		return;
	}
	finding.at_least = results_value_is_bound(of->results, &of->cell, question->metric);
	if (finding.at_least) {
		finding.summary.high = NAN;
		finding.why = metric_is_most(verdict->descriptor) ? not_its_end
								  : block_ratio_not_driven;
	}
	claim_decide(question, verdict, &finding);
	if (finding.at_least && metric_is_most(verdict->descriptor) &&
	    verdict->kind == VERDICT_INCONCLUSIVE && verdict->coverage >= verdict->confidence)
		explain_ladder(of, verdict);
}

/* The logarithms of values that are all above zero; false: they are not. */
static bool to_logarithms(struct block_values *values)
{
	for (size_t i = 0; i < values->count; i++) {
		if (!(values->values[i] > 0))
			return false;
		values->values[i] = log(values->values[i]);
	}
	return true;
}

/* Two samples of different runs have no blocks in common, so what drifted between them is in their ratio. */
static void ratio_of_samples(struct block_values *of, struct block_values *over, double confidence,
			     struct block_ratio *ratio)
{
	struct interval interval;

	ratio->kind = !to_logarithms(over) ? BLOCK_RATIO_NO_DIVISOR
		      : !to_logarithms(of) ? BLOCK_RATIO_NO_LOGARITHM
					   : BLOCK_RATIO_FOUND;
	if (ratio->kind != BLOCK_RATIO_FOUND)
		return;
	interval = rank_sum_interval(over->values, over->count, of->values, of->count, confidence);
	ratio->summary = (struct summary){
		.count = ratio->pairs,
		.median = exp(rank_sum_shift(over->values, over->count, of->values, of->count)),
		.low = exp(interval.low),
		.high = exp(interval.high),
		.min = NAN,
		.max = NAN,
		.coverage = interval.coverage,
	};
}

static struct block_ratio ratio_across(const char *metric, const struct claimed_cell *of,
				       const struct claimed_cell *over, double confidence)
{
	struct block_ratio ratio = {.summary = statistics_summarise(NULL, 0, confidence)};
	struct block_values values, divisors;

	block_values_read(&values, of->results, &of->cell, metric);
	block_values_read(&divisors, over->results, &over->cell, metric);
	ratio.pairs = values.count < divisors.count ? values.count : divisors.count;
	ratio.at_least = results_value_is_bound(of->results, &of->cell, metric);
	ratio.at_most = results_value_is_bound(over->results, &over->cell, metric);
	if (ratio.at_least || ratio.at_most)
		ratio.why = ratio.at_least ? block_ratio_not_driven : block_ratio_other_not_driven;
	if (values.count == 0)
		ratio.kind = BLOCK_RATIO_NO_VALUES;
	else if (divisors.count == 0)
		ratio.kind = BLOCK_RATIO_NO_REFERENCE;
	else if (ratio.at_least && ratio.at_most)
		ratio.kind = BLOCK_RATIO_BOTH_BOUNDS;
	else
		ratio_of_samples(&values, &divisors, confidence, &ratio);
	if (ratio.at_most)
		ratio.summary.low = NAN;
	if (ratio.at_least)
		ratio.summary.high = NAN;
	block_values_destroy(&values);
	block_values_destroy(&divisors);
	return ratio;
}

bool claim_ratio_find(const struct question *question, const struct claimed_cell *of,
		      const struct claimed_cell *over, double confidence, struct verdict *verdict,
		      struct block_ratio *ratio)
{
	*ratio = of->results == over->results
			 ? block_ratio_find(of->results, &of->cell, &over->cell, question->metric,
					    confidence)
			 : ratio_across(question->metric, of, over, confidence);
	verdict->trials = ratio->pairs;
	switch (ratio->kind) {
	case BLOCK_RATIO_FOUND:
		return true;
	case BLOCK_RATIO_NO_VALUES:
		missing_explain(verdict, of->results, &of->cell);
		break;
	case BLOCK_RATIO_NO_REFERENCE:
		missing_explain(verdict, over->results, &over->cell);
		break;
	case BLOCK_RATIO_APART:
		verdict_set(verdict, VERDICT_NOT_TESTABLE, "No block has values of both %s and %s.",
			    of->cell.server, over->cell.server);
		break;
	case BLOCK_RATIO_BOTH_BOUNDS:
		verdict_set(
			verdict, VERDICT_INCONCLUSIVE,
			"Neither %s nor %s was driven to its limit: their rates are lower bounds.",
			of->cell.server, over->cell.server);
		break;
	case BLOCK_RATIO_NO_DIVISOR:
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "%s of %s is not above zero, so nothing can be divided by it.",
			    question->metric, over->cell.server);
		break;
	case BLOCK_RATIO_NO_LOGARITHM:
		verdict_set(
			verdict, VERDICT_INCONCLUSIVE,
			"%s of %s is not above zero, and so has no ratio to that of another run.",
			question->metric, of->cell.server);
		break;
	}
	return false;
}

void claim_decide_ratio(const struct question *question, struct verdict *verdict)
{
	double margin = 1 + metric_smallest_difference(verdict->descriptor);
	struct block_ratio ratio;

	if (!claim_ratio_find(question, &question->cells[0], &question->cells[1],
			      verdict->confidence, verdict, &ratio))
		return;
	claim_decide(question, verdict,
		     &(struct finding){.summary = ratio.summary,
				       .at_least = ratio.at_least,
				       .at_most = ratio.at_most,
				       .why = ratio.why,
				       .neutral = 1,
				       .nothing_low = 1 / margin,
				       .nothing_high = margin});
}

/* What all repeats of a cell's trials showed. */
struct observed {
	json_t *counts; /* of each order */
	double repeats, others;
};

/* Of a trial's repeats, the share that showed this order of events; NAN: it tells of none. */
static double share_of(const json_t *trial, const char *expected, struct observed *observed)
{
	const json_t *orders = json_object_get(trial, "observed_order");
	double sum = 0, same = json_number_value(json_object_get(orders, expected));
	const char *order;
	json_t *count;

	json_object_foreach((json_t *)orders, order, count)
	{
		double before = json_number_value(json_object_get(observed->counts, order));

		sum += json_number_value(count);
		json_object_set_new(observed->counts, order,
				    json_real(before + json_number_value(count)));
	}
	observed->repeats += sum;
	observed->others += sum - same;
	return sum > 0 ? same / sum : NAN;
}

/* Tells of the order that was seen most often in place of the one expected. */
static void explain_others(const struct observed *observed, const char *expected,
			   struct verdict *verdict)
{
	const char *order, *most = "";
	double times = 0;
	json_t *count;

	json_object_foreach(observed->counts, order, count)
	{
		if (strcmp(order, expected) == 0 || json_number_value(count) <= times)
			continue;
		times = json_number_value(count);
		most = order;
	}
	verdict_set(verdict, verdict->kind,
		    "%.0f of %.0f repeats showed another order, most often \"%s\".",
		    observed->others, observed->repeats, most);
}

void claim_decide_expected(const struct question *question, struct verdict *verdict)
{
	const struct claimed_cell *of = &question->cells[0];
	const char *expected = json_string_of(question->claim, "expects");
	double *shares = calloc(of->results->trial_count + 1, sizeof *shares);
	struct observed observed = {.counts = json_object()};
	struct finding finding = {.neutral = NAN};
	size_t count = 0;

	for (size_t i = 0; shares && i < of->results->trial_count; i++) {
		const json_t *trial = of->results->trials[i];

		if (results_trial_matches(trial, &of->cell) && results_trial_counts(trial))
			shares[count++] = share_of(trial, expected, &observed);
	}
	finding.summary = statistics_summarise(shares, count, verdict->confidence);
	free(shares);
	if (finding.summary.count == 0) {
		missing_explain(verdict, of->results, &of->cell);
	} else {
		/* One counterexample is enough, in whichever block it was seen. */
		if (observed.others > 0)
			finding.summary.low = fmin(finding.summary.low,
						   1 - observed.others / observed.repeats);
		claim_decide(question, verdict, &finding);
		if (observed.others > 0)
			explain_others(&observed, expected, verdict);
	}
	json_decref(observed.counts);
}
