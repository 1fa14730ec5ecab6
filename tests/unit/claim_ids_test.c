/* Whether the scenarios that come with tenk decide every claim that it is to decide, each once. */
#include "harness/measure/metrics.h"
#include "harness/scenario/scenario.h"
#include "lib/json.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#define IDS "tests/fixtures/claim-ids.txt"

/* All claims of all scenarios, in one array. */
static json_t *all_claims(void)
{
	json_t *all = json_array(), *metrics = metrics_describe();
	glob_t files;

	cr_assert_eq(glob("scenarios/*.yaml", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct scenario scenario;
		struct error error = {""};

		if (strcmp(files.gl_pathv[i], "scenarios/sources.yaml") == 0)
			continue; /* where claims come from */
		cr_assert_eq(scenario_read(&scenario, files.gl_pathv[i], metrics, &error), 0, "%s",
			     error.text);
		for (size_t j = 0; j < scenario.part_count; j++)
			json_array_extend(all, scenario.parts[j].claims);
		scenario_destroy(&scenario);
	}
	globfree(&files);
	json_decref(metrics);
	return all;
}

static size_t count(const json_t *claims, const char *id)
{
	const json_t *claim;
	size_t i, found = 0;

	json_array_foreach(claims, i, claim) found += strcmp(json_string_of(claim, "id"), id) == 0;
	return found;
}

Test(claim_ids, each_claim_of_the_list_stands_in_the_scenarios_once_and_is_explained)
{
	json_t *claims = all_claims();
	FILE *file = fopen(IDS, "re");
	char id[200];

	cr_assert_not_null(file, IDS " is missing");
	while (fgets(id, sizeof id, file)) {
		id[strcspn(id, "\n")] = '\0';
		if (*id == '#' || !*id)
			continue;
		cr_expect_eq(count(claims, id), 1, "%s stands in the scenarios %zu times", id,
			     count(claims, id));
		/* One that is out of scope says why. */
		cr_expect(*json_string_of(json_find(claims, "id", id), "explained") ||
				  *json_string_of(json_find(claims, "id", id), "why"),
			  "%s is not explained", id);
	}
	fclose(file);
	json_decref(claims);
}

/* `tenk claims run ID` takes an id for one claim. */
Test(claim_ids, no_id_stands_for_two_claims)
{
	json_t *claims = all_claims();
	const json_t *claim;
	size_t i;

	json_array_foreach(claims, i, claim)
	{
		const char *id = json_string_of(claim, "id");

		cr_expect_eq(count(claims, id), 1, "%s stands twice", id);
	}
	json_decref(claims);
}
