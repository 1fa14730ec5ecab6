/* What the findings of all kinds have in common: a value taken over, its tile, and words. */
#include "report/finding_kinds.h"

#include "report/format.h"
#include "stored/axis.h"
#include "stored/metric.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a request waits for, by what it asks for: a sentence on rates has to say so, and how long, where an axis knows. */
static const struct behind {
	const char *target, *words;
	bool waits;
} behind[] = {
	{"/query", "", false},
	{"/fetch", ", each asking another server", false},
	{"/wait", ", each request waiting", true},
	{"/calls", ", each request making calls", false},
	{"/block", ", each blocking its thread", false},
	{"/cpu", ", each computing", false},
	{"/file", ", sending files", false},
};

/* NULL: for nothing. */
static const struct behind *find_behind(const struct part *part)
{
	const char *target = json_string_of(json_object_get(part->json, "load"), "target");

	for (size_t i = 0; i < sizeof behind / sizeof *behind; i++)
		if (strncmp(target, behind[i].target, strlen(behind[i].target)) == 0)
			return &behind[i];
	return NULL;
}

bool finding_waits_behind(const struct part *part)
{
	return find_behind(part);
}

/* A sentence has room for three numbers: times that have a name are told by it. */
static const char *time_in_words(double ns, char out[FORMAT_SIZE])
{
	static const struct {
		double ns;
		const char *words;
	} times[] = {
		{1e9, "a second"},
		{500e6, "half a second"},
		{100e6, "a tenth of a second"},
		{10e6, "a hundredth of a second"},
		{1e6, "a millisecond"},
	};

	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		if (fabs(ns / times[i].ns - 1) < 1e-6)
			return times[i].words;
	return format_axis_value(axis_at(AXIS_WAIT)->key, ns, out);
}

bool finding_append_behind(struct text_buffer *out, const struct part *part, const json_t *point)
{
	const struct behind *what = find_behind(part);
	double wait_ns = part_load(part, point, axis_at(AXIS_WAIT)->key);
	char number[FORMAT_SIZE];

	if (!what)
		return false;
	text_append(out, what->words);
	if (what->waits && wait_ns > 0)
		text_append_format(out, " %s", time_in_words(wait_ns, number));
	return true;
}

/* With the digits that a reader keeps. Returns out. */
static char *print_ratio(double ratio, char out[64])
{
	if (ratio >= 999.5 && isfinite(ratio))
		return format_integer(round(ratio / 10) * 10, out);
	if (!isfinite(ratio))
		snprintf(out, 64, "%s", FORMAT_NONE);
	else
		snprintf(out, 64,
			 ratio < 0.0995	 ? "%.2g"
			 : ratio < 1.995 ? "%.2f"
			 : ratio < 19.95 ? "%.1f"
					 : "%.0f",
			 ratio);
	return out;
}

char *finding_times(double ratio, char out[64])
{
	size_t length = strlen(print_ratio(ratio, out));

	if (!strchr(out, '.'))
		return out;
	while (out[length - 1] == '0')
		out[--length] = '\0';
	if (out[length - 1] == '.')
		out[--length] = '\0';
	return out;
}

char *finding_take(struct text_buffer *text)
{
	char *taken = text_failed(text) ? NULL : strdup(text_string(text));

	text_destroy(text);
	if (taken)
		*taken = (char)toupper((unsigned char)*taken);
	return taken;
}

/*
 * What says best where a figure was measured: the rate offered or how many may ask the database at once,
 * else what varies, else the connections.
 */
static const char *telling_axis(const struct part *part, const json_t *point)
{
	const char *varied = part_main_axis(part);

	if (!isnan(part_load(part, point, "rate_per_s")))
		return "rate_per_s";
	if (!isnan(part_load(part, point, axis_at(AXIS_DATABASE_CONNECTIONS)->key)))
		return axis_at(AXIS_DATABASE_CONNECTIONS)->key;
	return isnan(json_number_of(point, varied)) ? "connections" : varied;
}

void finding_append_place(struct text_buffer *out, const struct part *part, const json_t *point)
{
	const char *axis = telling_axis(part, point);
	double value = part_load(part, point, axis);

	if (!isnan(value))
		format_axis(out, axis, value);
}

void finding_append_where(struct text_buffer *out, const struct part *part, const json_t *point)
{
	const char *axis = telling_axis(part, point);
	double pipelining = part_load(part, point, "pipelining");

	if (isnan(part_load(part, point, axis)))
		return;
	text_append(out, strcmp(axis, axis_at(AXIS_CONNECTIONS)->key) == 0    ? "at "
			 : strcmp(axis, axis_at(AXIS_SERVER_CORES)->key) == 0 ? ""
									      : "with ");
	finding_append_place(out, part, point);
	if (pipelining > 1)
		text_append_format(out, ", with %.0f requests under way on each,", pipelining);
	if (finding_append_behind(out, part, point))
		text_append(out, ",");
	text_append(out, " ");
}

/* The direction that all from low to high show; of one block none. */
static enum finding_direction find_direction(const struct finding *finding,
					     const struct block_ratio *ratio, double low,
					     double high)
{
	const json_t *descriptor = results_metric(finding->part->results, finding->metric);
	double matters = 1 + metric_smallest_difference(descriptor);
	double apart = fabs(finding->of_value - finding->over_value);
	bool by_difference = metric_compared_by(descriptor) == METRIC_BY_DIFFERENCE;

	if (ratio->summary.count < 2)
		return FINDING_UNKNOWN;
	if ((low >= 1 / matters && high <= matters) ||
	    (by_difference && apart <= metric_smallest_absolute(descriptor)))
		return FINDING_SAME;
	if (low > matters)
		return FINDING_HIGHER;
	return high < 1 / matters ? FINDING_LOWER : FINDING_UNKNOWN;
}

/* Formatted into new memory; NULL: there is none. */
static char *print(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *print(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	return text;
}

static char *why_missing(const struct finding *finding, const char *server)
{
	struct part_outcomes outcomes = part_count(finding->part, server, finding->point);

	if (outcomes.all && outcomes.failed == outcomes.all)
		return print("all trials of %s failed", server);
	if (outcomes.all && outcomes.invalid == outcomes.all)
		return print("all trials of %s are invalid", server);
	return print("%s has no figure for it", server);
}

/* Of a bound that does not say enough. */
static char *why_bound(const struct finding *finding, const char *server)
{
	const json_t *descriptor = results_metric(finding->part->results, finding->metric);

	if (metric_may_be_lower_bound(descriptor))
		return print("%s was not driven to its limit", server);
	if (finding->part->kind == PART_LATENCY)
		return print("%s fell behind the rate offered", server);
	return print("that of %s comes down to zero", finding->over);
}

static enum finding_direction every_block_direction(const struct finding *finding,
						    const struct block_ratio *ratio)
{
	return find_direction(finding, ratio, ratio->at_most ? NAN : ratio->summary.min,
			      ratio->at_least ? NAN : ratio->summary.max);
}

/* A clause for what stands in the way of a ratio. */
static char *why_not(const struct finding *finding, const struct block_ratio *ratio)
{
	char low[64], high[64];

	switch (ratio->kind) {
	case BLOCK_RATIO_NO_VALUES:
		return why_missing(finding, finding->of);
	case BLOCK_RATIO_NO_REFERENCE:
		return why_missing(finding, finding->over);
	case BLOCK_RATIO_APART:
		return print("no block has both");
	case BLOCK_RATIO_BOTH_BOUNDS:
		return print(finding->part->kind == PART_LATENCY
				     ? "both fell behind the rate offered"
				     : "neither was driven to its limit");
	case BLOCK_RATIO_NO_DIVISOR:
		return print("that of %s comes down to zero", finding->over);
	case BLOCK_RATIO_NO_LOGARITHM: /* only of two runs */
	case BLOCK_RATIO_FOUND:
		break;
	}
	if (ratio->at_least || ratio->at_most)
		return why_bound(finding, ratio->at_least ? finding->of : finding->over);
	finding_times(ratio->summary.low, low);
	finding_times(ratio->summary.high, high);
	if (every_block_direction(finding, ratio) != FINDING_UNKNOWN)
		return print("%zu blocks, between %s and %s, are too few for so wide a range",
			     ratio->summary.count, low, high);
	return print(ratio->summary.low > 1 || ratio->summary.high < 1
			     ? "the ratio, between %s and %s, may be less than matters"
			     : "the ratio lies between %s and %s",
		     low, high);
}

void finding_set_ratio(struct finding *finding, const struct block_ratio *ratio)
{
	const struct summary *summary = &ratio->summary;
	enum finding_direction every;

	finding->unit = "ratio";
	finding->value = summary->median;
	finding->low = summary->low;
	finding->high = summary->high;
	finding->blocks = summary->count;
	every = every_block_direction(finding, ratio);
	finding->direction = every == FINDING_SAME ? every
						   : find_direction(finding, ratio, ratio->sure.low,
								    ratio->sure.high);
	finding->every_block = every != FINDING_UNKNOWN && every == finding->direction;
	finding->state = ratio->at_least  ? FINDING_AT_LEAST
			 : ratio->at_most ? FINDING_AT_MOST
					  : FINDING_MEASURED;
	if (finding->direction != FINDING_UNKNOWN ||
	    (summary->count == 1 && finding->state == FINDING_MEASURED)) {
		finding->why = strdup("");
		return;
	}
	finding->state = FINDING_UNTOLD;
	finding->why = why_not(finding, ratio);
}

void finding_compare_points(struct finding *finding, const json_t *other)
{
	const struct part *part = finding->part;
	const struct cell of = part_cell(part, finding->of, finding->point),
			  over = part_cell(part, finding->of, other);
	struct block_ratio ratio = block_ratio_find(part->results, &of, &over, finding->metric,
						    0.95);

	finding->over = finding->of;
	finding->of_value =
		part_shown_summary(part, finding->of, finding->point, finding->metric).median;
	finding->over_value = part_shown_summary(part, finding->of, other, finding->metric).median;
	finding_set_ratio(finding, &ratio);
}

bool finding_points_differ_in(const json_t *a, const json_t *b, const char *axis)
{
	const char *own;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)a, own, value)
	{
		if (strcmp(own, axis) != 0 && !json_equal(value, json_object_get(b, own)))
			return false;
	}
	return true;
}

void finding_end_of_one(struct finding *finding, struct text_buffer *sentence,
			struct text_buffer *compared)
{
	finding->sentence = finding_take(sentence);
	finding->tile = true;
	finding_set_tile(finding, "");
	free(finding->compared); /* it names one server */
	finding->compared = text_failed(compared) ? NULL : strdup(text_string(compared));
	text_destroy(compared);
}

void finding_set_value(struct finding *finding, const struct summary *summary, bool bound)
{
	finding->value = finding->of_value = summary->median;
	finding->low = summary->low;
	finding->high = bound ? NAN : summary->high;
	finding->blocks = summary->count;
	finding->state = bound ? FINDING_AT_LEAST : FINDING_MEASURED;
	finding->why = strdup("");
}

static void append_ratio_tile(struct text_buffer *out, const struct finding *finding)
{
	char value[64], low[64], high[64];

	text_append_format(out, "\xc3\x97" TEXT_NBSP "%s", print_ratio(finding->value, value));
	if (finding->blocks > 1)
		text_append_format(out, " [%s," TEXT_NBSP "%s]", print_ratio(finding->low, low),
				   print_ratio(finding->high, high));
}

void finding_set_tile(struct finding *finding, const char *where)
{
	struct summary summary = {.count = finding->blocks,
				  .median = finding->value,
				  .low = finding->low,
				  .high = finding->high};
	struct text_buffer text = {0};
	char number[FORMAT_SIZE];

	if (finding->state == FINDING_UNTOLD) {
		text_append(&text, "cannot tell");
	} else {
		text_append(&text, finding->state == FINDING_AT_LEAST  ? "at least "
				   : finding->state == FINDING_AT_MOST ? "at most "
								       : "");
		if (finding->over) {
			append_ratio_tile(&text, finding);
		} else {
			text_append(&text, format_value(finding->unit, finding->value, number));
			if (finding->blocks > 1 && finding->state == FINDING_MEASURED)
				text_append_format(
					&text, " %s",
					format_interval(finding->unit, &summary, number));
		}
		if (finding->blocks == 1)
			text_append(&text, ", 1" TEXT_NBSP "trial");
	}
	finding->text = text_failed(&text) ? NULL : strdup(text_string(&text));
	text_destroy(&text);
	text_append(&text, finding->of);
	if (finding->over)
		text_append_format(&text, " against %s", finding->over);
	if (*where)
		text_append_format(&text, ", %s", where);
	finding->compared = text_failed(&text) ? NULL : strdup(text_string(&text));
	text_destroy(&text);
}

bool finding_figures_agree(const struct finding *finding)
{
	return fabs(log(finding->of_value / finding->over_value / finding->value)) <= log(1.05);
}

const char *finding_evidence(const struct finding *finding)
{
	return finding->blocks == 1			      ? ", in one trial of each"
	       : finding->every_block && finding->blocks == 2 ? ", in both blocks"
	       : finding->every_block			      ? ", in every block"
							      : "";
}
