#include "harness/scenario/sources.h"

#include "harness/measure/metrics.h"
#include "harness/scenario/folder.h"
#include "lib/json.h"
#include "lib/temporary.h"
#include "lib/text_buffer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHIPPED "scenarios/"

static json_t *read_text(const char *text, struct error *error)
{
	char path[256];
	json_t *sources;
	int descriptor;

	temporary_template(path, sizeof path, "tenk-sources");
	descriptor = mkstemp(path);
	cr_assert_geq(descriptor, 0);
	cr_assert_eq(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
	close(descriptor);
	sources = sources_read(path, error);
	unlink(path);
	return sources;
}

static void check_refused(const char *text, const char *place, const char *message)
{
	struct error error = {""};

	cr_expect_null(read_text(text, &error), "taken: %s", text);
	cr_expect(strstr(error.text, place) && strstr(error.text, message), "%s", error.text);
}

Test(sources, each_has_a_title_a_kind_and_what_is_known_besides)
{
	struct error error = {""};
	json_t *sources = read_text("a-2003:\n  title: An A\n  kind: paper\n  year: 2003\n"
				    "  found: https://example.org/a\n  reported-by: its abstract\n"
				    "b: {title: A B, kind: benchmark page}\n",
				    &error);
	json_t *expected = json_pack("{s:{s:s, s:s, s:s, s:i, s:s, s:s}, s:{s:s, s:s, s:s}}",
				     "a-2003", "key", "a-2003", "title", "An A", "kind", "paper",
				     "year", 2003, "found", "https://example.org/a", "reported_by",
				     "its abstract", "b", "key", "b", "title", "A B", "kind",
				     "benchmark page");

	cr_assert(sources, "%s", error.text);
	cr_expect(json_equal(sources, expected));
	json_decref(sources);
	json_decref(expected);
}

Test(sources, a_mistake_is_answered_with_its_place)
{
	check_refused("a: {kind: paper}\n", ":1:", "title");
	check_refused("a:\n  title: A\n  kind: papre\n", ":3:9:", "did you mean \"paper\"?");
	check_refused("a:\n  title: A\n  kind: paper\n  yaer: 2003\n",
		      ":4:3:", "did you mean \"year\"?");
	check_refused("a:\n  title: A\n  kind: paper\n  year: 20033\n", ":4:9:", "out of range");
	check_refused("a:\n  title: A\n  kind: paper\n  found: somewhere\n",
		      ":4:10:", "must be an address");
	check_refused("An A: {title: A, kind: paper}\n", ":1:1:", "no short name");
	check_refused("[a, b]\n", ":1:1:", "a mapping of short names");
}

/* `expected` are the titles, each with a | behind it. */
static void check_expanded(const json_t *sources, const char *text, const char *expected)
{
	json_t *list = sources_expand(sources, text);
	struct text_buffer titles = {0};
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		text_append_format(&titles, "%s|", json_string_of(one, "title"));
	}
	cr_expect_str_eq(text_string(&titles), expected);
	text_destroy(&titles);
	json_decref(list);
}

Test(sources, keys_are_expanded_and_other_text_stays)
{
	struct error error = {""};
	json_t *sources = read_text("a: {title: An A, kind: paper}\nb: {title: A B, kind: blog}\n",
				    &error);

	cr_assert(sources, "%s", error.text);
	check_expanded(sources, "a", "An A|");
	check_expanded(sources, "b, a", "A B|An A|");
	check_expanded(sources, "Somebody, 2013", "Somebody, 2013|");
	check_expanded(sources, "a,Somebody, 2013 ,b", "An A|Somebody, 2013|A B|");
	check_expanded(sources, " , ", "");
	json_decref(sources);
}

/* So a mistyped key, which would stay as text, does not go unseen. */
Test(sources, every_claim_that_is_shipped_names_known_ones)
{
	char **names = NULL;
	long count = scenario_folder_names(SHIPPED, &names);
	json_t *metrics = metrics_describe();

	cr_assert_gt(count, 4);
	for (long i = 0; i < count; i++) {
		struct scenario scenario;
		struct error error = {""};
		char file[128];
		const json_t *claim, *source;
		size_t j, k;

		snprintf(file, sizeof file, SHIPPED "%s.yaml", names[i]);
		cr_assert_eq(scenario_folder_read(&scenario, SHIPPED, file, metrics, &error), 0,
			     "%s", error.text);
		for (size_t part = 0; part < scenario.part_count; part++)
			json_array_foreach(scenario.parts[part].claims, j, claim)
				json_array_foreach(json_object_get(claim, "sources"), k, source)
					cr_expect(json_object_get(source, "key"),
						  "%s: %s has no source \"%s\"", file,
						  json_string_of(claim, "id"),
						  json_string_of(source, "title"));
		scenario_destroy(&scenario);
		free(names[i]);
	}
	free(names);
	json_decref(metrics);
}
