/* Runs made up for the tests of findings: parts and trials as JSON, with ' in place of ". */
#ifndef TENK_FINDING_FIXTURE_H
#define TENK_FINDING_FIXTURE_H

#include "report/finding.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MADE_PARTS_MOST = 4 };

struct made_run {
	struct results results;
	struct part parts[MADE_PARTS_MOST];
	size_t part_count;
	struct findings findings;
};

static inline json_t *made_json(const char *text)
{
	char *quoted = strdup(text), *at;
	json_error_t error;
	json_t *json;

	cr_assert_not_null(quoted);
	for (at = quoted; (at = strchr(at, '\''));)
		*at = '"';
	json = json_loads(quoted, 0, &error);
	cr_assert_not_null(json, "%s in %s", error.text, text);
	free(quoted);
	return json;
}

/* The metrics and servers that all of them know. */
static inline void made_begin(struct made_run *made)
{
	*made = (struct made_run){0};
	made->results.run = made_json(
		"{'schema':1,'id':'r','status':'complete','scenarios':[],'servers':["
		"{'name':'epoll','family':'loops'},{'name':'libuv','family':'loops'},"
		"{'name':'nginx','family':'reference','architecture':'loops'},"
		"{'name':'null','family':'floor'},{'name':'thread-pool','family':'threads'},"
		"{'name':'thread-per-connection','family':'threads'}],'metrics':["
		"{'key':'requests_per_s','unit':'per_s','better':'higher'},"
		"{'key':'server_cpu_per_request_ns','unit':'ns','better':'lower'},"
		"{'key':'total_cpu_per_request_ns','unit':'ns','better':'lower'},"
		"{'key':'latency_p50_ns','unit':'ns','better':'lower'},"
		"{'key':'latency_p99_ns','unit':'ns','better':'lower'},"
		"{'key':'latency_p99_9_ns','unit':'ns','better':'lower'},"
		"{'key':'latency_p99_ns@quick','unit':'ns','better':'lower'},"
		"{'key':'silent_window_ratio@quick','unit':'ratio','better':'lower'},"
		"{'key':'latency_max_ns','unit':'ns','better':'lower'},"
		"{'key':'total_bytes','unit':'bytes','better':'lower'},"
		"{'key':'kernel_bytes','unit':'bytes','better':'lower'},"
		"{'key':'virtual_bytes','unit':'bytes','better':'lower'},"
		"{'key':'total_per_connection_bytes','unit':'bytes','slope_of':'total_bytes',"
		"'slope_from_connections':0,'better':'lower'},"
		"{'key':'kernel_per_connection_bytes','unit':'bytes','slope_of':'kernel_bytes',"
		"'slope_from_connections':0,'better':'lower'},"
		"{'key':'virtual_per_connection_bytes','unit':'bytes','slope_of':'virtual_bytes',"
		"'slope_from_connections':0,'better':'lower'}]}");
}

/* A scenario of one part, both of the part's name. */
static inline void made_part(struct made_run *made, const char *text)
{
	json_t *part = made_json(text), *scenario;

	scenario = json_pack("{s:O, s:[o]}", "name", json_object_get(part, "name"), "parts", part);
	cr_assert_not_null(scenario);
	json_array_append_new(json_object_get(made->results.run, "scenarios"), scenario);
}

/* Borrowed, so that more can be set. */
static inline json_t *made_trial(struct made_run *made, const char *part, const char *server,
				 int block, const char *point, const char *metrics)
{
	struct results *results = &made->results;
	json_t *trial = json_pack("{s:i, s:s, s:s, s:s, s:o, s:i, s:i, s:s, s:[], s:i, s:o}",
				  "schema", 1, "scenario", part, "part", part, "server", server,
				  "point", made_json(point), "trial", block, "order",
				  (int)results->trial_count + 1, "outcome", "ok", "reasons",
				  "latency_count", 100000, "metrics", made_json(metrics));

	cr_assert_not_null(trial);
	json_object_set_new(trial, "latency_counts", made_json("{'quick':100000,'slow':1000}"));
	results->trials = reallocarray(results->trials, results->trial_count + 1,
				       sizeof *results->trials);
	cr_assert_not_null(results->trials);
	results->trials[results->trial_count++] = trial;
	return trial;
}

/* One metric of both in each block: the loop has `over`, the thread `ratios` times that. */
static inline void made_pair(struct made_run *made, const char *part, const char *metric,
			     double over, const double *ratios, int blocks)
{
	char text[100];

	for (int i = 0; i < blocks; i++) {
		snprintf(text, sizeof text, "{'%s':%.9g}", metric, over * ratios[i]);
		made_trial(made, part, "thread-per-connection", i + 1, "{}", text);
		snprintf(text, sizeof text, "{'%s':%.9g}", metric, over);
		made_trial(made, part, "epoll", i + 1, "{}", text);
	}
}

/* It had no figures, because of this. */
static inline void made_failed(json_t *trial, const char *reason)
{
	json_object_set_new(trial, "outcome", json_string("failed"));
	json_object_set_new(trial, "reasons", made_json(reason));
}

/* After the last trial. */
static inline void made_find(struct made_run *made)
{
	json_t *scenarios = json_object_get(made->results.run, "scenarios"), *scenario;
	size_t i;

	json_array_foreach(scenarios, i, scenario)
	{
		cr_assert_lt(i, MADE_PARTS_MOST);
		cr_assert_eq(part_init(&made->parts[i], &made->results, scenario,
				       json_array_get(json_object_get(scenario, "parts"), 0)),
			     0);
		made->part_count++;
	}
	cr_assert_eq(findings_make(&made->findings, made->parts, made->part_count), 0);
}

/* The finding of that kind; there has to be one. */
static inline const struct finding *made_finding(const struct made_run *made, const char *kind)
{
	static const struct finding none;

	for (size_t i = 0; i < made->findings.count; i++)
		if (strcmp(made->findings.items[i].kind, kind) == 0)
			return &made->findings.items[i];
	cr_assert_fail("no finding %s", kind);
	return &none;
}

static inline void made_end(struct made_run *made)
{
	findings_destroy(&made->findings);
	for (size_t i = 0; i < made->part_count; i++)
		part_destroy(&made->parts[i]);
	results_destroy(&made->results);
}

#define expect_text(actual, expected) cr_expect_str_eq(actual, expected, "it is: %s", actual)

#endif
