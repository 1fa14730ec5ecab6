/* Blocks that are made up, for tests that force each verdict for each kind of claim. */
#ifndef TENK_CLAIMS_BLOCKS_FIXTURE_H
#define TENK_CLAIMS_BLOCKS_FIXTURE_H

#include "lib/random.h"
#include "stored/claims/claims.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 4, SERVERS = 3, BLOCKS = 8 };

static const double connections[POINTS] = {10, 100, 1000, 10000};

/* What three servers show at four points; 0: no trial. Blocks vary about it by `noise`, all alike by `drift`. */
struct made_up {
	double at[SERVERS][POINTS];
	double noise, drift;
	size_t blocks;
};

static inline json_t *trial(const char *server, size_t block, double x, double value)
{
	return json_pack("{s:i, s:s, s:s, s:s, s:I, s:s, s:{s:o}, s:{s:I}}", "schema", 1,
			 "scenario", "s", "part", "p", "server", server, "trial", (json_int_t)block,
			 "outcome", "ok", "metrics", "m",
			 isnan(value) ? json_null() : json_real(value), "point", "connections",
			 (json_int_t)x);
}

static inline void add_trial(struct results *results, json_t *added)
{
	results->trials = reallocarray(results->trials, results->trial_count + 1,
				       sizeof *results->trials);
	cr_assert(results->trials && added);
	results->trials[results->trial_count++] = added;
}

/* A run of one claim, in JSON with ' for ". */
static inline void run_make(struct results *results, const char *claim)
{
	char text[2048], quoted[1024];
	size_t length = strlen(claim);

	cr_assert_lt(length, sizeof quoted);
	for (size_t i = 0; i <= length; i++)
		quoted[i] = (char)(claim[i] == '\'' ? '"' : claim[i]);
	snprintf(
		text, sizeof text,
		"{\"schema\":1,\"seed\":7,\"id\":\"made\",\"environment\":{\"fingerprint\":\"f\"},"
		"\"metrics\":[{\"key\":\"m\",\"unit\":\"ns\",\"better\":\"lower\",\"smallest_difference\":0.02},"
		"{\"key\":\"observed_order\",\"unit\":\"ratio\"}],"
		"\"scenarios\":[{\"name\":\"s\",\"parts\":[{\"name\":\"p\",\"claims\":[%s]}]}]}",
		quoted);
	*results = (struct results){.run = json_loads(text, 0, NULL)};
	cr_assert_not_null(results->run, "%s", text);
}

static inline void run_fill_seeded(struct results *results, const struct made_up *made,
				   uint64_t seed)
{
	static const char *const names[SERVERS] = {"a", "b", "c"};
	struct random random;

	random_seed(&random, seed);
	for (size_t block = 1; block <= made->blocks; block++) {
		double drift = 1 + made->drift * (double)block;

		for (size_t i = 0; i < (size_t)SERVERS * POINTS; i++) {
			double value = made->at[i / POINTS][i % POINTS];
			double noise = 2 * random_unit(&random) - 1;

			if (value != 0)
				add_trial(results,
					  trial(names[i / POINTS], block, connections[i % POINTS],
						value * drift * exp(made->noise * noise)));
		}
	}
}

static inline void run_fill(struct results *results, const struct made_up *made)
{
	run_fill_seeded(results, made, 1);
}

static inline struct verdict *decide(struct results *results)
{
	struct verdict *verdicts;

	cr_assert_eq(claims_evaluate(results, 1, &verdicts), 1);
	return verdicts;
}

struct forced {
	enum verdict_kind kind;
	bool at_edge;
	struct made_up made;
	double estimate; /* 0: whatever */
};

static inline void check(const char *claim, const struct forced *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct results results;
		struct verdict *verdict;

		run_make(&results, claim);
		run_fill(&results, &cases[i].made);
		verdict = decide(&results);
		cr_expect_eq(verdict->kind, cases[i].kind, "%s, case %zu: %s instead of %s: %s",
			     verdict->of_kind->by, i, verdict_key(verdict->kind),
			     verdict_key(cases[i].kind), verdict->why);
		cr_expect_eq(verdict->at_edge, cases[i].at_edge, "%s, case %zu: [%g, %g]",
			     verdict->of_kind->by, i, verdict->low, verdict->high);
		if (cases[i].estimate != 0)
			cr_expect_float_eq(verdict->estimate / cases[i].estimate, 1, 0.02,
					   "%s, case %zu: %g", verdict->of_kind->by, i,
					   verdict->estimate);
		cr_expect(verdict->kind < VERDICT_INCONCLUSIVE || verdict->why[0] != '\0');
		json_decref(verdict_to_json(verdict));
		free(verdict);
		results_destroy(&results);
	}
}

#define CHECK(claim, cases) check(claim, cases, sizeof(cases) / sizeof *(cases))
#define CLAIM		    "'id':'x','source':'somebody','says':'so','metrics':['m'],'own_model':true,"
#define CELL(server)	    "{'server':'" server "','point':{'connections':10}}"
#define ALL(server)	    "{'server':'" server "','point':{}}"

/* Of `a`, `b` and `c` at 10 connections. */
#define AT_TEN(A, B, C, NOISE)                      \
	{                                           \
		{{A}, {B}, {C}}, NOISE, 0.5, BLOCKS \
	}

/* a is 100 at the first point and at each further one so many times as much; 10 is a slope of 1. */
#define POWER(E, NOISE)                                                            \
	{                                                                          \
		{{100, 100 * E, 100 * E * E, 100 * E * E * E}}, NOISE, 0.5, BLOCKS \
	}

/* a is flat at 100; b is so much at each point: where it is over 100, a is the better one. */
#define AGAINST(B, C, D, E, NOISE)                                       \
	{                                                                \
		{{100, 100, 100, 100}, {B, C, D, E}}, NOISE, 0.5, BLOCKS \
	}

#endif
