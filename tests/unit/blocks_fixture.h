/* Runs of some servers at one point, made up for the tests of what is compared within blocks. */
#ifndef TENK_BLOCKS_FIXTURE_H
#define TENK_BLOCKS_FIXTURE_H

#include "report/part.h"
#include "stored/results.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* One part in a closed loop over 16 connections; every server has one trial a block. */
struct made_blocks {
	struct results results;
	struct part part;
};

/* `servers` are names, "epoll threads", parted by a blank. */
static inline void made_blocks_begin(struct made_blocks *made, const char *servers)
{
	json_t *names = json_array(), *described = json_array();
	char *copy = strdup(servers), *rest = copy, *name;

	while ((name = strsep(&rest, " "))) {
		json_array_append_new(names, json_string(name));
		json_array_append_new(described,
				      json_pack("{s:s, s:s}", "name", name, "family",
						strcmp(name, "null") == 0	  ? "floor"
						: strncmp(name, "thread", 6) == 0 ? "threads"
										  : "loops"));
	}
	free(copy);
	*made = (struct made_blocks){0};
	made->results.run = json_pack(
		"{s:i, s:o, s:[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}], "
		"s:[{s:s, s:[{s:s, s:s, s:o, s:[{s:s, s:[i]}], s:{s:n}, s:i, s:[s, s], s:[]}]}]}",
		"schema", 1, "servers", described, "metrics", "key", "requests_per_s", "title",
		"Requests per second", "unit", "per_s", "better", "higher", "key",
		"server_cpu_per_request_ns", "title", "Server CPU per request", "unit", "ns",
		"better", "lower", "key", "latency_p50_ns", "title", "Response time, median",
		"unit", "ns", "better", "lower", "scenarios", "name", "s", "parts", "name", "p",
		"question", "How many?", "servers", names, "vary", "axis", "connections", "values",
		16, "load", "connections", "trials", 3, "charts", "throughput", "cpu", "claims");
	cr_assert_not_null(made->results.run);
}

/* A trial whose rate is `rate` and whose CPU is what a whole core gives at it; NAN: it failed. */
static inline json_t *made_blocks_trial(struct made_blocks *made, const char *server, int block,
					double rate)
{
	struct results *results = &made->results;
	json_t *trial = json_pack(
		"{s:i, s:s, s:s, s:s, s:{s:i}, s:i, s:i, s:s, s:[], s:i, s:{}}", "schema", 1,
		"scenario", "s", "part", "p", "server", server, "point", "connections", 16, "trial",
		block, "order", (int)results->trial_count + 1, "outcome",
		isnan(rate) ? "failed" : "ok", "reasons", "latency_count", 100000, "metrics");
	json_t *metrics = json_object_get(trial, "metrics");

	cr_assert_not_null(trial);
	if (!isnan(rate)) {
		json_object_set_new(metrics, "requests_per_s", json_real(rate));
		json_object_set_new(metrics, "server_cpu_per_request_ns", json_real(1e9 / rate));
		json_object_set_new(metrics, "latency_p50_ns", json_real(16e9 / rate));
	}
	results->trials = reallocarray(results->trials, results->trial_count + 1,
				       sizeof *results->trials);
	cr_assert_not_null(results->trials);
	results->trials[results->trial_count++] = trial;
	return trial;
}

/* After the last trial. */
static inline void made_blocks_open(struct made_blocks *made)
{
	json_t *scenario = json_array_get(json_object_get(made->results.run, "scenarios"), 0);
	json_t *part = json_array_get(json_object_get(scenario, "parts"), 0);

	cr_assert_eq(part_init(&made->part, &made->results, scenario, part), 0);
}

static inline void made_blocks_end(struct made_blocks *made)
{
	part_destroy(&made->part);
	results_destroy(&made->results);
}

#endif
