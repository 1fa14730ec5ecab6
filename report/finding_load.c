/* Findings on loads of their own: quick requests beside those that hold a thread, and all at once. */
#include "report/finding_kinds.h"

#include "report/format.h"
#include "report/kinds.h"
#include "stored/axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The threads behind a loop at a point; 0 where the load has none. */
static double offload_at(const struct part *part, const json_t *point)
{
	double offload = part_load(part, point, axis_at(AXIS_OFFLOAD)->key);

	return isnan(offload) ? 0 : offload;
}

/* The last point, so that of the most load, without threads behind the loop and with figures of both. */
static const json_t *point_alone(const struct part *part, const struct pair *pair,
				 const char *metric)
{
	for (size_t i = part->point_count; i-- > 0;) {
		const json_t *point = part->points[i];

		if (offload_at(part, point) == 0 &&
		    part_shown_summary(part, pair->of, point, metric).count > 0 &&
		    (!pair->over || part_shown_summary(part, pair->over, point, metric).count > 0))
			return point;
	}
	return NULL;
}

/* The loop first: what happens to it is the question, and threads are what it is set against. */
static struct pair loop_first(const struct part *part)
{
	const struct pair pair = pair_find(part);

	return pair.over ? (struct pair){pair.over, pair.of, pair.threads_and_loop} : pair;
}

/* A key of a metric of the first kind of a mix, the one that others are beside: the run's own, "" without. */
static const char *quick_key(const struct part *part, const char *metric)
{
	char key[KINDS_KEY_SIZE];
	const json_t *descriptor;

	if (kinds_count(part) < 2)
		return "";
	descriptor = json_find(json_object_get(part->results->run, "metrics"), "key",
			       kinds_key(key, metric, kinds_name(part, 0)));
	return json_string_of(descriptor, "key");
}

bool finding_beside(struct finding *finding, const struct finding_kind *kind,
		    const struct part *part)
{
	const struct pair pair = loop_first(part);
	struct finding_words words = kind->words;
	char subject[128], quantity[128];

	words.metric = quick_key(part, kind->words.metric);
	if (!*words.metric || !pair.of)
		return false;
	finding->of = pair.of;
	finding->over = pair.over;
	finding->point = point_alone(part, &pair, words.metric);
	snprintf(subject, sizeof subject, "the p99 of %.40s requests beside %.40s ones is",
		 kinds_name(part, 0), kinds_name(part, 1));
	snprintf(quantity, sizeof quantity, "p99 of %.40s requests", kinds_name(part, 0));
	words.subject = subject;
	words.quantity = quantity;
	return finding->point && finding_compare(finding, &words);
}

/* Its sentence, which is made, and a tile that says where. */
static void end_with_place(struct finding *finding, const struct part *part,
			   struct text_buffer *sentence)
{
	struct text_buffer place = {0};

	finding->sentence = finding_take(sentence);
	finding->tile = true;
	finding_append_place(&place, part, finding->point);
	finding_set_tile(finding, text_string(&place));
	text_destroy(&place);
}

bool finding_silence(struct finding *finding, const struct finding_kind *kind,
		     const struct part *part)
{
	const struct pair pair = loop_first(part), alone = {pair.of, NULL, false};
	struct text_buffer text = {0};
	struct summary summary;
	char share[FORMAT_SIZE];

	finding->metric = quick_key(part, kind->words.metric);
	if (!*finding->metric || !pair.of)
		return false;
	finding->of = pair.of;
	finding->unit = format_metric_unit(part->results, finding->metric);
	finding->point = point_alone(part, &alone, finding->metric);
	if (!finding->point)
		return false;
	summary = part_summary(part, finding->of, finding->point, finding->metric);
	if (!(summary.median > 0))
		return false;
	finding_set_value(finding, &summary, false);
	finding_append_where(&text, part, finding->point);
	text_append_format(&text, "%s leaves %s of the tenths of a second without any %s answer.",
			   finding->of, format_value(finding->unit, finding->value, share),
			   kinds_name(part, 0));
	end_with_place(finding, part, &text);
	return true;
}

bool finding_offloaded(struct finding *finding, const struct finding_kind *kind,
		       const struct part *part)
{
	const struct pair pair = loop_first(part);
	const char *metric = quick_key(part, kind->words.metric), *unit;
	const json_t *alone, *point = NULL;
	char before[FORMAT_SIZE], after[FORMAT_SIZE], threads[FORMAT_SIZE];
	struct text_buffer text = {0}, compared = {0};

	if (!*metric || !pair.of || !(alone = point_alone(part, &pair, metric)))
		return false;
	for (size_t i = 0; i < part->point_count; i++)
		if (offload_at(part, part->points[i]) > 0 &&
		    finding_points_differ_in(alone, part->points[i], axis_at(AXIS_OFFLOAD)->key) &&
		    part_shown_summary(part, pair.of, part->points[i], metric).count > 0)
			point = part->points[i];
	if (!point)
		return false;
	finding->of = pair.of;
	finding->point = point;
	finding->metric = metric;
	finding_compare_points(finding, alone);
	format_integer(offload_at(part, point), threads);
	unit = format_metric_unit(part->results, metric);
	if (finding->state == FINDING_UNTOLD)
		text_append_format(&text,
				   "this run cannot tell whether %s threads behind %s change the "
				   "p99 of %s requests: %s.",
				   threads, pair.of, kinds_name(part, 0), finding->why);
	else
		text_append_format(&text,
				   "with %s threads behind %s for %s requests, the p99 of %s ones "
				   "is %s instead of %s%s.",
				   threads, pair.of, kinds_name(part, 1), kinds_name(part, 0),
				   format_value(unit, finding->of_value, after),
				   format_value(unit, finding->over_value, before),
				   finding->every_block ? finding_evidence(finding) : "");
	text_append_format(&compared, "%s with %s threads behind it against none", pair.of,
			   threads);
	finding_end_of_one(finding, &text, &compared);
	return true;
}

bool finding_burst(struct finding *finding, const struct finding_kind *kind,
		   const struct part *part)
{
	const json_t *load = json_object_get(part->json, "load");
	struct pair pair = pair_find(part);
	char requests[FORMAT_SIZE], last[FORMAT_SIZE];
	struct text_buffer text = {0};
	struct summary summary;

	if (!json_is_true(json_object_get(load, "burst")) || !pair.of)
		return false;
	finding->of = pair.over ? pair.over : pair.of;
	pair = (struct pair){finding->of, NULL, false};
	finding->metric = kind->words.metric;
	finding->unit = format_metric_unit(part->results, finding->metric);
	finding->point = pair_point(part, &pair, finding->metric, true);
	if (!finding->point)
		return false;
	summary = part_summary(part, finding->of, finding->point, finding->metric);
	finding_set_value(finding, &summary, false);
	text_append_format(&text,
			   "of %s requests that are due at once, %s answers the last after %s.",
			   format_integer(part_load(part, finding->point, "connections"), requests),
			   finding->of, format_value(finding->unit, finding->value, last));
	end_with_place(finding, part, &text);
	return true;
}
