#include "harness/scenario/narrow.h"

#include "harness/measure/metrics.h"
#include "harness/scenario/folder.h"
#include "lib/json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHIPPED "scenarios/"
#define CLAIMS	"tests/fixtures/cli/claims.yaml"

static void read_file(struct scenario *scenario, const char *file, const json_t *metrics)
{
	struct error error = {""};

	cr_assert_eq(scenario_folder_read(scenario, SHIPPED, file, metrics, &error), 0, "%s",
		     error.text);
}

static void read_shipped(struct scenario *scenario, const char *name, const json_t *metrics)
{
	char file[128];

	snprintf(file, sizeof file, SHIPPED "%s.yaml", name);
	read_file(scenario, file, metrics);
}

Test(narrow, one_cell_leaves_one_value_of_one_server)
{
	json_t *metrics = metrics_describe();
	struct scenario scenario;
	struct claim_scope scope = {0};

	read_file(&scenario, CLAIMS, metrics);
	cr_assert_eq(claim_scope_add(&scope, &scenario, "epoll-is-small", metrics), 1);
	cr_assert_eq(scenario_narrow(&scenario, &scope), 0);
	cr_assert_eq(scenario.part_count, 1);
	cr_expect_str_eq(scenario.parts[0].name, "first");
	cr_assert_eq(scenario.parts[0].server_count, 1);
	cr_expect_str_eq(scenario.parts[0].servers[0], "epoll");
	cr_assert_eq(scenario.parts[0].axes[0].count, 1);
	cr_expect_eq(scenario.parts[0].axes[0].values[0], 10);
	cr_expect_eq(json_array_size(scenario.parts[0].claims), 1);
	claim_scope_destroy(&scope);
	scenario_destroy(&scenario);
	json_decref(metrics);
}

Test(narrow, a_slope_needs_all_counts_of_connections)
{
	json_t *metrics = metrics_describe();
	struct scenario scenario;
	struct claim_scope scope = {0};
	size_t count;

	read_shipped(&scenario, "memory", metrics);
	count = scenario.parts[0].axes[0].count;
	cr_assert_eq(claim_scope_add(&scope, &scenario, "loop-250x-leaner", metrics), 1);
	cr_assert_eq(scenario_narrow(&scenario, &scope), 0);
	cr_assert_eq(scenario.part_count, 1);
	cr_expect_eq(scenario.parts[0].axes[0].count, count);
	cr_expect_eq(scenario.parts[0].server_count, 2);
	claim_scope_destroy(&scope);
	scenario_destroy(&scenario);
	json_decref(metrics);
}

/* What any of them needs stays, and what none of them does goes. */
Test(narrow, all_claims_of_a_scenario_leave_what_they_need_together)
{
	json_t *metrics = metrics_describe();
	struct scenario scenario;
	struct claim_scope scope = {0};
	const struct scenario_part *part;

	read_file(&scenario, CLAIMS, metrics);
	cr_assert_eq(claim_scope_add(&scope, &scenario, NULL, metrics), 2);
	cr_assert_eq(scenario_narrow(&scenario, &scope), 0);
	cr_assert_eq(scenario.part_count, 1);
	part = &scenario.parts[0];
	cr_assert_eq(part->server_count, 2);
	cr_expect_str_eq(part->servers[0], "select");
	cr_expect_str_eq(part->servers[1], "epoll");
	cr_assert_eq(part->axes[0].count, 2);
	cr_expect_eq(part->axes[0].values[0], 10);
	cr_expect_eq(part->axes[0].values[1], 20);
	cr_expect_eq(json_array_size(part->claims), 2);
	claim_scope_destroy(&scope);
	scenario_destroy(&scenario);
	json_decref(metrics);
}

Test(narrow, claims_of_two_parts_stay_in_their_own)
{
	json_t *metrics = metrics_describe();
	struct scenario scenario;
	struct claim_scope scope = {0};

	read_shipped(&scenario, "hello", metrics);
	cr_assert_gt(claim_scope_add(&scope, &scenario, NULL, metrics), 6);
	cr_assert_eq(scenario_narrow(&scenario, &scope), 0);
	cr_assert_eq(scenario.part_count, 2); /* plaintext and pipelined */
	cr_expect_eq(scenario.parts[1].server_count, 1);
	cr_expect_eq(json_array_size(scenario.parts[1].claims), 0);
	/* One is out of scope, and told of all the same. */
	cr_expect_not_null(json_find(scenario.parts[0].claims, "id", "bun-installs-faster"));
	claim_scope_destroy(&scope);
	scenario_destroy(&scenario);
	json_decref(metrics);
}

Test(narrow, a_claim_that_is_not_there_is_not_found)
{
	json_t *metrics = metrics_describe();
	struct scenario scenario;
	struct claim_scope scope = {0};

	read_file(&scenario, CLAIMS, metrics);
	cr_expect_eq(claim_scope_add(&scope, &scenario, "nothing", metrics), 0);
	claim_scope_destroy(&scope);
	scenario_destroy(&scenario);
	json_decref(metrics);
}

/* Whether a part has what a cell names. */
static void check_cell(const struct scenario *scenario, const json_t *cell, const char *id)
{
	const struct scenario_part *part;
	const char *server = json_string_of(cell, "server");
	bool found = false;
	size_t at = 0;

	while (at < scenario->part_count &&
	       strcmp(scenario->parts[at].name, json_string_of(cell, "part")) != 0)
		at++;
	cr_assert_lt(at, scenario->part_count, "%s: no part of %s", id, scenario->name);
	part = &scenario->parts[at];
	for (size_t i = 0; i < part->server_count; i++)
		found |= strcmp(part->servers[i], server) == 0;
	cr_expect(found, "%s: no %s in %s", id, server, part->name);
	for (size_t i = 0; i < part->axis_count; i++) {
		const struct axis *axis = &part->axes[i];
		double wanted = json_number_of(json_object_get(cell, "point"),
					       axis_at(axis->kind)->key);
		bool has = !(wanted >= 0);

		cr_expect_gt(axis->count, 0, "%s: %s varies nothing", id, part->name);
		for (size_t j = 0; j < axis->count; j++)
			has |= !(axis->values[j] < wanted || axis->values[j] > wanted);
		cr_expect(has, "%s: a value of %s is gone", id, axis_at(axis->kind)->key);
	}
}

/* What a claim of a scenario needs is there when all else has been taken out of the scenarios that it names. */
static void check_claim(const char *name, const char *id, const json_t *metrics)
{
	struct scenario scenario;
	struct claim_scope scope = {0};
	const json_t *cell;
	size_t kept = 0, i;

	read_shipped(&scenario, name, metrics);
	cr_assert_eq(claim_scope_add(&scope, &scenario, id, metrics), 1);
	scenario_destroy(&scenario);
	if (json_array_size(scope.cells) == 0) { /* listed, and not tested */
		claim_scope_destroy(&scope);
		return;
	}
	json_array_foreach(scope.cells, i, cell)
	{
		const char *of = json_string_of(cell, "scenario");

		read_shipped(&scenario, of, metrics);
		cr_assert_eq(scenario_narrow(&scenario, &scope), 0);
		check_cell(&scenario, cell, id);
		for (size_t j = 0;
		     strcmp(of, json_string_of(json_array_get(scope.claims, 0), "home")) == 0 &&
		     j < scenario.part_count;
		     j++)
			kept += json_find(scenario.parts[j].claims, "id", id) != NULL;
		scenario_destroy(&scenario);
	}
	cr_expect_gt(kept, 0, "%s: the claim itself is gone", id);
	claim_scope_destroy(&scope);
}

Test(narrow, every_claim_that_is_shipped_can_be_measured_by_itself)
{
	json_t *metrics = metrics_describe(), *claim;
	char **names = NULL;
	long count = scenario_folder_names(SHIPPED, &names);
	size_t j;

	cr_assert_gt(count, 4);
	for (long i = 0; i < count; i++) {
		struct scenario scenario;

		read_shipped(&scenario, names[i], metrics);
		for (size_t part = 0; part < scenario.part_count; part++)
			json_array_foreach(scenario.parts[part].claims, j, claim)
				check_claim(names[i], json_string_of(claim, "id"), metrics);
		scenario_destroy(&scenario);
		free(names[i]);
	}
	free(names);
	json_decref(metrics);
}
