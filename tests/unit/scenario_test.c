#include "harness/scenario/scenario.h"
#include "harness/scenario/sources.h"
#include "harness/measure/metrics.h"

#include "lib/clock.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Those that claims may be about. */
static const json_t *metrics(void)
{
	static json_t *descriptors;

	if (!descriptors)
		descriptors = metrics_describe();
	return descriptors;
}

#define GOOD	 "tests/fixtures/scenarios/"
#define BAD	 "tests/fixtures/bad-scenarios/"
#define SHIPPED	 "scenarios/"
#define NS_OF_MS 1000000u

static void scenario_get(struct scenario *scenario, const char *file)
{
	struct error error = {""};

	cr_assert_eq(scenario_read(scenario, file, metrics(), &error), 0, "%s", error.text);
}

static void read_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t length;

	cr_assert_not_null(file, "%s is missing", path);
	length = fread(text, 1, size - 1, file);
	text[length] = '\0';
	text[strcspn(text, "\n") == length ? length : length - 1] = '\0';
	fclose(file);
}

static size_t each_yaml(const char *directory, void (*visit)(const char *path))
{
	DIR *entries = opendir(directory);
	struct dirent *entry;
	size_t count = 0;

	cr_assert_not_null(entries, "%s is missing", directory);
	while ((entry = readdir(entries))) {
		const char *dot = strrchr(entry->d_name, '.');
		char path[512];

		if (!dot || strcmp(dot, ".yaml") != 0 || strcmp(entry->d_name, SOURCES_FILE) == 0)
			continue;
		snprintf(path, sizeof path, "%s%s", directory, entry->d_name);
		visit(path);
		count++;
	}
	closedir(entries);
	return count;
}

static void check_refusal(const char *path)
{
	struct scenario scenario;
	struct error error = {""};
	char expected_path[512], expected[2048];

	cr_expect_eq(scenario_read(&scenario, path, metrics(), &error), -EINVAL, "%s was taken",
		     path);
	cr_expect(scenario.parts == NULL && scenario.name == NULL, "%s: not empty", path);
	snprintf(expected_path, sizeof expected_path, "%.*s.error", (int)(strlen(path) - 5), path);
	read_text(expected_path, expected, sizeof expected);
	cr_expect_str_eq(error.text, expected, "%s:\n%s\n-- instead of --\n%s", path, error.text,
			 expected);
}

Test(scenario, every_mistake_is_answered_as_written_down)
{
	cr_assert_geq(each_yaml(BAD, check_refusal), 70);
}

Test(scenario, the_message_of_the_contract)
{
	struct scenario scenario;
	struct error error = {""};

	cr_assert_eq(scenario_read(&scenario, BAD "unknown-key-in-vary.yaml", metrics(), &error),
		     -EINVAL);
	cr_assert_str_eq(
		error.text, BAD
		"unknown-key-in-vary.yaml:5:3: unknown key \"conections\" in vary\n"
		"  5 |   conections: [1000, 2000, 4000, 8000]\n"
		"    |   ^~~~~~~~~~\n"
		"  did you mean \"connections\"?  "
		"(keys here: connections, rate, wait, body, cpu, server-cores, workers, offload, database-connections, fetch-connections, share, active)");
}

static void check_accepted(const char *path)
{
	struct scenario scenario, again;
	struct error error = {""};
	json_t *json, *json_again;

	scenario_get(&scenario, path);
	json = scenario_to_json(&scenario);
	cr_assert_not_null(json);
	cr_assert_eq(scenario_from_json(&again, json, &error), 0, "%s: %s", path, error.text);
	json_again = scenario_to_json(&again);
	cr_assert(json_equal(json, json_again), "%s changes on its way through JSON", path);
	json_decref(json);
	json_decref(json_again);
	scenario_destroy(&scenario);
	scenario_destroy(&again);
}

Test(scenario, good_files_pass_and_survive_json)
{
	cr_assert_geq(each_yaml(GOOD, check_accepted), 2);
	cr_assert_geq(each_yaml(SHIPPED, check_accepted), 4);
}

Test(scenario, a_flat_file_is_one_part)
{
	static const double connections[] = {1000, 2000, 4000, 10000};
	struct scenario scenario;
	const struct scenario_part *part;

	scenario_get(&scenario, GOOD "flat.yaml");
	cr_assert_str_eq(scenario.name, "flat");
	cr_assert_str_eq(scenario.file, GOOD "flat.yaml");
	cr_assert_str_eq(scenario.question, "Memory per idle connection, from 1,000 to 10,000.");
	cr_assert_not(scenario.quick_look);
	cr_assert_eq(scenario.part_count, 1);
	part = &scenario.parts[0];
	cr_assert_str_eq(part->name, "flat");
	cr_assert_str_eq(part->title, scenario.title);
	cr_assert_eq(part->server_count, 2);
	cr_assert_str_eq(part->servers[1], "epoll");
	cr_assert_eq(part->axis_count, 1);
	cr_assert_eq(part->axes[0].kind, AXIS_CONNECTIONS);
	cr_assert_eq(part->axes[0].count, 4);
	cr_assert_arr_eq(part->axes[0].values, connections, sizeof connections);
	cr_assert(part->load.idle);
	cr_assert_str_eq(part->load.method, "HEAD");
	cr_assert_str_eq(part->load.target, "/bytes/100");
	cr_assert_eq(part->trials, 5);
	cr_assert_eq(part->chart_count, 1);
	cr_assert_str_eq(part->charts[0], "memory");
	scenario_destroy(&scenario);
}

Test(scenario, a_mix_has_kinds_with_names_and_weights)
{
	struct scenario scenario;
	const struct scenario_part *first, *second;

	scenario_get(&scenario, GOOD "mix.yaml");
	first = &scenario.parts[0];
	second = &scenario.parts[1];
	cr_assert_eq(first->kind_count, 3);
	cr_assert_str_eq(first->kinds[0].name, "plaintext");
	cr_assert_eq(first->kinds[0].weight, 98);
	cr_assert_str_eq(first->kinds[1].name, "wait");
	cr_assert_str_eq(first->kinds[1].target, "/wait/{wait_ms}");
	cr_assert_eq(first->kinds[1].weight, 1);
	cr_assert_str_eq(first->kinds[2].name, "writing");
	cr_assert_str_eq(first->kinds[2].method, "POST");
	cr_assert_eq(json_array_size(first->claims), 1);
	cr_assert_eq(second->kind_count, 0, "a request of its own takes the mix's place");
	cr_assert_str_eq(second->load.target, "/json");
	scenario_destroy(&scenario);
}

Test(scenario, parts_inherit_what_stands_at_the_top)
{
	struct scenario scenario;
	const struct scenario_part *first, *second;

	scenario_get(&scenario, GOOD "parts.yaml");
	cr_assert(scenario.quick_look);
	cr_assert_eq(scenario.part_count, 2);
	first = &scenario.parts[0];
	second = &scenario.parts[1];
	cr_assert_str_eq(first->name, "throughput");
	cr_assert_eq(first->server_count, 3);
	cr_assert_eq(first->trials, 4);
	cr_assert_eq(first->load.duration_ns, 2000 * NS_OF_MS);
	cr_assert_eq(first->load.warmup_ns, 0);
	cr_assert_eq(first->load.threads, 4);
	cr_assert_eq(first->load.rate_per_s, 0);
	cr_assert_str_eq(first->load.method, "GET");
	cr_assert_eq(first->chart_count, 2);
	/* The second part takes nearly all from above, and titles from its name. */
	cr_assert_str_eq(second->title, "waits");
	cr_assert_str_eq(second->question, scenario.question);
	cr_assert_eq(second->server_count, 2);
	cr_assert_eq(second->trials, 2);
	cr_assert_eq(second->load.duration_ns, 500 * NS_OF_MS);
	cr_assert_eq(second->load.connections, 100);
	cr_assert_eq(second->axis_count, 2);
	cr_assert_eq(second->axes[0].kind, AXIS_WAIT);
	cr_assert_eq(second->axes[0].values[1], 10.0 * NS_OF_MS);
	cr_assert_eq(second->axes[1].kind, AXIS_RATE);
	cr_assert_eq(second->axes[1].values[1], 2500);
	cr_assert_eq(second->chart_count, 3);
	scenario_destroy(&scenario);
}

Test(scenario, programs_that_observe_stand_where_servers_do_and_are_not_loaded)
{
	struct scenario scenario, again;
	struct error error = {""};
	const struct scenario_part *seen, *loaded;
	json_t *json, *copy;

	scenario_get(&scenario, GOOD "observe.yaml");
	seen = &scenario.parts[0];
	loaded = &scenario.parts[1];
	cr_assert(seen->observes && !loaded->observes);
	cr_assert_eq(seen->server_count, 2);
	cr_assert_str_eq(seen->servers[1], "uv-pool");
	cr_assert_eq(seen->timeout_ns, 90 * NS_PER_S);
	cr_assert_eq(seen->load.connections, 0);
	cr_assert_eq(seen->chart_count, 0);
	cr_assert_str_eq(loaded->servers[0], "epoll");
	/* What run.json keeps of it gives the same again. */
	json = scenario_to_json(&scenario);
	cr_assert_eq(scenario_from_json(&again, json, &error), 0, "%s", error.text);
	copy = scenario_to_json(&again);
	cr_assert(json_equal(json, copy));
	json_decref(copy);
	json_decref(json);
	scenario_destroy(&again);
	scenario_destroy(&scenario);
}

/* A run that goes on is loaded from where it was begun. */
Test(scenario, machines_that_load_are_kept)
{
	struct scenario scenario, again;
	struct error error = {""};
	json_t *json;

	scenario_get(&scenario, GOOD "hosts.yaml");
	cr_expect_str_eq(scenario.parts[0].load.server_host, "me@c");
	cr_expect_str_eq(scenario.parts[0].load.hosts, "a,b:2");
	json = scenario_to_json(&scenario);
	cr_assert_eq(scenario_from_json(&again, json, &error), 0, "%s", error.text);
	cr_expect_str_eq(again.parts[0].load.server_host, "me@c");
	cr_expect_str_eq(again.parts[0].load.hosts, "a,b:2");
	json_decref(json);
	scenario_destroy(&again);
	scenario_destroy(&scenario);
}

Test(scenario, json_has_the_keys_of_the_schema)
{
	struct scenario scenario;
	json_t *json, *part, *load;

	scenario_get(&scenario, GOOD "parts.yaml");
	json = scenario_to_json(&scenario);
	part = json_array_get(json_object_get(json, "parts"), 1);
	load = json_object_get(part, "load");
	/* Varied keys are null, and so is the rate of a closed loop. */
	cr_assert(json_is_null(json_object_get(load, "wait_ns")));
	cr_assert(json_is_null(json_object_get(load, "rate_per_s")));
	cr_assert_eq(json_integer_value(json_object_get(load, "connections")), 100);
	cr_assert_eq(json_integer_value(json_object_get(load, "timeout_ns")), 5000000000);
	cr_assert(json_is_false(json_object_get(load, "idle")));
	cr_assert_str_eq(json_string_value(json_object_get(
				 json_array_get(json_object_get(part, "vary"), 1), "axis")),
			 "rate_per_s");
	cr_assert(json_is_true(json_object_get(json, "quick_look")));
	json_decref(json);
	scenario_destroy(&scenario);
}

Test(scenario, a_missing_file_is_no_wrong_content)
{
	struct scenario scenario;
	struct error error = {""};

	cr_assert_eq(scenario_read(&scenario, GOOD "nowhere.yaml", metrics(), &error), -ENOENT);
	cr_assert(strstr(error.text, "nowhere.yaml"), "%s", error.text);
	cr_assert_lt(scenario_read(&scenario, GOOD, metrics(), &error), 0, "a folder was read");
}

static int read_content(const char *name, const char *content, size_t length, struct error *error)
{
	char directory[256], path[512];
	struct scenario scenario;
	FILE *file;
	int code;

	temporary_template(directory, sizeof directory, "tenk-scenario");
	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/%s", directory, name);
	file = fopen(path, "we");
	cr_assert_not_null(file);
	cr_assert_eq(fwrite(content, 1, length, file), length);
	fclose(file);
	code = scenario_read(&scenario, path, metrics(), error);
	if (code == 0)
		scenario_destroy(&scenario);
	unlink(path);
	rmdir(directory);
	return code;
}

Test(scenario, a_huge_file_is_refused)
{
	size_t length = 300 * 1024;
	struct error error = {""};
	char *content = malloc(length);

	cr_assert_not_null(content);
	memset(content, '#', length);
	cr_assert_eq(read_content("huge.yaml", content, length, &error), -EINVAL);
	cr_assert(strstr(error.text, "larger than 256 KiB"), "%s", error.text);
	free(content);
}

Test(scenario, deep_nesting_is_refused)
{
	char content[400];
	struct error error = {""};

	memset(content, '[', sizeof content);
	cr_assert_eq(read_content("deep.yaml", content, sizeof content, &error), -EINVAL);
	cr_assert(strstr(error.text, "too many levels"), "%s", error.text);
}

Test(scenario, a_file_cut_anywhere_never_crashes)
{
	char content[4096], again[4096];
	struct error error = {""};
	size_t length;

	read_text(GOOD "flat.yaml", content, sizeof content);
	length = strlen(content);
	for (size_t cut = 0; cut < length; cut++) {
		memcpy(again, content, cut);
		/* Some prefixes are whole scenarios; all that is asked is an orderly answer. */
		if (read_content("cut.yaml", again, cut, &error) < 0)
			cr_assert(strstr(error.text, "cut.yaml"), "cut at %zu: %s", cut,
				  error.text);
	}
}

Test(scenario, the_name_of_the_file_must_do_for_a_folder)
{
	static const char content[] = "title: A\nquestion: B?\nservers: [epoll]\n"
				      "load: {get: /plaintext}\n";
	struct error error = {""};

	cr_assert_eq(read_content("plain.yaml", content, strlen(content), &error), 0, "%s",
		     error.text);
	cr_assert_eq(read_content("Not Plain.yaml", content, strlen(content), &error), -EINVAL);
	cr_assert(strstr(error.text, "becomes the scenario's"), "%s", error.text);
}

Test(scenario, json_that_was_tampered_with_is_refused)
{
	static const char *const keys[] = {"title", "name", "parts", "file"};
	static const char *const part_keys[] = {"name",	  "servers", "vary",  "load",
						"trials", "charts",  "claims"};
	static const char *const load_keys[] = {"method", "target", "duration_ns", "rate_per_s"};
	struct scenario scenario, again;
	struct error error = {""};
	json_t *json;

	scenario_get(&scenario, GOOD "parts.yaml");
	json = scenario_to_json(&scenario);
	for (size_t i = 0; i < 4 + 7 + 4; i++) {
		json_t *copy = json_deep_copy(json);
		json_t *part = json_array_get(json_object_get(copy, "parts"), 1);

		if (i < 4)
			json_object_set_new(copy, keys[i], json_true());
		else if (i < 11)
			json_object_set_new(part, part_keys[i - 4], json_true());
		else
			json_object_set_new(json_object_get(part, "load"), load_keys[i - 11],
					    json_true());
		cr_assert_lt(scenario_from_json(&again, copy, &error), 0, "case %zu was taken", i);
		cr_assert(strstr(error.text, "run.json"), "%s", error.text);
		json_decref(copy);
	}
	cr_assert_lt(scenario_from_json(&again, NULL, &error), 0);
	json_decref(json);
	scenario_destroy(&scenario);
}

Test(scenario, load_apply_sets_what_the_axis_names)
{
	struct load load = {0};

	load_apply(&load, AXIS_CONNECTIONS, 64);
	load_apply(&load, AXIS_RATE, 2.5);
	load_apply(&load, AXIS_WAIT, 1e6);
	load_apply(&load, AXIS_BODY, 1024);
	cr_assert_eq(load.connections, 64);
	cr_assert_eq(load.rate_per_s, 2.5);
	cr_assert_eq(load.wait_ns, 1000000);
	cr_assert_eq(load.body_bytes, 1024);
}

/* A trial's own time is its load; around it go start, probe, ground and end. */
Test(scenario, the_quick_look_is_quick)
{
	const double around_load_s = 0.1, around_memory_s = 0.4;
	struct scenario scenario;
	double seconds = 0;

	scenario_get(&scenario, SHIPPED "quick.yaml");
	cr_assert(scenario.quick_look);
	for (size_t i = 0; i < scenario.part_count; i++) {
		const struct scenario_part *part = &scenario.parts[i];
		double trials = (double)part->trials * (double)part->server_count;

		for (size_t j = 0; j < part->axis_count; j++)
			trials *= (double)part->axes[j].count;
		seconds += trials * ((double)(part->load.warmup_ns + part->load.duration_ns) / 1e9 +
				     (part->load.idle ? around_memory_s : around_load_s));
	}
	scenario_destroy(&scenario);
	cr_assert_lt(seconds, 200, "%g s", seconds);
}
