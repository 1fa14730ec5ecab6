/* How the claims of a scenario are read; every mistake in one is among those of scenario_test.c. */
#include "harness/measure/metrics.h"
#include "harness/scenario/scenario.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define GOOD "tests/fixtures/scenarios/"

static void scenario_get(struct scenario *scenario, const char *file)
{
	json_t *metrics = metrics_describe();
	struct error error = {""};

	cr_assert_eq(scenario_read(scenario, file, metrics, &error), 0, "%s", error.text);
	json_decref(metrics);
}

Test(scenario_claims, claims_take_the_form_of_the_schema)
{
	struct scenario scenario;
	const json_t *claim;
	json_t *expected;

	scenario_get(&scenario, GOOD "flat.yaml");
	cr_assert_eq(json_array_size(scenario.parts[0].claims), 2);
	claim = json_array_get(scenario.parts[0].claims, 0);
	expected = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:[s, s, s, s], s:s, s:{s:s, s:{s:i}}, s:n, s:[f, f], "
		"s:b, s:s}",
		"id", "thread-costs-2mb", "source", "illusion", "says", "A thread costs 2 MB.",
		"kind", "threshold", "by", "within", "metrics", "virtual_per_connection_bytes",
		"resident_per_connection_bytes", "kernel_per_connection_bytes",
		"total_per_connection_bytes", "means", "total_per_connection_bytes", "of", "server",
		"thread-per-connection", "point", "connections", 10000, "over", "within", 1e6,
		2097152.0, "own_model", 1, "because", "All of it must be there.");
	cr_assert(json_equal((json_t *)claim, expected));
	json_decref(expected);
	claim = json_array_get(scenario.parts[0].claims, 1);
	cr_assert_str_eq(
		json_string_value(json_object_get(json_object_get(claim, "over"), "server")),
		"epoll");
	cr_assert_eq(json_object_size(json_object_get(json_object_get(claim, "of"), "point")), 0);
	cr_assert(json_is_false(json_object_get(claim, "own_model")));
	scenario_destroy(&scenario);
}

/* What an object is to hold, as JSON with ' for \"; other keys may be there too. */
static void check_holds(const json_t *object, const char *expected)
{
	char text[512];
	json_t *part;
	json_t *copy = json_copy((json_t *)object);

	snprintf(text, sizeof text, "%s", expected);
	for (char *at = text; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	part = json_loads(text, 0, NULL);
	cr_assert_not_null(part, "%s", text);
	json_object_update(copy, part);
	cr_expect(json_equal(copy, (json_t *)object), "%s is not in it", expected);
	json_decref(part);
	json_decref(copy);
}

Test(scenario_claims, every_kind_of_claim_is_read)
{
	static const char *const expected[] = {
		"{'id':'at-least','by':'within','means':'latency_p50_ns','within':[null,1e7],"
		"'because':'The source has no percentile.','differs':'The source had 64 cores.',"
		"'explained':'A loop waits for all at once.','over':null,"
		"'of':{'server':'epoll','point':{'connections':512,'offload':4}}}",
		"{'id':'across','of':{'server':'epoll','part':'peers','point':{'connections':8}},"
		"'over':{'server':'nginx','scenario':'fetch','part':'pooled','point':"
		"{'wait_ns':10000000,'rate_per_s':5000.0}},'within':[1.5,2.5]}",
		"{'id':'in-order','kind':'ordering','by':'falling','within':[null,null],'cells':"
		"[{'server':'epoll','point':{'connections':8,'offload':0}},"
		"{'server':'poll','point':{'connections':8,'offload':0}},"
		"{'server':'h2o','scenario':'peers','part':'peers','point':{}}],'of':null}",
		"{'id':'grows','kind':'shape','by':'slope','along':'connections',"
		"'within':[-0.6,-0.4],'of':{'server':'epoll','point':{'offload':0}}}",
		"{'id':'better-from-64','kind':'shape','by':'crossover','within':[48.0,80.0],"
		"'over':{'server':'poll','point':{'offload':0}}}",
		"{'id':'on-time','kind':'order','by':'within','within':[1e6,2e6]}",
		"{'id':'first-things-first','kind':'order','by':'expects','expects':'1 2 3',"
		"'within':[1.0,1.0]}",
		"{'id':'of-a-mix','of':{'server':'epoll','part':'mixed','point':{}}}",
	};
	struct scenario scenario;
	const json_t *claims;

	scenario_get(&scenario, GOOD "claims.yaml");
	claims = scenario.parts[0].claims;
	cr_assert_eq(json_array_size(claims), sizeof expected / sizeof *expected);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		check_holds(json_array_get(claims, i), expected[i]);
	scenario_destroy(&scenario);
}
