#include "report/observed.h"

#include "report/format.h"
#include "report/section_pieces.h"
#include "stored/codes.h"
#include "stored/metric.h"

#include <math.h>
#include <string.h>

static const char group[] = "observed";

bool observed_is(const struct part *part)
{
	return json_object_get(part->json, "observe") != NULL;
}

/* How often each order was seen by a program, in all its trials that count. New reference. */
static json_t *sum_orders(const struct part *part, const char *program, double *repeats)
{
	json_t *sums = json_object();
	const json_t *trial;

	*repeats = 0;
	for (size_t i = 0; (trial = part_next_trial(part, program, NULL, &i));) {
		json_t *orders = json_object_get(trial, "observed_order"), *count;
		const char *order;

		if (!results_trial_counts(trial))
			continue;
		json_object_foreach(orders, order, count)
		{
			double sum = json_number_value(json_object_get(sums, order));

			*repeats += json_number_value(count);
			json_object_set_new(sums, order, json_real(sum + json_number_value(count)));
		}
	}
	return sums;
}

static const char *most_frequent(json_t *orders)
{
	const char *order, *most = NULL;
	double most_count = 0;
	json_t *count;

	json_object_foreach(orders, order, count)
	{
		if (json_number_value(count) > most_count) {
			most_count = json_number_value(count);
			most = order;
		}
	}
	return most;
}

/* "node-ready timer io (66.7 % of 750 repeats)"; nothing of a program that tells of no order. */
static bool append_order(struct text_buffer *out, const struct part *part, const char *program,
			 const char *lead)
{
	double repeats;
	json_t *orders = sum_orders(part, program, &repeats);
	const char *most = most_frequent(orders);
	char share[FORMAT_SIZE], count[FORMAT_SIZE];

	if (most)
		text_append_format(
			out, "%s%s \"%s\" (%s of %s repeats)", lead, program, most,
			format_value("ratio",
				     json_number_value(json_object_get(orders, most)) / repeats,
				     share),
			format_integer(repeats, count));
	json_decref(orders);
	return most != NULL;
}

/* The first metric of the group that some program has a value of; NULL: there is none. */
static const json_t *first_metric(const struct part *part)
{
	const json_t *metrics = json_object_get(part->results->run, "metrics"), *metric;
	size_t i;

	json_array_foreach(metrics, i, metric)
	{
		for (size_t j = 0; j < part->server_count; j++)
			if (strcmp(json_string_of(metric, "group"), group) == 0 &&
			    part_summary(part, part->servers[j],
					 part->points[part->point_count - 1],
					 json_string_of(metric, "key"))
					    .count > 0)
				return metric;
	}
	return NULL;
}

static void append_figures(struct text_buffer *out, const struct part *part)
{
	const json_t *metric = first_metric(part), *point = part->points[part->point_count - 1];
	size_t said = 0;

	if (!metric)
		return;
	text_append(out, json_string_of(metric, "title"));
	if (json_object_size(point)) {
		text_append(out, ", at ");
		format_point(out, point, NULL);
	}
	for (size_t i = 0; i < part->server_count; i++) {
		struct summary summary = part_summary(part, part->servers[i], point,
						      json_string_of(metric, "key"));
		char value[FORMAT_SIZE];

		if (summary.count > 0)
			text_append_format(out, "%s %s %s", said++ ? "," : ":", part->servers[i],
					   format_value(json_string_of(metric, "unit"),
							summary.median, value));
	}
	text_append(out, ".");
}

/* Why there is nothing: the first reason that a trial gives. */
static void append_nothing(struct text_buffer *out, const struct part *part)
{
	const json_t *trial;
	const char *why = "";

	for (size_t i = 0; !*why && (trial = part_next_trial(part, NULL, NULL, &i));)
		why = trial_first_reason(trial);
	text_append_format(out, "Nothing was observed%s%s.", *why ? ": " : "", why);
}

void observed_answer(struct text_buffer *out, const struct part *part)
{
	bool said = false;

	for (size_t i = 0; i < part->server_count; i++)
		said |= append_order(out, part, part->servers[i],
				     said ? ", " : "Seen most often: ");
	if (said)
		text_append(out, ".");
	else
		append_figures(out, part);
	if (!said && !first_metric(part))
		append_nothing(out, part);
}

/* " node-ready saw node 20.20.2, libuv 1.46.0." */
static void append_versions(struct text_buffer *out, const struct part *part, const char *program)
{
	const json_t *trial;
	json_t *versions = NULL, *version;
	const char *of;
	size_t said = 0;

	for (size_t i = 0; !versions && (trial = part_next_trial(part, program, NULL, &i));)
		versions = json_object_get(trial, "versions");
	json_object_foreach(versions, of, version)
	{
		if (said++ == 0)
			text_append_format(out, " %s saw", program);
		else
			text_append(out, ",");
		text_append_format(out, " %s %s", of, json_string_value(version));
	}
	text_append(out, said ? "." : "");
}

void observed_method(struct page *page, const struct part *part)
{
	struct text_buffer text = {0};
	char trials[FORMAT_SIZE];

	text_append_format(
		&text,
		"%s trials of each program are planned, each a fresh process on the server's cores, in "
		"a seeded, shuffled order. A program repeats what it observes, about a thousand times "
		"where that is cheap, and what it prints is the observation. There is no load. The "
		"programs are in servers/observed, and each says how it observes.",
		format_integer(json_number_of(part->json, "trials"), trials));
	for (size_t i = 0; i < part->server_count; i++)
		append_versions(&text, part, part->servers[i]);
	page_fold_begin(page, NULL, "How it was measured");
	page_paragraph(page, NULL, text_string(&text));
	page_fold_end(page);
	page->html.failed = page->html.failed || text_failed(&text);
	text_destroy(&text);
}

static void order_rows(struct page *page, const struct part *part)
{
	for (size_t i = 0; i < part->server_count; i++) {
		double repeats;
		json_t *orders = sum_orders(part, part->servers[i], &repeats), *count;
		const char *order;
		char text[FORMAT_SIZE];

		json_object_foreach(orders, order, count)
		{
			section_server_cell(page, part, part->servers[i]);
			page_table_cell(page, order, NULL);
			page_table_cell(
				page,
				format_value("ratio", json_number_value(count) / repeats, text),
				NULL);
			page_table_cell(page, format_integer(json_number_value(count), text), NULL);
		}
		json_decref(orders);
	}
}

static bool any_order(const struct part *part)
{
	const json_t *trial;

	for (size_t i = 0; (trial = part_next_trial(part, NULL, NULL, &i));)
		if (json_object_get(trial, "observed_order"))
			return true;
	return false;
}

/* A row for each figure of each program at each point. */
static void figure_rows(struct page *page, const struct part *part, bool points)
{
	const json_t *metrics = json_object_get(part->results->run, "metrics"), *metric;
	size_t k;

	json_array_foreach(metrics, k, metric)
	{
		const char *key = json_string_of(metric, "key");

		if (strcmp(json_string_of(metric, "group"), group) != 0)
			continue;
		for (size_t i = 0; i < part->server_count; i++)
			for (size_t j = 0; j < part->point_count; j++) {
				struct summary summary = part_summary(part, part->servers[i],
								      part->points[j], key);
				struct text_buffer point = {0};

				if (summary.count == 0)
					continue;
				section_point(&point, part, part->points[j]);
				page_table_cell(page, json_string_of(metric, "title"), NULL);
				section_server_cell(page, part, part->servers[i]);
				if (points)
					page_table_cell(page, text_string(&point), NULL);
				section_summary_cell(page, json_string_of(metric, "unit"), &summary,
						     false);
				text_destroy(&point);
			}
	}
}

void observed_tables(struct page *page, const struct part *part)
{
	static const struct page_column order_columns[] = {
		{"program", false}, {"order", false}, {"share", true}, {"repeats", true}};
	bool points = part->point_count && json_object_size(part->points[0]);
	struct page_column columns[4] = {{"what", false}, {"program", false}};
	size_t count = 2;

	if (any_order(part)) {
		page_table_begin(page, "data", "Orders of events, in all trials that count.",
				 order_columns, 4);
		order_rows(page, part);
		page_table_end(page);
	}
	if (!first_metric(part))
		return;
	if (points)
		columns[count++] = (struct page_column){section_point_title(part), true};
	columns[count++] = (struct page_column){"seen", true};
	page_table_begin(page, "data",
			 "Medians of the trials that count; in brackets their interval or range.",
			 columns, count);
	figure_rows(page, part, points);
	page_table_end(page);
}
