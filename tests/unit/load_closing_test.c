/* Connections that the server closes: before they were used, with an answer, in a pause, while held. */
#include "tests/unit/load_fixture.h"

TestSuite(load_closing, .fini = forget_run);

Test(load_closing, a_burst_is_due_on_connections_that_were_not_kept_too, .timeout = 20)
{
	start_server(answer_well);
	server.admitted = 2;
	options.connections = 6;
	options.threads = 1;
	options.arrivals = ARRIVALS_BURST;
	options.outstanding = 1000;
	options.duration_ns = 5 * NS_PER_S;
	cr_assert_eq(go(), RUN_ERRORS);
	cr_assert_eq(run.total->due, 6);
	cr_assert_eq(run.total->good, 2);
	cr_assert_eq(count_failed_requests(), 4);
	cr_assert_eq(run.total->unanswered_age.total, 0);
	cr_assert_eq(run_count_ready(&run) + run.total->unopened, 6);
	cr_assert_lt(run.window_ns, options.duration_ns, "nothing is left to wait for");
}

/* What could not be sent would have been of a kind. */
Test(load_closing, a_burst_of_a_mix_has_failed_kind_by_kind, .timeout = 20)
{
	const struct tally *tally;

	start_server(answer_well);
	server.admitted = 2;
	ask("2 GET /a");
	ask("1 GET /b");
	options.connections = 6;
	options.threads = 1;
	options.arrivals = ARRIVALS_BURST;
	options.outstanding = 1000;
	options.duration_ns = 5 * NS_PER_S;
	cr_assert_eq(go(), RUN_ERRORS);
	tally = run.total->tally;
	cr_assert_eq(tally[0].due, 4);
	cr_assert_eq(tally[1].due, 2);
	cr_assert_eq(tally[0].good + tally[1].good, 2);
	cr_assert_eq(result_count_errors(tally[0].errors) + result_count_errors(tally[1].errors),
		     4);
	for (size_t i = 0; i < 2; i++)
		cr_assert_eq(tally[i].good + result_count_errors(tally[i].errors), tally[i].due);
}

static bool has_failed_unused(const struct failures *failures)
{
	for (size_t i = 0; i < failures->count; i++)
		if (failures->kind[i].class == ERROR_RESET &&
		    failures->kind[i].phase == PHASE_IDLE &&
		    strcmp(failures->kind[i].example, "before any request") == 0)
			return true;
	return false;
}

/* One that was used may be closed while it waits: no request is lost. */
Test(load_closing, a_connection_that_is_closed_before_it_was_used_has_failed, .timeout = 20)
{
	start_server(answer_well);
	server.admitted = 2;
	options.connections = 6;
	options.threads = 1;
	options.arrivals = ARRIVALS_CONSTANT;
	options.rate_per_s = 10;
	options.duration_ns = 500 * NS_PER_MS;
	/* Ten times a second one answer is due, and each of four connections is opened again. */
	cr_assert_eq(go_for(12), RUN_ERRORS);
	cr_assert_gt(run.total->errors[ERROR_RESET], 0);
	/* (Another may have been closed just as its first request was sent.) */
	cr_assert(has_failed_unused(&run.total->failures) ||
		  has_failed_unused(&run.total->failures_outside));
}

/* Each connection may send in every 20 ms once, and at the beginning. */
static void go_with_pauses(void)
{
	options.think_time_ns = 20 * NS_PER_MS;
	options.duration_ns = 400 * NS_PER_MS;
	go_for(8);
	cr_assert_geq(run.total->good, 8);
	cr_assert_leq(run.total->good, 8 * (options.duration_ns / options.think_time_ns + 1));
}

Test(load_closing, a_pause_follows_the_last_answer_of_a_connection, .timeout = 20)
{
	start_server(answer_well);
	options.requests_per_connection = 1;
	go_with_pauses();
	cr_assert_eq(run_decide_outcome(&run), RUN_OK);
	cr_assert_geq(run.total->connect.total, run.total->good);
}

static bool answer_and_close(int descriptor, unsigned n)
{
	(void)n;
	say(descriptor, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
	return false;
}

Test(load_closing, a_pause_follows_an_answer_that_closes, .timeout = 20)
{
	start_server(answer_and_close);
	go_with_pauses();
	cr_assert_eq(run_decide_outcome(&run), RUN_OK);
	cr_assert_geq(run.total->connect.total, run.total->good);
}

static bool answer_and_close_silently(int descriptor, unsigned n)
{
	answer_well(descriptor, n);
	return false;
}

Test(load_closing, a_pause_goes_on_when_the_connection_ends, .timeout = 20)
{
	start_server(answer_and_close_silently);
	go_with_pauses();
	cr_assert_geq(run.total->connect.total, run.total->good);
}

static bool answer_until_close(int descriptor, unsigned n)
{
	(void)n;
	say(descriptor, "HTTP/1.0 200 OK\r\n\r\nall that comes");
	return false;
}

Test(load_closing, an_answer_that_ends_by_closing_leaves_nothing_to_hold, .timeout = 20)
{
	start_server(answer_until_close);
	options.connections = 0;
	options.idle = 4;
	cr_assert_eq(go(), RUN_ERRORS);
	cr_assert_eq(run.total->crowd_answered, 4);
	cr_assert_eq(run.total->crowd_open, 0);
	cr_assert_eq(run.total->errors[ERROR_RESET] + run.total->errors_outside[ERROR_RESET], 4);
	cr_assert_eq(find_failure(ERROR_RESET)->phase, PHASE_IDLE);
}
