#include "harness/scenario/plan.h"

#include "lib/clock.h"
#include "lib/random.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIALS_MAX = 1000000 };

/* A part that is to be run, and its points. */
struct group {
	const struct scenario *scenario;
	const struct scenario_part *part;
	size_t point_count;
	size_t *points;	  /* their order in this block */
	size_t *permuted; /* part->server_count numbers a point: their order in odd blocks */
	uint64_t seed;	  /* of these orders */
};

static void count_up(size_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		numbers[i] = i;
}

static void group_destroy(struct group *group)
{
	free(group->points);
	free(group->permuted);
}

static int group_init(struct group *group, const struct scenario *scenario,
		      const struct scenario_part *part)
{
	*group = (struct group){.scenario = scenario, .part = part, .point_count = 1};
	for (size_t i = 0; i < part->axis_count; i++)
		group->point_count *= part->axes[i].count;
	group->points = calloc(group->point_count, sizeof *group->points);
	group->permuted = calloc(group->point_count * (part->server_count + 1),
				 sizeof *group->permuted);
	return group->points && group->permuted ? 0 : -ENOMEM;
}

uint64_t load_cpu_rounds(const struct load *load)
{
	return (uint64_t)((double)load->cpu_ns * (double)load->cpu_rounds_per_s / (double)NS_PER_S);
}

/* "/wait/10" from "/wait/{wait_ms}". */
static int target_fill(struct load *load)
{
	const struct {
		const char *placeholder;
		uint64_t value;
	} values[] = {{"{wait_ms}", load->wait_ns / NS_PER_MS},
		      {"{body_bytes}", load->body_bytes},
		      {"{cpu_rounds}", load_cpu_rounds(load)}};
	char filled[sizeof load->target] = "";
	size_t used = 0;

	for (const char *p = load->target; *p;) {
		size_t i = 0;
		int n;

		while (i < sizeof values / sizeof *values &&
		       strncmp(p, values[i].placeholder, strlen(values[i].placeholder)) != 0)
			i++;
		if (i < sizeof values / sizeof *values) {
			n = snprintf(filled + used, sizeof filled - used, "%" PRIu64,
				     values[i].value);
			p += strlen(values[i].placeholder);
		} else {
			n = snprintf(filled + used, sizeof filled - used, "%c", *p++);
		}
		if (n < 0 || (size_t)n >= sizeof filled - used)
			return -ENAMETOOLONG;
		used += (size_t)n;
	}
	memcpy(load->target, filled, sizeof filled);
	return 0;
}

/* As it stands in the scenario. */
static struct load kind_of(const struct load *load, size_t index)
{
	struct load kind = *load;

	memcpy(kind.method, load->kinds[index].method, sizeof kind.method);
	memcpy(kind.target, load->kinds[index].target, sizeof kind.target);
	kind.kinds = NULL;
	kind.kind_count = 0;
	return kind;
}

struct load load_of_kind(const struct load *load, size_t index)
{
	struct load kind;

	if (load->kind_count == 0)
		return *load;
	kind = kind_of(load, index);
	(void)target_fill(&kind); /* it was long enough when it was planned */
	return kind;
}

struct load plan_closed_load(const struct planned_trial *planned, uint64_t connections)
{
	struct load load = planned->load;

	memcpy(load.target, planned->part->load.target, sizeof load.target);
	load.connections = connections;
	load.rate_per_s = 0;
	load.share_percent = load.active_percent = 0;
	load.wait_ns = load.slice_ns = 0;
	load.count_calls = false;
	(void)target_fill(&load); /* it was long enough when it was planned */
	return load;
}

static json_t *value_to_json(enum axis_kind kind, double value)
{
	/* 2^53: beyond, a double has no odd integers. */
	if (kind == AXIS_RATE && (value > 0x1p53 || value != (double)(json_int_t)value))
		return json_real(value);
	return json_integer((json_int_t)value);
}

/* Applies the point with this number to a trial; the last axis turns fastest. */
static int point_apply(struct planned_trial *trial, size_t number)
{
	const struct scenario_part *part = trial->part;

	trial->point = json_object();
	for (size_t i = part->axis_count; i-- > 0;) {
		const struct axis *axis = &part->axes[i];
		double value = axis->values[number % axis->count];

		number /= axis->count;
		load_apply(&trial->load, axis->kind, value);
		if (json_object_set_new(trial->point, axis_at(axis->kind)->key,
					value_to_json(axis->kind, value)) < 0)
			return -ENOMEM;
	}
	/* A thread of the generator without a connection would have nothing to do. */
	if (trial->load.threads > trial->load.connections)
		trial->load.threads = trial->load.connections;
	for (size_t i = 0; i < trial->load.kind_count; i++) {
		struct load kind = kind_of(&trial->load, i);

		if (target_fill(&kind) < 0)
			return -ENAMETOOLONG;
	}
	return trial->point ? target_fill(&trial->load) : -ENOMEM;
}

/* The servers' order at each point, for a block of an odd number and the one that follows. */
static void permute_servers(struct group *group, unsigned pair)
{
	size_t count = group->part->server_count;
	struct random random;

	random_seed(&random, random_derive(group->seed, pair));
	for (size_t i = 0; i < group->point_count; i++) {
		count_up(group->permuted + i * count, count);
		random_shuffle(&random, group->permuted + i * count, count);
	}
}

/* Adds the trials of one part in one block. */
static int group_plan(struct group *group, struct plan *plan, unsigned block, struct random *random)
{
	size_t count = group->part->server_count;

	permute_servers(group, (block - 1) / 2);
	count_up(group->points, group->point_count);
	if (!group->part->ladder) /* which is climbed as it is written */
		random_shuffle(random, group->points, group->point_count);
	for (size_t i = 0; i < group->point_count; i++) {
		const size_t *permuted = group->permuted + group->points[i] * count;

		for (size_t j = 0; j < count; j++) {
			struct planned_trial *trial = &plan->trials[plan->count++];
			size_t server = permuted[block % 2 == 1 ? j : count - 1 - j];
			int code;

			*trial = (struct planned_trial){.scenario = group->scenario,
							.part = group->part,
							.server = group->part->servers[server],
							.load = group->part->load,
							.trial = block,
							.position = (unsigned)j + 1,
							.order = (unsigned)plan->count};
			trial->load.files = group->part->files;
			trial->load.file_count = group->part->file_count;
			trial->load.kinds = group->part->kinds;
			trial->load.kind_count = group->part->kind_count;
			trial->seed = random_derive(~group->seed, trial->order);
			code = point_apply(trial, group->points[i]);
			if (code < 0)
				return code;
		}
	}
	return 0;
}

/* Fills plan->trials, which is large enough, block by block. */
static int blocks_plan(struct group *groups, size_t group_count, struct plan *plan, uint64_t seed)
{
	size_t *order = calloc(group_count, sizeof *order);
	struct random random;
	unsigned blocks = 0;
	int code = order ? 0 : -ENOMEM;

	for (size_t i = 0; i < group_count; i++) {
		groups[i].seed = random_derive(~seed, i);
		blocks = groups[i].part->trials > blocks ? groups[i].part->trials : blocks;
	}
	for (unsigned block = 1; code == 0 && block <= blocks; block++) {
		random_seed(&random, random_derive(seed, block));
		count_up(order, group_count);
		random_shuffle(&random, order, group_count);
		for (size_t i = 0; code == 0 && i < group_count; i++)
			if (block <= groups[order[i]].part->trials)
				code = group_plan(&groups[order[i]], plan, block, &random);
	}
	free(order);
	return code;
}

static size_t trials_total(const struct group *groups, size_t group_count)
{
	size_t total = 0;

	for (size_t i = 0; i < group_count && total <= TRIALS_MAX; i++)
		total += groups[i].point_count * groups[i].part->server_count *
			 groups[i].part->trials;
	return total;
}

/* Plans all groups; on failure the plan is empty. */
static int groups_plan(struct group *groups, size_t group_count, struct plan *plan, uint64_t seed,
		       struct error *error)
{
	size_t total = trials_total(groups, group_count);
	int code;

	if (total == 0)
		return error_set(error, "nothing to run");
	if (total > TRIALS_MAX)
		return error_set(error, "more than %d trials to run", TRIALS_MAX);
	plan->trials = calloc(total, sizeof *plan->trials);
	code = plan->trials ? blocks_plan(groups, group_count, plan, seed) : -ENOMEM;
	if (code < 0) {
		error_set(error, "the trials cannot be planned: %s", strerror(-code));
		plan_destroy(plan);
	}
	return code;
}

int plan_make(struct plan *plan, const struct scenario *scenarios, size_t scenario_count,
	      uint64_t seed, struct error *error)
{
	size_t part_count = 0, group_count = 0;
	struct group *groups;
	int code = 0;

	*plan = (struct plan){0};
	for (size_t i = 0; i < scenario_count; i++)
		part_count += scenarios[i].part_count;
	groups = calloc(part_count + 1, sizeof *groups);
	if (!groups)
		code = -ENOMEM;
	for (size_t i = 0; code == 0 && i < scenario_count; i++)
		for (size_t j = 0; code == 0 && j < scenarios[i].part_count; j++)
			code = group_init(&groups[group_count++], &scenarios[i],
					  &scenarios[i].parts[j]);
	if (code == -ENOMEM)
		error_set(error, "%s", strerror(ENOMEM));
	if (code == 0)
		code = groups_plan(groups, group_count, plan, seed, error);
	for (size_t i = 0; i < group_count; i++)
		group_destroy(&groups[i]);
	free(groups);
	return code;
}

size_t plan_block_end(const struct plan *plan, size_t first)
{
	const struct planned_trial *begin = &plan->trials[first];
	size_t end = first + 1;

	while (!begin->part->ladder && end < plan->count && plan->trials[end].part == begin->part &&
	       plan->trials[end].trial == begin->trial &&
	       json_equal(plan->trials[end].point, begin->point))
		end++;
	return end;
}

void plan_cut(struct plan *plan, size_t count)
{
	while (plan->count > count)
		json_decref(plan->trials[--plan->count].point);
}

void plan_destroy(struct plan *plan)
{
	plan_cut(plan, 0);
	free(plan->trials);
	*plan = (struct plan){0};
}
