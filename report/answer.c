#include "report/answer.h"

#include "report/answer_parts.h"

#include "report/finding.h"
#include "report/format.h"
#include "report/kinds.h"
#include "report/observed.h"
#include "report/pair.h"
#include "stored/ladder_end.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count_words(const char *text)
{
	size_t count = 0;
	bool inside = false;

	for (; *text; text++) {
		bool blank = *text == ' ' || strncmp(text, TEXT_NBSP, 2) == 0;

		text += blank && *text != ' ';
		count += !blank && !inside;
		inside = !blank;
	}
	return count;
}

void answer_add(struct answer *answer, struct text_buffer *sentence)
{
	const char *text = text_string(sentence);
	size_t words = count_words(text);

	answer->out->failed = answer->out->failed || text_failed(sentence);
	if (words > 0 && (answer->sentences == 0 || answer->words + words <= ANSWER_WORDS)) {
		text_append(answer->out, answer->sentences++ ? " " : "");
		text_append(answer->out, text);
		answer->words += words;
	}
	text_destroy(sentence);
}

/* --- by the part's own findings ------------------------------------------------------------------ */

/* Whether the two servers of a part, or what is special in its load, say all that there is to say. */
static bool is_told_by_findings(const struct part *part)
{
	return ladder_is(part->json) || kinds_count(part) > 0 || part->server_count <= 2 ||
	       json_is_true(json_object_get(json_object_get(part->json, "load"), "burst"));
}

static void add_findings(struct answer *answer, const char *first)
{
	struct findings findings;

	if (findings_make(&findings, answer->part, 1) < 0) {
		answer->out->failed = true;
		return;
	}
	for (size_t turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < findings.count; i++) {
			bool is_first = strcmp(findings.items[i].kind, first) == 0;
			struct text_buffer sentence = {0};

			text_append(&sentence,
				    is_first == (turn == 0) ? findings.items[i].sentence : "");
			answer_add(answer, &sentence);
		}
	findings_destroy(&findings);
}

/* --- of many servers: from whom to whom ---------------------------------------------------------- */

static void append_figure(struct text_buffer *out, const struct part *part,
			  const struct contender *one, const char *metric)
{
	char text[FORMAT_SIZE];

	text_append_format(
		out, "%s%s", one->bound ? "at least " : "",
		format_value(format_metric_unit(part->results, metric), one->summary.median, text));
}

/* The first so many of them with the smallest and with the greatest figure. */
static void find_ends(const struct contenders *all, size_t count, const struct contender **least,
		      const struct contender **most)
{
	*least = *most = &all->items[0];
	for (size_t i = 1; i < count; i++) {
		if (all->items[i].summary.median < (*least)->summary.median)
			*least = &all->items[i];
		if (all->items[i].summary.median > (*most)->summary.median)
			*most = &all->items[i];
	}
}

/* Why nobody is said to lead. */
static void append_why_unranked(struct text_buffer *out, const struct contenders *all,
				const struct range_words *words)
{
	size_t bounds = all->of_rank[CONTENDER_BOUND];
	char count[FORMAT_SIZE];

	if (all->overtaken && all->of_rank[CONTENDER_RANKED] > 0)
		text_append_format(out, ": %s %s not driven to %s limit",
				   format_count_word(bounds, count), bounds == 1 ? "was" : "were",
				   bounds == 1 ? "its" : "their");
	else if (all->of_rank[CONTENDER_RANKED] > 1)
		text_append_format(out, ": %s in every block", words->nobody);
	else if (all->of_rank[CONTENDER_SINGLE])
		text_append(out, ": one trial of each ranks nobody");
	else
		text_append(out, ": none was driven to its limit");
}

/*
 * "at 64 connections the rate is highest with epoll, 160k/s, in every block, and lowest with ...", behind
 * what is begun; where nobody is ahead in every block only from where to where it goes.
 */
void answer_add_range(struct answer *answer, struct text_buffer *begun,
		      const struct contenders *all, const char *metric,
		      const struct range_words *words)
{
	size_t ranked = all->overtaken ? 0 : all->of_rank[CONTENDER_RANKED];
	size_t count = ranked > 1 ? ranked : all->count - all->of_rank[CONTENDER_FLOOR];
	const struct contender *least, *most;

	if (count == 0) {
		text_destroy(begun);
		return;
	}
	find_ends(all, count, &least, &most);
	if (ranked > 1 && all->always_ahead) {
		text_append_format(begun, "%s %s, ", words->best, all->items[0].server);
		append_figure(begun, answer->part, &all->items[0], metric);
		least = all->higher ? least : most; /* who is furthest behind */
		text_append_format(begun, ", in every block, and %s %s, ", words->worst,
				   least->server);
		append_figure(begun, answer->part, least, metric);
		text_append(begun, words->after);
	} else if (count > 1) {
		text_append_format(begun, "%s from ", words->between);
		append_figure(begun, answer->part, least, metric);
		text_append_format(begun, " with %s to ", least->server);
		append_figure(begun, answer->part, most, metric);
		text_append_format(begun, " with %s%s", most->server, words->after);
		append_why_unranked(begun, all, words);
	} else {
		text_append_format(begun, "%s ", words->alone);
		append_figure(begun, answer->part, least, metric);
		text_append_format(begun, " with %s%s", least->server, words->after);
	}
	text_append(begun, ".");
	if (!text_failed(begun))
		begun->text[0] = (char)toupper((unsigned char)begun->text[0]);
	answer_add(answer, begun);
}

/* Beside those that are ranked those that are not. */
static void add_unranked(struct answer *answer, const struct contenders *all)
{
	size_t bounds = all->of_rank[CONTENDER_BOUND];
	char count[FORMAT_SIZE];
	struct text_buffer text = {0};

	if (bounds == 0 || all->of_rank[CONTENDER_RANKED] < 2 || all->overtaken)
		return;
	text_append_format(&text, "Not ranked: %s that %s not driven to %s limit.",
			   format_count_word(bounds, count), bounds == 1 ? "was" : "were",
			   bounds == 1 ? "its" : "their");
	answer_add(answer, &text);
}

void answer_add_absent(struct answer *answer, const struct contenders *all)
{
	size_t absent = answer->part->server_count - all->count;
	struct text_buffer text = {0};
	char count[FORMAT_SIZE];

	if (all->count == 0)
		text_append(&text, "No trial gave a figure that counts.");
	else if (absent > 0)
		text_append_format(&text, "Without a figure there: %s of %zu servers.",
				   format_count_word(absent, count), answer->part->server_count);
	answer_add(answer, &text);
}

/* Where the part was measured: "at 64 connections ", "with 5k/s offered ". */
static void append_where(struct text_buffer *out, const struct part *part, const json_t *point)
{
	double rate = part_load(part, point, "rate_per_s");

	if (!isnan(rate)) {
		text_append(out, "with ");
		format_axis(out, "rate_per_s", rate);
		text_append(out, " ");
	} else if (json_object_size(point)) {
		text_append(out, "at ");
		format_point(out, point, NULL);
		text_append(out, " ");
	}
}

static void answer_rate(struct answer *answer)
{
	static const struct range_words words = {"the rate is highest with",
						 "lowest with",
						 "the rate goes",
						 "",
						 "the rate is",
						 "none is ahead"};
	static const char metric[] = "requests_per_s";
	struct text_buffer text = {0};
	struct contenders all;

	if (contenders_find_best(&all, answer->part, metric, true) < 0) {
		answer->out->failed = true;
		return;
	}
	if (all.count)
		append_where(&text, answer->part, all.items[0].point);
	answer_add_range(answer, &text, &all, metric, &words);
	add_unranked(answer, &all);
	answer_add_absent(answer, &all);
	contenders_destroy(&all);
}

/* The last point of the part at which some server has a median response time to show. */
static const json_t *last_latency_point(const struct part *part)
{
	for (size_t i = part->point_count; i > 0; i--)
		for (size_t j = 0; j < part->server_count; j++)
			if (part_shown_summary(part, part->servers[j], part->points[i - 1],
					       "latency_p50_ns")
				    .count > 0)
				return part->points[i - 1];
	return NULL;
}

/* Whether who has a median has a p99 too. */
static bool all_show_tail(const struct part *part, const json_t *point)
{
	for (size_t i = 0; i < part->server_count; i++)
		if (part_metric_shown(part, part->servers[i], point, "latency_p50_ns") &&
		    !part_metric_shown(part, part->servers[i], point, "latency_p99_ns"))
			return false;
	return true;
}

/* Servers that did not keep up have a time too, which hides that they fell behind. */
static void add_saturated(struct answer *answer, const json_t *point)
{
	const struct part *part = answer->part;
	struct text_buffer text = {0};
	const char *server = "";
	size_t count = 0;

	for (size_t i = 0; i < part->server_count; i++)
		if (part_count(part, part->servers[i], point).saturated) {
			server = part->servers[i];
			count++;
		}
	if (count == 1)
		text_append_format(&text, "%s fell behind.", server);
	else if (count > 1)
		text_append_format(&text, "%zu of %zu servers fell behind.", count,
				   part->server_count);
	answer_add(answer, &text);
}

static void answer_latency(struct answer *answer)
{
	static const struct range_words tail = {"the p99 is shortest with",
						"longest with",
						"the p99 goes",
						"",
						"the p99 is",
						"none is ahead"};
	static const struct range_words middle = {
		"the median is shortest with",	  "longest with",  "the median goes",
		" (too few responses for a p99)", "the median is", "none is ahead"};
	const json_t *point = last_latency_point(answer->part);
	bool shows_tail = point && all_show_tail(answer->part, point);
	const char *metric = shows_tail ? "latency_p99_ns" : "latency_p50_ns";
	struct text_buffer text = {0};
	struct contenders all;

	if (!point) {
		text_append(&text, "No trial has enough responses to show a response time.");
		answer_add(answer, &text);
		return;
	}
	if (contenders_find_at(&all, answer->part, point, metric, false) < 0) {
		answer->out->failed = true;
		return;
	}
	append_where(&text, answer->part, point);
	answer_add_range(answer, &text, &all, metric, shows_tail ? &tail : &middle);
	add_saturated(answer, point);
	add_unranked(answer, &all);
	contenders_destroy(&all);
}

void answer_append(struct text_buffer *out, const struct part *part)
{
	static const struct {
		void (*ranges)(struct answer *);
		const char *first; /* of its findings, where these are the answer */
	} answers[] = {
		[PART_RATE] = {answer_rate, "rate"},
		[PART_LATENCY] = {answer_latency, "tail"},
		[PART_MEMORY] = {answer_memory, "memory"},
	};
	struct answer answer = {out, part, 0, 0};
	struct text_buffer none = {0};

	if (observed_is(part)) {
		observed_answer(out, part);
		return;
	}
	if (is_told_by_findings(part))
		add_findings(&answer, ladder_is(part->json) ? "wall" : answers[part->kind].first);
	if (answer.sentences == 0 && kinds_count(part) > 0) {
		text_append_format(&none, "No trial has enough %s responses to show a p99.",
				   kinds_name(part, 0));
		answer_add(&answer, &none);
	}
	if (answer.sentences == 0)
		answers[part->kind].ranges(&answer);
}
