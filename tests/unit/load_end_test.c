/* How whole runs end, and what they say meanwhile: servers that vanish, signals, events. */
#include "tests/unit/load_fixture.h"

#include <jansson.h>
#include <sched.h>

TestSuite(load_end, .fini = forget_run);

static void *kill_server_soon(void *argument)
{
	(void)argument;
	/* When the run is well under way. */
	while (atomic_load(&server.answered) < 20000) /* all connections are there long before */
		sched_yield();
	kill_server();
	return NULL;
}

static void vanish(void)
{
	pthread_t thread;

	start_server(answer_well);
	options.duration_ns = 15 * NS_PER_S;
	cr_assert_eq(pthread_create(&thread, NULL, kill_server_soon, NULL), 0);
	cr_assert_eq(go(), RUN_SERVER_VANISHED);
	pthread_join(thread, NULL);
	cr_assert_lt(took_ns, 10 * NS_PER_S);
	cr_assert_lt(run.window_ns, options.duration_ns);
}

Test(load_end, a_server_that_vanishes_ends_the_run, .timeout = 20)
{
	vanish();
	cr_assert_gt(run.total->errors[ERROR_RESET] + run.total->errors_outside[ERROR_RESET], 0);
}

Test(load_end, a_server_that_vanishes_ends_an_open_loop, .timeout = 20)
{
	options.arrivals = ARRIVALS_CONSTANT;
	options.rate_per_s = 4000;
	vanish();
}

/* The window may follow so closely on what comes before it that one wake-up stands for both. */
Test(load_end, no_news_is_missed_by_a_worker_that_has_nothing_else_to_do, .timeout = 60)
{
	start_server(answer_well);
	options.connections = 0;
	options.idle = 20;
	options.threads = 1;
	options.warmup_ns = 0;
	options.duration_ns = NS_PER_MS;
	for (int i = 0; i < 100; i++) {
		cr_assert_eq(go(), RUN_OK);
		forget_run();
	}
	go();
}

static void *kill_server_while_connecting(void *argument)
{
	(void)argument;
	while (atomic_load(&server.accepted) < 10)
		sched_yield();
	kill_server();
	return NULL;
}

Test(load_end, a_server_that_vanishes_while_connecting_ends_the_run, .timeout = 30)
{
	pthread_t thread;

	start_server(answer_well);
	options.connections = 2000;
	options.connect_rate_per_s = 100;
	cr_assert_eq(pthread_create(&thread, NULL, kill_server_while_connecting, NULL), 0);
	cr_assert_eq(go(), RUN_SERVER_VANISHED);
	pthread_join(thread, NULL);
	cr_assert_lt(took_ns, 10 * NS_PER_S, "connecting alone would have taken 20 s");
}

Test(load_end, stages_that_begin_with_nothing_are_run, .timeout = 20)
{
	struct error error;

	start_server(answer_well);
	cr_assert_eq(stages_parse(&options.stages, "200ms:0c-10c,200ms:10c", &error), 0);
	options.duration_ns = stages_duration_ns(&options.stages);
	options.connections = 10;
	cr_assert_eq(go(), RUN_OK);
	cr_assert_eq(run.established_count, 0);
	cr_assert_eq(run.window_ns, options.duration_ns);
	cr_assert_gt(run.total->good, 0);
}

Test(load_end, nobody_there_is_said_at_once, .timeout = 20)
{
	start_server(answer_well);
	kill_server();
	cr_assert_eq(go(), RUN_NO_ANSWERS);
	cr_assert_gt(run.total->errors_outside[ERROR_CONNECT], 0);
	cr_assert_leq(run.total->errors_outside[ERROR_CONNECT], 8, "nothing is tried twice");
	cr_assert_eq(find_failure(ERROR_CONNECT)->problem, ECONNREFUSED);
	cr_assert_eq(find_failure(ERROR_CONNECT)->phase, PHASE_CONNECT);
	cr_assert_eq(run.window_ns, 0);
	cr_assert_lt(took_ns, 2 * NS_PER_S);
}

Test(load_end, nobody_there_is_not_asked_again_and_again, .timeout = 30)
{
	start_server(answer_well);
	kill_server();
	options.connections = 2000;
	options.connect_rate_per_s = 100;
	cr_assert_eq(go(), RUN_NO_ANSWERS);
	cr_assert_lt(took_ns, 10 * NS_PER_S, "asking all of them would have taken 20 s");
}

static void *interrupt_soon(void *argument)
{
	(void)argument;
	while (atomic_load(&server.answered) < 20000) /* all connections are there long before */
		sched_yield();
	kill(getpid(), SIGTERM);
	return NULL;
}

Test(load_end, an_interrupted_run_keeps_what_was_measured, .timeout = 20)
{
	pthread_t thread;

	start_server(answer_well);
	options.duration_ns = 15 * NS_PER_S;
	options.warmup_ns = 0;
	cr_assert_eq(pthread_create(&thread, NULL, interrupt_soon, NULL), 0);
	cr_assert_eq(go(), RUN_INTERRUPTED);
	pthread_join(thread, NULL);
	cr_assert_lt(run.window_ns, options.duration_ns);
	cr_assert_gt(run.total->good, 0);
	cr_assert_eq(run.total->latency.total, run.total->good + run.total->unanswered_age.total);
	cr_assert_lt(took_ns, 10 * NS_PER_S);
}

/* The events of a run as an array of objects. */
static json_t *read_events(int descriptor)
{
	FILE *file = fdopen(descriptor, "r");
	json_t *array = json_array(), *event;

	cr_assert(file);
	while ((event = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL))) {
		/* Only a machine that stalls takes so long to connect. */
		if (json_object_get(event, "of"))
			json_decref(event);
		else
			json_array_append_new(array, event);
	}
	fclose(file);
	return array;
}

Test(load_end, events_tell_what_happens_in_order, .timeout = 20)
{
	static const char *const names[] = {"connected", "warm", "interval", "interval",
					    "interval",	 "done", "end"};
	uint64_t last_ns = 0, completed = 0;
	json_t *array, *event;
	int pipe_ends[2];
	size_t i;

	start_server(answer_well);
	options.idle = 3;
	cr_assert_eq(pipe(pipe_ends), 0);
	events.descriptor = pipe_ends[1];
	cr_assert_eq(go(), RUN_OK);
	events_send_end(&events, clock_now_ns(), "ok");
	close(pipe_ends[1]);
	array = read_events(pipe_ends[0]);
	cr_assert_geq(json_array_size(array), 5);
	/* On a machine that stalls, one look may cover two intervals. */
	cr_assert_leq(json_array_size(array), 7);
	json_array_foreach(array, i, event)
	{
		const char *name = json_string_value(json_object_get(event, "event"));
		uint64_t at_ns = (uint64_t)json_integer_value(json_object_get(event, "at_ns"));

		if (json_array_size(array) == 7)
			cr_assert_str_eq(name, names[i]);
		cr_assert_geq(at_ns, last_ns);
		last_ns = at_ns;
		completed += (uint64_t)json_integer_value(json_object_get(event, "completed"));
	}
	event = json_array_get(array, 0);
	cr_assert_eq(json_integer_value(json_object_get(event, "connections")), 8);
	cr_assert_eq(json_integer_value(json_object_get(event, "idle")), 3);
	event = json_array_get(array, json_array_size(array) - 1);
	cr_assert_str_eq(json_string_value(json_object_get(event, "outcome")), "ok");
	/* What was asked before the window may be answered in it, and what was asked in it later. */
	cr_assert_geq(completed + 8, run.total->good, "the intervals add up to the window");
	cr_assert_leq(completed, run.total->good + 8);
	json_decref(array);
}

Test(load_end, a_reader_of_events_that_went_away_does_no_harm, .timeout = 20)
{
	int pipe_ends[2];

	start_server(answer_well);
	cr_assert_eq(pipe(pipe_ends), 0);
	close(pipe_ends[0]);
	events.descriptor = pipe_ends[1];
	cr_assert_eq(go_for(1), RUN_OK);
	cr_assert_eq(events.descriptor, -1);
}
