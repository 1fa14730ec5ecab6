/* What the terminal's tables and verdicts say of figures that are less than they seem. */
#include "report/terminal.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2 servers at 4 counts of connections, 5 blocks, and claims about their memory. */
#define RUN "tests/fixtures/run"

static struct results results;
static char *printed;

static void set_up(void)
{
	struct error error = {""};

	cr_assert_eq(results_load(&results, RUN, &error), 0, "%s", error.text);
}

static void tear_down(void)
{
	results_destroy(&results);
	free(printed);
}

TestSuite(terminal_marks, .init = set_up, .fini = tear_down);

static void print(void)
{
	size_t length;
	FILE *out;

	free(printed);
	out = open_memstream(&printed, &length);
	cr_assert_not_null(out);
	terminal_print_tables(&results, out);
	fclose(out);
}

static json_t *first_part(void)
{
	json_t *scenario = json_array_get(json_object_get(results.run, "scenarios"), 0);

	return json_array_get(json_object_get(scenario, "parts"), 0);
}

/* All trials get a rate, so that there is a column for each count of connections. */
static void give_rates(void)
{
	json_object_set_new(first_part(), "charts", json_pack("[s]", "throughput"));
	json_array_append_new(json_object_get(results.run, "metrics"),
			      json_pack("{s:s, s:s, s:s}", "key", "requests_per_s", "title",
					"Requests per second", "unit", "per_s"));
	for (size_t i = 0; i < results.trial_count; i++)
		json_object_set_new(json_object_get(results.trials[i], "metrics"), "requests_per_s",
				    json_real(1000));
}

Test(terminal_marks, a_figure_beside_failed_trials_has_a_mark)
{
	give_rates();
	print();
	cr_assert(strstr(printed, "1.00k/s"), "%s", printed);
	cr_expect_not(strchr(printed, '!'), "%s", printed);
	for (size_t i = 0; i < results.trial_count; i++) {
		json_t *trial = results.trials[i];
		const char *server = json_string_value(json_object_get(trial, "server"));
		json_int_t connections = json_integer_value(
			json_object_get(json_object_get(trial, "point"), "connections"));

		if (strcmp(server, "epoll") == 0 && connections == 2000 &&
		    json_integer_value(json_object_get(trial, "trial")) > 1)
			json_object_set_new(trial, "outcome", json_string("failed"));
	}
	print();
	cr_expect(strstr(printed, "1.00k/s ±?!"), "%s", printed);
	cr_expect(strstr(printed, "others of its trials failed"), "%s", printed);
}

Test(terminal_marks, no_factor_is_made_of_what_is_not_above_zero)
{
	for (size_t i = 0; i < results.trial_count; i++) {
		json_t *metrics = json_object_get(results.trials[i], "metrics");
		double bytes = json_number_value(json_object_get(metrics, "virtual_bytes"));

		json_object_set_new(metrics, "virtual_bytes", json_real(1e12 - bytes));
	}
	print();
	cr_expect(strstr(printed, "refuted here\n"), "%s", printed);
	cr_expect_not(strstr(printed, "nan"), "%s", printed);
}

/* The resident memory of epoll gets so much noise, alternating, at each of its points. */
static void add_noise(double bytes)
{
	for (size_t i = 0; i < results.trial_count; i++) {
		json_t *trial = results.trials[i], *metrics = json_object_get(trial, "metrics");
		double connections = json_number_value(
			json_object_get(json_object_get(trial, "point"), "connections"));
		double was = json_number_value(json_object_get(metrics, "resident_bytes"));
		bool up = connections == 1000 || connections == 4000;

		if (strcmp(json_string_value(json_object_get(trial, "server")), "epoll") == 0)
			json_object_set_new(metrics, "resident_bytes",
					    json_real(was + (up ? bytes : -bytes)));
	}
}

Test(terminal_marks, noise_is_shown_as_no_slope_with_the_remedy)
{
	json_object_set_new(results.run, "memory_source", json_pack("{s:s}", "name", "meminfo"));
	print();
	cr_expect(strstr(printed, "lie within "), "%s", printed);
	cr_expect_not(strstr(printed, " \n"), "%s", printed);
	cr_expect_not(strstr(printed, "no line"), "%s", printed);
	add_noise(300e3); /* of a flat line of its own size */
	print();
	cr_expect_not(strstr(printed, "no line"), "%s", printed);
	add_noise(5e6);
	print();
	cr_expect(strstr(printed, "no line"), "%s", printed);
	cr_expect(strstr(printed, "give tenk a memory cgroup of its own"), "%s", printed);
	cr_expect(strstr(printed, "not testable here\n    The points of epoll lie"), "%s", printed);
}
