/* The verdict from an interval and the range that is claimed. */
#include "stored/claims/question.h"

#include <math.h>

/* A factor up to this is no reproach: a source's round figure may be off by so much. */
#define FACTOR_WORTH_A_WORD 2.0

/* Off by less than this is at the edge: so much a figure is rounded by. */
#define EDGE 1.05

/* More blocks than this are no advice. */
#define BLOCKS_WORTH_TRYING 1000.0

/* What is equal on paper differs in its last digits, above all behind a logarithm. */
#define DIGITS 1e-9

/* The accepted range, as it is and wider by the edge, with a little for lost digits. */
struct range {
	double low, high, edge_low, edge_high;
};

static struct range range_of(const struct verdict *verdict)
{
	double low = verdict->accepted_low, high = verdict->accepted_high;
	double wider = EDGE - 1;

	return (struct range){
		.low = low - DIGITS * fabs(low),
		.high = high + DIGITS * fabs(high),
		.edge_low = low > 0 ? low / EDGE : low - wider * fabs(low),
		.edge_high = high > 0 ? high * EDGE : high + wider * fabs(high),
	};
}

/*
 * About how many blocks would take the bound out of the interval: it narrows with the square root
 * of their number.
 */
void claim_straddles(struct verdict *verdict, double bound, const char *what)
{
	double gap = fabs(bound - verdict->estimate);
	double half = bound > verdict->estimate ? verdict->high - verdict->estimate
						: verdict->estimate - verdict->low;
	double needed = ceil((double)verdict->trials * (half / gap) * (half / gap));

	if (gap > 0 && needed <= BLOCKS_WORTH_TRYING) {
		verdict->blocks_needed = (size_t)fmax(needed, (double)verdict->trials + 1);
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "The interval reaches across %s; about %zu blocks would decide.", what,
			    verdict->blocks_needed);
	} else {
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "The interval reaches across %s; no reasonable number of blocks "
			    "would decide.",
			    what);
	}
}

/* Whether the claim is that there is more than where nothing differs, or less; neither where its range holds that. */
static bool claims_more(const struct verdict *verdict, const struct finding *finding)
{
	return verdict->accepted_low >= finding->neutral;
}

static bool claims_less(const struct verdict *verdict, const struct finding *finding)
{
	return verdict->accepted_high <= finding->neutral;
}

/*
 * How far the estimate is from the claimed range. A claim of less than one (a twentieth of the
 * memory) is the larger the smaller its number is, so there the words change places.
 */
static void factor_find(struct verdict *verdict, const struct finding *finding)
{
	bool below = verdict->estimate < verdict->accepted_low * (1 - DIGITS);
	bool above = verdict->estimate > verdict->accepted_high * (1 + DIGITS);
	bool less = claims_less(verdict, finding);

	if (!verdict->of_kind->has_factor)
		return;
	verdict->factor = 1;
	if (below && verdict->estimate > 0)
		verdict->factor = verdict->accepted_low / verdict->estimate;
	else if (below && verdict->high > 0)
		verdict->factor = verdict->accepted_low / verdict->high; /* at least that */
	else if (above && verdict->accepted_high > 0)
		verdict->factor = verdict->estimate / verdict->accepted_high;
	else if (below || above)
		verdict->factor = NAN;
	if (!(verdict->factor <= FACTOR_WORTH_A_WORD))
		verdict->factor_word = (less ? above : below) ? "overstated" : "understated";
}

static enum claim_way way_of(const struct finding *finding, const struct verdict *verdict,
			     double low, double high)
{
	if (isnan(finding->neutral))
		return finding->way;
	if (claims_more(verdict, finding))
		return low > finding->nothing_high    ? CLAIM_WAY_RIGHT
		       : high < finding->nothing_high ? CLAIM_WAY_WRONG
						      : CLAIM_WAY_OPEN;
	if (claims_less(verdict, finding))
		return high < finding->nothing_low  ? CLAIM_WAY_RIGHT
		       : low > finding->nothing_low ? CLAIM_WAY_WRONG
						    : CLAIM_WAY_OPEN;
	return CLAIM_WAY_NONE;
}

static void decide_bound(const struct finding *finding, struct verdict *verdict)
{
	verdict_set(verdict, VERDICT_INCONCLUSIVE,
		    "It is at %s this, and how much %s is not known: %s.",
		    finding->at_least ? "least" : "most", finding->at_least ? "more" : "less",
		    finding->why);
}

/*
 * An interval outside the claimed range: whether it at least goes the claimed way. If that is open, the figure is
 * ruled out all the same, and a claim of which nothing is shown is refuted, not undecided.
 */
static void decide_outside(const struct finding *finding, struct verdict *verdict, double low,
			   double high)
{
	enum claim_way way = way_of(finding, verdict, low, high);

	if (way == CLAIM_WAY_RIGHT)
		verdict->kind = VERDICT_DIRECTION_ONLY;
	else if (way == CLAIM_WAY_OPEN && isnan(finding->neutral))
		decide_bound(finding, verdict);
	else if (way == CLAIM_WAY_OPEN)
		verdict_set(
			verdict, VERDICT_REFUTED,
			"The figure is ruled out; whether there is any difference that matters is "
			"not told.");
	else
		verdict->kind = VERDICT_REFUTED;
}

/* The interval misses the range by so little that this says nothing about the source. */
static void decide_edge(const struct finding *finding, struct verdict *verdict, double low,
			double high)
{
	bool right = way_of(finding, verdict, low, high) == CLAIM_WAY_RIGHT;

	enum verdict_kind kind = right ? VERDICT_DIRECTION_ONLY : VERDICT_INCONCLUSIVE;

	verdict->at_edge = true;
	if (verdict->factor > 1 && verdict->factor < EDGE)
		verdict_set(verdict, kind, "It misses what is claimed by %.2g %%.",
			    100 * (verdict->factor - 1));
	else
		verdict_set(verdict, kind,
			    "By its interval it comes to within 5 %% of what is claimed.");
}

static void decide(struct verdict *verdict, const struct finding *finding)
{
	double low = finding->at_most ? -INFINITY : verdict->low;
	double high = finding->at_least ? INFINITY : verdict->high;
	size_t needed = statistics_trials_for_confidence(verdict->confidence);
	struct range range = range_of(verdict);
	bool outside = high < range.low || low > range.high;

	if (verdict->coverage < verdict->confidence) {
		verdict->blocks_needed = needed;
		verdict_set(verdict, VERDICT_INCONCLUSIVE,
			    "%zu block%s that count%s, and %zu are the fewest that can decide.",
			    verdict->trials, verdict->trials == 1 ? "" : "s",
			    verdict->trials == 1 ? "s" : "", needed);
	} else if (low >= range.low && high <= range.high) {
		verdict->kind = VERDICT_REPRODUCED;
	} else if (high < range.edge_low || low > range.edge_high) {
		decide_outside(finding, verdict, low, high);
	} else if (outside || (low >= range.edge_low && high <= range.edge_high)) {
		decide_edge(finding, verdict, low, high);
	} else if (finding->why) {
		decide_bound(finding, verdict);
	} else if (verdict->low < range.low) {
		claim_straddles(verdict, verdict->accepted_low, "the lower end of the claim");
	} else {
		claim_straddles(verdict, verdict->accepted_high, "the upper end of the claim");
	}
}

void claim_decide(const struct question *question, struct verdict *verdict,
		  const struct finding *finding)
{
	verdict->accepted_low = question->within_low;
	verdict->accepted_high = question->within_high;
	verdict->estimate = finding->summary.median;
	verdict->low = finding->summary.low;
	verdict->high = finding->summary.high;
	verdict->coverage = finding->summary.coverage;
	verdict->trials = finding->summary.count;
	factor_find(verdict, finding);
	decide(verdict, finding);
	/* How far a bound is from a claim that it does not decide says nothing. */
	if (finding->why && verdict->kind == VERDICT_INCONCLUSIVE) {
		verdict->factor = 1;
		verdict->factor_word = "";
	}
	if (finding->why && verdict->why[0] == '\0')
		verdict_set(verdict, verdict->kind, "At %s this: %s.",
			    finding->at_least ? "least" : "most", finding->why);
}
