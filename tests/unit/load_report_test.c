#include "loadgen/report_json.h"
#include "loadgen/report_text.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct options options = {.url = "http://127.0.0.1:8080/plaintext",
				 .method = "GET",
				 .connections = 64,
				 .threads = 2,
				 .duration_ns = 2000000000,
				 .warmup_ns = 1000000000,
				 .timeout_ns = 10000000000,
				 .expect.length = EXPECTED_LEARN_LENGTH,
				 .expect.status_low = 200,
				 .expect.status_high = 299,
				 .percentiles = {50, 90, 99, 99.9},
				 .percentile_count = 4};
static struct target target = {.host = "127.0.0.1", .port = 8080, .path = "/plaintext"};
static struct mix mix = {.count = 1};
static struct run run = {.options = &options, .target = &target, .mix = &mix};

static void setup(void)
{
	run.total = result_create(0);
	cr_assert(run.total);
	run.started_at_ns = 1700000000123456789;
	run.window_ns = 2000000000;
	run.expected_length = 13;
	run.established_count = run.established_active = 64;
	run.total->threads = 2;
	run.total->sent = 5010;
	run.total->good = 5000;
	run.total->cpu_ns = 100000000;
	run.total->busiest_cpu_ns = run.total->busiest_occupied_ns = 60000000;
	for (uint64_t i = 0; i < 5000; i++)
		histogram_record(&run.total->latency, 100000 + i);
	histogram_record(&run.total->connect, 5000);
}

static void teardown(void)
{
	free(run.total);
}

TestSuite(load_report, .init = setup, .fini = teardown);

static json_t *make(void)
{
	static char *words[] = {"tenk-load", "http://127.0.0.1:8080/plaintext"};
	json_t *report = report_json_make(&run, 2, words);

	cr_assert(report);
	return report;
}

static json_int_t integer_at(const json_t *report, const char *object, const char *key)
{
	const json_t *value = json_object_get(json_object_get(report, object), key);

	cr_assert(json_is_integer(value), "%s.%s", object, key);
	return json_integer_value(value);
}

static double number_at(const json_t *report, const char *object, const char *key)
{
	const json_t *value = json_object_get(json_object_get(report, object), key);

	cr_assert(json_is_number(value), "%s.%s", object, key);
	return json_number_value(value);
}

Test(load_report, json_has_every_key_of_the_schema)
{
	static const char *const keys[] = {"schema",
					   "tool",
					   "version",
					   "command",
					   "target",
					   "load",
					   "started_at",
					   "window_ns",
					   "outcome",
					   "requests",
					   "requests_per_s",
					   "bytes",
					   "latency",
					   "service_time",
					   "connect",
					   "first_byte",
					   "tls",
					   "send_lateness",
					   "errors",
					   "errors_outside",
					   "generator",
					   "histogram",
					   "connecting",
					   "mix",
					   "stages",
					   "crowd",
					   "fairness",
					   "capacity",
					   "failures",
					   "failures_others",
					   "unanswered_age",
					   "read_lateness",
					   "statuses",
					   "slices",
					   "slice_lengths_ns",
					   "loaded_ns",
					   "window_started_ns",
					   "ranks",
					   "partial",
					   "gathered_ns",
					   "send_lateness_histogram"};
	json_t *report = make();

	cr_assert_eq(json_object_size(report), sizeof(keys) / sizeof(keys[0]));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		cr_assert(json_object_get(report, keys[i]), "%s", keys[i]);
	json_decref(report);
}

Test(load_report, json_says_what_was_measured)
{
	json_t *report = make(), *slot;
	json_int_t in_slots = 0;
	size_t i;

	cr_assert_str_eq(json_string_value(json_object_get(report, "started_at")),
			 "2023-11-14T22:13:20.123Z");
	cr_assert_str_eq(json_string_value(json_object_get(report, "outcome")), "ok");
	cr_assert_float_eq(json_real_value(json_object_get(report, "requests_per_s")), 2500, 1e-9);
	cr_assert_eq(integer_at(report, "requests", "good"), 5000);
	cr_assert_eq(integer_at(report, "latency", "count"), 5000);
	cr_assert_eq(integer_at(report, "latency", "min_ns"), 100000);
	cr_assert_eq(integer_at(report, "latency", "max_ns"), 104999);
	cr_assert_eq(integer_at(report, "service_time", "count"), 5000,
		     "the same as latency in a closed loop");
	cr_assert_float_eq(number_at(report, "generator", "cpu_per_request_ns"), 20000, 1e-9);
	cr_assert_float_eq(number_at(report, "generator", "utilisation_ratio"), 0.03, 1e-9);
	json_array_foreach(json_object_get(report, "histogram"), i, slot)
		in_slots += json_integer_value(json_array_get(slot, 1));
	cr_assert_eq(in_slots, 5000);
	json_decref(report);
}

Test(load_report, json_is_null_where_nothing_is_known)
{
	json_t *report = make();

	cr_assert(json_is_null(json_object_get(json_object_get(report, "load"), "rate_per_s")));
	cr_assert(json_is_null(json_object_get(json_object_get(report, "requests"), "due")));
	cr_assert(json_is_null(json_object_get(report, "send_lateness")));
	json_decref(report);
	run.window_ns = 0;
	run.total->good = 0;
	histogram_init(&run.total->latency);
	report = make();
	cr_assert(json_is_null(json_object_get(report, "latency")));
	cr_assert(json_is_null(
		json_object_get(json_object_get(report, "generator"), "utilisation_ratio")));
	cr_assert(json_is_null(
		json_object_get(json_object_get(report, "generator"), "cpu_per_request_ns")));
	cr_assert_eq(json_array_size(json_object_get(report, "histogram")), 0);
	json_decref(report);
}

static char *write_text(bool colour)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	cr_assert(file);
	report_text_write(&run, file, colour);
	fclose(file);
	return text;
}

static void check_text(const char *wanted)
{
	char *text = write_text(false);

	cr_assert(strstr(text, wanted), "\"%s\" is not in:\n%s", wanted, text);
	free(text);
}

Test(load_report, text_fits_a_screen_and_says_the_same)
{
	char *text = write_text(false);
	size_t lines = 0, width = 0;

	for (const char *at = text; *at; at++) {
		lines += *at == '\n';
		width = *at == '\n' ? 0 : width + 1;
		cr_assert_leq(width, 100);
		cr_assert_neq(*at, '\x1b', "no colour was asked for");
	}
	cr_assert_leq(lines, 24);
	free(text);
	check_text("2.50k/s");
	check_text("5000 good answers of 13 bytes");
	check_text("errors      none");
	check_text("3.00 %");
}

Test(load_report, text_counts_answers_by_status_where_there_is_more_than_one)
{
	char *text;

	run.total->statuses[200 - RESULT_STATUS_LOWEST] = 5000;
	text = write_text(false);
	cr_assert_not(strstr(text, "status  "), "%s", text);
	free(text);
	run.total->statuses[404 - RESULT_STATUS_LOWEST] = 7;
	run.total->statuses[503 - RESULT_STATUS_LOWEST] = 1;
	check_text("status      200: 5000, 404: 7, 503: 1\n");
}

Test(load_report, text_shows_some_kinds_of_failures_and_counts_the_rest)
{
	struct failure kind = {
		.class = ERROR_CONNECT, .phase = PHASE_CONNECT, .count = 2, .first_ns = -1};

	for (kind.problem = 1; kind.problem <= 9; kind.problem++)
		failures_add(&run.total->failures, &kind);
	check_text("and 3 kinds more (--json)\n");
	run.total->failures.others = 12;
	check_text("and 12 of more kinds than there was room for\n");
}

Test(load_report, text_says_how_long_a_burst_lasted)
{
	options.arrivals = ARRIVALS_BURST;
	check_text("burst       the last of 5000 answers came after 105 us");
}

Test(load_report, a_burst_that_is_throttled_does_not_go_out_at_once)
{
	json_t *report;

	options.arrivals = ARRIVALS_BURST;
	options.outstanding = 64;
	check_text("one request on each at once");
	report = make();
	cr_assert(json_is_null(json_object_get(json_object_get(report, "load"), "outstanding")));
	json_decref(report);
	options.outstanding = 10;
	check_text("one request on each, at most 10 under way");
	report = make();
	cr_assert_eq(integer_at(report, "load", "outstanding"), 10);
	json_decref(report);
}

Test(load_report, connections_that_were_not_there_show)
{
	check_text("load        64 connections,");
	run.established_active = 60;
	check_text("load        60 of 64 connections,");
	options.arrivals = ARRIVALS_BURST;
	run.total->unopened = 7;
	check_text("load        57 of 64 connections,");
}

Test(load_report, what_is_held_is_what_is_open_at_the_end)
{
	json_t *report;

	options.idle = 5;
	run.total->crowd_answered = run.total->crowd_open = 5;
	check_text("idle        5 of 5 held to the end\n");
	run.total->crowd_open = 2;
	check_text("idle        2 of 5 held to the end; 5 had their answer\n");
	check_text("there were errors");
	report = make();
	cr_assert_eq(integer_at(report, "crowd", "idle_open"), 2);
	json_decref(report);
}

Test(load_report, connections_that_live_for_different_times_are_not_compared)
{
	json_t *report;

	fairness_add(&run.total->fairness, 4000, NULL);
	fairness_add(&run.total->fairness, 1000, NULL);
	check_text("Jain's index 0.735; one connection had 1000 to 4000 answers");
	options.stages.of_connections = true;
	report = make();
	cr_assert(json_is_null(json_object_get(json_object_get(report, "fairness"), "jain_index")));
	cr_assert_eq(integer_at(report, "fairness", "most"), 4000);
	json_decref(report);
	check_text("fairness    one connection had 1000 to 4000 answers");
}

Test(load_report, text_says_how_long_the_unanswered_have_waited)
{
	histogram_record(&run.total->unanswered_age, 2000000);
	check_text("1 when nobody waited any more, after 2.00 ms");
}

Test(load_report, text_shows_percentiles_only_with_samples_beyond)
{
	/* 5000 samples leave 50 beyond p99 and 5 beyond p99.9. */
	check_text("    105 us         -");
}

Test(load_report, text_names_what_went_wrong)
{
	run.total->errors[ERROR_STATUS] = 3;
	failures_add(&run.total->failures, &(struct failure){.class = ERROR_STATUS,
							     .phase = PHASE_RECEIVE,
							     .count = 3,
							     .first_ns = 500000,
							     .example = "503 came"});
	run.window_base_ns = 1000000;
	check_text("3 status");
	check_text("503 came; first at 500 us");
	check_text("there were wrong answers");
	run.total->busiest_cpu_ns = run.total->busiest_occupied_ns = 1990000000;
	check_text("\"at least\"");
}

Test(load_report, failures_that_there_was_no_room_for_are_told)
{
	json_t *report;

	run.total->failures.others = 17;
	run.total->failures_outside.others = 4;
	run.total->errors[ERROR_CONNECT] = 17;
	report = make();
	cr_assert_eq(integer_at(report, "failures_others", "in_window"), 17);
	cr_assert_eq(integer_at(report, "failures_others", "outside"), 4);
	json_decref(report);
	check_text("and 17 of more kinds");
}

Test(load_report, times_of_failures_count_from_the_window)
{
	const json_t *failure;
	json_t *report;

	failures_add(&run.total->failures_outside,
		     &(struct failure){.count = 1, .first_ns = -500, .last_ns = -400});
	report = make();
	failure = json_array_get(json_object_get(report, "failures"), 0);
	cr_assert(json_is_null(json_object_get(failure, "first_ns")), "there was no window");
	json_decref(report);
	run.window_base_ns = 1000000;
	report = make();
	failure = json_array_get(json_object_get(report, "failures"), 0);
	cr_assert_eq(json_integer_value(json_object_get(failure, "first_ns")), -500);
	cr_assert_eq(json_integer_value(json_object_get(failure, "last_ns")), -400);
	json_decref(report);
}

Test(load_report, a_thread_without_a_core_is_a_bottleneck_without_work)
{
	json_t *report;

	run.total->busiest_occupied_ns = 1900000000;
	run.total->run_delay_ns = 1840000000;
	report = make();
	cr_assert_float_eq(number_at(report, "generator", "utilisation_ratio"), 0.03, 1e-9);
	cr_assert_float_eq(number_at(report, "generator", "occupied_ratio"), 0.95, 1e-9);
	cr_assert_eq(integer_at(report, "generator", "run_queue_delay_ns"), 1840000000);
	cr_assert_eq(json_array_size(
			     json_object_get(json_object_get(report, "generator"), "bottleneck")),
		     1);
	json_decref(report);
	check_text("rate        >= 2.50k/s");
	check_text("busiest thread 3.00 % busy, 95.0 % with waits for a core");
	check_text("waited for a core most of the time");
}

Test(load_report, waits_that_the_kernel_does_not_tell_are_null)
{
	json_t *report, *generator;

	run.total->run_delay_unknown = 1;
	report = make();
	generator = json_object_get(report, "generator");
	cr_assert(json_is_null(json_object_get(generator, "run_queue_delay_ns")));
	cr_assert(json_is_null(json_object_get(generator, "occupied_ratio")));
	cr_assert_float_eq(number_at(report, "generator", "utilisation_ratio"), 0.03, 1e-9);
	json_decref(report);
}

Test(load_report, spinning_is_no_part_of_what_a_request_costs)
{
	json_t *report;

	run.total->spin_ns = 75000000; /* of 100 ms of CPU */
	report = make();
	cr_assert_float_eq(number_at(report, "generator", "cpu_per_request_ns"), 5000, 1e-9);
	json_decref(report);
	check_text("5.00 us of CPU a request, 75.0 ms spent spinning");
}

Test(load_report, a_capacity_that_the_generator_bounds_is_at_least)
{
	struct capacity capacity = {
		.held_per_s = 9800,
		.failed_per_s = 10000,
		.held = 4,
		.of = 5,
		.at_least = true,
		.count = 1,
		.trial = {{.rate_per_s = 10000, .confirms = true, .spoiled = RUN_GENERATOR_LATE}}};
	json_t *report, *trial;

	run.capacity = &capacity;
	report = make();
	cr_assert(json_is_true(json_object_get(json_object_get(report, "capacity"), "at_least")));
	trial = json_array_get(json_object_get(json_object_get(report, "capacity"), "trials"), 0);
	cr_assert(json_is_true(json_object_get(trial, "confirms")));
	cr_assert_str_eq(json_string_value(json_array_get(json_object_get(trial, "bottleneck"), 0)),
			 "late");
	json_decref(report);
	check_text("capacity    >= 9.80k/s, held in 4 of 5 trials; 10.0k/s was not");
	check_text("10.0k/s was not held, but there the generator itself was busy or late");
	capacity.at_least = false;
	check_text("capacity    9.80k/s, held");
	run.capacity = NULL;
}

Test(load_report, text_has_colour_when_asked)
{
	char *text = write_text(true);

	cr_assert(strchr(text, '\x1b'));
	free(text);
}
