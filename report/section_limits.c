/* What limits what a part says: bounds, trials that went wrong, notes, what was not available. */
#include "report/section.h"
#include "report/kinds.h"
#include "report/observed.h"
#include "stored/metric.h"

#include <stdio.h>

#include "stored/ladder_end.h"
#include "report/format.h"
#include "report/section_pieces.h"

#include <string.h>

/* The cells whose rate is a lower bound: "epoll at 64 and 256 connections". */
static size_t append_bounds(struct text_buffer *out, const struct part *part)
{
	size_t bounds = 0;

	for (size_t i = 0; i < part->server_count; i++) {
		size_t here = 0, before = 0;

		for (size_t j = 0; j < part->point_count; j++)
			here += part_rate_is_bound(part, part->servers[i], part->points[j]);
		if (!here)
			continue;
		text_append_format(out, "%s%s", bounds ? "; " : "", part->servers[i]);
		text_append(out, json_object_size(part->points[0]) ? " at " : "");
		for (size_t j = 0; j < part->point_count; j++) {
			if (!part_rate_is_bound(part, part->servers[i], part->points[j]))
				continue;
			format_separator(out, before++, here);
			if (here == 1)
				format_point(out, part->points[j], NULL);
			else
				section_point(out, part, part->points[j]);
		}
		if (here > 1 && json_object_size(part->points[0]) == 1)
			text_append_format(out, " %s", section_point_title(part));
		bounds += here;
	}
	return bounds;
}

/* That some rates are no maximum; which ones is folded. */
static void limit_bounds(struct page *page, size_t bounds)
{
	struct text_buffer text = {0};

	if (!bounds)
		return;
	text_append_format(&text,
			   "%zu of these rates: neither the server's cores were 95 %% busy nor the "
			   "threads that do its work, so they are no maximum. More cores for the "
			   "generator, or CPU per request, tell more.",
			   bounds);
	page_list_term(page, "At least:", text_string(&text));
	text_destroy(&text);
}

static void limit_outcomes(struct page *page, const struct part *part)
{
	struct part_outcomes all = part_count(part, NULL, NULL);
	struct text_buffer text = {0};

	if (ladder_is(part->json)) {
		page_list_item(page, "Between the last step that was held and the next one nothing "
				     "is known. What this machine's settings or the server itself "
				     "rule out is not tried.");
		return;
	}
	if (all.saturated)
		text_append_format(&text, "%zu saturated (counted), ", all.saturated);
	if (all.failed)
		text_append_format(&text, "%zu failed (an outcome, without a figure), ",
				   all.failed);
	if (all.invalid)
		text_append_format(&text, "%zu invalid (the apparatus' fault, not counted), ",
				   all.invalid);
	if (text.length) {
		text_append_format(&text, "of %zu. Their reasons are in the list of trials below.",
				   all.all);
		page_list_term(page, "Trials that are not ok:", text_string(&text));
	}
	text_destroy(&text);
}

static size_t note_count(const struct part *part, const char *code)
{
	const json_t *trial;
	size_t count = 0;

	for (size_t i = 0; (trial = part_next_trial(part, NULL, NULL, &i));) {
		const json_t *notes = json_object_get(trial, "notes");

		for (size_t j = 0; j < json_array_size(notes); j++)
			count += strcmp(json_string_of(json_array_get(notes, j), "code"), code) ==
				 0;
	}
	return count;
}

static void limit_note(struct page *page, const struct part *part, const json_t *trial,
		       const json_t *note)
{
	const char *code = json_string_of(note, "code");
	struct text_buffer term = {0}, text = {0};

	text_append_format(&term, "Note \"%s\":", code);
	format_count(&text, note_count(part, code), "trial");
	text_append_format(&text, "; the first: %s (%s, order %.0f).", json_string_of(note, "text"),
			   json_string_of(trial, "server"), json_number_of(trial, "order"));
	page_list_term(page, text_string(&term), text_string(&text));
	text_destroy(&term);
	text_destroy(&text);
}

/* Each kind of note once, with how many trials have it and the first one's text. */
static void limit_notes(struct page *page, const struct part *part)
{
	json_t *seen = json_object();
	const json_t *trial;

	for (size_t i = 0; seen && (trial = part_next_trial(part, NULL, NULL, &i));) {
		const json_t *notes = json_object_get(trial, "notes");

		for (size_t j = 0; j < json_array_size(notes); j++) {
			const json_t *note = json_array_get(notes, j);
			const char *code = json_string_of(note, "code");

			if (json_object_get(seen, code))
				continue;
			json_object_set_new(seen, code, json_true());
			limit_note(page, part, trial, note);
		}
	}
	json_decref(seen);
}

/* Of a kind of request: what is not available of all requests either. */
static bool is_told_of_all(const json_t *unavailable, const char *key)
{
	char base[KINDS_KEY_SIZE];

	snprintf(base, sizeof base, "%.*s", (int)strcspn(key, "@"), key);
	return metric_kind(key) && json_object_get(unavailable, base);
}

/* Each metric that was not available, once, with the first reason given. */
static void limit_unavailable(struct page *page, const struct part *part)
{
	json_t *seen = json_object();
	const json_t *trial;

	for (size_t i = 0; seen && (trial = part_next_trial(part, NULL, NULL, &i));) {
		const char *key;
		json_t *why;

		json_object_foreach(json_object_get(trial, "unavailable"), key, why)
		{
			const json_t *metric = results_metric(part->results, key);
			const char *title = json_string_of(metric, "title");
			struct text_buffer text = {0};

			if (json_object_get(seen, key) || !results_trial_counts(trial) ||
			    is_told_of_all(json_object_get(trial, "unavailable"), key))
				continue;
			json_object_set_new(seen, key, json_true());
			text_append_format(&text, "%s: %s.", *title ? title : key,
					   json_is_string(why) ? json_string_value(why) : "");
			page_list_term(page, "Not available:", text_string(&text));
			text_destroy(&text);
		}
	}
	json_decref(seen);
}

static void limit_machine(struct page *page, const struct part *part)
{
	const json_t *environment = json_object_get(part->results->run, "environment");

	if (part->kind == PART_MEMORY)
		page_list_item(page, "Resident memory is private memory: pages shared with other "
				     "processes are left out.");
	else if (!observed_is(part))
		page_list_item(page,
			       "Over loopback: no network card, no wire, and the kernel charges "
			       "receive processing to whoever sends.");
	if (json_is_true(json_object_get(environment, "virtual_machine")))
		page_list_item(page, "A virtual machine: the host decides when its cores run.");
}

/* Whether any trial that counts says something of itself, or lacks a metric. */
static bool has_remarks(const struct part *part)
{
	const json_t *trial;

	for (size_t i = 0; (trial = part_next_trial(part, NULL, NULL, &i));)
		if (json_array_size(json_object_get(trial, "notes")) ||
		    (results_trial_counts(trial) &&
		     json_object_size(json_object_get(trial, "unavailable"))))
			return true;
	return false;
}

void section_limits(struct page *page, const struct part *part)
{
	struct text_buffer cells = {0};
	size_t bounds = part->kind == PART_RATE ? append_bounds(&cells, part) : 0;

	page_heading(page, 4, NULL, "What this does not show");
	page_list_begin(page, NULL);
	limit_bounds(page, bounds);
	limit_outcomes(page, part);
	limit_machine(page, part);
	page_list_end(page);
	if (bounds || has_remarks(part)) {
		page_fold_begin(page, NULL, "Lower bounds, notes, and what was not available");
		page_list_begin(page, NULL);
		if (bounds)
			page_list_term(page, "At least:", text_string(&cells));
		limit_notes(page, part);
		limit_unavailable(page, part);
		page_list_end(page);
		page_fold_end(page);
	}
	text_destroy(&cells);
}
