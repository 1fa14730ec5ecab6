/*
 * --find-max: what there is to tell when it finds something, and when it does not. With TENK_LONG in
 * the environment the search takes half a minute and its bound is close (tests/long/search.bats).
 */
#include "loadgen/mix.h"
#include "loadgen/report_json.h"
#include "loadgen/search.h"
#include "tests/unit/load_fixture.h"

#include <time.h>

static struct capacity capacity;

TestSuite(load_search, .fini = forget_run, .timeout = 100);

static enum run_outcome find(void)
{
	struct live live = {.kind = LIVE_NOTHING};
	struct error error = {""};

	options.arrivals = ARRIVALS_POISSON;
	if (options.find_max_ns == 0) {
		options.find_max_ns = 200 * NS_PER_MS;
		options.duration_ns = 100 * NS_PER_MS;
	}
	cr_assert_eq(target_parse(&target, options.url, &error), 0);
	memcpy(&target.address, &server.address, sizeof(server.address));
	target.address_bytes = sizeof(server.address);
	cr_assert_eq(mix_build(&mix, &options, &target, &error), 0);
	run = (struct run){.options = &options, .target = &target, .source = &source, .mix = &mix};
	cr_assert_eq(search_run(&run, &capacity, &events, &live, &error), 0, "%s", error.text);
	cr_assert_eq(run.options, &options);
	return run_decide_outcome(&run);
}

static json_t *make_report(void)
{
	static char *words[] = {"tenk-load"};
	json_t *report = report_json_make(&run, 1, words);

	cr_assert(report);
	return report;
}

/* A server that answers 500 requests a second at most, one after the other. */
static bool answer_in_2_ms(int descriptor, unsigned n)
{
	struct timespec work = {.tv_nsec = 2 * NS_PER_MS};

	nanosleep(&work, NULL);
	return answer_well(descriptor, n);
}

Test(load_search, the_highest_rate_that_is_held_is_found)
{
	bool is_long = getenv("TENK_LONG") != NULL;
	enum run_outcome outcome;

	start_server(answer_in_2_ms);
	options.connections = options.threads = 1;
	options.find_max_ns = (is_long ? 200 : 20) * NS_PER_MS;
	options.duration_ns = (is_long ? 100 : 10) * NS_PER_MS;
	outcome = find();
	/* On a machine that has no time for us for longer than that there is none: then it may take longer. */
	for (int i = 0; i < 3 && capacity.held_per_s <= 0; i++) {
		cr_assert_eq(outcome, RUN_NO_CAPACITY);
		forget_run();
		options.find_max_ns *= 3;
		options.duration_ns *= 3;
		outcome = find();
	}
	cr_assert_eq(outcome, RUN_OK);
	cr_assert_gt(capacity.count, 4);
	cr_assert_gt(capacity.held_per_s, 0);
	/* 40 ms are over before the queue of a server that is asked for a little too much is long. */
	cr_assert_lt(capacity.held_per_s, is_long ? 600 : 1000);
	cr_assert_not(run.is_guess);
	cr_assert_geq(capacity.held, CAPACITY_HELD);
	cr_assert_leq(capacity.held, capacity.of, "a rate may be tested more than once");
	cr_assert_eq(run.total->send_lateness.total, run.total->sent, "a trial is kept");
}

/*
 * The closed loop and each trial take half a second and no less: when 1.3 s have passed, there is none beyond
 * the second, in which somebody presses Ctrl-C.
 */
static bool answer_until_the_second_trial(int descriptor, unsigned n)
{
	static _Atomic uint64_t begun_ns;
	uint64_t now_ns = clock_now_ns(), none = 0;

	atomic_compare_exchange_strong(&begun_ns, &none, now_ns);
	if (now_ns - atomic_load(&begun_ns) > 1300 * NS_PER_MS)
		kill(getpid(), SIGTERM);
	return answer_well(descriptor, n);
}

Test(load_search, intervals_tell_which_trial_they_belong_to)
{
	char *text = NULL;
	size_t size;

	start_server(answer_until_the_second_trial);
	options.connections = options.threads = 1;
	options.find_max_ns = 200 * NS_PER_MS;
	options.duration_ns = 500 * NS_PER_MS; /* several intervals end in it */
	events.csv_file = open_memstream(&text, &size);
	cr_assert(events.csv_file);
	cr_assert_eq(find(), RUN_INTERRUPTED);
	fclose(events.csv_file);
	events.csv_file = NULL;
	cr_assert(strstr(text, ",1,0\n"), "one connection, before the first trial");
	cr_assert(strstr(text, ",1,1\n"), "and in it");
	cr_assert_not(strstr(text, ",1,3\n"));
	free(text);
}

/* Takes no more connections after the first, which it serves. */
static bool answer_the_first(int descriptor, unsigned n)
{
	if (n == 0) {
		shutdown(server.listener, SHUT_RDWR);
		close(server.listener);
	}
	return answer_well(descriptor, n);
}

Test(load_search, a_server_that_is_gone_between_trials_ends_it)
{
	start_server(answer_the_first);
	options.connections = options.threads = 1;
	cr_assert_eq(find(), RUN_SERVER_VANISHED);
	cr_assert_eq(capacity.count, 0, "nothing was learnt of the server");
	cr_assert_eq(capacity.held_per_s, 0);
	cr_assert(run.is_guess, "what was measured is kept");
	cr_assert_gt(run.total->good, 0);
	cr_assert_gt(run.window_ns, 0);
}

static bool answer_nothing(int descriptor, unsigned n)
{
	(void)descriptor;
	(void)n;
	return true;
}

Test(load_search, a_mix_that_nothing_answers_has_a_report)
{
	json_t *report, *mixed;

	start_server(answer_nothing);
	ask("9 GET /often");
	ask("1 GET /seldom");
	cr_assert_eq(find(), RUN_NO_ANSWERS);
	cr_assert_eq(capacity.count, 0);
	cr_assert(run.is_guess);
	report = make_report();
	mixed = json_object_get(report, "mix");
	cr_assert_eq(json_array_size(mixed), 2);
	cr_assert_eq(json_integer_value(json_object_get(json_array_get(mixed, 1), "good")), 0);
	cr_assert(json_is_null(json_object_get(json_object_get(report, "requests"), "due")),
		  "it was a closed loop");
	cr_assert_eq(json_integer_value(json_object_get(json_object_get(report, "requests"),
							"unanswered_outside")),
		     8);
	json_decref(report);
}

static bool answer_with_an_error(int descriptor, unsigned n)
{
	(void)n;
	return say(descriptor, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
}

Test(load_search, why_there_was_no_good_answer_is_told)
{
	start_server(answer_with_an_error);
	cr_assert_eq(find(), RUN_WRONG_ANSWERS);
	cr_assert_gt(run.total->errors[ERROR_STATUS], 0);
	cr_assert(strstr(find_failure(ERROR_STATUS)->example, "503 came"));
}
