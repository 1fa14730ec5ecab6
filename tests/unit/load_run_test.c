/* Whole runs against servers that answer well, badly, or not at all; the idle crowd; open loop. */
#include "tests/unit/load_fixture.h"
#include "tests/unit/histogram_above.h"

TestSuite(load_run, .fini = forget_run);

Test(load_run, good_answers_are_counted_and_timed, .timeout = 20)
{
	const struct result *total;

	start_server(answer_well);
	cr_assert_eq(go_for(1), RUN_OK);
	total = run.total;
	cr_assert_gt(total->good, 0);
	cr_assert_eq(total->latency.total, total->good);
	cr_assert_eq(total->service_time.total, 0, "the same as latency in a closed loop");
	cr_assert_eq(total->connect.total, 8);
	cr_assert_eq(result_count_errors(total->errors), 0);
	cr_assert_eq(result_count_errors(total->errors_outside), 0);
	cr_assert_eq(total->unanswered_age.total, 0);
	cr_assert_eq(total->sent, total->good);
	cr_assert_eq(run.expected_length, 5);
	cr_assert_eq(run.window_ns, options.duration_ns);
	cr_assert_eq(total->threads, 2);
	cr_assert_gt(total->cpu_ns, 0);
	cr_assert_geq(total->cpu_ns, total->busiest_cpu_ns);
	cr_assert_eq(atomic_load(&server.accepted), 8);
	/* Every answer of the window came whole, and none was counted twice. */
	cr_assert_leq(total->good + total->good_outside, atomic_load(&server.answered));
}

/* The last one to be accepted answers its first request late. */
static bool answer_one_late(int descriptor, unsigned n)
{
	if (n == 0 && descriptor == server.descriptors[7])
		nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
	return answer_well(descriptor, n);
}

Test(load_run, the_window_waits_until_every_connection_is_served, .timeout = 20)
{
	start_server(answer_one_late);
	options.fairness = true;
	options.warmup_ns = 20 * NS_PER_MS;
	options.duration_ns = NS_PER_S;
	cr_assert_eq(go_for(8), RUN_OK);
	cr_assert_lt(run.total->latency.max_ns, NS_PER_S, "it came before the window");
	cr_assert_eq(result_count_errors(run.total->errors_outside), 0);
	cr_assert_eq(run.total->fairness.unused, 0);
}

static bool answer_and_close(int descriptor, unsigned n)
{
	(void)n;
	say(descriptor, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
	return false;
}

Test(load_run, connection_close_is_honoured_and_no_error, .timeout = 20)
{
	start_server(answer_and_close);
	options.duration_ns = 200 * NS_PER_MS;
	cr_assert_eq(go_for(9), RUN_OK);
	cr_assert_gt(run.total->good, 8);
	cr_assert_eq(result_count_errors(run.total->errors_outside), 0);
	cr_assert_geq(run.total->connect.total, run.total->good);
}

static bool answer_until_close(int descriptor, unsigned n)
{
	(void)n;
	say(descriptor, "HTTP/1.0 200 OK\r\n\r\nall that comes");
	return false;
}

Test(load_run, a_body_may_end_with_the_connection, .timeout = 20)
{
	start_server(answer_until_close);
	cr_assert_eq(go_for(9), RUN_OK);
	cr_assert_gt(run.total->good, 8);
	cr_assert_eq(run.expected_length, 14);
}

static bool answer_nothing(int descriptor, unsigned n)
{
	(void)descriptor;
	(void)n;
	return true;
}

Test(load_run, a_server_that_never_answers_does_not_hang_us, .timeout = 20)
{
	start_server(answer_nothing);
	cr_assert_eq(go(), RUN_NO_ANSWERS);
	/* They were sent before the window, so they do not belong to it; but they are told. */
	cr_assert_eq(run.total->sent, 0);
	cr_assert_eq(run.total->unanswered_outside, 8);
	cr_assert_eq(result_count_errors(run.total->errors), 0);
	cr_assert_lt(took_ns, 5 * NS_PER_S);
}

Test(load_run, a_timeout_is_an_error_and_a_sample, .timeout = 20)
{
	start_server(answer_nothing);
	options.timeout_ns = 50 * NS_PER_MS;
	cr_assert_eq(go_for(9), RUN_NO_ANSWERS);
	cr_assert_gt(run.total->errors[ERROR_TIMEOUT], 8);
	cr_assert_eq(run.total->latency.total, run.total->errors[ERROR_TIMEOUT]);
	cr_assert_eq(run.total->sent, run.total->errors[ERROR_TIMEOUT],
		     "what was sent is accounted for, and waited for");
	cr_assert_geq(run.total->latency_bound_ns, options.timeout_ns);
	cr_assert_lt(run.total->latency_bound_ns, UINT64_MAX, "it may have taken longer");
	cr_assert_geq(run.total->latency.min_ns, options.timeout_ns);
	cr_assert_gt(atomic_load(&server.accepted), 8, "timed out connections are replaced");
}

static bool answer_badly_sometimes(int descriptor, unsigned n)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 500 Oh\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nworld",
		"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhell",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more",
	};

	return say(descriptor, answers[n % 5]);
}

Test(load_run, wrong_answers_are_told_apart, .timeout = 20)
{
	start_server(answer_badly_sometimes);
	options.connections = options.threads = 1;
	options.expect.body = (char[]){"hello"};
	options.expect.length = options.expect.body_bytes = 5;
	/* Ten in a row have each kind. */
	cr_assert_eq(go_for(10), RUN_WRONG_ANSWERS);
	cr_assert_gt(run.total->good, 0);
	cr_assert_gt(run.total->errors[ERROR_STATUS], 0);
	cr_assert_gt(run.total->errors[ERROR_BODY], 0);
	cr_assert_gt(run.total->errors[ERROR_LENGTH], 0);
	cr_assert_gt(run.total->errors[ERROR_PARSE], 0, "bytes behind the answer");
	cr_assert_eq(run.total->errors[ERROR_RESET], 0);
	cr_assert(strstr(find_failure(ERROR_STATUS)->example, "500 came"));
	cr_assert_eq(run.total->statuses[500 - RESULT_STATUS_LOWEST],
		     run.total->errors[ERROR_STATUS]);
	cr_assert_gt(run.total->statuses[200 - RESULT_STATUS_LOWEST], run.total->good);
	cr_assert(strstr(find_failure(ERROR_LENGTH)->example, "4 bytes came"));
	cr_assert_eq(find_failure(ERROR_STATUS)->phase, PHASE_RECEIVE);
	cr_assert_eq(run.total->latency.total, run.total->good);
}

static bool answer_longer_each_time(int descriptor, unsigned n)
{
	return say(descriptor, n % 2 ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
				     : "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
}

Test(load_run, lengths_that_differ_are_wrong_unless_allowed, .timeout = 20)
{
	start_server(answer_longer_each_time);
	cr_assert_eq(go_for(3), RUN_WRONG_ANSWERS);
	cr_assert_gt(run.total->errors[ERROR_LENGTH], 0);
	cr_assert_gt(run.total->good, 0);
	forget_run();
	options.expect.length = EXPECTED_ANY_LENGTH;
	cr_assert_eq(go_for(1), RUN_OK);
}

static bool answer_garbage(int descriptor, unsigned n)
{
	(void)n;
	return say(descriptor, "SSH-2.0-OpenSSH_9.2\r\n");
}

Test(load_run, what_is_not_http_is_an_error_of_its_own, .timeout = 20)
{
	start_server(answer_garbage);
	cr_assert_eq(go_for(1), RUN_WRONG_ANSWERS);
	cr_assert_gt(run.total->errors[ERROR_PARSE], 0);
	cr_assert_lt(atomic_load(&server.accepted), 8 * options.duration_ns / (15 * NS_PER_MS),
		     "failing connections rest");
}

static bool answer_three_times(int descriptor, unsigned n)
{
	return n < 3 && answer_well(descriptor, n);
}

Test(load_run, what_a_served_connection_ends_before_is_sent_again, .timeout = 20)
{
	start_server(answer_three_times);
	cr_assert_eq(go_for(8 * 8), RUN_OK);
	cr_assert_gt(run.total->resent, 0);
	cr_assert_eq(run.total->good, run.total->sent);
	cr_assert_eq(result_count_errors(run.total->errors), 0);
}

Test(load_run, what_is_not_idempotent_is_not_sent_again, .timeout = 20)
{
	start_server(answer_three_times);
	options.method = "POST";
	cr_assert_eq(go_for(8 * 8), RUN_ERRORS);
	cr_assert_eq(run.total->resent, 0);
	cr_assert_gt(run.total->good, 8 * 3);
	cr_assert_gt(run.total->errors[ERROR_RESET], 0);
	cr_assert_eq(run.total->errors[ERROR_CONNECT], 0);
	cr_assert_eq(find_failure(ERROR_RESET)->phase, PHASE_WAIT);
	cr_assert_geq(find_failure(ERROR_RESET)->first_ns, 0);
	cr_assert_lt(find_failure(ERROR_RESET)->last_ns,
		     (int64_t)(run.window_ns + options.drain_ns));
}

Test(load_run, the_idle_crowd_is_used_once_and_held, .timeout = 20)
{
	start_server(answer_well);
	options.connections = 0;
	options.idle = 100;
	cr_assert_eq(go(), RUN_OK);
	cr_assert_eq(run.total->crowd_answered, 100);
	cr_assert_eq(run.total->crowd_open, 100);
	cr_assert_eq(atomic_load(&server.answered), 100);
	cr_assert_eq(atomic_load(&server.accepted), 100);
	cr_assert_eq(run.total->sent, 0, "the crowd is silent in the window");
	cr_assert_eq(run.total->latency.total, 0);
	cr_assert_eq(run.window_ns, options.duration_ns);
}

/* Like answer_well, but the server hangs up on the crowd a while later. */
static bool answer_and_hang_up_later(int descriptor, unsigned n)
{
	struct timespec a_while = {.tv_nsec = 150 * NS_PER_MS};

	answer_well(descriptor, n);
	nanosleep(&a_while, NULL);
	return false;
}

Test(load_run, a_held_connection_that_is_closed_is_a_reset, .timeout = 20)
{
	start_server(answer_and_hang_up_later);
	options.connections = 0;
	options.idle = 10;
	cr_assert_eq(go_for(10), RUN_ERRORS);
	cr_assert_eq(run.total->crowd_answered, 10);
	cr_assert_eq(run.total->crowd_open, 0);
	cr_assert_eq(run.total->errors[ERROR_RESET] + run.total->errors_outside[ERROR_RESET], 10);
	cr_assert_lt(atomic_load(&server.accepted), 15,
		     "the crowd is not opened again; a look for the server is allowed");
}

Test(load_run, a_crowd_that_gets_no_answer_fails_the_run, .timeout = 20)
{
	start_server(answer_nothing);
	options.connections = 0;
	options.idle = 4;
	options.timeout_ns = 100 * NS_PER_MS;
	cr_assert_eq(go(), RUN_NO_ANSWERS);
	cr_assert_eq(run.total->errors_outside[ERROR_TIMEOUT], 4);
}

static bool answer_with_one_stall(int descriptor, unsigned n)
{
	struct timespec stall = {.tv_nsec = 200 * NS_PER_MS};

	/* In the middle of the window, once. */
	if (atomic_load(&server.answered) > 250 && !atomic_exchange(&server.stalled, true))
		nanosleep(&stall, NULL);
	return answer_well(descriptor, n);
}

Test(load_run, an_open_loop_counts_from_when_requests_were_due, .timeout = 20)
{
	const struct result *total;

	start_server(answer_with_one_stall);
	options.connections = options.threads = 1;
	options.arrivals = ARRIVALS_CONSTANT;
	options.rate_per_s = 500;
	options.duration_ns = 1000 * NS_PER_MS;
	cr_assert_eq(go_for(450), RUN_OK);
	total = run.total;
	cr_assert_eq(total->due, options.duration_ns / (2 * NS_PER_MS));
	cr_assert_eq(total->due, total->good);
	cr_assert_geq(total->latency.max_ns, 200 * NS_PER_MS);
	/*
	 * In 200 ms 100 requests were due. One was under way; the others waited for it, and half
	 * of them for longer than 100 ms. Counted from when they were sent, only one was slow.
	 */
	cr_assert_geq(histogram_count_above(&total->latency, 100 * NS_PER_MS), 40);
	cr_assert_geq(histogram_count_above(&total->service_time, 190 * NS_PER_MS), 1);
	cr_assert_lt(histogram_count_above(&total->service_time, 190 * NS_PER_MS), 10);
	/* That was the server's doing: we sent as soon as there was a connection, and a core. */
	if (total->run_delay_unknown == 0 && total->run_delay_ns < 20 * NS_PER_MS)
		cr_assert_lt(histogram_percentile_ns(&total->send_lateness, 50), 20 * NS_PER_MS);
}

Test(load_run, an_open_loop_reports_what_it_could_not_send, .timeout = 20)
{
	start_server(answer_nothing);
	options.connections = options.threads = 2;
	options.arrivals = ARRIVALS_CONSTANT;
	options.rate_per_s = 1000;
	options.warmup_ns = 200 * NS_PER_MS;
	options.drain_ns = 100 * NS_PER_MS;
	cr_assert_eq(go(), RUN_NO_ANSWERS);
	cr_assert_eq(run.total->due, 300);
	cr_assert_eq(run.total->unanswered_age.total, 300);
	cr_assert_eq(run.total->latency.total, 300, "each waited at least so long");
	cr_assert_geq(run.total->latency.min_ns, 100 * NS_PER_MS);
	cr_assert_eq(run.total->latency_bound_ns, run.total->latency.min_ns);
	cr_assert_eq(run.total->sent, 0, "both connections were busy since the warm-up");
}
