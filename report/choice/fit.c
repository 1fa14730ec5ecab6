/* Whether a server can be taken at all. */
#include "report/choice/parts.h"

#include "report/format.h"
#include "stored/codes.h"
#include "stored/ladder_end.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The first of its trials there that ended so; NULL: none did. */
static const json_t *first_that(const struct choice_place *place, const char *server,
				enum outcome outcome)
{
	const json_t *trial;

	for (size_t i = 0;
	     (trial = part_next_trial(place->part, server, place->point, &i)) != NULL;)
		if (trial_ended_as(trial, outcome))
			return trial;
	return NULL;
}

static bool was_measured(const struct choice_place *place, const char *server)
{
	size_t any = 0;

	return place->run && part_next_trial(place->part, server, place->point, &any);
}

const char choice_not_measured[] = "not measured", choice_failed[] = "failed";

const char *choice_why_missing(const struct choice_place *place, const char *server)
{
	struct part_outcomes outcomes;

	if (!was_measured(place, server))
		return choice_not_measured;
	outcomes = part_count(place->part, server, place->point);
	if (outcomes.all > 0 && outcomes.invalid == outcomes.all)
		return "invalid";
	if (outcomes.all > 0 && outcomes.ok + outcomes.saturated == 0)
		return choice_failed;
	return "no figure";
}

static void say(struct choice_row *row, enum choice_fit fit, const char *what,
		const struct choice_place *place, const json_t *trial)
{
	const char *reason = trial_first_reason(trial);
	char count[FORMAT_SIZE];

	row->fit = fit;
	snprintf(row->why, sizeof row->why, "%s at %s connections%s%s", what,
		 format_integer(place->connections, count), *reason ? ": " : "", reason);
}

/*
 * By what became of its trials at a place: who failed with as many connections or fewer fails with those that are asked for,
 * and of whom failed with somewhat more that is not known.
 */
static void judge_trials(struct choice_row *row, const struct choice_needs *needs,
			 const struct choice_place *place)
{
	struct part_outcomes outcomes;
	const json_t *failed, *invalid;
	enum choice_fit fails = place->connections <= needs->connections ? CHOICE_FAILS
									 : CHOICE_UNKNOWN;
	char what[64];

	if (!was_measured(place, row->server) ||
	    !(place->near || place->connections <= needs->connections))
		return;
	outcomes = part_count(place->part, row->server, place->point);
	failed = first_that(place, row->server, OUTCOME_FAILED);
	invalid = first_that(place, row->server, OUTCOME_INVALID);
	if (part_is_beyond_model(place->part, row->server, place->point)) {
		say(row, fails, "its model holds fewer", place, failed);
	} else if (failed) {
		snprintf(what, sizeof what, "failed in %zu of %zu trials", outcomes.failed,
			 outcomes.all);
		say(row, results_trial_is_own_end(failed) ? fails : CHOICE_UNKNOWN, what, place,
		    failed);
	} else if (invalid && outcomes.invalid == outcomes.all) {
		say(row, CHOICE_UNKNOWN, "all trials are invalid", place, invalid);
	}
}

/*
 * Fewer connections take no more memory, and more of them no less: so much is known also of what is not near. Idle ones take
 * less than those at work, so that they stand for all only where nobody was measured at work (`idle_counts`).
 */
static void judge_memory(struct choice_row *row, const struct choice_needs *needs, bool idle_counts)
{
	const struct choice_place *place = &row->places[CHOICE_MEMORY];
	double measured = row->figures[CHOICE_MEMORY].summary.median, least = row->needs_bytes;
	char bytes[FORMAT_SIZE], count[FORMAT_SIZE];

	if (needs->memory_bytes == 0)
		return;
	if (isnan(least) && place->run && place->connections <= needs->connections)
		least = measured;
	if (least > needs->memory_bytes) {
		row->fit = CHOICE_FAILS;
		snprintf(row->why, sizeof row->why, "takes %s, by %s connections",
			 format_value("bytes", least, bytes),
			 format_integer(place->connections, count));
	} else if (!isnan(measured) && strcmp(place->metric, "total_bytes") != 0) {
		row->fit = CHOICE_UNKNOWN;
		snprintf(row->why, sizeof row->why, "what the kernel takes for it is not measured");
	} else if (!isnan(measured) && !place->right_work && !idle_counts) {
		row->fit = CHOICE_UNKNOWN;
		snprintf(row->why, sizeof row->why,
			 "measured of idle connections alone, which take less than those at work");
	} else if (isnan(row->needs_bytes) &&
		   !(place->run && place->connections >= needs->connections &&
		     measured <= needs->memory_bytes)) {
		row->fit = CHOICE_UNKNOWN;
		snprintf(row->why, sizeof row->why, "what memory it takes is not measured%s",
			 isnan(measured) ? "" : " near so many connections");
	}
}

/* The trial with which a ladder ended at so many connections; NULL: none. */
static const json_t *last_of_ladder(const struct choice_place *place, const char *server,
				    double connections)
{
	const json_t *trial;

	for (size_t i = 0; (trial = part_next_trial(place->part, server, NULL, &i)) != NULL;)
		if (ladder_gives_way(trial) &&
		    json_number_of(json_object_get(trial, "point"), "connections") == connections)
			return trial;
	return NULL;
}

/* How far it came where connections ascend until one step is not held. */
static void judge_ladder(struct choice_row *row, const struct choice_needs *needs,
			 const struct choice_place *place)
{
	struct ladder_end end;
	struct cell cell;
	char held[FORMAT_SIZE], next[FORMAT_SIZE];

	if (!place->run || !ladder_is(place->part->json))
		return;
	cell = part_cell(place->part, row->server, NULL);
	end = ladder_find_end(place->part->results, &cell);
	if (isnan(end.next) || end.next > needs->connections)
		return;
	/* What a machine had too little of says nothing of the server. */
	row->fit = results_trial_is_own_end(last_of_ladder(place, row->server, end.next))
			   ? CHOICE_FAILS
			   : CHOICE_UNKNOWN;
	snprintf(row->why, sizeof row->why, "held %s connections and not %s: %s",
		 format_integer(end.held, held), format_integer(end.next, next), end.text);
}

/* Whether it has held about as many connections, or more, in any of the places. */
static bool has_held(const struct choice_row *row, const struct choice_needs *needs)
{
	for (size_t i = 0; i < CHOICE_COLUMNS; i++)
		if (row->figures[i].summary.count > 0 &&
		    (row->places[i].near || row->places[i].connections >= needs->connections))
			return true;
	return false;
}

void choice_judge(struct choice_row *row, const struct choice *choice)
{
	const struct choice_needs *needs = &choice->needs;

	row->fit = CHOICE_FITS;
	row->why[0] = '\0';
	if (!has_held(row, needs)) {
		row->fit = CHOICE_UNKNOWN;
		snprintf(row->why, sizeof row->why, "not measured near so many connections");
	}
	judge_memory(row, needs, !choice->places[CHOICE_MEMORY].right_work);
	for (size_t i = 0; i < CHOICE_COLUMNS; i++) {
		if (row->fit != CHOICE_FAILS)
			judge_ladder(row, needs, &row->places[i]);
		if (row->fit != CHOICE_FAILS)
			judge_trials(row, needs, &row->places[i]);
	}
}
