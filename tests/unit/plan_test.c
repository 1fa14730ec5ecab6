#include "harness/scenario/plan.h"
#include "harness/measure/metrics.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Those that claims may be about. */
static const json_t *metrics(void)
{
	static json_t *descriptors;

	if (!descriptors)
		descriptors = metrics_describe();
	return descriptors;
}

#define SCENARIO "tests/fixtures/scenarios/parts.yaml"

static void scenario_get(struct scenario *scenario)
{
	struct error error = {""};

	cr_assert_eq(scenario_read(scenario, SCENARIO, metrics(), &error), 0, "%s", error.text);
}

/* The plan as text, one line a trial. The caller frees it. */
static char *plan_print(const struct plan *plan)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	cr_assert_not_null(file);
	for (size_t i = 0; i < plan->count; i++) {
		const struct planned_trial *trial = &plan->trials[i];
		char *point = json_dumps(trial->point, JSON_SORT_KEYS | JSON_COMPACT);

		fprintf(file, "%u %u %s %s %s %s\n", trial->order, trial->trial, trial->part->name,
			trial->server, point, trial->load.target);
		free(point);
	}
	fclose(file);
	return text;
}

static char *planned(uint64_t seed)
{
	struct scenario scenario;
	struct error error = {""};
	struct plan plan;
	char *text;

	scenario_get(&scenario);
	cr_assert_eq(plan_make(&plan, &scenario, 1, seed, &error), 0, "%s", error.text);
	text = plan_print(&plan);
	plan_destroy(&plan);
	scenario_destroy(&scenario);
	return text;
}

Test(plan, the_seed_decides_everything)
{
	char *first = planned(7731), *again = planned(7731), *other = planned(7732);

	cr_assert_str_eq(first, again);
	cr_assert_str_neq(first, other);
	free(first);
	free(again);
	free(other);
}

Test(plan, the_order_is_the_same_on_every_machine)
{
	/* Written down once: a change of the generator or of its use would show here. */
	static const char expected[] =
		"1 1 throughput thread-per-connection/stack-64k {\"connections\":1} /plaintext\n"
		"2 1 throughput libuv {\"connections\":1} /plaintext\n"
		"3 1 throughput epoll {\"connections\":1} /plaintext\n"
		"4 1 throughput libuv {\"connections\":16} /plaintext\n"
		"5 1 throughput thread-per-connection/stack-64k {\"connections\":16} /plaintext\n"
		"6 1 throughput epoll {\"connections\":16} /plaintext\n"
		"7 1 throughput thread-per-connection/stack-64k {\"connections\":1000} /plaintext\n"
		"8 1 throughput epoll {\"connections\":1000} /plaintext\n";
	char *text = planned(1);

	cr_assert_eq(strncmp(text, expected, sizeof expected - 1), 0, "%s", text);
	free(text);
}

/* So that a run may have more blocks than were thought of, or fewer. */
Test(plan, a_block_follows_from_the_seed_and_its_number)
{
	struct scenario scenario;
	struct error error = {""};
	struct plan few, many;
	char *first, *longer;

	scenario_get(&scenario);
	for (size_t i = 0; i < scenario.part_count; i++)
		scenario.parts[i].trials = 3;
	cr_assert_eq(plan_make(&few, &scenario, 1, 12, &error), 0, "%s", error.text);
	for (size_t i = 0; i < scenario.part_count; i++)
		scenario.parts[i].trials = 40;
	cr_assert_eq(plan_make(&many, &scenario, 1, 12, &error), 0, "%s", error.text);
	cr_assert_gt(many.count, few.count);
	for (size_t i = 0; i < few.count; i++)
		cr_expect_eq(few.trials[i].seed, many.trials[i].seed);
	plan_cut(&many, few.count);
	first = plan_print(&few);
	longer = plan_print(&many);
	cr_expect_str_eq(first, longer);
	free(first);
	free(longer);
	plan_destroy(&few);
	plan_destroy(&many);
	scenario_destroy(&scenario);
}

Test(plan, a_trial_knows_its_position_in_the_block)
{
	struct scenario scenario;
	struct error error = {""};
	struct plan plan;

	scenario_get(&scenario);
	cr_assert_eq(plan_make(&plan, &scenario, 1, 12, &error), 0, "%s", error.text);
	for (size_t first = 0, end; first < plan.count; first = end) {
		end = plan_block_end(&plan, first);
		for (size_t i = first; i < end; i++)
			cr_expect_eq(plan.trials[i].position, i - first + 1);
	}
	plan_destroy(&plan);
	scenario_destroy(&scenario);
}

static bool same_cell(const struct planned_trial *a, const struct planned_trial *b)
{
	return a->part == b->part && strcmp(a->server, b->server) == 0 &&
	       json_equal(a->point, b->point);
}

Test(plan, each_block_holds_every_cell_once)
{
	struct scenario scenario;
	struct error error = {""};
	struct plan plan;

	scenario_get(&scenario);
	cr_assert_eq(plan_make(&plan, &scenario, 1, 99, &error), 0, "%s", error.text);
	/* throughput: 3 points, 3 servers, 4 trials; waits: 4 points, 2 servers, 2 trials. */
	cr_assert_eq(plan.count, 3 * 3 * 4 + 4 * 2 * 2);
	for (size_t i = 0; i < plan.count; i++) {
		const struct planned_trial *trial = &plan.trials[i];

		cr_assert_eq(trial->order, i + 1);
		cr_assert_geq(trial->trial, 1);
		cr_assert_leq(trial->trial, trial->part->trials);
		if (i > 0)
			cr_assert_geq(trial->trial, plan.trials[i - 1].trial);
		for (size_t j = 0; j < i; j++)
			cr_assert(plan.trials[j].trial != trial->trial ||
				  !same_cell(&plan.trials[j], trial));
	}
	plan_destroy(&plan);
	scenario_destroy(&scenario);
}

/* When the server runs at this cell's point in that block, counted among its neighbours. */
static size_t position(const struct plan *plan, const struct planned_trial *of, unsigned block)
{
	size_t before = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct planned_trial *trial = &plan->trials[i];

		if (trial->trial != block || trial->part != of->part ||
		    !json_equal(trial->point, of->point))
			continue;
		if (strcmp(trial->server, of->server) == 0)
			return before;
		before++;
	}
	cr_assert_fail("no trial of %s in block %u", of->server, block);
	return 0;
}

Test(plan, even_blocks_reverse_the_servers_of_odd_ones)
{
	struct scenario scenario;
	struct error error = {""};
	struct plan plan;

	scenario_get(&scenario);
	for (uint64_t seed = 1; seed <= 20; seed++) {
		cr_assert_eq(plan_make(&plan, &scenario, 1, seed, &error), 0, "%s", error.text);
		for (size_t i = 0; i < plan.count; i++) {
			const struct planned_trial *trial = &plan.trials[i];
			size_t last = trial->part->server_count - 1;

			if (trial->trial % 2 == 1 && trial->trial < trial->part->trials)
				cr_assert_eq(position(&plan, trial, trial->trial + 1),
					     last - position(&plan, trial, trial->trial));
		}
		plan_destroy(&plan);
	}
	scenario_destroy(&scenario);
}

Test(plan, servers_of_a_point_run_next_to_each_other)
{
	struct scenario scenario;
	struct error error = {""};
	struct plan plan;

	scenario_get(&scenario);
	cr_assert_eq(plan_make(&plan, &scenario, 1, 5, &error), 0, "%s", error.text);
	for (size_t i = 0; i < plan.count;) {
		const struct planned_trial *first = &plan.trials[i];
		size_t together = first->part->server_count;

		for (size_t j = i; j < i + together; j++)
			cr_assert(plan.trials[j].part == first->part &&
				  json_equal(plan.trials[j].point, first->point));
		i += together;
	}
	plan_destroy(&plan);
	scenario_destroy(&scenario);
}

Test(plan, every_order_of_the_servers_is_as_likely)
{
	enum { SEEDS = 6000, ORDERS = 6 };
	struct scenario scenario;
	struct error error = {""};
	size_t seen[27] = {0}, orders = 0;

	scenario_get(&scenario);
	for (size_t i = 0; i < scenario.part_count; i++)
		scenario.parts[i].trials = 1;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		const struct scenario_part *throughput = &scenario.parts[0];
		struct plan plan;
		size_t code = 0, taken = 0;

		cr_assert_eq(plan_make(&plan, &scenario, 1, seed, &error), 0, "%s", error.text);
		for (size_t i = 0; i < plan.count && taken < 3; i++) {
			if (plan.trials[i].part != throughput)
				continue;
			for (size_t s = 0; s < 3; s++)
				if (strcmp(throughput->servers[s], plan.trials[i].server) == 0)
					code = code * 3 + s;
			taken++;
		}
		seen[code]++;
		plan_destroy(&plan);
	}
	for (size_t i = 0; i < 27; i++) {
		orders += seen[i] > 0;
		/* 1,000 expected of each, standard deviation 29. */
		if (seen[i])
			cr_assert(seen[i] > 870 && seen[i] < 1130, "order %zu: %zu", i, seen[i]);
	}
	cr_assert_eq(orders, ORDERS);
	scenario_destroy(&scenario);
}

Test(plan, points_are_applied_to_the_load)
{
	struct scenario scenario;
	struct error error = {""};
	struct plan plan;

	scenario_get(&scenario);
	cr_assert_eq(plan_make(&plan, &scenario, 1, 3, &error), 0, "%s", error.text);
	for (size_t i = 0; i < plan.count; i++) {
		const struct planned_trial *trial = &plan.trials[i];
		char target[32];

		if (strcmp(trial->part->name, "throughput") == 0) {
			cr_assert_eq(
				(json_int_t)trial->load.connections,
				json_integer_value(json_object_get(trial->point, "connections")));
			/* Four threads, but never more than connections. */
			cr_assert_eq(trial->load.threads, trial->load.connections == 1 ? 1 : 4);
			cr_assert_str_eq(trial->load.target, "/plaintext");
			continue;
		}
		cr_assert_eq((json_int_t)trial->load.wait_ns,
			     json_integer_value(json_object_get(trial->point, "wait_ns")));
		cr_assert_eq(trial->load.rate_per_s,
			     json_number_value(json_object_get(trial->point, "rate_per_s")));
		snprintf(target, sizeof target, "/wait/%d", (int)(trial->load.wait_ns / 1000000));
		cr_assert_str_eq(trial->load.target, target);
	}
	plan_destroy(&plan);
	scenario_destroy(&scenario);
}

Test(plan, work_of_a_time_is_so_many_rounds_here)
{
	static const char *const targets[] = {"/cpu/50000", "/cpu/500000"};
	struct scenario scenario;
	struct error error = {""};
	struct plan plan;

	cr_assert_eq(
		scenario_read(&scenario, "tests/fixtures/scenarios/work.yaml", metrics(), &error),
		0, "%s", error.text);
	scenario.parts[0].load.cpu_rounds_per_s = 500000000;
	cr_assert_eq(plan_make(&plan, &scenario, 1, 1, &error), 0, "%s", error.text);
	for (size_t i = 0; i < plan.count; i++) {
		const struct load *load = &plan.trials[i].load;

		cr_expect_str_eq(load->target, targets[load->cpu_ns == 1000000]);
		cr_expect_eq(load_cpu_rounds(load), load->cpu_ns / 2);
	}
	plan_destroy(&plan);
	scenario_destroy(&scenario);
}

Test(plan, trials_can_be_overridden)
{
	struct scenario scenario;
	struct error error = {""};
	struct plan plan;

	scenario_get(&scenario);
	for (size_t i = 0; i < scenario.part_count; i++)
		scenario.parts[i].trials = 7;
	cr_assert_eq(plan_make(&plan, &scenario, 1, 3, &error), 0, "%s", error.text);
	cr_assert_eq(plan.count, (3 * 3 + 4 * 2) * 7);
	plan_destroy(&plan);
	scenario_destroy(&scenario);
}

Test(plan, several_scenarios_are_mixed)
{
	struct scenario scenarios[2];
	struct error error = {""};
	struct plan plan;
	size_t changes = 0;

	scenario_get(&scenarios[0]);
	cr_assert_eq(scenario_read(&scenarios[1], "tests/fixtures/scenarios/flat.yaml", metrics(),
				   &error),
		     0, "%s", error.text);
	cr_assert_eq(plan_make(&plan, scenarios, 2, 3, &error), 0, "%s", error.text);
	for (size_t i = 1; i < plan.count; i++)
		changes += plan.trials[i].scenario != plan.trials[i - 1].scenario;
	cr_assert_gt(changes, 1, "each scenario ran as a whole");
	plan_destroy(&plan);
	scenario_destroy(&scenarios[0]);
	scenario_destroy(&scenarios[1]);
}

Test(plan, nothing_to_run_is_an_error)
{
	struct error error = {""};
	struct plan plan;

	cr_assert_lt(plan_make(&plan, NULL, 0, 3, &error), 0);
	cr_assert_str_eq(error.text, "nothing to run");
}

Test(plan, the_servers_of_a_point_are_a_block)
{
	struct scenario scenario;
	struct error error = {""};
	struct plan plan;
	size_t blocks = 0;

	scenario_get(&scenario);
	cr_assert_eq(plan_make(&plan, &scenario, 1, 99, &error), 0, "%s", error.text);
	for (size_t first = 0, end; first < plan.count; first = end, blocks++) {
		end = plan_block_end(&plan, first);
		cr_assert_eq(end - first, plan.trials[first].part->server_count);
		for (size_t i = first; i < end; i++)
			cr_assert(json_equal(plan.trials[i].point, plan.trials[first].point));
	}
	cr_expect_eq(blocks, 3 * 4 + 4 * 2);
	plan_destroy(&plan);
	scenario_destroy(&scenario);
}

Test(plan, kinds_of_a_mix_are_filled_in_at_each_point)
{
	struct scenario scenario;
	struct error error = {""};
	struct plan plan;

	cr_assert_eq(
		scenario_read(&scenario, "tests/fixtures/scenarios/mix.yaml", metrics(), &error), 0,
		"%s", error.text);
	cr_assert_eq(plan_make(&plan, &scenario, 1, 3, &error), 0, "%s", error.text);
	for (size_t i = 0; i < plan.count; i++) {
		const struct load *load = &plan.trials[i].load;
		struct load kind = load_of_kind(load, 1);
		char target[32];

		if (load->kind_count == 0) {
			cr_assert_str_eq(kind.target, "/json");
			continue;
		}
		snprintf(target, sizeof target, "/wait/%d", (int)(load->wait_ns / 1000000));
		cr_assert_str_eq(kind.target, target);
		cr_assert_eq(kind.kind_count, 0);
		kind = load_of_kind(load, 2);
		cr_assert_str_eq(kind.method, "POST");
		cr_assert_eq(kind.body_bytes, 1024);
	}
	plan_destroy(&plan);
	scenario_destroy(&scenario);
}
