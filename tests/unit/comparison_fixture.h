/* Runs of two subjects, made up for the tests of comparisons. */
#ifndef TENK_COMPARISON_FIXTURE_H
#define TENK_COMPARISON_FIXTURE_H

#include "lib/random.h"
#include "stored/comparison/comparison.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * One scenario: part "peak", a closed loop, and part "fixed", 5,000 requests a second offered. All of the
 * metrics gate, as far as they are measured.
 */
static inline void made_run(struct results *run, const char *id)
{
	*run = (struct results){.directory = strdup(id)};
	run->run = json_loads(
		"{\"schema\":1,\"environment\":{\"kernel\":\"6.1\"},\"servers\":["
		"{\"name\":\"s@base\",\"build\":\"1\"},{\"name\":\"s@head\",\"build\":\"2\"}],"
		"\"scenarios\":[{\"name\":\"gate\",\"parts\":["
		"{\"name\":\"peak\",\"load\":{\"rate_per_s\":0}},"
		"{\"name\":\"fixed\",\"load\":{\"rate_per_s\":5000}}]}],"
		"\"metrics\":["
		"{\"key\":\"requests_per_s\",\"title\":\"Rate\",\"unit\":\"per_s\",\"better\":\"higher\","
		"\"gating\":true,\"group\":\"rate\",\"may_be_lower_bound\":true},"
		"{\"key\":\"server_cpu_per_request_ns\",\"title\":\"CPU\",\"unit\":\"ns\",\"better\":"
		"\"lower\",\"gating\":true,\"group\":\"cpu\"},"
		"{\"key\":\"latency_p50_ns\",\"title\":\"Median\",\"unit\":\"ns\",\"better\":\"lower\","
		"\"gating\":true,\"group\":\"latency\"},"
		"{\"key\":\"latency_p99_ns\",\"title\":\"p99\",\"unit\":\"ns\",\"better\":\"lower\","
		"\"gating\":false,\"group\":\"latency\"},"
		"{\"key\":\"system_calls_per_request\",\"title\":\"Calls\",\"unit\":\"count\",\"better\":"
		"\"lower\",\"gating\":true,\"group\":\"cpu\"},"
		"{\"key\":\"error_count\",\"title\":\"Errors\",\"unit\":\"count\",\"better\":\"lower\","
		"\"gating\":true,\"group\":\"rate\",\"compared_by\":\"count\",\"smallest_absolute\":5e-5}]}",
		0, NULL);
	cr_assert(run->run && run->directory);
	json_object_set_new(run->run, "id", json_string(id));
}

static inline json_t *made_trial(struct results *run, const char *part, const char *server,
				 unsigned block, const char *metric, double value)
{
	json_t *trial = json_pack("{s:i, s:s, s:s, s:s, s:{}, s:i, s:s, s:[], s:i, s:{s:f}}",
				  "schema", 1, "scenario", "gate", "part", part, "server", server,
				  "point", "trial", (int)block, "outcome", "ok", "notes",
				  "latency_count", 20000, "metrics", metric, value);

	run->trials = reallocarray(run->trials, run->trial_count + 1, sizeof *run->trials);
	cr_assert(run->trials && trial);
	run->trials[run->trial_count++] = trial;
	return trial;
}

/* About normal, with a standard deviation of 1. */
static inline double made_noise(struct random *random)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += random_unit(random);
	return sum;
}

/*
 * So many blocks of both, of a metric whose base value drifts by half from block to block; B is `factor`
 * times A, and each varies by `cv` beside that.
 */
static inline void made_blocks(struct results *a, const char *a_server, struct results *b,
			       const char *b_server, const char *part, const char *metric,
			       unsigned blocks, double base, double factor, double cv)
{
	struct random random;

	random_seed(&random, 7);
	for (unsigned block = 1; block <= blocks; block++) {
		double drift = base * exp(0.3 * made_noise(&random));

		made_trial(a, part, a_server, block, metric, drift * exp(cv * made_noise(&random)));
		made_trial(b, part, b_server, block, metric,
			   drift * factor * exp(cv * made_noise(&random)));
	}
}

static inline const struct comparison *made_find(const struct comparisons *comparisons,
						 const char *cell, const char *metric)
{
	for (size_t i = 0; i < comparisons->count; i++)
		if (strcmp(comparisons->items[i].metric, metric) == 0 &&
		    strcmp(comparisons->items[i].cell, cell) == 0)
			return &comparisons->items[i];
	return NULL;
}

#endif
