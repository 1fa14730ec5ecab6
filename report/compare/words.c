#include "report/compare/words.h"

#include "lib/json.h"
#include "lib/units.h"
#include "lib/utf8.h"
#include "stored/metric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* U+0080 to U+009F, which terminals obey, and U+FFFE and U+FFFF, which XML cannot hold. */
static size_t forbidden_length(const char *at)
{
	const unsigned char *bytes = (const unsigned char *)at;

	if (bytes[0] == 0xc2 && bytes[1] >= 0x80 && bytes[1] <= 0x9f)
		return 2;
	return bytes[0] == 0xef && bytes[1] == 0xbf && bytes[2] >= 0xbe ? 3 : 0;
}

void words_append(struct text_buffer *out, const char *text)
{
	char *copy = strdup(text ? text : "");

	if (!copy) {
		out->failed = true;
		return;
	}
	utf8_mend(copy);
	for (const char *at = copy; *at;) {
		size_t length = forbidden_length(at);
		unsigned char c = (unsigned char)*at;

		if (length > 0)
			text_append(out, "?");
		else
			text_append_bytes(out, c < 0x20 || c == 0x7f ? " " : at, length = 1);
		at += length;
	}
	free(copy);
}

const char *words_metric(const struct comparison *comparison)
{
	const char *title = json_string_of(comparison->descriptor, "title");

	return *title ? title : comparison->metric;
}

void words_subject(struct text_buffer *out, const struct comparison *comparison)
{
	words_append(out, words_metric(comparison));
	text_append(out, " (");
	words_append(out, comparison->cell);
	text_append(out, ")");
}

const char *words_verdict(const struct comparison *comparison)
{
	if (comparison->outcome == COMPARISON_REGRESSION && comparison->accepted)
		return "accepted";
	return comparison_outcome_name(comparison->outcome);
}

bool words_fails(const struct comparison *comparison)
{
	return comparison->gating && comparison->outcome == COMPARISON_REGRESSION &&
	       !comparison->accepted;
}

/* Of rare events there are fewer than one a request: their digits, not two decimals. */
static char *format_unit(const struct comparison *comparison, double value, char out[WORDS_SIZE])
{
	enum unit_kind unit = metric_unit(comparison->descriptor);

	if (unit == UNIT_COUNT && isfinite(value) && value != 0 && fabs(value) < 1)
		snprintf(out, WORDS_SIZE, "%.3g", value);
	else
		units_format(unit, value, out, WORDS_SIZE);
	return out;
}

char *words_value(const struct comparison *comparison, double value, char out[WORDS_SIZE])
{
	return format_unit(comparison, value, out);
}

/* So many that an interval is not narrower than its last digit. */
static int percent_decimals(const struct comparison *comparison)
{
	double width = comparison->high - comparison->low;

	return isfinite(width) && width < 0.002 ? 2 : 1;
}

/* "+0.4"; zero has no sign. */
static void format_percent(double ratio, int decimals, char out[WORDS_SIZE])
{
	double scale = pow(10, decimals), shown = round(ratio * 100 * scale) / scale;

	snprintf(out, WORDS_SIZE, shown == 0 ? "%.*f" : "%+.*f", decimals,
		 fabs(shown) > 0 ? shown : 0);
}

static void format_signed(const struct comparison *comparison, double change, char out[WORDS_SIZE])
{
	char text[WORDS_SIZE];

	format_unit(comparison, change, text);
	snprintf(out, WORDS_SIZE, "%s%.90s", change > 0 ? "+" : "", text);
}

/* The number alone, where what stands before it says what unit it has. */
static void format_change(const struct comparison *comparison, double change, char out[WORDS_SIZE])
{
	if (!isfinite(change))
		snprintf(out, WORDS_SIZE, "?");
	else if (comparison->scale == COMPARISON_RATIO)
		format_percent(change, percent_decimals(comparison), out);
	else
		format_signed(comparison, change, out);
}

char *words_amount(const struct comparison *comparison, double change, char out[WORDS_SIZE])
{
	if (!isfinite(change))
		snprintf(out, WORDS_SIZE, "?");
	else if (comparison->scale != COMPARISON_RATIO)
		format_unit(comparison, fabs(change), out);
	else if (fabs(change) < 0.0095)
		snprintf(out, WORDS_SIZE, "%.2f %%", 100 * fabs(change));
	else
		snprintf(out, WORDS_SIZE, "%.*f %%", fmod(round(1000 * fabs(change)), 10) != 0,
			 100 * fabs(change));
	return out;
}

char *words_change(const struct comparison *comparison, char out[WORDS_SIZE])
{
	char middle[WORDS_SIZE], low[WORDS_SIZE], high[WORDS_SIZE];

	if (isnan(comparison->change)) {
		snprintf(out, WORDS_SIZE, "-");
		return out;
	}
	format_change(comparison, comparison->change, middle);
	format_change(comparison, comparison->low, low);
	format_change(comparison, comparison->high, high);
	snprintf(out, WORDS_SIZE, "%.28s%s [%.28s, %.28s]", middle,
		 comparison->scale == COMPARISON_RATIO ? " %" : "", low, high);
	return out;
}

double words_badness(const struct comparison *comparison, double change)
{
	if (!(comparison->smallest > 0))
		return NAN;
	return (comparison_more_is_worse(comparison) ? change : -change) / comparison->smallest;
}

const char *words_pairs(const struct comparisons *comparisons)
{
	return comparisons->paired ? "blocks" : "trials";
}

static bool would_gate(const struct comparison *comparison)
{
	return json_is_true(json_object_get(comparison->descriptor, "gating"));
}

bool words_decides(const struct comparisons *comparisons, const struct comparison *comparison)
{
	bool any_gates = false, any_would = false;

	for (size_t i = 0; i < comparisons->count; i++) {
		any_gates |= comparisons->items[i].gating;
		any_would |= would_gate(&comparisons->items[i]);
	}
	return any_gates ? comparison->gating : any_would ? would_gate(comparison) : true;
}

/* What the sentence is about: of what decides, how many came to the outcome, and the worst of them. */
struct heading {
	enum comparison_outcome outcome;
	size_t all, count, regressions, gating;
	const struct comparison *worst;
};

/* How near it came to a regression, or how far beyond one it is. */
static double rank(const struct comparison *comparison)
{
	double most = fmax(words_badness(comparison, comparison->low),
			   words_badness(comparison, comparison->high));
	double change = words_badness(comparison, comparison->change);

	switch (comparison->outcome) {
	case COMPARISON_OK:
		return isnan(most) ? -INFINITY : most;
	case COMPARISON_IMPROVEMENT:
		return isnan(change) ? -INFINITY : -change;
	default:
		return isnan(change) ? -INFINITY : change;
	}
}

static struct heading find_heading(const struct comparisons *comparisons)
{
	struct heading heading = {.outcome = COMPARISON_OK};

	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < comparisons->count; i++) {
			const struct comparison *one = &comparisons->items[i];

			if (one->accepted || !words_decides(comparisons, one))
				continue;
			if (pass == 0) {
				heading.all++;
				heading.gating += one->gating;
				heading.regressions += one->outcome == COMPARISON_REGRESSION;
				if (one->outcome > heading.outcome)
					heading.outcome = one->outcome;
			} else if (one->outcome == heading.outcome) {
				heading.count++;
				if (!heading.worst || rank(one) > rank(heading.worst))
					heading.worst = one;
			}
		}
	return heading;
}

/* What is to be said of each outcome: of one comparison, of some of several. */
static const struct outcome_words {
	const char *one, *some, *which;
} outcome_words[] = {
	[COMPARISON_OK] = {"No regression", "No regression in %zu of %zu comparisons",
			   "the nearest to one is "},
	[COMPARISON_IMPROVEMENT] = {"Improvement", "Improvement in %zu of %zu comparisons",
				    "the greatest is "},
	[COMPARISON_INCONCLUSIVE] = {"Cannot tell", "Cannot tell in %zu of %zu comparisons",
				     "the largest change is "},
	[COMPARISON_REGRESSION] = {"Regression", "Regression in %zu of %zu comparisons",
				   "the worst is "},
	[COMPARISON_INVALID] = {"Nothing can be said",
				"Nothing can be said of %zu of %zu comparisons", ""},
};

static void append_lead(struct text_buffer *out, const struct heading *heading, bool gates)
{
	const struct outcome_words *words = &outcome_words[heading->outcome];

	if (heading->all == 1)
		text_append(out, words->one);
	else if (heading->outcome == COMPARISON_OK)
		text_append_format(out, "No regression in %zu comparisons", heading->all);
	else
		text_append_format(out, words->some, heading->count, heading->all);
	text_append(out, gates ? ": " : " (this informs, and decides nothing): ");
	if (heading->count > 1)
		text_append(out, words->which);
}

/* What the figures are to be held against. */
static void append_measure(struct text_buffer *out, const struct comparisons *comparisons,
			   const struct comparison *worst)
{
	char amount[WORDS_SIZE];

	if (worst->outcome == COMPARISON_REGRESSION || worst->outcome == COMPARISON_INCONCLUSIVE)
		text_append_format(out, ", and %s would matter",
				   words_amount(worst, worst->smallest, amount));
	if (worst->outcome == COMPARISON_OK && isfinite(worst->detectable))
		text_append_format(out, "; this run could have seen %s",
				   words_amount(worst, worst->detectable, amount));
	if (worst->outcome == COMPARISON_INCONCLUSIVE && worst->pairs_needed > 0)
		text_append_format(out, "; about %zu %s would decide", worst->pairs_needed,
				   words_pairs(comparisons));
}

/* A sentence that becomes the end of another. */
static void append_why(struct text_buffer *out, const char *why)
{
	size_t length = strlen(why);

	if (length == 0)
		return;
	text_append(out, ": ");
	words_append(out, why);
	if (why[length - 1] == '.' && !text_failed(out))
		out->text[--out->length] = '\0';
}

void words_sentence(struct text_buffer *out, const struct comparisons *comparisons)
{
	struct heading heading = find_heading(comparisons);
	const struct comparison *worst = heading.worst;
	char change[WORDS_SIZE];

	if (!worst || (comparisons->gates && !heading.gating)) {
		text_append(out, comparisons->count == 0 ? "Nothing was compared."
				 : worst ? "Cannot tell: nothing that was measured gates."
					 : "No regression that is not accepted.");
		return;
	}
	append_lead(out, &heading, comparisons->gates);
	words_subject(out, worst);
	if (heading.outcome == COMPARISON_INVALID) {
		append_why(out, worst->why);
		if (heading.regressions > 0)
			text_append_format(out, "; and of the others %zu %s", heading.regressions,
					   heading.regressions == 1 ? "is a regression"
								    : "are regressions");
		text_append(out, ".");
		return;
	}
	text_append_format(out, " changed by %s", words_change(worst, change));
	append_measure(out, comparisons, worst);
	text_append(out, ".");
}

/* So many blocks one may be willing to wait for, where there are so many by now. */
static size_t reasonable_pairs(size_t pairs)
{
	return pairs > 10 ? 4 * pairs : 40;
}

void words_advice(struct text_buffer *out, const struct comparisons *comparisons)
{
	size_t open = 0, within = 0, needed = 0, pairs = 0;

	for (size_t i = 0; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];

		if (one->outcome != COMPARISON_INCONCLUSIVE || !words_decides(comparisons, one))
			continue;
		open++;
		pairs = one->pairs > pairs ? one->pairs : pairs;
		if (one->pairs_needed <= one->pairs ||
		    one->pairs_needed > reasonable_pairs(one->pairs))
			continue;
		within++;
		needed = one->pairs_needed > needed ? one->pairs_needed : needed;
	}
	if (open == 0)
		return;
	text_append(out, "To decide");
	if (within > 0 && within < open)
		text_append_format(out, " %zu of %zu", within, open);
	if (within > 0)
		text_append_format(out, ": about %zu %s instead of %zu", needed,
				   words_pairs(comparisons), pairs);
	text_append(out, within == 0 ? ": a quieter machine (tenk doctor names what disturbs "
				       "this one), or very many blocks."
			 : within == open
				 ? ", or a quieter machine (tenk doctor names what disturbs "
				   "this one)."
				 : "; the others need a quieter machine (tenk doctor names what "
				   "disturbs this one).");
}
