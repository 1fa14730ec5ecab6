/* The answer of a part on memory: who needs the least and the most, and who did not hold its connections. */
#include "report/answer_parts.h"

#include "report/format.h"
#include "stored/codes.h"

/* The first point from the top at which somebody has a figure; NULL: nobody has one anywhere. */
static const json_t *last_point(const struct part *part, const char *metric)
{
	for (size_t i = part->point_count; i-- > 0;)
		if (part_summary(part, NULL, part->points[i], metric).count > 0)
			return part->points[i];
	return NULL;
}

/*
 * The first reason of the last trial of a cell that has failed in every trial; NULL: it has not, or
 * was not run because of what the model says of itself, of which the run has warned.
 */
static const char *why_not_held(const struct part *part, const char *server, const json_t *point)
{
	struct part_outcomes outcomes = part_count(part, server, point);
	const json_t *trial, *last = NULL;

	if (outcomes.all == 0 || outcomes.failed < outcomes.all)
		return NULL;
	for (size_t i = 0; (trial = part_next_trial(part, server, point, &i));)
		last = trial;
	return trial_has_code(last, TRIAL_CODE_MODEL) ? NULL : trial_first_reason(last);
}

/* Who could not hold its connections, at the lowest such point, and why. False: they all could. */
static bool add_not_held(struct answer *answer)
{
	const struct part *part = answer->part;
	bool any = false;

	for (size_t i = 0; i < part->server_count; i++)
		for (size_t j = 0; j < part->point_count; j++) {
			const char *why = why_not_held(part, part->servers[i], part->points[j]);
			struct text_buffer text = {0};

			if (!why)
				continue;
			text_append_format(&text, "%s failed at ", part->servers[i]);
			format_point(&text, part->points[j], NULL);
			text_append_format(&text, ": %s.", why);
			answer_add(answer, &text);
			any = true;
			break;
		}
	return any;
}

void answer_memory(struct answer *answer)
{
	/* Total memory first; that of the process alone only where the kernel's is not known. */
	static const struct {
		const char *metric;
		bool at_once; /* at the highest count, since there are too few for a slope */
		const char *after;
	} ways[] = {
		{"total_per_connection_bytes", false, ", the kernel's share included"},
		{"resident_per_connection_bytes", false, ", without the kernel's share"},
		{"total_bytes", true, ", the kernel's share included"},
		{"resident_bytes", true, ", without the kernel's share"},
	};
	struct contenders all = {0};

	for (size_t i = 0; i < sizeof ways / sizeof *ways && all.count == 0; i++) {
		const json_t *point = ways[i].at_once ? last_point(answer->part, ways[i].metric)
						      : NULL;
		struct range_words words = {
			"takes the least with", "the most with", "takes",
			ways[i].after,		"takes",	 "none is the leanest"};
		struct text_buffer text = {0};

		contenders_destroy(&all);
		if (contenders_find_at(&all, answer->part, point, ways[i].metric, false) < 0) {
			answer->out->failed = true;
			return;
		}
		if (all.count == 0)
			continue;
		if (ways[i].at_once)
			format_point(&text, point, NULL);
		if (ways[i].at_once) {
			words.best = "take the least with";
			words.between = words.alone = "take";
		}
		text_append(&text, ways[i].at_once	? " "
				   : answer->part->idle ? "an idle connection "
							: "a busy connection ");
		answer_add_range(answer, &text, &all, ways[i].metric, &words);
	}
	if (!add_not_held(answer))
		answer_add_absent(answer, &all);
	contenders_destroy(&all);
}
