#include "stored/claims/claims.h"

#include "lib/json.h"
#include "stored/blocks/ratio.h"
#include "stored/blocks/blocks.h"
#include "stored/metric.h"
#include "stored/claims/missing.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLAIM_CONFIDENCE 0.90

/* A factor up to this is no reproach: a source's round figure may be off by so much. */
#define FACTOR_WORTH_A_WORD 2.0

/* More trials than this are no advice. */
#define TRIALS_WORTH_TRYING 1000.0

/* The way that a ratio is claimed to differ from 1. */
enum direction { DIRECTION_NONE, DIRECTION_UP, DIRECTION_DOWN };

/* One claim and one of its metrics, taken apart. */
struct question {
	const struct results *results;
	const char *metric;
	struct cell of, over;
	bool is_ratio;
	enum direction direction;
	double within_low, within_high;
};

/* What a measured quantity is known to be. */
struct finding {
	struct summary summary;
	bool at_least, at_most; /* nothing is known of its upper, of its lower end: that is NAN */
	const char *why;	/* a clause; NULL: both are known */
};

/* What a ratio is, block by block. False if there is nothing to decide from: then the verdict is set. */
static bool finding_of_ratio(const struct question *question, struct verdict *verdict,
			     struct finding *finding)
{
	const struct cell *of = &question->of, *over = &question->over;
	struct block_ratio ratio = block_ratio_find(question->results, of, over, question->metric,
						    CLAIM_CONFIDENCE);

	*finding = (struct finding){ratio.summary, ratio.at_least, ratio.at_most, ratio.why};
	verdict->trials = ratio.pairs;
	switch (ratio.kind) {
	case BLOCK_RATIO_FOUND:
		return true;
	case BLOCK_RATIO_NO_VALUES:
		missing_explain(verdict, question->results, of);
		break;
	case BLOCK_RATIO_NO_REFERENCE:
		missing_explain(verdict, question->results, over);
		break;
	case BLOCK_RATIO_APART:
		verdict_set(verdict, VERDICT_NOT_TESTABLE, "No block has values of both %s and %s.",
			    of->server, over->server);
		break;
	case BLOCK_RATIO_BOTH_BOUNDS:
		verdict_set(
			verdict, VERDICT_INCONCLUSIVE,
			"Neither %s nor %s was driven to its limit: their rates are lower bounds.",
			of->server, over->server);
		break;
	case BLOCK_RATIO_NO_DIVISOR:
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "%s of %s is not above zero, so nothing can be divided by it.",
			    question->metric, over->server);
		break;
	}
	return false;
}

/* The same of a value itself. */
static bool finding_of_value(const struct question *question, struct verdict *verdict,
			     struct finding *finding)
{
	struct block_values of;

	block_values_read(&of, question->results, &question->of, question->metric);
	finding->summary = statistics_summarise(of.values, of.count, CLAIM_CONFIDENCE);
	block_values_destroy(&of);
	if (finding->summary.count == 0) {
		missing_explain(verdict, question->results, &question->of);
		return false;
	}
	finding->at_least = results_value_is_bound(question->results, &question->of,
						   question->metric);
	if (finding->at_least) {
		finding->summary.high = NAN;
		finding->why = "the server was not driven to its limit";
	}
	return true;
}

/*
 * How far the estimate is from the claimed range. A claim of less than one (a twentieth of the
 * memory) is the larger the smaller its number is, so there the words change places.
 */
static void factor_find(const struct question *question, struct verdict *verdict)
{
	bool below = verdict->estimate < question->within_low;
	bool above = verdict->estimate > question->within_high;
	bool more = question->direction == DIRECTION_DOWN ? above : below;

	verdict->factor = 1;
	if (below && verdict->estimate > 0)
		verdict->factor = question->within_low / verdict->estimate;
	else if (below && verdict->high > 0)
		verdict->factor = question->within_low / verdict->high; /* at least that */
	else if (above && question->within_high > 0)
		verdict->factor = verdict->estimate / question->within_high;
	else if (below || above)
		verdict->factor = NAN;
	if (!(verdict->factor <= FACTOR_WORTH_A_WORD))
		verdict->factor_word = more ? "overstated" : "understated";
}

/*
 * About how many trials would take the bound out of the interval: it narrows with the square root
 * of their number.
 */
static void explain_straddle(struct verdict *verdict, double bound, const char *what)
{
	double side = bound < verdict->estimate ? verdict->estimate - verdict->low
						: verdict->high - verdict->estimate;
	double distance = fabs(bound - verdict->estimate);
	double needed = ceil((double)verdict->trials * pow(side / distance, 2));

	if (distance > 0 && isfinite(needed) && needed <= TRIALS_WORTH_TRYING)
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "The interval reaches across %s; about %.0f trials would decide.", what,
			    fmax(needed, (double)verdict->trials + 1));
	else
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "The interval reaches across %s; no reasonable number of trials "
			    "would decide.",
			    what);
}

/* An interval outside the claimed range: whether it is at least on the claimed side of 1. */
static void decide_outside(const struct question *question, struct verdict *verdict, double low,
			   double high)
{
	double margin = 1 + metric_smallest_difference(verdict->descriptor);
	double edge = question->direction == DIRECTION_UP ? margin : 1 / margin;
	bool up = low > edge, down = high < edge;

	if (question->direction == DIRECTION_NONE)
		verdict->kind = VERDICT_REFUTED;
	else if (question->direction == DIRECTION_UP ? up : down)
		verdict->kind = VERDICT_DIRECTION_ONLY;
	else if (up || down)
		verdict->kind = VERDICT_REFUTED;
	else
		explain_straddle(verdict, edge, "the smallest difference that matters");
}

static void decide(const struct question *question, struct verdict *verdict,
		   const struct finding *finding)
{
	double low = finding->at_most ? -INFINITY : verdict->low;
	double high = finding->at_least ? INFINITY : verdict->high;
	size_t needed = statistics_trials_for_confidence(CLAIM_CONFIDENCE);
	bool below = high < question->within_low;
	bool above = low > question->within_high;

	if (verdict->coverage < CLAIM_CONFIDENCE)
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "%zu trial%s that count%s, and %zu are the fewest that can decide.",
			    verdict->trials, verdict->trials == 1 ? "" : "s",
			    verdict->trials == 1 ? "s" : "", needed);
	else if (below || above)
		decide_outside(question, verdict, low, high);
	else if (low >= question->within_low && high <= question->within_high)
		verdict->kind = VERDICT_REPRODUCED;
	else if (finding->why)
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "It is at %s this, and how much %s is not known: %s.",
			    finding->at_least ? "least" : "most",
			    finding->at_least ? "more" : "less", finding->why);
	else if (verdict->low < question->within_low)
		explain_straddle(verdict, question->within_low, "the lower end of the claim");
	else
		explain_straddle(verdict, question->within_high, "the upper end of the claim");
}

static void question_answer(const struct question *question, struct verdict *verdict)
{
	struct finding finding = {.summary = {0}};
	bool rate = metric_may_be_lower_bound(verdict->descriptor);

	if (!(question->is_ratio ? finding_of_ratio : finding_of_value)(question, verdict,
									&finding))
		return;
	verdict->estimate = finding.summary.median;
	verdict->low = finding.summary.low;
	verdict->high = finding.summary.high;
	verdict->coverage = finding.summary.coverage;
	verdict->trials = finding.summary.count;
	decide(question, verdict, &finding);
	/* How far a bound is from a claim that it does not decide says nothing. */
	if (!rate || !finding.why || verdict->kind != VERDICT_INCONCLUSIVE)
		factor_find(question, verdict);
	if (finding.why && verdict->why[0] == '\0')
		verdict_set(verdict, verdict->kind, "At %s this: %s.",
			    finding.at_least ? "least" : "most", finding.why);
}

static bool cell_from_json(struct cell *cell, const json_t *object)
{
	cell->server = json_string_value(json_object_get(object, "server"));
	cell->point = json_object_get(object, "point");
	return cell->server != NULL;
}

/* Takes a stored claim apart. False, with the verdict set, if this version cannot decide it. */
static bool question_from_json(struct question *question, const json_t *claim,
			       struct verdict *verdict)
{
	const char *kind = json_string_value(json_object_get(claim, "kind"));
	const json_t *within = json_object_get(claim, "within");
	const json_t *low = json_array_get(within, 0), *high = json_array_get(within, 1);

	if (!kind || (strcmp(kind, "threshold") != 0 && strcmp(kind, "ratio") != 0)) {
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "This version does not decide claims of kind \"%s\".",
			    kind ? kind : "");
		return false;
	}
	question->is_ratio = strcmp(kind, "ratio") == 0;
	if (!cell_from_json(&question->of, json_object_get(claim, "of")) ||
	    (question->is_ratio &&
	     !cell_from_json(&question->over, json_object_get(claim, "over"))) ||
	    !json_is_number(low) || !json_is_number(high)) {
		verdict_set(verdict, VERDICT_NOT_TESTABLE,
			    "The claim, as it is stored, names no server or no range.");
		return false;
	}
	question->within_low = json_number_value(low);
	question->within_high = json_number_value(high);
	if (question->is_ratio && question->within_low >= 1)
		question->direction = DIRECTION_UP;
	else if (question->is_ratio && question->within_high <= 1)
		question->direction = DIRECTION_DOWN;
	return true;
}

static void verdict_make(struct verdict *verdict, const struct results *results,
			 const json_t *scenario, const json_t *part, const json_t *claim,
			 const char *metric)
{
	struct question question = {.results = results, .metric = metric};

	/* A missing name is "": that matches no trial, whereas NULL would match every one. */
	*verdict = (struct verdict){.claim = claim,
				    .metric = metric,
				    .descriptor = results_metric(results, metric),
				    .estimate = NAN,
				    .low = NAN,
				    .high = NAN,
				    .factor = 1,
				    .factor_word = ""};
	verdict->scenario = json_string_of(scenario, "name");
	verdict->part = json_string_of(part, "name");
	question.of.scenario = question.over.scenario = verdict->scenario;
	question.of.part = question.over.part = verdict->part;
	if (question_from_json(&question, claim, verdict))
		question_answer(&question, verdict);
}

/* Calls for each claim and metric of the run; with verdicts NULL it only counts. */
static size_t each_verdict(const struct results *results, struct verdict *verdicts)
{
	size_t count = 0, i, j, k, l;
	json_t *scenario, *part, *claim, *metric;

	json_array_foreach(json_object_get(results->run, "scenarios"), i, scenario)
		json_array_foreach(json_object_get(scenario, "parts"), j, part)
			json_array_foreach(json_object_get(part, "claims"), k, claim)
				json_array_foreach(json_object_get(claim, "metrics"), l, metric)
	{
		if (!json_is_string(metric))
			continue;
		if (verdicts)
			verdict_make(&verdicts[count], results, scenario, part, claim,
				     json_string_value(metric));
		count++;
	}
	return count;
}

long claims_evaluate(const struct results *results, struct verdict **verdicts)
{
	size_t count = each_verdict(results, NULL);

	*verdicts = calloc(count + 1, sizeof **verdicts);
	if (!*verdicts)
		return -ENOMEM;
	return (long)each_verdict(results, *verdicts);
}

json_t *claims_to_json(const struct results *results)
{
	struct verdict *verdicts = NULL;
	long count = claims_evaluate(results, &verdicts);
	json_t *list = count < 0 ? NULL : json_array();

	for (long i = 0; i < count; i++)
		json_array_append_new(list, verdict_to_json(&verdicts[i]));
	if (count >= 0)
		free(verdicts);
	return list;
}
