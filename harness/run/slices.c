/* Which blocks are measured in slices, and why others are not. */
#include "harness/run/parts.h"

#include "lib/clock.h"
#include "lib/json.h"
#include "lib/slices_patience.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* With room for what takes longer than it should. */
#define REST_LONGEST_NS (SLICES_PATIENCE_NS - 100 * NS_PER_S)
#define OPENING_NS	(500 * NS_PER_MS)

enum {
	WHY_BYTES = 600,
	/*
	 * So many servers take turns at most. A turn begins with what the caches, and a runtime's memory, have kept
	 * since the last: with 8 of them the ratios of servers are what they are alone, with 41 a request costs
	 * Node.js half as much again beside epoll (docs/method.md).
	 */
	IN_TURN_MOST = 8,
};

/* Why servers cannot stand side by side at a point, by what the scenario says. NULL: they can. */
static const char *find_obstacle(const struct scenario_part *part, size_t servers)
{
	const struct load *load = &part->load;

	if (*load->hosts)
		return "the load comes from other machines, and is not offered in slices";
	if (*load->server_host)
		return "the servers are on another machine, which runs one at a time";
	if (load->slice_ns == 0)
		return "the scenario says so (slices: off)";
	if (part->ladder)
		return "the steps of a ladder stand each by themselves";
	if (scenario_part_looks_at_memory(part))
		return "memory is looked at, which is counted for one server at a time";
	if (load->memory_limit_bytes > 0)
		return "the server's memory is limited";
	if (load->burst)
		return "a burst has one moment, and no slices";
	return servers < 2 ? "there is one server" : NULL;
}

/* The same of what this machine can hold. False: it cannot. */
static bool has_room(const struct run *run, size_t first, size_t end, char *why)
{
	const struct planned_trial *planned = &run->plan.trials[first];
	struct limit_reached reached;

	if (trial_block_fits(planned, end - first, &run->catalogue, &run->limits,
			     cores_count_first(&run->cores.server, planned->load.server_cores),
			     &reached))
		return true;
	snprintf(why, WHY_BYTES, "%zu servers side by side are too many: %s", end - first,
		 reached.text);
	return false;
}

static bool is_soon_open(const struct planned_trial *planned, size_t count, char *why)
{
	uint64_t sum_ns = 0;

	for (size_t i = 0; i < count; i++)
		sum_ns += planned[i].load.warmup_ns + OPENING_NS;
	if (sum_ns <= REST_LONGEST_NS)
		return true;
	snprintf(why, WHY_BYTES,
		 "the first of %zu servers would have to rest for too long, until the last is warm",
		 count);
	return false;
}

static json_t *describe_block(const struct run *run, size_t first, size_t end)
{
	const struct planned_trial *planned = &run->plan.trials[first];
	const char *obstacle = find_obstacle(planned->part, end - first);
	char why[WHY_BYTES] = "";

	if (obstacle)
		snprintf(why, sizeof why, "%s", obstacle);
	else if (end - first > IN_TURN_MOST)
		snprintf(
			why, sizeof why,
			"%zu servers are too many to take turns: after so long a rest caches and "
			"runtimes are cold, and a request costs more than in steady work (at most %d)",
			end - first, IN_TURN_MOST);
	else if (has_room(run, first, end, why))
		is_soon_open(planned, end - first, why);
	return json_pack("{s:s, s:s, s:O, s:b, s:s?}", "scenario", planned->scenario->name, "part",
			 planned->part->name, "point", planned->point, "used", *why == '\0', "why",
			 *why ? why : NULL);
}

int run_choose_slices(struct run *run)
{
	json_t *list = json_array();
	int status = 0;

	for (size_t first = 0, end; first < run->plan.count; first = end) {
		end = plan_block_end(&run->plan, first);
		if (run->plan.trials[first].trial == 1 && !run->plan.trials[first].part->ladder &&
		    !run->plan.trials[first].part->observes)
			status |= json_array_append_new(list, describe_block(run, first, end));
	}
	status |= json_object_set_new(run->json, "slices", list);
	return status < 0 ? -ENOMEM : 0;
}

/* What is kept of the point of a block; NULL: nothing, it is a step of a ladder, or its programs are not loaded. */
static json_t *find_point(const struct run *run, size_t first)
{
	const struct planned_trial *planned = &run->plan.trials[first];
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(run->json, "slices"), i, entry)
	{
		if (strcmp(json_string_of(entry, "scenario"), planned->scenario->name) == 0 &&
		    strcmp(json_string_of(entry, "part"), planned->part->name) == 0 &&
		    json_equal(json_object_get(entry, "point"), planned->point))
			return entry;
	}
	return NULL;
}

bool run_is_in_slices(const struct run *run, size_t first)
{
	return json_is_true(json_object_get(find_point(run, first), "used"));
}

void run_leave_slices(struct run *run, size_t first, const char *why)
{
	json_t *entry = find_point(run, first);

	json_object_set_new(entry, "used", json_false());
	json_object_set_new(entry, "why", json_string(why));
}
