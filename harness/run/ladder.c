#include "harness/run/ladder.h"

#include "stored/codes.h"
#include "stored/ladder_end.h"

#include <math.h>
#include <string.h>

bool ladder_is_end(const struct planned_trial *planned, const json_t *record)
{
	const json_t *connections = json_object_get(planned->point, "connections");

	if (!planned->part->ladder || !ladder_gives_way(record))
		return false;
	return trial_has_code(record, TRIAL_CODE_MODEL) ||
	       json_number_value(connections) > planned->part->axes[0].values[0];
}

bool ladder_tries_again(const struct planned_trial *planned, const json_t *record)
{
	static const char *const passing[] = {"errors", "no_answers", "wrong_answers"};
	bool of_a_moment = false;

	if (!planned->part->ladder || !trial_ended_as(record, OUTCOME_FAILED) ||
	    json_integer_value(json_object_get(record, "attempt")) > 1 ||
	    trial_has_code(record, "out_of_memory") || trial_has_code(record, "server_died"))
		return false;
	for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
		of_a_moment = of_a_moment || trial_has_code(record, passing[i]);
	return of_a_moment;
}

/* Whether `other` is a step of the same server's ladder in the same block, further up. */
static bool is_above(const struct planned_trial *planned, const struct planned_trial *other)
{
	return planned->part->ladder && other->part == planned->part &&
	       other->trial == planned->trial && strcmp(other->server, planned->server) == 0 &&
	       other->load.connections > planned->load.connections;
}

/* What both ends took in all; 0: not known. */
static double total_bytes(const json_t *record)
{
	const json_t *metrics = json_object_get(record, "metrics");
	double server = json_number_value(json_object_get(metrics, "total_bytes"));
	double load = json_number_value(json_object_get(metrics, "load_total_bytes"));

	if (server > 0)
		return server + load;
	return json_number_value(json_object_get(metrics, "resident_bytes")) +
	       json_number_value(json_object_get(metrics, "kernel_both_ends_bytes"));
}

void ladder_note(struct run *run, size_t index, const json_t *record)
{
	const struct planned_trial *planned = &run->plan.trials[index];
	double each_bytes = total_bytes(record) / (double)planned->load.connections;

	if (!planned->part->ladder)
		return;
	if (ladder_gives_way(record))
		run->states[index].gave_way = true;
	for (size_t i = 0; i < run->plan.count; i++) {
		struct planned_trial *other = &run->plan.trials[i];

		if (is_above(planned, other) && each_bytes > 0)
			other->expected_bytes =
				(uint64_t)(each_bytes * (double)other->load.connections);
	}
}

const struct planned_trial *ladder_ended_at(const struct run *run, size_t index)
{
	const struct planned_trial *trials = run->plan.trials;

	for (size_t i = 0; i < index; i++)
		if (run->states[i].gave_way && is_above(&trials[i], &trials[index]))
			return &trials[i];
	return NULL;
}
