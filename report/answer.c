#include "report/answer.h"
#include "report/kinds.h"

#include "stored/ladder_end.h"
#include "stored/codes.h"
#include "report/contenders.h"
#include "report/format.h"
#include "report/ladder_answer.h"
#include "report/ranking.h"

#include <math.h>
#include <string.h>

/* Servers that have no figure where the others are compared. */
static void append_absent(struct text_buffer *out, const struct part *part,
			  const struct contenders *all)
{
	size_t said = 0;

	for (size_t i = 0; i < part->server_count; i++) {
		bool there = false;

		for (size_t j = 0; j < all->count; j++)
			there = there || all->items[j].server == part->servers[i];
		if (!there)
			text_append_format(out, "%s%s",
					   said++ ? ", " : " No figure there: ", part->servers[i]);
	}
	text_append(out, said ? "." : "");
}

static void answer_rate(struct text_buffer *out, const struct part *part, bool brief)
{
	static const char metric[] = "requests_per_s";
	struct contenders all;

	if (contenders_find_best(&all, part, metric, true) < 0) {
		out->failed = true;
		return;
	}
	if (all.of_rank[CONTENDER_RANKED])
		ranking_append_ranked(out, part, &all, metric, brief);
	ranking_append_unranked(out, part, &all, metric, brief);
	if (all.count && !all.of_rank[CONTENDER_RANKED] && json_object_size(all.items[0].point)) {
		text_append(out, " All at ");
		format_point(out, all.items[0].point, NULL);
		text_append(out, ".");
	}
	if (!all.count)
		text_append(out, "No trial gave a rate.");
	else
		append_absent(out, part, &all);
	ranking_append_spread(out, part, &all, metric, brief);
	contenders_destroy(&all);
}

/* The last point of the part at which some server has a median response time to show. */
static const json_t *last_latency_point(const struct part *part, const char *median)
{
	for (size_t i = part->point_count; i > 0; i--)
		for (size_t j = 0; j < part->server_count; j++)
			if (part_metric_shown(part, part->servers[j], part->points[i - 1], median))
				return part->points[i - 1];
	return NULL;
}

/* Whether who has a median has that percentile too. */
static bool all_show(const struct part *part, const json_t *point, const char *median,
		     const char *metric)
{
	for (size_t i = 0; i < part->server_count; i++)
		if (part_metric_shown(part, part->servers[i], point, median) &&
		    !part_metric_shown(part, part->servers[i], point, metric))
			return false;
	return true;
}

/* "With 5k/s offered over 64 connections, ". */
static void append_offer(struct text_buffer *out, const struct part *part, const json_t *point)
{
	static const char *const rates[] = {"rate_per_s", "share_percent"};
	double connections = part_load(part, point, "connections");
	bool offered = false;

	for (size_t i = 0; i < sizeof rates / sizeof *rates && !offered; i++) {
		double rate = part_load(part, point, rates[i]);

		offered = !isnan(rate);
		if (offered) {
			text_append(out, "With ");
			format_axis(out, rates[i], rate);
		}
	}
	text_append(out, offered ? " over " : "Over ");
	format_axis(out, "connections", connections);
	text_append(out, ", ");
}

/* Servers that did not keep up have a time too, which hides that they fell behind. */
static void append_saturated(struct text_buffer *out, const struct part *part, const json_t *point)
{
	for (size_t i = 0; i < part->server_count; i++) {
		struct part_outcomes outcomes = part_count(part, part->servers[i], point);

		if (outcomes.saturated)
			text_append_format(out, " %s fell behind in %zu of %zu trials.",
					   part->servers[i], outcomes.saturated, outcomes.all);
	}
}

static void append_times(struct text_buffer *out, const struct part *part,
			 const struct contenders *all, const char *metric, bool brief)
{
	size_t tier = all->first_tier, ranked = all->of_rank[CONTENDER_RANKED];

	ranking_append_list(out, part, all, 0, tier, metric, brief);
	if (tier > 1) {
		text_append(out, ", which ");
		ranking_append_tier(out, part, metric);
	} else if (all->always_ahead) {
		text_append(out, ", ahead of the others in every block");
	}
	text_append(out, tier < ranked ? "; then " : "");
	ranking_append_list(out, part, all, tier, ranked, metric, brief);
	text_append(out, ranked ? "." : "");
	ranking_append_unranked(out, part, all, metric, brief);
}

/* For how much of the time nobody got an answer to a request of that kind, where that is so of any server. */
static void append_silence(struct text_buffer *out, const struct part *part, const json_t *point,
			   const char *kind)
{
	char key[KINDS_KEY_SIZE], text[FORMAT_SIZE];
	size_t said = 0;

	kinds_key(key, "silent_window_ratio", kind);
	for (size_t i = 0; i < part->server_count; i++) {
		struct summary summary = part_summary(part, part->servers[i], point, key);

		if (summary.count == 0 || !(summary.median > 0))
			continue;
		text_append_format(out, "%s %s %s",
				   said++ ? "," : " Without an answer to any of them:",
				   part->servers[i], format_value("ratio", summary.median, text));
	}
	text_append(out, said ? " of the tenths of a second." : "");
}

/* Of all requests, or (kind not NULL) of those of a kind. */
static void append_latency(struct text_buffer *out, const struct part *part, const char *kind,
			   bool brief)
{
	char keys[2][KINDS_KEY_SIZE];
	const char *median = kind ? kinds_key(keys[0], "latency_p50_ns", kind) : "latency_p50_ns";
	const char *tail = kind ? kinds_key(keys[1], "latency_p99_ns", kind) : "latency_p99_ns";
	const json_t *point = last_latency_point(part, median);
	bool shows_tail = point && all_show(part, point, median, tail);
	const char *metric = shows_tail ? tail : median;
	struct contenders all;

	if (!point) {
		text_append_format(out,
				   "No trial has enough responses to show a response time%s%s.",
				   kind ? " of kind " : "", kind ? kind : "");
		return;
	}
	if (contenders_find_at(&all, part, point, metric, false) < 0) {
		out->failed = true;
		return;
	}
	append_offer(out, part, point);
	text_append_format(out, "%s of the %s%srequests took no longer than %s",
			   shows_tail ? "99" TEXT_NBSP "%" : "half", kind ? kind : "",
			   kind ? " " : "",
			   all.of_rank[CONTENDER_RANKED] ? "this: " : "these times. ");
	append_times(out, part, &all, metric, brief);
	if (kind)
		append_silence(out, part, point, kind);
	else
		append_saturated(out, part, point);
	ranking_append_spread(out, part, &all, metric, brief);
	contenders_destroy(&all);
}

static void append_kinds(struct text_buffer *out, const struct part *part, size_t most, bool brief)
{
	for (size_t i = 0; i < kinds_count(part) && i < most; i++) {
		text_append(out, out->length > 0 ? " " : "");
		append_latency(out, part, kinds_name(part, i), brief);
	}
}

/* Of a mix, kind by kind; in brief the first, which the others are beside. */
static void answer_latency(struct text_buffer *out, const struct part *part, bool brief)
{
	size_t count = kinds_count(part);
	const json_t *point = part->point_count ? part->points[part->point_count - 1] : NULL;

	if (count == 0)
		append_latency(out, part, NULL, brief);
	append_kinds(out, part, brief ? 1 : count, brief);
	if (count > 0 && point)
		append_saturated(out, part, point);
}

/* One kind of memory, from the server that needs the least to the one that needs the most. */
static size_t append_memory(struct text_buffer *out, const struct part *part, const char *intro,
			    const char *metric, bool spread, bool brief)
{
	struct contenders all;
	size_t count, ranked;

	if (contenders_find_at(&all, part, NULL, metric, false) < 0) {
		out->failed = true;
		return 0;
	}
	count = all.count;
	ranked = all.of_rank[CONTENDER_RANKED];
	text_append(out, count ? intro : "");
	ranking_append_list(out, part, &all, 0, ranked ? ranked : count, metric, brief);
	text_append(out, count ? "." : "");
	if (ranked && !brief)
		ranking_append_unranked(out, part, &all, metric, brief);
	if (spread)
		ranking_append_spread(out, part, &all, metric, true);
	contenders_destroy(&all);
	return count;
}

/* With too few counts for a slope: what there was in all, at the highest count that was held. */
static void append_total(struct text_buffer *out, const struct part *part, bool brief)
{
	static const char metric[] = "total_bytes";
	struct contenders all = {0};
	const json_t *point = NULL;

	for (size_t i = part->point_count; i-- > 0 && all.count == 0;) {
		contenders_destroy(&all);
		point = part->points[i];
		if (contenders_find_at(&all, part, point, metric, false) < 0) {
			out->failed = true;
			return;
		}
	}
	if (all.count) {
		format_point(out, point, NULL);
		text_append(out, " took in all ");
		ranking_append_list(out, part, &all, 0, all.count, metric, brief);
		text_append(out, ". ");
	}
	text_append(out, "There are too few counts of connections to say what one costs.");
	contenders_destroy(&all);
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

/* Who could not hold its connections, at the lowest such point, and why. */
static void append_not_held(struct text_buffer *out, const struct part *part)
{
	size_t said = 0;

	for (size_t i = 0; i < part->server_count; i++)
		for (size_t j = 0; j < part->point_count; j++) {
			const char *why = why_not_held(part, part->servers[i], part->points[j]);

			if (!why)
				continue;
			text_append_format(out, "%s%s failed at ", said++ ? "; " : " ",
					   part->servers[i]);
			format_point(out, part->points[j], NULL);
			text_append_format(out, ": %s", why);
			break;
		}
	text_append(out, said ? "." : "");
}

static void answer_memory(struct text_buffer *out, const struct part *part, bool brief)
{
	const char *intro = part->idle ? "An open, idle connection occupies "
				       : "An open, busy connection occupies ";

	if (!append_memory(out, part, intro, "resident_per_connection_bytes", brief, brief)) {
		append_total(out, part, brief);
	} else if (!brief) {
		append_memory(out, part, " It reserves, in address space, ",
			      "virtual_per_connection_bytes", true, false);
		append_memory(out, part, " The kernel holds ", "kernel_per_connection_bytes", false,
			      false);
		append_memory(out, part, " In all that is ", "total_per_connection_bytes", false,
			      false);
	}
	if (!ladder_is(part->json))
		append_not_held(out, part);
}

void answer_append(struct text_buffer *out, const struct part *part, bool brief)
{
	static void (*const answers[])(struct text_buffer *, const struct part *, bool) = {
		[PART_RATE] = answer_rate,
		[PART_LATENCY] = answer_latency,
		[PART_MEMORY] = answer_memory,
	};

	if (ladder_is(part->json)) {
		ladder_answer(out, part, brief);
		if (brief)
			return;
		text_append(out, " ");
	}
	answers[part->kind](out, part, brief);
	if (part->kind == PART_RATE && !brief)
		append_kinds(out, part, kinds_count(part), brief);
}
