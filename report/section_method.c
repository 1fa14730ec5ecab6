/* How a part was measured. */
#include "report/section.h"
#include "report/kinds.h"
#include "report/slices.h"

#include "stored/ladder_end.h"
#include "report/format.h"
#include "stored/blocks/model.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "a mix of GET /plaintext (quick, 99 % of the requests) and GET /block/50 (slow, 1 %)". */
static void append_mix(struct text_buffer *out, const struct part *part)
{
	char request[300], share[FORMAT_SIZE];
	size_t count = kinds_count(part);

	text_append(out, "A mix of ");
	for (size_t i = 0; i < count; i++) {
		format_separator(out, i, count);
		text_append_format(
			out, "%s (%s, %s%s)", kinds_request(part, i, request, sizeof request),
			kinds_name(part, i), format_value("ratio", kinds_share(part, i), share),
			i == 0 ? " of the requests" : "");
	}
}

/* "GET /plaintext", with its body where it sends one. */
static void append_request(struct text_buffer *out, const struct part *part)
{
	const json_t *load = json_object_get(part->json, "load");
	const char *method = json_string_of(load, "method");
	double body = json_number_of(load, "body_bytes");
	char text[FORMAT_SIZE];

	if (kinds_count(part) > 0) {
		append_mix(out, part);
		return;
	}
	text_append_format(out, "%s %s", *method ? method : "GET", json_string_of(load, "target"));
	if (strcmp(method, "POST") == 0 && body > 0)
		text_append_format(out, " with a body of %s", format_value("bytes", body, text));
}

/* "1, 16, 64 and 256 connections": the values of an axis, or the fixed one. */
static void append_values(struct text_buffer *out, const struct part *part, const char *axis)
{
	const json_t *vary = json_object_get(part->json, "vary");
	char text[FORMAT_SIZE];

	for (size_t i = 0; i < json_array_size(vary); i++) {
		const json_t *entry = json_array_get(vary, i);
		const json_t *values = json_object_get(entry, "values");
		size_t count = json_array_size(values);

		if (strcmp(json_string_of(entry, "axis"), axis) != 0)
			continue;
		for (size_t j = 0; j < count; j++) {
			format_separator(out, j, count);
			text_append(out, format_axis_value(
						 axis, json_number_value(json_array_get(values, j)),
						 text));
		}
		return;
	}
	text_append(out, format_axis_value(axis, part_load(part, NULL, axis), text));
}

/* "5k/s", or of a share "10, 50 and 90 % of what epoll answered in a closed loop". */
static void append_rate(struct text_buffer *out, const struct part *part)
{
	const char *of = json_string_of(json_object_get(part->json, "load"), "share_of");

	append_values(out, part, *of ? "share_percent" : "rate_per_s");
	if (*of)
		text_append_format(out, " %% of what %s answered in a closed loop", of);
}

static void append_load(struct text_buffer *out, const struct part *part)
{
	bool many = part_varies(part, "connections") || part_load(part, NULL, "connections") != 1;

	append_request(out, part);
	text_append(out, part->idle ? ", once over each of " : " over ");
	append_values(out, part, "connections");
	text_append(out, many ? " keep-alive connections" : " keep-alive connection");
	if (part->idle) {
		text_append(out, ", which then stay open and idle while the server's memory is "
				 "read.");
	} else if (part_is_open_loop(part)) {
		text_append(out, "; an open loop offers ");
		append_rate(out, part);
		text_append(out, " at even intervals and counts each response time from when the "
				 "request was due.");
	} else {
		text_append(out, "; a closed loop, so each connection sends its next request when "
				 "it has the answer.");
	}
	if (part->has_memory && !part->idle)
		text_append(out, " Memory is read in the middle of the window.");
	if (part_varies(part, "wait_ns") || part_load(part, NULL, "wait_ns") > 0) {
		text_append(out, kinds_count(part) > 0 ? " Those with {wait_ms} wait "
						       : " Each request waits ");
		append_values(out, part, "wait_ns");
		text_append(out, " in the server.");
	}
	if (part_varies(part, "body_bytes")) {
		text_append(out, " The body has ");
		append_values(out, part, "body_bytes");
		text_append(out, ".");
	}
}

/* What is set of the server or of a request's work, fixed or varied. */
static void append_settings(struct text_buffer *out, const struct part *part)
{
	static const struct {
		const char *key, *before, *after;
	} rows[] = {
		{"cpu_ns", " Work is as much as takes a core here ",
		 " in C, the same for every server."},
		{"active_percent", " Of a hundred connections ",
		 " ask, and the others are held idle."},
		{"workers", " Servers that have workers have ", " of them."},
		{"offload", " Loops hand what would stop them to ", " threads."},
		{"database_connections", " Of connections to the database a server has at most ",
		 "."},
		{"fetch_connections", " Of connections to whom it asks a server keeps at most ",
		 "."},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!part_varies(part, rows[i].key) && !(part_load(part, NULL, rows[i].key) > 0))
			continue;
		text_append(out, rows[i].before);
		append_values(out, part, rows[i].key);
		text_append(out, rows[i].after);
	}
}

static void append_times(struct text_buffer *out, const struct part *part)
{
	double warmup = part_load(part, NULL, "warmup_ns");
	double duration = part_load(part, NULL, "duration_ns");
	double trials = json_number_of(part->json, "trials");
	char text[FORMAT_SIZE];

	if (duration > 0) {
		text_append_format(out, " %s measured", format_tick("ns", duration, text));
		if (warmup > 0)
			text_append_format(out, " after a warm-up of %s",
					   format_tick("ns", warmup, text));
		text_append(out, ";");
	}
	text_append_format(
		out,
		" %s trial%s planned for each cell, each with a fresh server process, in "
		"a seeded, shuffled order%s.",
		format_integer(trials, text), trials == 1 ? "" : "s",
		ladder_is(part->json) ? ", and steps of the ladder from the lowest up, for each "
					"server until one is not held"
				      : "");
}

/* What the blocks of all points were worth together, of a metric. */
static int spread_of_part(struct block_spread *sum, const struct part *part, const char *metric)
{
	struct cell *cells = calloc(part->server_count + 1, sizeof *cells);
	int code = cells ? 0 : -ENOMEM;

	for (size_t i = 0; code == 0 && i < part->point_count; i++) {
		struct block_model model;

		for (size_t j = 0; j < part->server_count; j++)
			cells[j] = part_cell(part, part->servers[j], part->points[i]);
		code = block_model_fit(&model, part->results, cells, part->server_count, metric);
		if (code < 0)
			break;
		block_spread_add(sum, &model.spread);
		block_model_destroy(&model);
	}
	free(cells);
	return code;
}

/* How well servers are compared within blocks, and how much worse it would be without. */
static void append_blocks(struct text_buffer *out, const struct part *part)
{
	static const char *const metrics[] = {
		[PART_RATE] = "server_cpu_per_request_ns",
		[PART_LATENCY] = "latency_p50_ns",
		[PART_MEMORY] = NULL, /* which hardly varies, and is compared by differences */
	};
	const char *metric = metrics[part->kind];
	char key[KINDS_KEY_SIZE];
	struct block_spread spread = {0};
	double efficiency;

	if (!metric)
		return;
	if (part->kind == PART_LATENCY && kinds_count(part) > 0)
		metric = kinds_key(key, metric, kinds_name(part, 0));
	if (spread_of_part(&spread, part, metric) < 0) {
		out->failed = true;
		return;
	}
	efficiency = block_spread_efficiency(&spread);
	if (isnan(efficiency))
		return;
	text_append_format(
		out,
		" Servers are compared within blocks, one trial of each: what is left of chance "
		"there is %.2g" TEXT_NBSP "%% (%s), as with %.1f times as many trials in no blocks "
		"(their relative efficiency).",
		100 * block_spread_residual(&spread),
		json_string_of(results_metric(part->results, metric), "title"), efficiency);
}

/* Where the kernel's share is known from; runs of older versions do not say. */
static void append_memory_source(struct text_buffer *out, const struct part *part)
{
	const json_t *source = json_object_get(part->results->run, "memory_source");
	const char *name = json_string_of(source, "name"), *why = json_string_of(source, "why");

	if (!part->has_memory || !*name)
		return;
	if (strcmp(name, "meminfo") == 0)
		text_append_format(
			out,
			" The kernel's share is what the whole machine's grew by, of both "
			"ends together, for want of a memory cgroup: %s.",
			why);
	else if (strncmp(name, "our-", 4) == 0)
		text_append_format(
			out,
			" The kernel's share is what was charged to the memory cgroup that tenk "
			"is in, of both ends together and of whoever else is in it, since none "
			"could be made: %s.",
			why);
	else
		text_append_format(
			out,
			" The kernel's share and the total are what was charged to a memory "
			"cgroup (%s) of the server's own; they count from 1,000 connections "
			"on.",
			strcmp(name, "cgroup-v1") == 0 ? "version 1" : "version 2");
}

/* "core 0", "cores 0, 2 and 4"; the first `most` of them, where that is a number. */
static void append_core_list(struct text_buffer *out, const json_t *cores, double most)
{
	size_t all = json_array_size(cores), count = most < (double)all ? (size_t)most : all;

	text_append(out, count == 1 ? "core " : "cores ");
	for (size_t i = 0; i < count; i++) {
		format_separator(out, i, count);
		text_append_format(out, "%.0f", json_number_value(json_array_get(cores, i)));
	}
}

static void append_cores(struct text_buffer *out, const struct part *part)
{
	const json_t *cores = json_object_get(part->results->run, "cores");
	double threads = part_load(part, NULL, "threads");
	double server_cores = part_load(part, NULL, "server_cores"); /* NAN: all */

	text_append(out, " Server on ");
	append_core_list(out, json_object_get(cores, "server"), server_cores);
	text_append(out, ", generator");
	if (threads > 0) {
		text_append(out, " (");
		format_count(out, (size_t)threads, "thread");
		text_append(out, ")");
	}
	text_append(out, " on ");
	append_core_list(out, json_object_get(cores, "load"), NAN);
	text_append(out, json_is_true(json_object_get(cores, "shared"))
				 ? ". They share cores, so each takes time from the other."
				 : ".");
}

/* What the servers of this part asked. */
static void append_backends(struct text_buffer *out, const struct part *part)
{
	const json_t *name, *backend;
	size_t i;

	json_array_foreach(json_object_get(part->json, "backends"), i, name)
	{
		const char *text = json_string_value(name);

		backend = json_find(json_object_get(part->results->run, "backends"), "name", text);
		text_append_format(out, "%s %s%s%s", i ? " and" : " Servers ask", text,
				   *json_string_of(backend, "version") ? " " : "",
				   json_string_of(backend, "version"));
		if (*json_string_of(backend, "cores"))
			text_append_format(out, " (on core %s)", json_string_of(backend, "cores"));
	}
	if (json_array_size(json_object_get(part->json, "backends")) > 0)
		text_append(out, ", whose CPU is told apart.");
}

void section_method(struct page *page, const struct part *part)
{
	struct text_buffer text = {0};

	append_load(&text, part);
	append_settings(&text, part);
	append_times(&text, part);
	slices_append(&text, part);
	append_blocks(&text, part);
	append_memory_source(&text, part);
	append_cores(&text, part);
	append_backends(&text, part);
	page_fold_begin(page, NULL, "How it was measured");
	page_paragraph(page, NULL, text_string(&text));
	page_fold_end(page);
	page->html.failed = page->html.failed || text_failed(&text);
	text_destroy(&text);
}
