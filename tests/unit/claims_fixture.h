/* Runs of one claim, made up for the tests of verdicts. */
#ifndef TENK_CLAIMS_FIXTURE_H
#define TENK_CLAIMS_FIXTURE_H

#include "stored/claims/claims.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Runs are made up here: one part with servers a and b, one trial a block, one claim about the
 * metric "m". Values that are NAN are stored as null.
 */
struct made {
	struct results results;
	struct verdict *verdicts;
	long count;
};

static inline void made_begin(struct made *made, const char *kind, double low, double high)
{
	*made = (struct made){0};
	made->results.run = json_pack(
		"{s:i, s:[{s:s, s:s?, s:s}, {s:s, s:s, s:s}], s:[{s:s, s:[{s:s, s:[{s:s, s:s, s:[s], "
		"s:{s:s, s:{}}, s:{s:s, s:{}}, s:[f, f]}]}]}]}",
		"schema", 1, "metrics", "key", "m", "slope_of", NULL, "unit", "bytes", "key",
		"slope", "slope_of", "m", "unit", "bytes", "scenarios", "name", "s", "parts",
		"name", "p", "claims", "id", "claim", "kind", kind, "metrics", "m", "of", "server",
		"a", "point", "over", "server", "b", "point", "within", low, high);
	cr_assert_not_null(made->results.run);
}

static inline json_t *made_claim(struct made *made)
{
	json_t *scenario = json_array_get(json_object_get(made->results.run, "scenarios"), 0);
	json_t *part = json_array_get(json_object_get(scenario, "parts"), 0);

	return json_array_get(json_object_get(part, "claims"), 0);
}

static inline json_t *made_trial(struct made *made, const char *server, size_t block, double value)
{
	struct results *results = &made->results;
	json_t *number = isnan(value) ? json_null() : json_real(value);
	json_t *trial = json_pack("{s:i, s:s, s:s, s:s, s:I, s:s, s:i, s:{s:o}, s:{}}", "schema", 1,
				  "scenario", "s", "part", "p", "server", server, "trial",
				  (json_int_t)block, "outcome", "ok", "latency_count", 100000,
				  "metrics", "m", number, "point");

	results->trials = reallocarray(results->trials, results->trial_count + 1,
				       sizeof *results->trials);
	cr_assert(results->trials && trial);
	results->trials[results->trial_count++] = trial;
	return trial;
}

static inline void made_values(struct made *made, const char *server, const double *values,
			       size_t count)
{
	for (size_t i = 0; i < count; i++)
		made_trial(made, server, i + 1, values[i]);
}

static inline const struct verdict *made_verdict(struct made *made)
{
	made->count = claims_evaluate(&made->results, 1, &made->verdicts);
	cr_assert_eq(made->count, 1);
	return made->verdicts;
}

static inline void made_end(struct made *made)
{
	free(made->verdicts);
	results_destroy(&made->results);
}

static inline void check_kind(const struct verdict *verdict, enum verdict_kind kind)
{
	cr_assert_eq(verdict->kind, kind, "%s instead of %s: %s", verdict_key(verdict->kind),
		     verdict_key(kind), verdict->why);
}

#endif
