/*
 * What a server bears here, so that a scenario can offer a share of it (`share`): found before the first
 * trial by closed loops, as the rest of the run is made, and kept in run.json.
 */
#include "harness/run/parts.h"

#include "lib/json.h"
#include "lib/statistics/statistics.h"
#include "stored/codes.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* The median of so many fresh servers, over so many connections; of which so many may be spoiled by other work. */
enum { SERVERS = 3, SPOILED_MOST = 3, CONNECTIONS = 64 };

/* What is known of a server's capacity. */
struct capacity {
	double good[SERVERS], spoiled[SPOILED_MOST]; /* answers a second */
	size_t good_count, spoiled_count;
	bool at_least;
};

/* What was found of a part, new or by an earlier session; NULL: nothing yet. */
static json_t *find_capacity(const struct run *run, const struct scenario *scenario,
			     const struct scenario_part *part)
{
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(run->json, "capacities"), i, entry)
	{
		if (strcmp(json_string_of(entry, "scenario"), scenario->name) == 0 &&
		    strcmp(json_string_of(entry, "part"), part->name) == 0)
			return entry;
	}
	return NULL;
}

/* The first trial of a part, as a closed loop in one window in which nobody waits. */
static struct planned_trial plan_closed_loop(const struct run *run,
					     const struct scenario_part *part)
{
	struct planned_trial planned = {0};
	size_t first = 0;

	while (run->plan.trials[first].part != part)
		first++;
	planned = run->plan.trials[first];
	planned.server = part->load.share_of;
	planned.load = plan_closed_load(&planned, CONNECTIONS);
	planned.load.warmup_ns = part->load.warmup_ns;
	run_warm_up_long_enough(run, &planned);
	planned.order = 0;
	return planned;
}

/* Adds the rate of one fresh server. 0, also if it has none, with why; or -errno. */
static int ask_once(struct capacity *capacity, struct trial_context *context,
		    const struct planned_trial *planned, unsigned attempt, struct error *why)
{
	json_t *record = NULL;
	int result = trial_run(context, planned, attempt, &record, why);
	double rate = json_number_of(json_object_get(record, "metrics"), "requests_per_s");

	if (result == 0 && (trial_ended_as(record, OUTCOME_FAILED) || !(rate > 0))) {
		error_set(why, "%s", trial_first_reason(record));
	} else if (result == 0 && trial_ended_as(record, OUTCOME_INVALID)) {
		if (capacity->spoiled_count < SPOILED_MOST)
			capacity->spoiled[capacity->spoiled_count++] = rate;
	} else if (result == 0) {
		capacity->good[capacity->good_count++] = rate;
		capacity->at_least |= json_is_true(json_object_get(record, "rate_is_lower_bound"));
	}
	json_decref(record);
	return result;
}

/* The rate to take shares of, with a warning where it is not quite what it should be; NAN: none. */
static double settle(struct run *run, const struct scenario_part *part, struct capacity *capacity)
{
	if (capacity->good_count == 0 && capacity->spoiled_count > 0) {
		run_warn(
			run,
			"%s: what %s bears was found while other work was on its cores, so its shares are of less "
			"than that",
			part->name, part->load.share_of);
		return statistics_median(capacity->spoiled, capacity->spoiled_count);
	}
	if (capacity->at_least)
		run_warn(
			run,
			"%s: %s bears more than the generator could ask for here, so its shares are of that, and not "
			"of its capacity",
			part->name, part->load.share_of);
	return statistics_median(capacity->good, capacity->good_count);
}

static int measure(struct run *run, struct trial_context *context, const struct scenario *scenario,
		   const struct scenario_part *part, struct error *error)
{
	struct planned_trial planned = plan_closed_loop(run, part);
	struct capacity capacity = {0};
	double rate;
	struct error why = *error;
	json_t *list = json_object_get(run->json, "capacities");
	int result = run_require_backends(run, context, part->backends, &why);

	run_set_files(run, &planned, &context->settings);
	for (unsigned i = 1;
	     result == 0 && i <= SERVERS + SPOILED_MOST && capacity.good_count < SERVERS; i++)
		result = ask_once(&capacity, context, &planned, i, &why);
	if (result < 0) {
		*error = why;
		return result;
	}
	rate = settle(run, part, &capacity);
	if (isnan(rate))
		return error_set(error,
				 "the capacity of %s, of which %s offers shares, cannot be had: %s",
				 part->load.share_of, part->name, why.text);
	if (!list) {
		list = json_array();
		json_object_set_new(run->json, "capacities", list);
	}
	json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:i, s:f, s:b}", "scenario",
					      scenario->name, "part", part->name, "server",
					      part->load.share_of, "connections", CONNECTIONS,
					      "requests_per_s", rate, "at_least",
					      (int)capacity.at_least));
	return 0;
}

static void set_rates(struct run *run, const struct scenario_part *part, double capacity_per_s)
{
	for (size_t i = 0; i < run->plan.count; i++) {
		struct planned_trial *planned = &run->plan.trials[i];

		if (planned->part == part)
			planned->load.rate_per_s = capacity_per_s *
						   (double)planned->load.share_percent / 100;
	}
}

int run_find_capacities(struct run *run, struct trial_context *context, struct error *error)
{
	int result = 0;

	for (size_t i = 0; i < run->scenario_count; i++)
		for (size_t j = 0; result == 0 && j < run->scenarios[i].part_count; j++) {
			const struct scenario *scenario = &run->scenarios[i];
			const struct scenario_part *part = &scenario->parts[j];

			if (!*part->load.share_of)
				continue;
			if (!find_capacity(run, scenario, part))
				result = measure(run, context, scenario, part, error);
			if (result == 0)
				set_rates(run, part,
					  json_number_of(find_capacity(run, scenario, part),
							 "requests_per_s"));
		}
	return result;
}
