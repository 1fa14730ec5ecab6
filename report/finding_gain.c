/* Findings on what one server gains from more of something: threads behind its loop, workers, cores. */
#include "report/finding_kinds.h"

#include "report/format.h"
#include "report/kinds.h"
#include "stored/axis.h"
#include "stored/ladder_end.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a server can have more of, and how a sentence says how many: "with 64 threads behind it". */
static const struct gain {
	enum axis_kind axis;
	const char *with, *things;
} gains[] = {
	{AXIS_OFFLOAD, "with ", " threads behind it"},
	{AXIS_WORKERS, "with ", " workers"},
	{AXIS_SERVER_CORES, "on ", " cores"},
};

static const struct gain *gain_of(const struct part *part)
{
	for (size_t i = 0; i < sizeof gains / sizeof *gains; i++)
		if (part_varies(part, axis_at(gains[i].axis)->key))
			return &gains[i];
	return NULL;
}

/* The point of a server's least or most of it that has a figure; of the least one like `beside` else. */
static const json_t *end_point(const struct finding *finding, const char *axis,
			       const json_t *beside)
{
	const struct part *part = finding->part;
	const json_t *end = NULL;

	for (size_t i = 0; i < part->point_count; i++) {
		const json_t *point = part->points[i];
		double much = part_load(part, point, axis);
		double before = end ? part_load(part, end, axis) : NAN;

		if (!(much > 0) ||
		    part_shown_summary(part, finding->of, point, finding->metric).count == 0 ||
		    (beside && !finding_points_differ_in(beside, point, axis)))
			continue;
		if (!end || (beside ? much < before : much >= before))
			end = point;
	}
	return end;
}

static void append_gain(struct text_buffer *out, const struct finding *finding,
			const struct gain *gain, const char *most, const char *least)
{
	const char *unit = format_metric_unit(finding->part->results, finding->metric);
	const char *of_bound = finding->state == FINDING_AT_LEAST ? "at least " : "";
	const char *over_bound = finding->state == FINDING_AT_MOST ? "at least " : "";
	char times[64], high[FORMAT_SIZE], low[FORMAT_SIZE];

	if (finding->state == FINDING_UNTOLD) {
		text_append_format(
			out, "this run cannot tell what %s gains %s%s%s in place of %s: %s.",
			finding->of, gain->with, most, gain->things, least, finding->why);
		return;
	}
	text_append_format(out, "%s%s%s %s answers %s%s, %s%s %s%s", gain->with, most, gain->things,
			   finding->of, of_bound, format_value(unit, finding->of_value, high),
			   gain->with, least, over_bound,
			   format_value(unit, finding->over_value, low));
	if (finding->direction == FINDING_SAME)
		text_append(out, ": as much");
	else
		text_append_format(out, ": %s%s times as much",
				   *of_bound	 ? of_bound
				   : *over_bound ? "at most "
						 : "",
				   finding_times(finding->value, times));
	text_append_format(out, "%s.", finding_evidence(finding));
}

bool finding_gain(struct finding *finding, const struct finding_kind *kind, const struct part *part)
{
	const struct pair pair = pair_find(part);
	const struct gain *gain = gain_of(part);
	char most[FORMAT_SIZE], least[FORMAT_SIZE];
	struct text_buffer text = {0}, compared = {0};
	const json_t *from;
	const char *axis;

	if (!gain || !pair.of || part->kind != PART_RATE || kinds_count(part) > 0 ||
	    ladder_is(part->json) || !part_has_chart(part, "throughput"))
		return false;
	axis = axis_at(gain->axis)->key;
	finding->of = part->against ? part->against : pair.of;
	finding->metric = kind->words.metric;
	finding->point = end_point(finding, axis, NULL);
	from = finding->point ? end_point(finding, axis, finding->point) : NULL;
	if (!from || from == finding->point)
		return false;
	finding_compare_points(finding, from);
	format_integer(part_load(part, finding->point, axis), most);
	format_count_word((size_t)part_load(part, from, axis), least);
	append_gain(&text, finding, gain, most, least);
	text_append_format(&compared, "%s %s%s%s against %s", finding->of, gain->with, most,
			   gain->things, least);
	finding_end_of_one(finding, &text, &compared);
	return true;
}
