/* Findings that set one server against another: what a request or a connection costs, how fast, how late. */
#include "report/finding_kinds.h"

#include "report/format.h"
#include "report/kinds.h"
#include "stored/ladder_end.h"
#include "stored/metric.h"

#include <math.h>
#include <string.h>

/* Whether all requests of a part are alike and due again and again. */
static bool is_plain(const struct part *part)
{
	const json_t *load = json_object_get(part->json, "load");

	return !part->idle && kinds_count(part) == 0 && !ladder_is(part->json) &&
	       !json_is_true(json_object_get(load, "burst"));
}

bool finding_fits_rate(const struct part *part)
{
	return is_plain(part) && part->kind == PART_RATE && part_has_chart(part, "throughput") &&
	       !finding_waits_behind(part);
}

bool finding_fits_behind(const struct part *part)
{
	return is_plain(part) && part->kind == PART_RATE && part_has_chart(part, "throughput") &&
	       finding_waits_behind(part);
}

bool finding_fits_cpu(const struct part *part)
{
	return is_plain(part) && part_has_chart(part, "cpu");
}

bool finding_fits_tail(const struct part *part)
{
	return is_plain(part) && part->kind == PART_LATENCY;
}

bool finding_fits_unluckiest(const struct part *part)
{
	const json_t *first = json_array_get(json_object_get(part->json, "charts"), 0);

	return is_plain(part) && part->kind == PART_RATE && json_is_string(first) &&
	       strcmp(json_string_value(first), "latency") == 0;
}

/* What a finding speaks of, once it is known whom it compares and where. */
static void set_values(struct finding *finding, const struct part *part)
{
	finding->of_value =
		part_shown_summary(part, finding->of, finding->point, finding->metric).median;
	finding->over_value = finding->over ? part_shown_summary(part, finding->over,
								 finding->point, finding->metric)
						      .median
					    : NAN;
}

/* The response times of a server that fell behind grow for as long as it does: they are lower bounds. */
static void heed_saturated(struct block_ratio *ratio, const struct finding *finding)
{
	const struct part *part = finding->part;

	if (part->kind != PART_LATENCY || isnan(metric_percentile(finding->metric)))
		return;
	ratio->at_least = part_count(part, finding->of, finding->point).saturated > 0;
	ratio->at_most = part_count(part, finding->over, finding->point).saturated > 0;
	if (ratio->at_least && ratio->at_most && ratio->kind == BLOCK_RATIO_FOUND)
		ratio->kind = BLOCK_RATIO_BOTH_BOUNDS;
	block_ratio_heed_bounds(ratio);
}

static struct block_ratio find_ratio(const struct finding *finding)
{
	const struct part *part = finding->part;
	const struct cell of = part_cell(part, finding->of, finding->point),
			  over = part_cell(part, finding->over, finding->point);
	struct block_ratio ratio;

	if (!part_metric_shown(part, finding->of, finding->point, finding->metric))
		return (struct block_ratio){.kind = BLOCK_RATIO_NO_VALUES};
	if (!part_metric_shown(part, finding->over, finding->point, finding->metric))
		return (struct block_ratio){.kind = BLOCK_RATIO_NO_REFERENCE};
	ratio = block_ratio_find(part->results, &of, &over, finding->metric, 0.95);
	heed_saturated(&ratio, finding);
	return ratio;
}

/* "8.75 us of server CPU with thread-per-connection and 5.95 us with epoll": of one alone the first. */
static void append_figures(struct text_buffer *out, const struct finding *finding,
			   const struct finding_words *words)
{
	const struct results *results = finding->part->results;
	const char *unit = format_metric_unit(results, finding->metric);
	char text[FORMAT_SIZE];

	text_append_format(out, " %s%s%s with %s",
			   finding->state == FINDING_AT_LEAST ? "at least " : "",
			   format_value(unit, finding->of_value, text), words->noun, finding->of);
	if (finding->over)
		text_append_format(out, " and %s%s with %s",
				   finding->state == FINDING_AT_MOST ? "at least " : "",
				   format_value(unit, finding->over_value, text), finding->over);
	text_append(out, words->after);
}

/* "is that of epoll to within 2 %". */
static void append_same(struct text_buffer *out, const struct finding *finding,
			const struct finding_words *words)
{
	const json_t *descriptor = results_metric(finding->part->results, finding->metric);
	double matters = metric_smallest_difference(descriptor);
	char text[FORMAT_SIZE];

	text_append_format(out, "the %s of %s is that of %s to within ", words->quantity,
			   finding->of, finding->over);
	if (finding->high <= 1 + matters && finding->low >= 1 / (1 + matters))
		text_append_format(out, "%.3g" TEXT_NBSP "%%", 100 * matters);
	else
		text_append(out, format_value(format_metric_unit(finding->part->results,
								 finding->metric),
					      metric_smallest_absolute(descriptor), text));
	text_append(out, finding_evidence(finding));
}

/* Whether a claim, as run.json has it, is about the very ratio of a finding. */
static bool is_about(const json_t *claim, const struct finding *finding)
{
	const json_t *metrics = json_object_get(claim, "metrics"), *metric;
	const json_t *of = json_object_get(claim, "of"), *over = json_object_get(claim, "over");
	const char *means = json_string_of(claim, "means");
	bool named = strcmp(means, finding->metric) == 0;
	size_t i;

	json_array_foreach(metrics, i, metric) named =
		named || (!*means && strcmp(json_string_value(metric), finding->metric) == 0);
	return named && strcmp(json_string_of(claim, "kind"), "ratio") == 0 &&
	       strcmp(json_string_of(of, "server"), finding->of) == 0 &&
	       strcmp(json_string_of(over, "server"), finding->over) == 0 &&
	       (!finding->point || json_equal(json_object_get(of, "point"), finding->point));
}

/* The single figure that a range of 25 % either way was made of; NAN: it was made of something else. */
static double single_figure(double low, double high)
{
	double figure = (low + high) / 2, step = pow(10, floor(log10(figure)) - 1);

	return fabs(low / figure - 0.75) < 0.01 && fabs(high / figure - 1.25) < 0.01
		       ? round(figure / step) * step
		       : NAN;
}

/* ", not 250 as claimed": what a reader may have heard, where the part tests just that. */
static void append_claimed(struct text_buffer *out, const struct finding *finding)
{
	const json_t *claims = json_object_get(finding->part->json, "claims"), *claim;
	size_t i;

	json_array_foreach(claims, i, claim)
	{
		const json_t *within = json_object_get(claim, "within");
		double low = json_number_value(json_array_get(within, 0));
		double high = json_number_value(json_array_get(within, 1));
		double figure = single_figure(low, high);
		char text[64];

		if (!is_about(claim, finding) || isnan(figure) ||
		    finding->state != FINDING_MEASURED || finding->direction == FINDING_UNKNOWN)
			continue;
		if (finding->value >= low && finding->value <= high)
			text_append(out, ", as claimed");
		else
			text_append_format(out, ", not %s as claimed", finding_times(figure, text));
		return;
	}
}

static void append_ratio(struct text_buffer *out, const struct finding *finding,
			 const struct finding_words *words)
{
	const char *bound = finding->state == FINDING_AT_LEAST	? "at least "
			    : finding->state == FINDING_AT_MOST ? "at most "
								: "";
	char times[64];

	finding_times(finding->value, times);
	if (finding_figures_agree(finding)) {
		text_append(out, words->subject);
		append_figures(out, finding, words);
		text_append_format(out, ": %s%s%s%s%s", bound, strcmp(times, "1") == 0 ? "" : times,
				   strcmp(times, "1") == 0 ? "" : " times ", words->as,
				   finding_evidence(finding));
		append_claimed(out, finding);
	} else { /* the machine changed between blocks, so their medians are of different blocks */
		text_append_format(out, "the %s of %s is %s%s times that of %s%s", words->quantity,
				   finding->of, bound, times, finding->over,
				   finding->every_block ? finding_evidence(finding)
							: ", block by block");
	}
}

static char *make_sentence(const struct finding *finding, const struct finding_words *words)
{
	struct text_buffer text = {0};

	if (!words->place)
		finding_append_where(&text, finding->part, finding->point);
	if (finding->state == FINDING_UNTOLD) {
		text_append_format(&text, "this run cannot tell %s and %s apart by %s: %s",
				   finding->of, finding->over, words->quantity, finding->why);
	} else if (!finding->over) {
		text_append(&text, words->subject);
		append_figures(&text, finding, words);
	} else if (finding->direction == FINDING_SAME) {
		append_same(&text, finding, words);
	} else {
		append_ratio(&text, finding, words);
	}
	text_append(&text, ".");
	return finding_take(&text);
}

bool finding_compare(struct finding *finding, const struct finding_words *words)
{
	const struct part *part = finding->part;
	const char *metric = words->metric;
	struct text_buffer where = {0};

	finding->metric = metric;
	set_values(finding, part);
	if (isnan(finding->of_value) && (!finding->over || isnan(finding->over_value)))
		return false;
	if (finding->over) {
		struct block_ratio ratio = find_ratio(finding);

		finding_set_ratio(finding, &ratio);
	} else {
		struct summary summary = part_shown_summary(part, finding->of, finding->point,
							    metric);

		finding->unit = format_metric_unit(part->results, metric);
		finding_set_value(finding, &summary,
				  part_value_is_bound(part, finding->of, finding->point, metric));
	}
	if (words->place)
		text_append(&where, words->place);
	else
		finding_append_place(&where, part, finding->point);
	finding->tile = true;
	finding_set_tile(finding, text_string(&where));
	text_destroy(&where);
	finding->sentence = make_sentence(finding, words);
	return true;
}

bool finding_contrast(struct finding *finding, const struct finding_kind *kind,
		      const struct part *part)
{
	const struct pair pair = pair_find(part);

	if (!kind->words.fits(part) || !pair.of)
		return false;
	finding->of = pair.of;
	finding->over = pair.over;
	if (part->kind == PART_LATENCY)
		finding->point = pair_point_kept_up(part, &pair, kind->words.metric);
	else
		finding->point = pair_point(part, &pair, kind->words.metric,
					    kind->words.fits == finding_fits_behind);
	return finding->point && finding_compare(finding, &kind->words);
}
