#include "stored/repeats.h"

#include "lib/json.h"
#include "stored/codes.h"

#include <errno.h>
#include <string.h>

/* More attempts than are ever made, those of runs that were often interrupted included. */
enum { ATTEMPTS_MOST = 64 };

/* What is looked at. */
struct records {
	const json_t *run;
	json_t *const *trials;
	size_t count;
};

static const char mark[] = "superseded"; /* in memory only */

bool repeats_superseded(const json_t *trial)
{
	return json_is_true(json_object_get(trial, mark));
}

static size_t attempt_of(const json_t *trial)
{
	json_int_t attempt = json_integer_value(json_object_get(trial, "attempt"));

	return attempt < 1 ? 1 : attempt > ATTEMPTS_MOST ? ATTEMPTS_MOST : (size_t)attempt;
}

static bool has_figures(const json_t *trial)
{
	return trial_ended_as(trial, OUTCOME_OK) || trial_ended_as(trial, OUTCOME_SATURATED);
}

/* Whether two trials are of the same block of a point. */
static bool same_block(const json_t *a, const json_t *b)
{
	static const char *const keys[] = {"trial", "point", "part", "scenario"};
	bool same = true;

	for (size_t i = 0; same && i < sizeof keys / sizeof *keys; i++)
		same = json_equal(json_object_get(a, keys[i]), json_object_get(b, keys[i]));
	return same;
}

/* The steps of a ladder are repeated each by itself, and the last attempt is what was found. */
static bool is_of_ladder(const struct records *records, const json_t *trial)
{
	const json_t *scenario = json_find(json_object_get(records->run, "scenarios"), "name",
					   json_string_of(trial, "scenario"));

	return json_is_true(json_object_get(json_find(json_object_get(scenario, "parts"), "name",
						      json_string_of(trial, "part")),
					    "ladder"));
}

/* Whether the same planned trial failed in the attempt that counts. */
static bool fails_in(const struct records *records, const json_t *trial, size_t attempt)
{
	const json_t *order = json_object_get(trial, "order");

	for (size_t i = 0; i < records->count; i++)
		if (attempt_of(records->trials[i]) == attempt &&
		    json_equal(json_object_get(records->trials[i], "order"), order))
			return trial_ended_as(records->trials[i], OUTCOME_FAILED);
	return false;
}

static int mark_block(const struct records *records, const json_t *one)
{
	size_t counting[ATTEMPTS_MOST + 1] = {0}, best = 1;
	int status = 0;

	for (size_t i = 0; i < records->count; i++)
		if (same_block(records->trials[i], one) && has_figures(records->trials[i]))
			counting[attempt_of(records->trials[i])]++;
	for (size_t attempt = 2; attempt <= ATTEMPTS_MOST; attempt++)
		if (counting[attempt] > 0 && counting[attempt] >= counting[best])
			best = attempt;
	for (size_t i = 0; i < records->count; i++) {
		json_t *trial = records->trials[i];

		if (!same_block(trial, one) || attempt_of(trial) == best ||
		    (trial_ended_as(trial, OUTCOME_FAILED) && !fails_in(records, trial, best)))
			continue;
		status |= json_object_set_new(trial, mark, json_true());
	}
	return status;
}

int repeats_mark(const json_t *run, json_t *const *trials, size_t count)
{
	const struct records records = {run, trials, count};
	int status = 0;

	if (strcmp(json_string_of(run, "repeats"), "blocks") != 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		bool first = attempt_of(trials[i]) > 1 && !is_of_ladder(&records, trials[i]);

		/* A block once: by the first of its trials that were repeated. */
		for (size_t j = 0; first && j < i; j++)
			first = attempt_of(trials[j]) == 1 || !same_block(trials[j], trials[i]);
		if (first)
			status |= mark_block(&records, trials[i]);
	}
	return status < 0 ? -ENOMEM : 0;
}
