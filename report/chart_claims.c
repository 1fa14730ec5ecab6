/*
 * The ruler of claims: a row a claim, on a scale where 1 is the middle of what its source says. The band is
 * what it accepts, the filled mark what was measured of the metric that the source means, the hollow ones
 * the claim's other metrics. What has no place on such a scale is told in words alone.
 */
#include "report/chart_plot.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double row_px = 36, words_px = 340;

/* Beyond so many times the middle a mark stands at the edge: the words say how far it is. */
static const double furthest = 1000;

static const struct {
	enum verdict_kind kind;
	unsigned long colour;
} colours[] = {
	{VERDICT_REPRODUCED, 0x22785d},
	{VERDICT_REFUTED, 0xc81a0f},
	{VERDICT_DIRECTION_ONLY, 0xd57900},
};

static unsigned long colour_of(const struct verdict *verdict)
{
	for (size_t i = 0; i < sizeof colours / sizeof *colours && !verdict->at_edge; i++)
		if (colours[i].kind == verdict->kind)
			return colours[i].colour;
	return 0x808080;
}

/* The middle of the accepted range, or its only end above zero; NAN: there is none. */
static double middle_of(const struct verdict *verdict)
{
	double low = verdict->accepted_low, high = verdict->accepted_high;

	if (isfinite(low) && isfinite(high) && low > 0)
		return sqrt(low * high);
	if (isfinite(low) && !isfinite(high))
		return low > 0 ? low : NAN;
	return isfinite(high) && high > 0 ? high : NAN;
}

/* On the scale of the picture; NAN stays NAN. */
static double on_scale(double value, double middle)
{
	double share = value / middle;

	if (isnan(share))
		return NAN;
	return fmin(fmax(share, 1 / furthest), furthest);
}

static void append_band(struct chart_plot *plot, const struct verdict *verdict, size_t row)
{
	double middle = middle_of(verdict);
	double low = isfinite(verdict->accepted_low) ? verdict->accepted_low : 0;

	if (isnan(middle))
		return;
	text_append_format(&plot->data, "%zu", row);
	chart_append_number(&plot->data, on_scale(low, middle));
	chart_append_number(&plot->data, on_scale(verdict->accepted_high, middle));
	text_append(&plot->data, "\n");
	chart_range_add(&plot->x, on_scale(low > 0 ? low : middle, middle));
	chart_range_add(&plot->x, isfinite(verdict->accepted_high)
					  ? on_scale(verdict->accepted_high, middle)
					  : NAN);
}

static void append_mark(struct chart_plot *plot, const struct verdict *verdict,
			const struct verdict *headline, size_t row)
{
	double middle = middle_of(headline), at = on_scale(verdict->estimate, middle);
	double low = isnan(verdict->low) ? verdict->estimate : verdict->low;
	double high = isnan(verdict->high) ? verdict->estimate : verdict->high;

	if (isnan(at) || !(verdict->estimate > 0) || verdict->unit != headline->unit)
		return;
	text_append_format(&plot->data, "%zu", row);
	chart_append_number(&plot->data, at);
	chart_append_number(&plot->data, on_scale(low, middle));
	chart_append_number(&plot->data, on_scale(high, middle));
	text_append_format(&plot->data, " %d %d %lu\n", verdict == headline,
			   isnan(verdict->low) || isnan(verdict->high), colour_of(verdict));
	chart_range_add(&plot->x, at);
}

/* "refuted here, overstated × 52: 38.5 KiB" and "thread-per-connection; explained". */
static void append_words(struct chart_plot *plot, const struct verdict *verdict, size_t row)
{
	struct text_buffer found = {0}, whose = {0};
	char text[FORMAT_SIZE];

	text_append(&found, verdict_reads(verdict));
	if (isfinite(verdict->factor) && *verdict->factor_word)
		text_append_format(&found, ", %s \xc3\x97" TEXT_NBSP "%s", verdict->factor_word,
				   format_ratio_number(verdict->factor, text));
	if (isfinite(verdict->estimate))
		text_append_format(&found, ": %s",
				   format_value(verdict_unit(verdict), verdict->estimate, text));
	text_append_format(&whose, "%s%s%s", verdict->servers, *verdict->servers ? "; " : "",
			   json_string_of(verdict->claim, "source"));
	text_append_format(&plot->data, "%zu", row);
	chart_append_text(&plot->data, text_string(&found));
	chart_append_text(&plot->data, text_string(&whose));
	text_append(&plot->data, "\n");
	text_destroy(&found);
	text_destroy(&whose);
}

static void csv_append(struct chart_plot *plot, const struct verdict *verdict)
{
	const double figures[] = {verdict->estimate,	 verdict->low,		 verdict->high,
				  verdict->accepted_low, verdict->accepted_high, verdict->factor};

	text_append_csv(&plot->csv, json_string_of(verdict->claim, "id"));
	text_append_format(&plot->csv, ",%s,%s,%s,", verdict->metric,
			   verdict->headline ? "true" : "false", verdict_key(verdict->kind));
	text_append_csv(&plot->csv, verdict->servers);
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		text_append(&plot->csv, ",");
		chart_append_csv_number(&plot->csv, figures[i]);
	}
	text_append_format(&plot->csv, ",%zu\r\n", verdict->trials);
}

/* The verdicts that rows are of, in the order of the run. malloc'ed. */
static const struct verdict **headlines_find(const struct chart_run *run, size_t *count)
{
	const struct verdict **found = calloc(run->verdict_count + 1, sizeof *found);

	*count = 0;
	for (size_t i = 0; found && i < run->verdict_count; i++)
		if (run->verdicts[i].headline)
			found[(*count)++] = &run->verdicts[i];
	return found;
}

static void fill_rows(struct chart_plot *plot, const struct verdict *const *rows, size_t count)
{
	const struct chart_run *run = plot->run;

	text_append(&plot->data, "# bands: row low high\nNaN NaN NaN\n");
	for (size_t i = 0; i < count; i++)
		append_band(plot, rows[i], i + 1);
	text_append(
		&plot->data,
		"\n\n# marks: row measured low high headline bound colour\nNaN NaN NaN NaN 0 0 0\n");
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < run->verdict_count; j++)
			if (run->verdicts[j].claim == rows[i]->claim) {
				append_mark(plot, &run->verdicts[j], rows[i], i + 1);
				csv_append(plot, &run->verdicts[j]);
			}
	text_append(&plot->data, "\n\n# words: row found whose\n");
	for (size_t i = 0; i < count; i++)
		append_words(plot, rows[i], i + 1);
	text_append(&plot->data, "\n\n");
}

int chart_fill_claims(struct chart_plot *plot)
{
	size_t count;
	const struct verdict **rows = headlines_find(plot->run, &count);
	const char **names = calloc(count + 1, sizeof *names);
	int code = rows && names ? 0 : -ENOMEM;

	plot->empty = count == 0;
	if (code == 0 && !plot->empty) {
		plot->x = (struct chart_range){.low = 0.5, .high = 2, .log = true, .unit = "count"};
		text_append(&plot->csv, "claim,metric,headline,verdict,servers,estimate,low,high,"
					"accepted_low,accepted_high,factor,blocks\r\n");
		for (size_t i = 0; i < count; i++)
			names[i] = json_string_of(rows[i]->claim, "id");
		fill_rows(plot, rows, count);
		chart_append_rows(plot, names, count, row_px, words_px);
	}
	free(rows);
	free(names);
	return code == 0 && !text_failed(&plot->data) ? 0 : -ENOMEM;
}
