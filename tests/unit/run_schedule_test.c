/* Which block a run makes next, and when it has made enough. */
#include "harness/run/schedule.h"

#include "harness/measure/metrics.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { BLOCKS = 6, TRIALS_A_BLOCK = 3 * 3 + 4 * 2, POINTS = 3 + 4 };

static struct run run;
static json_t *metrics;

static void set_up(void)
{
	struct error error = {""};

	metrics = metrics_describe();
	run = (struct run){.scenarios = calloc(1, sizeof *run.scenarios), .json = json_object()};
	cr_assert_eq(scenario_read(run.scenarios, "tests/fixtures/scenarios/parts.yaml", metrics,
				   &error),
		     0, "%s", error.text);
	for (size_t i = 0; i < run.scenarios->part_count; i++)
		run.scenarios->parts[i].trials = BLOCKS;
	cr_assert_eq(plan_make(&run.plan, run.scenarios, 1, 7, &error), 0, "%s", error.text);
	cr_assert_eq(run.plan.count, BLOCKS * TRIALS_A_BLOCK);
	run.states = calloc(run.plan.count, sizeof *run.states);
}

static void tear_down(void)
{
	plan_destroy(&run.plan);
	scenario_destroy(run.scenarios);
	free(run.scenarios);
	free(run.states);
	json_decref(run.json);
	json_decref(metrics);
}

TestSuite(run_schedule, .init = set_up, .fini = tear_down);

static void make(const struct block *block)
{
	for (size_t i = block->first; i < block->end; i++)
		run.states[i].done = true;
}

Test(run_schedule, all_blocks_are_handed_out_in_order)
{
	struct block block;
	size_t at = 0, count = 0;

	while (schedule_next(&run, &block)) {
		cr_expect_eq(block.first, at);
		cr_expect_eq(block.end, plan_block_end(&run.plan, at));
		at = block.end;
		count++;
		make(&block);
	}
	cr_expect_eq(at, run.plan.count);
	cr_expect_eq(count, BLOCKS * POINTS);
	cr_expect_null(json_object_get(run.json, "planned_trials"));
}

Test(run_schedule, what_was_made_before_an_interruption_is_left_out)
{
	struct block block;
	size_t made = plan_block_end(&run.plan, 0), open = plan_block_end(&run.plan, made);

	for (size_t i = 0; i < made; i++)
		run.states[i].done = true;
	for (size_t i = open; i < run.plan.count; i++)
		run.states[i].done = true;
	cr_assert(schedule_next(&run, &block));
	cr_expect_eq(block.first, made);
	cr_expect_eq(block.end, open);
	make(&block);
	cr_expect_not(schedule_next(&run, &block));
}

static unsigned asked[BLOCKS + 1], asked_count;

static bool is_third(void *context, unsigned blocks)
{
	cr_expect_eq(context, &run);
	cr_assert_lt(asked_count, BLOCKS);
	asked[asked_count++] = blocks;
	for (size_t i = 0; i < blocks * TRIALS_A_BLOCK; i++)
		cr_expect(run.states[i].done);
	return blocks == 3;
}

Test(run_schedule, a_run_ends_when_it_has_seen_enough)
{
	struct block block;

	run.decided = is_third;
	run.decided_context = &run;
	while (schedule_next(&run, &block))
		make(&block);
	cr_expect_eq(asked_count, 3);
	for (unsigned i = 0; i < asked_count; i++)
		cr_expect_eq(asked[i], i + 1);
	cr_expect_eq(run.plan.count, 3 * TRIALS_A_BLOCK);
	cr_expect_eq(json_integer_value(json_object_get(run.json, "planned_trials")),
		     3 * TRIALS_A_BLOCK);
	cr_expect_not(schedule_next(&run, &block), "and it has ended for good");
}
