#include "report/answer.h"

#include "stored/ladder_end.h"
#include "stored/codes.h"
#include "report/contenders.h"
#include "report/format.h"
#include "report/ladder_answer.h"

#include <math.h>
#include <string.h>

/* "131k/s [129k, 133k] at 64 connections", "≥" before a lower bound. */
static void append_figure(struct text_buffer *out, const struct part *part,
			  const struct contender *one, const char *metric)
{
	format_summary(out, format_metric_unit(part->results, metric), &one->summary, one->bound);
	if (one->point && json_object_size(one->point)) {
		text_append(out, " at ");
		format_point(out, one->point, NULL);
	}
}

/* On the first screen a long list is cut to its first few and its last. */
static bool list_shows(size_t index, size_t count, bool brief)
{
	return !brief || count <= 5 || index < 3 || index + 1 == count;
}

static void append_server(struct text_buffer *out, const struct part *part,
			  const struct contender *one, const char *metric)
{
	if (part->kind == PART_MEMORY) {
		append_figure(out, part, one, metric);
		text_append_format(out, " in %s", one->server);
		return;
	}
	text_append_format(out, "%s%s ", one->server, part->kind == PART_RATE ? " with" : "");
	append_figure(out, part, one, metric);
}

/* "epoll with 131k/s [..] at ..., libuv ..." for items from `first` to before `end`. */
static void append_list(struct text_buffer *out, const struct part *part,
			const struct contenders *all, size_t first, size_t end, const char *metric,
			bool brief)
{
	size_t count = end - first;

	for (size_t i = 0; i < count; i++) {
		if (!list_shows(i, count, brief)) {
			if (i == 3)
				text_append_format(out, ", %zu more", count - 4);
			continue;
		}
		format_separator(out, i, count);
		append_server(out, part, &all->items[first + i], metric);
	}
}

/* "In brackets the range of 3 trials." for the fewest trials among the contenders. */
static void append_spread(struct text_buffer *out, const struct contenders *all, bool brief)
{
	const struct summary *fewest = NULL;
	bool differ = false;

	for (size_t i = 0; i < all->count; i++) {
		const struct summary *one = &all->items[i].summary;

		differ = differ || (fewest && one->count != fewest->count);
		if (!fewest || one->count < fewest->count)
			fewest = one;
	}
	if (!fewest)
		return;
	if (fewest->count == 1) {
		text_append(out, differ ? " (In brackets the range of the trials; of some there is "
					  "only one.)"
					: " (1 trial, so no spread.)");
		return;
	}
	text_append(out, brief ? " (In brackets the " : " (Medians; in brackets the ");
	format_spread(out, fewest);
	text_append(out, differ ? " or more.)" : ".)");
}

/* Those that are not ranked, each kind with its reason. */
static void append_unranked(struct text_buffer *out, const struct part *part,
			    const struct contenders *all, const char *metric, bool brief)
{
	static const char *const reasons[] = {
		[CONTENDER_BOUND] = "Not driven to their limit, so lower bounds and not ranked",
		[CONTENDER_SINGLE] = "One trial each, so not ranked",
		[CONTENDER_FLOOR] = "For scale, not ranked",
	};
	size_t first = all->of_rank[CONTENDER_RANKED];

	for (size_t rank = CONTENDER_BOUND; rank < CONTENDER_RANKS; rank++) {
		const struct contender *one = &all->items[first];
		size_t count = all->of_rank[rank];

		if (!count)
			continue;
		text_append(out, first ? " " : "");
		if (rank == CONTENDER_BOUND && count == 1 && first) {
			text_append_format(out, "%s was not driven to its limit: its rate, ",
					   one->server);
			append_figure(out, part, one, metric);
			text_append(out, ", is a lower bound and not ranked.");
		} else {
			text_append_format(
				out, "%s: ",
				rank == CONTENDER_BOUND && !first && !all->of_rank[CONTENDER_SINGLE]
					? "No server was driven to its limit, so the rates are "
					  "lower bounds and not ranked"
					: reasons[rank]);
			append_list(out, part, all, first, first + count, metric, brief);
			text_append(out, ".");
		}
		first += count;
	}
}

static void append_ranked(struct text_buffer *out, const struct part *part,
			  const struct contenders *all, const char *metric, bool brief)
{
	size_t tier = all->first_tier, ranked = all->of_rank[CONTENDER_RANKED];

	if (all->of_rank[CONTENDER_BOUND])
		text_append(out, "Of the servers driven to their limit, ");
	if (ranked == 1) {
		text_append_format(out, "%s answered ", all->items[0].server);
		append_figure(out, part, &all->items[0], metric);
		text_append(out, ".");
		return;
	}
	if (tier == 1) {
		text_append_format(out, "%s answered the most: ", all->items[0].server);
		append_figure(out, part, &all->items[0], metric);
		text_append(out, contenders_leader_always_ahead(all)
					 ? ", ahead of the others in every trial."
					 : ", its interval above the others'.");
	} else {
		append_list(out, part, all, 0, tier, metric, brief);
		text_append(out, " share the first tier: their intervals overlap, so no winner is "
				 "named.");
	}
	if (tier < ranked) {
		text_append(out, " Then ");
		append_list(out, part, all, tier, ranked, metric, brief);
		text_append(out, ".");
	}
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
		append_ranked(out, part, &all, metric, brief);
	append_unranked(out, part, &all, metric, brief);
	if (!all.count)
		text_append(out, "No trial gave a rate.");
	append_spread(out, &all, brief);
	contenders_destroy(&all);
}

/* The last point of the part at which some server has a median response time to show. */
static const json_t *last_latency_point(const struct part *part)
{
	for (size_t i = part->point_count; i > 0; i--)
		for (size_t j = 0; j < part->server_count; j++)
			if (part_percentile_shown(part, part->servers[j], part->points[i - 1], 0.5))
				return part->points[i - 1];
	return NULL;
}

static bool all_show(const struct part *part, const json_t *point, double percentile)
{
	for (size_t i = 0; i < part->server_count; i++)
		if (part_percentile_shown(part, part->servers[i], point, 0.5) &&
		    !part_percentile_shown(part, part->servers[i], point, percentile))
			return false;
	return true;
}

/* "With 5k/s offered over 64 connections, ". */
static void append_offer(struct text_buffer *out, const struct part *part, const json_t *point)
{
	double rate = part_load(part, point, "rate_per_s");
	double connections = part_load(part, point, "connections");

	text_append(out, "With ");
	if (!isnan(rate))
		format_axis(out, "rate_per_s", rate);
	text_append(out, " over ");
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

	append_list(out, part, all, 0, tier, metric, brief);
	if (tier > 1)
		text_append(out, ", which share the first tier: their intervals overlap");
	else if (contenders_leader_always_ahead(all))
		text_append(out, ", ahead of the others in every trial");
	text_append(out, tier < ranked ? "; then " : "");
	append_list(out, part, all, tier, ranked, metric, brief);
	text_append(out, ranked ? "." : "");
	append_unranked(out, part, all, metric, brief);
}

static void answer_latency(struct text_buffer *out, const struct part *part, bool brief)
{
	const json_t *point = last_latency_point(part);
	bool tail = point && all_show(part, point, 0.99);
	const char *metric = tail ? "latency_p99_ns" : "latency_p50_ns";
	struct contenders all;

	if (!point) {
		text_append(out, "No trial has enough responses to show a response time.");
		return;
	}
	if (contenders_find_at(&all, part, point, metric, false) < 0) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < all.count; i++)
		all.items[i].point = NULL; /* said once for all of them */
	append_offer(out, part, point);
	text_append_format(out, "%s of the requests took no longer than %s",
			   tail ? "99" TEXT_NBSP "%" : "half",
			   all.of_rank[CONTENDER_RANKED] ? "this: " : "these times. ");
	append_times(out, part, &all, metric, brief);
	append_saturated(out, part, point);
	append_spread(out, &all, brief);
	contenders_destroy(&all);
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
	append_list(out, part, &all, 0, ranked ? ranked : count, metric, brief);
	text_append(out, count ? "." : "");
	if (ranked && !brief)
		append_unranked(out, part, &all, metric, brief);
	if (spread)
		append_spread(out, &all, true);
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
		for (size_t i = 0; i < all.count; i++)
			all.items[i].point = NULL; /* said once for all of them */
		append_list(out, part, &all, 0, all.count, metric, brief);
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
}
