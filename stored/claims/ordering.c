/* Claims that several cells come in an order: decided step by step, within blocks. */
#include "stored/claims/deciders.h"
#include "stored/claims/names.h"
#include "stored/claims/question.h"

#include "stored/metric.h"

#include <math.h>

/* What is known of a step, from the one that is to have more to the next. */
enum step {
	STEP_MORE,     /* more, by more than what matters */
	STEP_OPEN,     /* more, or not */
	STEP_NOT_MORE, /* not more by what matters, and perhaps less */
	STEP_ALIKE,    /* neither more nor less by what matters */
	STEP_LESS,     /* less, by more than what matters: the order is not so */
};

struct ordering {
	const struct question *question;
	bool rising;
	double margin;	   /* the smallest ratio that matters */
	double confidence; /* of the verdict */
};

static enum step step_of(const struct block_ratio *ratio, const struct ordering *ordering)
{
	double margin = ordering->margin;
	double low = isnan(ratio->summary.low) ? -INFINITY : ratio->summary.low;
	double high = isnan(ratio->summary.high) ? INFINITY : ratio->summary.high;

	if (ratio->summary.coverage < ordering->confidence)
		return STEP_OPEN;
	if (low > margin)
		return STEP_MORE;
	if (high < 1 / margin)
		return STEP_LESS;
	if (high > margin)
		return STEP_OPEN;
	return low >= 1 / margin ? STEP_ALIKE : STEP_NOT_MORE;
}

/* The ratio from one cell to another one behind it, upwards where the order rises. False: the verdict is set. */
static bool step_find(const struct ordering *ordering, size_t first, size_t second,
		      double confidence, struct verdict *verdict, struct block_ratio *ratio)
{
	const struct claimed_cell *cells = ordering->question->cells;
	const struct claimed_cell *more = &cells[ordering->rising ? second : first];
	const struct claimed_cell *less = &cells[ordering->rising ? first : second];

	return claim_ratio_find(ordering->question, more, less, confidence, verdict, ratio);
}

/*
 * Among several steps one soon goes the other way by chance, so that one which seems to is looked at again, at the
 * confidence that all of them together leave it (Bonferroni). `needed` becomes how many blocks that takes, where
 * there are fewer.
 */
static enum step step_again(const struct ordering *ordering, size_t first,
			    const struct verdict *verdict, size_t *needed)
{
	size_t steps = ordering->question->cell_count - 1;
	double confidence = 1 - (1 - ordering->confidence) / (double)steps;
	struct verdict scratch = *verdict;
	struct block_ratio ratio;

	if (!step_find(ordering, first, first + 1, confidence, &scratch, &ratio))
		return STEP_NOT_MORE;
	if (ratio.summary.coverage < confidence) {
		*needed = statistics_trials_for_confidence(confidence);
		return STEP_NOT_MORE;
	}
	return step_of(&ratio, ordering) == STEP_LESS ? STEP_LESS : STEP_NOT_MORE;
}

static void keep(struct verdict *verdict, const struct block_ratio *ratio)
{
	verdict->estimate = ratio->summary.median;
	verdict->low = ratio->summary.low;
	verdict->high = ratio->summary.high;
	verdict->coverage = ratio->summary.coverage;
	verdict->trials = ratio->summary.count;
}

/* Not every step is one: whether at least the first has more than the last, and no step goes the other way. */
static void decide_ends(const struct ordering *ordering, struct verdict *verdict, bool all_known,
			size_t needed, const char *step)
{
	struct block_ratio ends;
	struct verdict scratch = *verdict;
	enum step whole = STEP_OPEN;

	if (step_find(ordering, 0, ordering->question->cell_count - 1, ordering->confidence,
		      &scratch, &ends))
		whole = step_of(&ends, ordering);
	if (whole == STEP_MORE && all_known) {
		verdict_set(
			verdict, VERDICT_DIRECTION_ONLY,
			"From %s it is no step that matters, but from the first to the last it is.",
			step);
	} else if (whole == STEP_LESS || whole == STEP_ALIKE || whole == STEP_NOT_MORE) {
		verdict_set(verdict, VERDICT_REFUTED,
			    "From %s it is no step that matters, nor from the first to the last.",
			    step);
	} else if (needed > 0) {
		verdict->blocks_needed = needed;
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "From %s it seems to go the other way, of which among so many steps no "
			    "fewer than %zu blocks are sure.",
			    step, needed);
	} else {
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "From %s it is no step that matters; the others do not tell yet.",
			    step);
	}
}

static void decide_step(const struct ordering *ordering, struct verdict *verdict, enum step step,
			const struct block_ratio *ratio, bool all_known, size_t again,
			const char *name)
{
	size_t needed = statistics_trials_for_confidence(ordering->confidence);

	keep(verdict, ratio);
	if (step == STEP_MORE) {
		verdict->kind = VERDICT_REPRODUCED;
	} else if (step == STEP_LESS) {
		verdict_set(verdict, VERDICT_REFUTED, "From %s it goes the other way.", name);
	} else if (step != STEP_OPEN) {
		decide_ends(ordering, verdict, all_known, again, name);
	} else if (verdict->coverage < ordering->confidence) {
		verdict->blocks_needed = needed;
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "%zu block%s that count%s, and %zu are the fewest that can decide.",
			    verdict->trials, verdict->trials == 1 ? "" : "s",
			    verdict->trials == 1 ? "s" : "", needed);
	} else if (ratio->why) {
		verdict_set(verdict, VERDICT_INCONCLUSIVE, "From %s it is only a bound: %s.", name,
			    ratio->why);
	} else {
		char what[2 * CLAIM_NAME_SIZE + 64];

		snprintf(what, sizeof what, "the smallest difference that matters, from %s", name);
		claim_straddles(verdict, ordering->margin, what);
	}
}

/*
 * An order holds if each step does, which no number of steps makes more likely by chance; one step that is
 * surely the other way refutes it. The step told of is the one furthest from holding.
 */
static void decide(const struct question *question, struct verdict *verdict, bool rising)
{
	struct ordering ordering = {question, rising,
				    1 + metric_smallest_difference(verdict->descriptor),
				    verdict->confidence};
	struct block_ratio worst = {.summary = {.median = INFINITY}}, ratio;
	enum step worst_step = STEP_MORE;
	size_t worst_at = 0, worst_needs = 0; /* blocks, to be sure that it goes the other way */
	bool all_known = true;
	char name[2 * CLAIM_NAME_SIZE + 8], from[CLAIM_NAME_SIZE], to[CLAIM_NAME_SIZE];

	verdict->accepted_low = ordering.margin;
	verdict->accepted_high = INFINITY;
	for (size_t i = 0; i + 1 < question->cell_count; i++) {
		if (!step_find(&ordering, i, i + 1, ordering.confidence, verdict, &ratio))
			return;
		enum step step = step_of(&ratio, &ordering);
		size_t needs = 0;

		if (step == STEP_LESS)
			step = step_again(&ordering, i, verdict, &needs);
		all_known = all_known && step != STEP_OPEN && step != STEP_NOT_MORE;
		if (step < worst_step ||
		    (step == worst_step && !(ratio.summary.median < worst.summary.median)))
			continue;
		worst = ratio;
		worst_step = step;
		worst_at = i;
		worst_needs = needs;
	}
	snprintf(name, sizeof name, "%s to %s", claim_cell_name(question, worst_at, from),
		 claim_cell_name(question, worst_at + 1, to));
	decide_step(&ordering, verdict, worst_step, &worst, all_known, worst_needs, name);
}

void claim_decide_falling(const struct question *question, struct verdict *verdict)
{
	decide(question, verdict, false);
}

void claim_decide_rising(const struct question *question, struct verdict *verdict)
{
	decide(question, verdict, true);
}
