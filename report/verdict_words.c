#include "report/verdict_words.h"

#include "lib/json.h"
#include "report/format.h"
#include "stored/checksum.h"
#include "stored/claims/kinds.h"

#include <math.h>
#include <string.h>

#define TIMES	 "\xc3\x97" TEXT_NBSP
#define AT_LEAST "\xe2\x89\xa5" TEXT_NBSP
#define AT_MOST	 "\xe2\x89\xa4" TEXT_NBSP

/* How a kind's figures are written: with what sign, in which unit. */
struct style {
	const char *before, *unit;
};

static struct style style_of(const struct verdict *verdict)
{
	switch (verdict->of_kind ? verdict->of_kind->unit : CLAIM_UNIT_METRIC) {
	case CLAIM_UNIT_TIMES:
		return (struct style){TIMES, "times"};
	case CLAIM_UNIT_SLOPE:
		return (struct style){"exponent ", "times"};
	case CLAIM_UNIT_SHARE:
	case CLAIM_UNIT_AXIS:
	case CLAIM_UNIT_METRIC:
		break;
	}
	return (struct style){"", verdict_unit(verdict)};
}

static char *format_number(const struct style *style, double value, char out[FORMAT_SIZE])
{
	return strcmp(style->unit, "times") == 0 ? format_ratio_number(value, out)
						 : format_value(style->unit, value, out);
}

static void append_interval(struct text_buffer *out, const struct style *style,
			    const struct verdict *verdict)
{
	struct summary summary = {.count = verdict->trials,
				  .median = verdict->estimate,
				  .low = verdict->low,
				  .high = verdict->high};
	char low[FORMAT_SIZE], high[FORMAT_SIZE];

	if (strcmp(style->unit, "times") == 0)
		text_append_format(out, " [%s," TEXT_NBSP "%s]",
				   format_ratio_number(verdict->low, low),
				   format_ratio_number(verdict->high, high));
	else
		text_append_format(out, " %s", format_interval(style->unit, &summary, low));
}

void verdict_words_measured(struct text_buffer *out, const struct verdict *verdict)
{
	struct style style = style_of(verdict);
	char value[FORMAT_SIZE];

	if (isnan(verdict->estimate)) {
		text_append(out, "not measured");
		return;
	}
	text_append(out, style.before);
	if (isnan(verdict->high) != isnan(verdict->low))
		text_append(out, isnan(verdict->high) ? AT_LEAST : AT_MOST);
	text_append(out, format_number(&style, verdict->estimate, value));
	if (verdict->trials > 1 && !(isnan(verdict->high) && isnan(verdict->low)))
		append_interval(out, &style, verdict);
	if (verdict->of_kind && verdict->of_kind->unit == CLAIM_UNIT_AXIS)
		text_append_format(out, " %s",
				   format_axis_title(json_string_of(verdict->claim, "along")));
}

static char *format_end(const struct style *style, double value, char out[FORMAT_SIZE])
{
	return strcmp(style->unit, "times") == 0 ? format_ratio_number(value, out)
						 : format_claimed(style->unit, value, out);
}

/* An ordering says which way it goes, and what is expected of events is their order. */
static bool append_other_than_range(struct text_buffer *out, const struct verdict *verdict)
{
	const struct claim_kind *kind = verdict->of_kind;
	const char *expects = json_string_of(verdict->claim, "expects");

	if (*expects)
		text_append_format(out, "\"%s\" each time", expects);
	else if (kind && kind->needs & CLAIM_CELLS)
		text_append_format(out, "each %s than the one before",
				   strcmp(kind->by, "rising") == 0 ? "more" : "less");
	return *expects || (kind && kind->needs & CLAIM_CELLS);
}

void verdict_words_claimed(struct text_buffer *out, const struct verdict *verdict)
{
	struct style style = style_of(verdict);
	char first[FORMAT_SIZE], last[FORMAT_SIZE];

	if (append_other_than_range(out, verdict))
		return;
	if (isnan(verdict->accepted_low) || isnan(verdict->accepted_high)) {
		text_append(out, FORMAT_NONE);
		return;
	}
	format_end(&style, verdict->accepted_low, first);
	format_end(&style, verdict->accepted_high, last);
	if (isinf(verdict->accepted_high))
		text_append_format(out, "at least %s%s", style.before, first);
	else if (isinf(verdict->accepted_low))
		text_append_format(out, "at most %s%s", style.before, last);
	else if (strcmp(first, last) == 0)
		text_append_format(out, "%s%s", style.before, first);
	else
		text_append_format(out, "%s%s to %s", style.before, first, last);
}

/*
 * Which way the claim is off. One of a ratio below 1 (a twentieth of the memory) claims the more the smaller it is,
 * so there the words change places, as where the verdict itself has one, which is only for what is far off.
 */
static const char *sign_of(const struct verdict *verdict)
{
	bool times = verdict->of_kind && verdict->of_kind->unit == CLAIM_UNIT_TIMES;
	bool less = times && verdict->accepted_high <= 1;
	bool above = verdict->estimate > verdict->accepted_high;

	if (*verdict->factor_word)
		return verdict->factor_word;
	return above == less ? "overstated" : "understated";
}

void verdict_words_factor(struct text_buffer *out, const struct verdict *verdict)
{
	char number[FORMAT_SIZE];

	if (verdict->at_edge || verdict->kind == VERDICT_INCONCLUSIVE)
		return; /* nobody is reproached with what a run cannot tell, or with what was rounded */
	if (isnan(verdict->estimate) || !isfinite(verdict->factor) || !(verdict->factor > 1))
		return;
	text_append_format(out, "%s " TIMES "%s", sign_of(verdict),
			   format_ratio_number(verdict->factor, number));
}

void verdict_words_servers(struct text_buffer *out, const struct verdict *verdict)
{
	text_append(out, verdict->servers);
}

void verdict_words_blocks(struct text_buffer *out, const struct verdict *verdict)
{
	if (verdict->trials == 0)
		return;
	if (verdict->trials > 1 && verdict->coverage < 0.9)
		text_append(out, "range of ");
	text_append_format(out, "%zu" TEXT_NBSP "block%s", verdict->trials,
			   verdict->trials == 1 ? "" : "s");
}

static void append_trials(struct text_buffer *out, size_t count, const char *how, bool *any)
{
	if (count == 0)
		return;
	text_append_format(out, "%s%zu %s", *any ? ", " : "trials: ", count, how);
	*any = true;
}

static void append_run(struct text_buffer *out, const struct results *results, bool sum)
{
	const json_t *run = results->run;
	const json_t *environment = json_object_get(run, "environment");
	char checksum[CHECKSUM_SIZE] = "";

	if (sum)
		results_checksum(results, checksum);
	text_append_format(out, "; run %s of %.10s, seed %lld, environment %s",
			   json_string_of(run, "id"), json_string_of(run, "finished_at"),
			   (long long)json_integer_value(json_object_get(run, "seed")),
			   json_string_of(environment, "fingerprint"));
	if (*checksum)
		text_append_format(out, ", trials.jsonl sha256 %s", checksum);
}

void verdict_words_ground(struct text_buffer *out, const struct verdict *verdict, bool checksum)
{
	const struct verdict_validity *validity = &verdict->validity;
	bool any = false;

	append_trials(out, validity->ok, "ok", &any);
	append_trials(out, validity->saturated, "saturated", &any);
	append_trials(out, validity->failed, "failed", &any);
	append_trials(out, validity->invalid, "invalid", &any);
	append_trials(out, validity->skipped, "skipped", &any);
	if (!any)
		text_append(out, "no trial");
	for (size_t i = 0; i < verdict->run_count; i++)
		append_run(out, verdict->runs[i], checksum);
}

bool verdict_words_is_untested(const struct verdict *verdict)
{
	return verdict->of_kind && verdict->of_kind->needs == 0;
}

const char *verdict_words_metric(const struct verdict *verdict)
{
	const char *title = json_string_of(verdict->descriptor, "title");

	return *title ? title : verdict->metric;
}

void verdict_words_sources(struct text_buffer *out, const json_t *claim)
{
	const json_t *source, *sources = json_object_get(claim, "sources");
	size_t i;

	if (json_array_size(sources) == 0)
		text_append(out, json_string_of(claim, "source"));
	json_array_foreach(sources, i, source)
	{
		const char *kind = json_string_of(source, "kind");
		const char *reported = json_string_of(source, "reported_by");
		json_int_t year = json_integer_value(json_object_get(source, "year"));

		text_append_format(out, "%s%s", i ? "; " : "", json_string_of(source, "title"));
		if (*kind)
			text_append_format(out, " (%s", kind);
		if (*kind && year)
			text_append_format(out, ", %lld", (long long)year);
		if (*kind && *reported)
			text_append_format(out, ", as reported by %s", reported);
		if (*kind)
			text_append(out, ")");
	}
}

void verdict_words_count(struct text_buffer *out, const struct verdict *verdicts, size_t count)
{
	size_t counts[VERDICT_NOT_TESTABLE + 1] = {0}, claims = 0, at_edge = 0;
	const char *before = ": ";

	for (size_t i = 0; i < count; i++) {
		claims += verdicts[i].headline;
		at_edge += verdicts[i].headline && verdicts[i].at_edge;
		counts[verdicts[i].kind] += verdicts[i].headline && !verdicts[i].at_edge;
	}
	text_append_format(out, "%zu claim%s", claims, claims == 1 ? "" : "s");
	for (enum verdict_kind kind = 0; kind <= VERDICT_NOT_TESTABLE; kind++) {
		if (counts[kind] == 0)
			continue;
		text_append_format(out, "%s%zu %s", before, counts[kind], verdict_word(kind));
		before = ", ";
	}
	if (at_edge > 0)
		text_append_format(out, "%s%zu at the edge", before, at_edge);
}
