#include "tests/unit/results_fixture.h"

#include "stored/checksum.h"

static void check_refused(const char *run, const char *trials, const char *because)
{
	struct results results;
	struct error error;

	cr_assert_eq(load_made(&results, run, trials, &error), -EINVAL, "taken; expected: %s",
		     because);
	cr_assert(strstr(error.text, because), "\"%s\" lacks \"%s\"", error.text, because);
	cr_assert_eq(results.trial_count, 0);
	cr_assert_null(results.run);
}

Test(results, a_run_is_read_without_its_cut_last_line)
{
	struct results results;

	results_get(&results, RUN);
	cr_assert_str_eq(results.directory, RUN);
	cr_assert_eq(results.trial_count, 40);
	cr_assert_not_null(results_metric(&results, "resident_bytes"));
	cr_assert_null(results_metric(&results, "resident"));
	results_destroy(&results);
	results_destroy(&results); /* once more does no harm */
}

Test(results, a_last_line_without_its_newline_is_cut_even_if_it_is_json)
{
	struct results results;
	struct error error;

	cr_assert_eq(load_made(&results, RUN_JSON, "{\"schema\":1}\n\n{\"schema\":1}", &error), 0);
	cr_assert_eq(results.trial_count, 1);
	results_destroy(&results);
}

Test(results, packed_trials_are_those_that_were_packed)
{
	char directory[256], path[512], sum[CHECKSUM_SIZE], packed_sum[CHECKSUM_SIZE];
	struct results plain, results;
	struct error error = {""};

	temporary_template(directory, sizeof directory, "tenk-packed");
	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof path, "cp " RUN "/run.json " RUN "/trials.jsonl %s", directory);
	cr_assert_eq(system(path), 0);
	results_get(&plain, directory);
	results_checksum(&plain, sum);
	snprintf(path, sizeof path, "gzip %s/trials.jsonl", directory);
	cr_assert_eq(system(path), 0);
	results_get(&results, directory);
	cr_expect_eq(results.trial_count, plain.trial_count);
	for (size_t i = 0; i < plain.trial_count; i++)
		cr_expect(json_equal(results.trials[i], plain.trials[i]), "%zu", i);
	cr_expect_str_eq(results_checksum(&results, packed_sum), sum);
	results_destroy(&results);
	results_destroy(&plain);

	snprintf(path, sizeof path, "%s/trials.jsonl.gz", directory);
	cr_assert_eq(truncate(path, 500), 0); /* in the midst of what was packed */
	cr_expect_eq(results_load(&results, directory, &error), -EIO);
	cr_expect(strstr(error.text, "trials.jsonl: cannot be read"), "%s", error.text);
	unlink(path);
	snprintf(path, sizeof path, "%s/run.json", directory);
	unlink(path);
	rmdir(directory);
}

Test(results, what_is_not_there)
{
	struct results results;
	struct error error = {""};

	cr_assert_eq(results_load(&results, "tests/fixtures/nowhere", &error), -ENOENT);
	cr_assert(strstr(error.text, "tests/fixtures/nowhere/run.json"), "%s", error.text);
	cr_assert(strstr(error.text, "folder of a run"), "%s", error.text);
	/* No trials at all: a run that was stopped early, but not one that says it is complete. */
	cr_assert_eq(load_made(&results, RUN_JSON, NULL, &error), -ENOENT);
	cr_assert(strstr(error.text, "trials.jsonl"), "%s", error.text);
	cr_assert_eq(load_made(&results, "{\"schema\":1,\"status\":\"aborted\"}", NULL, &error), 0);
	cr_assert_eq(results.trial_count, 0);
	results_destroy(&results);
}

Test(results, errors_name_file_and_line)
{
	check_refused("{\"schema\":1,\n\"status\" complete}", "", "run.json:2:");
	check_refused("", "", "run.json:");
	check_refused("[1]", "", "expected a JSON object");
	check_refused("{}", "", "not written by tenk");
	check_refused("{\"schema\":\"one\"}", "", "not written by tenk");
	check_refused("{\"schema\":0}", "", "not written by tenk");
	check_refused(RUN_JSON, "{\"schema\":1}\n{\"schema\":1,\n", "trials.jsonl:2:");
	check_refused(RUN_JSON, "{\"schema\":1}\n\n7\n", "trials.jsonl:3");
	check_refused(RUN_JSON, "{\"schema\":1}\n[]\n", "trials.jsonl:2");
	check_refused(RUN_JSON, "{\"schema\":1} {}\n", "trials.jsonl:1");
}

Test(results, a_newer_schema_is_refused_with_a_remedy)
{
	check_refused("{\"schema\":2}", "", "run.json: written by a newer tenk (schema 2)");
	check_refused(RUN_JSON, "{\"schema\":1}\n{\"schema\":3}\n",
		      "trials.jsonl:2: written by a newer tenk (schema 3)");
	check_refused("{\"schema\":2}", "", "Update tenk");
}

Test(results, a_cell_matches_by_name_and_point)
{
	struct results results;
	const json_t *trial;
	json_t *here = json_pack("{s:i}", "connections", 1000);
	json_t *real = json_pack("{s:f}", "connections", 1000.0);
	json_t *elsewhere = json_pack("{s:i}", "connections", 2000);
	json_t *unknown = json_pack("{s:i}", "wait_ns", 0);

	results_get(&results, RUN);
	trial = results.trials[0]; /* thread-per-connection at 1,000 */
	cr_assert(results_trial_matches(trial, &(struct cell){0}));
	cr_assert(results_trial_matches(
		trial, &(struct cell){"memory", "memory", "thread-per-connection", here}));
	cr_assert(results_trial_matches(trial, &(struct cell){.point = real}));
	cr_assert_not(results_trial_matches(trial, &(struct cell){.point = elsewhere}));
	cr_assert_not(results_trial_matches(trial, &(struct cell){.point = unknown}));
	cr_assert_not(results_trial_matches(trial, &(struct cell){.server = "thread"}));
	cr_assert_not(results_trial_matches(trial, &(struct cell){.part = "latency"}));
	cr_assert_not(results_trial_matches(trial, &(struct cell){.scenario = "quick"}));
	json_decref(here);
	json_decref(real);
	json_decref(elsewhere);
	json_decref(unknown);
	results_destroy(&results);
}

Test(results, wrong_types_are_passed_over)
{
	static const char *const runs[] = {
		"{\"schema\":1,\"metrics\":7,\"scenarios\":\"x\"}",
		"{\"schema\":1,\"metrics\":[7,{\"key\":8},{\"key\":\"requests_per_s\","
		"\"slope_of\":[]}],\"scenarios\":[3,{\"name\":\"s\",\"parts\":[4]}]}",
		"{\"schema\":1,\"metrics\":[{\"key\":\"requests_per_s\",\"slope_of\":\"x\"}],"
		"\"scenarios\":[{\"name\":\"s\",\"parts\":[{\"name\":\"p\",\"load\":5}]}]}"};
	static const char trials[] =
		"{\"schema\":1,\"server\":7,\"outcome\":7,\"metrics\":7,\"point\":7,\"trial\":\"x\"}\n"
		"{\"schema\":1,\"scenario\":\"s\",\"part\":\"p\",\"outcome\":\"ok\",\"metrics\":[],"
		"\"point\":[]}\n"
		"{\"schema\":1,\"scenario\":\"s\",\"part\":\"p\",\"outcome\":\"ok\","
		"\"metrics\":{\"requests_per_s\":\"many\",\"x\":{}},"
		"\"point\":{\"connections\":\"all\"}}\n"
		"{\"schema\":1}\n";

	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		json_t *point = json_pack("{s:s}", "connections", "all");
		struct results results;
		struct error error;
		double *values;

		cr_assert_eq(load_made(&results, runs[i], trials, &error), 0, "%s", error.text);
		cr_assert_eq(results.trial_count, 4);
		cr_assert_eq(values_of(&results, &(struct cell){0}, "requests_per_s", &values), 0);
		free(values);
		cr_assert_eq(values_of(&results, &(struct cell){.server = "7"}, "x", &values), 0);
		free(values);
		cr_assert_not(
			results_trial_matches(results.trials[2], &(struct cell){.point = point}));
		json_decref(point);
		results_destroy(&results);
	}
}
