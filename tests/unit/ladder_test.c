/* Whether a cell fits, what a ladder is, where it ends, and what is read of it afterwards. */
#include "harness/run/ladder.h"
#include "harness/measure/metrics.h"
#include "stored/ladder_end.h"

#include <criterion/criterion.h>
#include <math.h>
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

#define SCENARIO "tests/fixtures/scenarios/ladder.yaml"

static const struct machine_limits limits = {
	.descriptors = 20000,
	.ports = 28232,
	.threads = 1500,
	.threads_by = "pids.max",
	.cores = 2,
	.memory_bytes = UINT64_C(1) << 30,
	.files = 1 << 20,
};

static struct run run;

static void set_up(void)
{
	struct error error = {""};

	run = (struct run){.scenarios = calloc(1, sizeof *run.scenarios)};
	cr_assert_eq(scenario_read(run.scenarios, SCENARIO, metrics(), &error), 0, "%s",
		     error.text);
	run.scenario_count = 1;
	cr_assert_eq(plan_make(&run.plan, run.scenarios, 1, 7, &error), 0, "%s", error.text);
	run.states = calloc(run.plan.count, sizeof *run.states);
}

static void tear_down(void)
{
	plan_destroy(&run.plan);
	scenario_destroy(run.scenarios);
	free(run.scenarios);
	free(run.states);
}

TestSuite(ladder, .init = set_up, .fini = tear_down);

static size_t find(const char *server, unsigned trial, uint64_t connections)
{
	for (size_t i = 0; i < run.plan.count; i++)
		if (strcmp(run.plan.trials[i].server, server) == 0 &&
		    run.plan.trials[i].trial == trial &&
		    run.plan.trials[i].load.connections == connections)
			return i;
	cr_assert_fail("%s has no step of %llu", server, (unsigned long long)connections);
	return 0;
}

static void note(size_t index, json_t *record)
{
	cr_assert_not_null(record);
	run.states[index].done = true;
	ladder_note(&run, index, record);
	json_decref(record);
}

static json_t *ended_as(const char *outcome, const char *code)
{
	return json_pack("{s:s, s:[{s:s, s:s}]}", "outcome", outcome, "reasons", "code", code,
			 "text", "as it is");
}

Test(ladder, its_steps_ascend_in_every_block)
{
	for (size_t i = 1; i < run.plan.count; i++)
		if (run.plan.trials[i].trial == run.plan.trials[i - 1].trial)
			cr_expect_geq(run.plan.trials[i].load.connections,
				      run.plan.trials[i - 1].load.connections);
}

Test(ladder, what_lies_above_an_end_is_not_run)
{
	size_t end = find("epoll", 1, 1000);

	note(end, ended_as("failed", "errors"));
	cr_expect_null(ladder_ended_at(&run, find("epoll", 1, 500)));
	cr_expect_null(ladder_ended_at(&run, end));
	cr_expect_eq(ladder_ended_at(&run, find("epoll", 1, 2000)), &run.plan.trials[end]);
	cr_expect_eq(ladder_ended_at(&run, find("epoll", 1, 28000)), &run.plan.trials[end]);
	cr_expect_null(ladder_ended_at(&run, find("select", 1, 28000)), "another server");
	cr_expect_null(ladder_ended_at(&run, find("epoll", 2, 28000)), "another block");
}

Test(ladder, only_what_the_server_or_the_machine_does_ends_it)
{
	static const struct {
		const char *outcome, *code;
		bool ends;
	} cases[] = {
		{"failed", "server_died", true},
		{"failed", "model_limit", true},
		{"skipped", "limits", true},
		{"invalid", "generator_memory", true},
		{"invalid", "memory_guard", true},
		{"invalid", "sampler", false},
		{"saturated", "rate_not_achieved", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct planned_trial *planned = &run.plan.trials[find("epoll", 1, 2000)];
		json_t *record = ended_as(cases[i].outcome, cases[i].code);

		cr_expect_eq(ladder_gives_way(record), cases[i].ends, "%s", cases[i].code);
		cr_expect_eq(ladder_is_end(planned, record), cases[i].ends, "%s", cases[i].code);
		json_decref(record);
	}
}

/* Errors may be those of a moment; what the server says of itself, or its death, is not. */
Test(ladder, errors_are_confirmed_before_they_end_it)
{
	const struct planned_trial *planned = &run.plan.trials[find("epoll", 1, 2000)];
	json_t *errs = ended_as("failed", "errors"), *died = ended_as("failed", "server_died");

	cr_expect(ladder_tries_again(planned, errs));
	cr_expect(!ladder_tries_again(planned, died));
	json_object_set_new(errs, "attempt", json_integer(2));
	cr_expect(!ladder_tries_again(planned, errs));
	json_decref(errs);
	json_decref(died);
}

/* A ladder without a step that was held has found nothing, but for what a model says of itself. */
Test(ladder, a_first_step_that_is_not_held_is_no_finding)
{
	const struct planned_trial *first = &run.plan.trials[find("epoll", 1, 500)];
	json_t *died = ended_as("failed", "server_died"),
	       *model = ended_as("failed", "model_limit");

	cr_expect(!ladder_is_end(first, died));
	cr_expect(ladder_is_end(first, model));
	json_decref(died);
	json_decref(model);
}

Test(ladder, memory_is_foreseen_from_the_step_below)
{
	struct catalogue none = {0};
	struct planned_trial *next = &run.plan.trials[find("epoll", 1, 2000)];
	struct limit_reached reached;

	cr_expect_eq(trial_fits(next, &none, &limits, 1, &reached), TRIAL_FITS);
	note(find("epoll", 1, 1000), json_pack("{s:s, s:{s:f, s:f}}", "outcome", "ok", "metrics",
					       "total_bytes", 500e6, "load_total_bytes", 100e6));
	cr_expect_eq(next->expected_bytes, 1200000000);
	cr_expect_eq(trial_fits(next, &none, &limits, 1, &reached), TRIAL_BEYOND_MACHINE);
	cr_expect_str_eq(reached.name, "memory");
	cr_expect_eq(run.plan.trials[find("select", 1, 2000)].expected_bytes, 0);
}

static struct server_entry entry_of(const char *name, const char *description)
{
	struct server_entry entry = {.name = (char *)(uintptr_t)name,
				     .description = json_loads(description, 0, NULL)};

	cr_assert_not_null(entry.description);
	return entry;
}

/* Blocking is not enough: a pool has its workers, however many connections there are. */
Test(ladder, threads_are_asked_of_servers_that_have_one_each)
{
	struct server_entry entries[] = {
		entry_of("epoll", "{\"traits\":[\"blocking\"]}"),
		entry_of("select", "{\"traits\":[\"blocking\",\"thread-each\"]}")};
	struct catalogue catalogue = {.entries = entries, .count = 2};
	struct limit_reached reached;

	cr_expect_eq(trial_fits(&run.plan.trials[find("epoll", 1, 2000)], &catalogue, &limits, 1,
				&reached),
		     TRIAL_FITS);
	cr_expect_eq(trial_fits(&run.plan.trials[find("select", 1, 2000)], &catalogue, &limits, 1,
				&reached),
		     TRIAL_BEYOND_MACHINE);
	cr_expect_str_eq(reached.name, "threads");
	cr_expect_not_null(strstr(reached.remedy, "TasksMax"), "%s", reached.remedy);
	for (size_t i = 0; i < 2; i++)
		json_decref(entries[i].description);
}

/* Each of them fits alone; descriptors and ports are each one's own. */
Test(ladder, servers_side_by_side_share_what_the_machine_has)
{
	struct server_entry entry = entry_of("select", "{\"traits\":[\"thread-each\"]}");
	struct catalogue catalogue = {.entries = &entry, .count = 1};
	struct planned_trial planned[4];
	struct limit_reached reached;

	for (size_t i = 0; i < 4; i++)
		planned[i] = run.plan.trials[find("select", 1, 500)];
	cr_expect(trial_block_fits(planned, 2, &catalogue, &limits, 1, &reached));
	cr_expect_not(trial_block_fits(planned, 4, &catalogue, &limits, 1, &reached));
	cr_expect_str_eq(reached.name, "threads");
	for (size_t i = 0; i < 4; i++) {
		planned[i] = run.plan.trials[find("epoll", 1, 500)];
		planned[i].load.connections = 15000; /* of 20,000 descriptors and 28,232 ports */
	}
	cr_expect(trial_block_fits(planned, 4, &catalogue, &limits, 1, &reached));
	json_decref(entry.description);
}

Test(ladder, a_model_says_itself_what_limits_it)
{
	struct server_entry entry =
		entry_of("select", "{\"max_connections\":1016,\"limited_by\":\"FD_SETSIZE\","
				   "\"lifted_by\":\"poll or epoll\"}");
	struct catalogue catalogue = {.entries = &entry, .count = 1};
	struct limit_reached reached;

	cr_expect_eq(trial_fits(&run.plan.trials[find("select", 1, 28000)], &catalogue, &limits, 1,
				&reached),
		     TRIAL_BEYOND_MODEL);
	cr_expect_str_eq(reached.name, "FD_SETSIZE");
	cr_expect_str_eq(reached.remedy, "poll or epoll");
	cr_expect_not_null(strstr(reached.text, "1,016 connections"), "%s", reached.text);
	json_decref(entry.description);
}

/* As many tables as cores are tables of the cores that it gets, not of the machine's. */
Test(ladder, tables_for_each_core_are_counted_where_the_server_runs)
{
	struct server_entry entry = entry_of("epoll", "{\"descriptor_tables\":\"per-core\"}");
	struct catalogue catalogue = {.entries = &entry, .count = 1};
	const struct planned_trial *planned = &run.plan.trials[find("epoll", 1, 28000)];
	struct limit_reached reached;

	cr_expect_eq(trial_fits(planned, &catalogue, &limits, 2, &reached), TRIAL_FITS);
	cr_expect_eq(trial_fits(planned, &catalogue, &limits, 1, &reached), TRIAL_BEYOND_MACHINE);
	cr_expect_str_eq(reached.name, "descriptors");
	json_decref(entry.description);
}

static json_t *step(double connections, const char *outcome, const char *limit)
{
	return json_pack("{s:s, s:s, s:s, s:{s:f}, s:s, s:[{s:s, s:s, s:s?, s:s?}]}", "scenario",
			 "s", "part", "p", "server", "epoll", "point", "connections", connections,
			 "outcome", outcome, "reasons", "code", limit ? "limits" : "ladder", "text",
			 "none is left", "limit", limit, "remedy", limit ? "more of them" : NULL);
}

Test(ladder, its_end_is_the_lowest_step_that_was_not_held)
{
	json_t *trials[] = {step(500, "ok", NULL),	 step(1000, "ok", NULL),
			    step(2000, "ok", NULL),	 step(4000, "skipped", "descriptors"),
			    step(8000, "skipped", NULL), step(500, "ok", NULL),
			    step(1000, "ok", NULL),	 step(2000, "failed", "threads"),
			    step(4000, "skipped", NULL), step(8000, "skipped", NULL)};
	struct results results = {.trials = trials, .trial_count = 5};
	const struct cell cell = {"s", "p", "epoll", NULL};
	struct ladder_end end = ladder_find_end(&results, &cell);

	cr_expect(end.held == 2000 && end.next == 4000);
	cr_expect_str_eq(end.limit, "descriptors");
	cr_expect_str_eq(end.remedy, "more of them");
	results.trial_count = 10; /* and the second block */
	end = ladder_find_end(&results, &cell);
	cr_expect(end.held == 1000 && end.next == 2000);
	cr_expect_str_eq(end.limit, "threads");
	/* Held when it was tried once more: that is what counts. */
	for (size_t i = 7; i < 9; i++)
		json_object_set_new(trials[i], "order", json_integer(8));
	json_object_set_new(trials[8], "outcome", json_string("ok"));
	end = ladder_find_end(&results, &cell);
	cr_expect(end.held == 2000 && end.next == 4000);
	results.trial_count = 3;
	end = ladder_find_end(&results, &cell);
	cr_expect(end.held == 2000 && isnan(end.next));
	for (size_t i = 0; i < 10; i++)
		json_decref(trials[i]);
}

Test(ladder, the_server_gets_the_first_of_its_cores)
{
	cpu_set_t cores, first;

	CPU_ZERO(&cores);
	CPU_SET(2, &cores);
	CPU_SET(5, &cores);
	cores_first(&cores, 1, &first);
	cr_expect(CPU_COUNT(&first) == 1 && CPU_ISSET(2, &first));
	cores_first(&cores, 0, &first);
	cr_expect(CPU_EQUAL(&cores, &first));
	cores_first(&cores, 3, &first);
	cr_expect(CPU_EQUAL(&cores, &first));
}
