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

/* The median of so many fresh servers, over so many connections. */
enum { SERVERS = 3, CONNECTIONS = 64 };

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

/* The rate of one fresh server; NAN, with why, if it has none. */
static double ask_once(struct trial_context *context, const struct planned_trial *planned,
		       unsigned attempt, bool *at_least, struct error *why, int *result)
{
	json_t *record = NULL;
	double rate = NAN;

	*result = trial_run(context, planned, attempt, &record, why);
	if (*result == 0) {
		rate = json_number_of(json_object_get(record, "metrics"), "requests_per_s");
		*at_least |= json_is_true(json_object_get(record, "rate_is_lower_bound"));
		if (trial_ended_as(record, OUTCOME_FAILED) || !(rate > 0)) {
			error_set(why, "%s", trial_first_reason(record));
			rate = NAN;
		}
	}
	json_decref(record);
	return rate;
}

static int measure(struct run *run, struct trial_context *context, const struct scenario *scenario,
		   const struct scenario_part *part, struct error *error)
{
	struct planned_trial planned = plan_closed_loop(run, part);
	double rates[SERVERS], rate;
	struct error why = *error;
	json_t *list = json_object_get(run->json, "capacities");
	bool at_least = false;
	int result = run_require_backends(run, context, part->backends, &why);

	run_set_files(run, &planned, &context->settings);
	for (unsigned i = 0; result == 0 && i < SERVERS; i++)
		rates[i] = ask_once(context, &planned, i + 1, &at_least, &why, &result);
	if (result < 0) {
		*error = why;
		return result;
	}
	rate = statistics_median(rates, SERVERS); /* NANs are left out */
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
					      "requests_per_s", rate, "at_least", (int)at_least));
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
