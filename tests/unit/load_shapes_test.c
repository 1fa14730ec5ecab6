/* The shapes of a load: pipelining, churn, pauses, mixes, stages, bursts, slow crowds, checks. */
#include "tests/unit/load_fixture.h"

#include <time.h>

TestSuite(load_shapes, .fini = forget_run);

/* Answers once, and hangs up. */
static bool answer_nothing_more(int descriptor, unsigned n)
{
	answer_well(descriptor, n);
	return false;
}

static bool has_failure(enum error_class class, int problem)
{
	for (size_t i = 0; i < run.total->failures.count; i++)
		if (run.total->failures.kind[i].class == class &&
		    run.total->failures.kind[i].problem == problem)
			return true;
	return false;
}

Test(load_shapes, pipelined_answers_are_timed_each, .timeout = 20)
{
	start_server(answer_well);
	options.pipelining = 8;
	cr_assert_eq(go_for(200), RUN_OK);
	cr_assert_eq(run.total->latency.total, run.total->good);
	cr_assert_eq(run.total->unanswered_age.total, 0);
	cr_assert_eq(atomic_load(&server.accepted), 8);
}

Test(load_shapes, an_open_loop_pipelines_too, .timeout = 20)
{
	start_server(answer_well);
	options.pipelining = 4;
	options.connections = options.threads = 1;
	options.arrivals = ARRIVALS_CONSTANT;
	options.rate_per_s = 1000;
	cr_assert_eq(go_for(200), RUN_OK);
	cr_assert_eq(run.total->due, options.duration_ns / NS_PER_MS);
}

Test(load_shapes, what_was_pipelined_behind_a_close_is_lost_and_counted, .timeout = 20)
{
	start_server(answer_nothing_more);
	options.pipelining = 4;
	options.method = "POST"; /* what may not be sent again */
	options.connections = options.threads = 1;
	cr_assert_eq(go_for(8), RUN_ERRORS);
	/* One good answer and three lost ones on each connection. */
	cr_assert_geq(run.total->errors[ERROR_RESET], 3);
	cr_assert(has_failure(ERROR_RESET, ECANCELED));
}

Test(load_shapes, what_was_pipelined_behind_a_close_is_sent_again, .timeout = 20)
{
	start_server(answer_nothing_more);
	options.pipelining = 4;
	options.connections = options.threads = 1;
	cr_assert_eq(go_for(8), RUN_OK);
	cr_assert_geq(run.total->resent, 3);
	cr_assert_eq(run.total->good, run.total->sent);
}

Test(load_shapes, connections_are_replaced_after_so_many_requests, .timeout = 20)
{
	start_server(answer_well);
	options.requests_per_connection = 3;
	cr_assert_eq(go_for(100), RUN_OK);
	cr_assert_eq(result_count_errors(run.total->errors), 0);
	/* Three for each but those that were not used up. */
	cr_assert_geq(run.total->connect.total * 3, run.total->good + run.total->good_outside);
	cr_assert_leq(run.total->connect.total,
		      (run.total->good + run.total->good_outside) / 3 + 8);
}

Test(load_shapes, connections_close_as_they_are_told_to, .timeout = 20)
{
	start_server(answer_well);
	options.requests_per_connection = 1;
	options.closing = CLOSING_FIN;
	cr_assert_eq(go_for(50), RUN_OK);
	cr_assert_lt(atomic_load(&server.resets) * 2, atomic_load(&server.accepted),
		     "only what is under way at the end");
	forget_run();
	options.closing = CLOSING_RESET;
	cr_assert_eq(go_for(50), RUN_OK);
	cr_assert_gt(atomic_load(&server.resets), 8);
}

Test(load_shapes, so_many_requests_are_sent_and_then_it_ends, .timeout = 20)
{
	start_server(answer_well);
	options.requests_max = 1001;
	options.duration_ns = 15 * NS_PER_S;
	cr_assert_eq(go(), RUN_OK);
	cr_assert_eq(run.total->sent, 1001);
	cr_assert_eq(run.total->good, 1001);
	cr_assert_lt(run.window_ns, options.duration_ns);
	forget_run();
	options.arrivals = ARRIVALS_CONSTANT;
	options.rate_per_s = 1000;
	options.requests_max = 101;
	cr_assert_eq(go(), RUN_OK);
	cr_assert_eq(run.total->due, 101);
	cr_assert_eq(run.total->good, 101);
	cr_assert_lt(run.window_ns, options.duration_ns);
}

Test(load_shapes, a_pause_follows_each_answer, .timeout = 20)
{
	start_server(answer_well);
	options.think_time_ns = 20 * NS_PER_MS;
	options.duration_ns = 400 * NS_PER_MS;
	cr_assert_eq(go(), RUN_OK);
	cr_assert_leq(run.total->good, 8 * 21);
	cr_assert_geq(run.total->good, 8);
	cr_assert_lt(histogram_percentile_ns(&run.total->latency, 50), options.think_time_ns,
		     "the pause is no part of the response time");
}

Test(load_shapes, connections_open_no_faster_than_allowed, .timeout = 20)
{
	start_server(answer_well);
	options.connect_rate_per_s = 40;
	options.duration_ns = 50 * NS_PER_MS;
	cr_assert_eq(go_for(1), RUN_OK);
	/* The first two come at once, one of each thread; six more take 25 ms each. */
	cr_assert_geq(run.connected_ns, 100 * NS_PER_MS);
	cr_assert_eq(run.established_count, 8);
}

Test(load_shapes, a_mix_has_counts_of_its_own, .timeout = 20)
{
	start_server(answer_well);
	ask("3 GET /a");
	ask("1 GET /b");
	options.requests_max = 400;
	options.duration_ns = 10 * NS_PER_S;
	cr_assert_eq(go(), RUN_OK);
	cr_assert_eq(run.total->tally_count, 2);
	/* Each of two threads has fifty whole decks. */
	cr_assert_eq(run.total->tally[0].good, 300);
	cr_assert_eq(run.total->tally[1].good, 100);
	cr_assert_eq(run.total->tally[0].latency.total, 300);
	cr_assert_eq(run.total->tally[0].bytes_received, 300 * 43);
}

Test(load_shapes, stages_of_a_rate_have_as_many_requests_as_they_should, .timeout = 20)
{
	struct error error;

	start_server(answer_well);
	cr_assert_eq(stages_parse(&options.stages, "200ms:500,200ms:500-1500", &error), 0);
	options.duration_ns = stages_duration_ns(&options.stages);
	options.arrivals = ARRIVALS_CONSTANT;
	options.rate_per_s = 500;
	cr_assert_eq(go(), RUN_OK);
	cr_assert_geq(run.total->due, 299);
	cr_assert_leq(run.total->due, 301);
	cr_assert_leq(run.total->tally[0].sent, 101);
	cr_assert_leq(run.total->tally[1].sent, 201);
	cr_assert_eq(run.total->tally[0].due + run.total->tally[1].due, run.total->due);
	cr_assert_eq(run.total->tally[0].good + run.total->tally[1].good, run.total->good);
}

Test(load_shapes, stages_of_connections_open_and_close_them, .timeout = 20)
{
	struct error error;

	start_server(answer_well);
	cr_assert_eq(stages_parse(&options.stages, "150ms:2c,150ms:10c,150ms:1c", &error), 0);
	options.duration_ns = stages_duration_ns(&options.stages);
	options.connections = 10;
	options.threads = 1;
	cr_assert_eq(go_for(30), RUN_OK);
	cr_assert_eq(run.established_count, 2);
	cr_assert_geq(atomic_load(&server.accepted), 10);
	cr_assert_eq(result_count_errors(run.total->errors), 0);
	cr_assert_gt(run.total->tally[1].good, 0);
}

Test(load_shapes, a_burst_is_one_request_on_each_connection, .timeout = 20)
{
	start_server(answer_well);
	options.arrivals = ARRIVALS_BURST;
	options.connections = 50;
	options.duration_ns = 5 * NS_PER_S;
	cr_assert_eq(go(), RUN_OK);
	cr_assert_eq(run.total->due, 50);
	cr_assert_eq(run.total->good, 50);
	cr_assert_eq(run.total->latency.total, 50);
	cr_assert_eq(atomic_load(&server.answered), 50);
	cr_assert_eq(run.total->fairness.fewest, 1);
	cr_assert_eq(run.total->fairness.most, 1);
	cr_assert_lt(run.window_ns, options.duration_ns, "it ends with the last answer");
	cr_assert_geq(run.window_ns, run.total->latency.max_ns);
}

static _Atomic int under_way, most_under_way;

/* Takes a moment, and counts how many are in it. */
static bool answer_counting(int descriptor, unsigned n)
{
	const struct timespec moment = {.tv_nsec = 2000000};
	int now = atomic_fetch_add(&under_way, 1) + 1, most = atomic_load(&most_under_way);

	while (now > most && !atomic_compare_exchange_weak(&most_under_way, &most, now))
		;
	nanosleep(&moment, NULL);
	atomic_fetch_sub(&under_way, 1);
	return answer_well(descriptor, n);
}

Test(load_shapes, a_burst_keeps_no_more_under_way_than_it_may, .timeout = 20)
{
	start_server(answer_counting);
	options.arrivals = ARRIVALS_BURST;
	options.connections = 60;
	options.threads = 2;
	options.outstanding = 8;
	options.duration_ns = 10 * NS_PER_S;
	cr_assert_eq(go(), RUN_OK);
	cr_assert_eq(run.total->good, 60);
	cr_assert_eq(run.total->fairness.fewest, 1);
	cr_assert_eq(run.total->fairness.most, 1);
	cr_assert_leq(atomic_load(&most_under_way), 8 + 2, "one more for each thread");
}

Test(load_shapes, slow_ones_are_served_beside_the_load, .timeout = 20)
{
	start_server(answer_well);
	options.slow_readers = 3;
	options.slow_writers = 3;
	options.slow_bytes_per_s = 100;
	options.duration_ns = 1200 * NS_PER_MS;
	cr_assert_eq(go_for(10), RUN_OK);
	cr_assert_gt(run.total->crowd_slow_answers, 0);
	cr_assert_eq(run.total->crowd_slow_cut, 0);
	/* At 10 bytes every 100 ms neither a request nor an answer is through in 300 ms. */
	cr_assert_lt(run.total->crowd_slow_answers, 6 * options.duration_ns / (300 * NS_PER_MS));
	cr_assert_eq(atomic_load(&server.accepted), 8 + 6);
}

Test(load_shapes, slow_ones_that_are_cut_off_are_no_errors, .timeout = 20)
{
	start_server(answer_nothing_more);
	options.connections = 0;
	options.threads = 1;
	options.slow_readers = 4;
	options.slow_bytes_per_s = 1000000;
	options.duration_ns = 500 * NS_PER_MS;
	go();
	/* A machine may leave us waiting for longer than that: then again, for longer. */
	for (int i = 0; i < 4 && run.total->crowd_slow_cut == 0; i++) {
		forget_run();
		options.duration_ns *= 2;
		go();
	}
	cr_assert_gt(run.total->crowd_slow_cut, 0);
	cr_assert_eq(run_decide_outcome(&run), RUN_OK);
	cr_assert_eq(result_count_errors(run.total->errors), 0);
}

static bool answer_until_close(int descriptor, unsigned n)
{
	(void)n;
	say(descriptor, "HTTP/1.0 200 OK\r\n\r\nall that comes");
	return false;
}

static bool answer_and_close(int descriptor, unsigned n)
{
	(void)n;
	say(descriptor, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
	return false;
}

/* Slow ones that are answered and closed, as the server said, were not cut off. */
static void check_slow_answers(answer_function *answer)
{
	start_server(answer);
	options.connections = 0;
	options.threads = 1;
	options.slow_readers = options.slow_writers = 2;
	options.slow_bytes_per_s = 1000000;
	options.duration_ns = 500 * NS_PER_MS;
	go();
	for (int i = 0; i < 4 && run.total->crowd_slow_answers == 0; i++) {
		forget_run();
		options.duration_ns *= 2;
		go();
	}
	cr_assert_gt(run.total->crowd_slow_answers, 0);
	cr_assert_eq(run.total->crowd_slow_cut, 0);
}

Test(load_shapes, slow_ones_whose_answer_closes_were_not_cut_off, .timeout = 20)
{
	check_slow_answers(answer_and_close);
}

Test(load_shapes, slow_ones_whose_answer_ends_with_the_close_were_not_cut_off, .timeout = 20)
{
	check_slow_answers(answer_until_close);
}

/* What a server says to a client that is too slow for it. */
static bool answer_that_it_took_too_long(int descriptor, unsigned n)
{
	(void)n;
	return say(descriptor, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 4\r\n\r\nslow");
}

Test(load_shapes, slow_ones_that_are_refused_had_no_answer, .timeout = 20)
{
	start_server(answer_that_it_took_too_long);
	options.connections = 0;
	options.threads = 1;
	options.slow_writers = 4;
	options.slow_bytes_per_s = 1000000;
	options.duration_ns = 500 * NS_PER_MS;
	go();
	for (int i = 0; i < 4 && run.total->crowd_slow_cut == 0; i++) {
		forget_run();
		options.duration_ns *= 2;
		go();
	}
	cr_assert_gt(run.total->crowd_slow_cut, 0);
	cr_assert_eq(run.total->crowd_slow_answers, 0);
}

static bool answer_with_a_header_at_times(int descriptor, unsigned n)
{
	return say(descriptor,
		   n % 2 ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
			 : "HTTP/1.1 200 OK\r\nX-Tag: a\r\nContent-Length: 5\r\n\r\nhello");
}

Test(load_shapes, a_header_field_that_is_missing_is_a_wrong_answer, .timeout = 20)
{
	start_server(answer_with_a_header_at_times);
	options.expect.header = "x-tag: a";
	cr_assert_eq(go_for(10), RUN_WRONG_ANSWERS);
	cr_assert_gt(run.total->good, 0);
	cr_assert_gt(run.total->errors[ERROR_HEADER], 0);
	cr_assert(strstr(find_failure(ERROR_HEADER)->example, "not there"));
}

Test(load_shapes, a_body_is_known_by_its_crc, .timeout = 20)
{
	start_server(answer_well);
	options.expect.has_crc32 = true;
	options.expect.crc32 = 0x3610a686; /* of "hello" */
	cr_assert_eq(go_for(10), RUN_OK);
	forget_run();
	options.expect.crc32++;
	cr_assert_eq(go_for(10), RUN_WRONG_ANSWERS);
	cr_assert_eq(run.total->good, 0);
	cr_assert_gt(run.total->errors[ERROR_BODY], 0);
}

/* Wrong bytes of another length first, then more of them than announced, then what is right. */
static bool answer_wrongly_at_first(int descriptor, unsigned n)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nanother",
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello",
	};
	unsigned answered = atomic_load(&server.answered);

	return answered < 2 ? say(descriptor, answers[answered]) : answer_well(descriptor, n);
}

Test(load_shapes, a_wrong_answer_teaches_no_length, .timeout = 20)
{
	start_server(answer_wrongly_at_first);
	options.connections = options.threads = 1;
	options.expect.has_crc32 = true;
	options.expect.crc32 = 0x3610a686; /* of "hello" */
	go_for(10);
	cr_assert_gt(run.total->good, 0);
	cr_assert_eq(run.expected_length, 5);
	cr_assert_null(find_failure(ERROR_LENGTH));
	cr_assert_not_null(find_failure(ERROR_BODY));
	cr_assert_not_null(find_failure(ERROR_PARSE));
}

Test(load_shapes, connections_come_from_many_addresses, .timeout = 20)
{
	enum { ADDRESSES = 6 }; /* of a network of eight: not the first and the last */
	bool seen[ADDRESSES] = {false};

	start_server(answer_well);
	options.source = "127.0.1.8/29";
	cr_assert_eq(go_for(10), RUN_OK);
	cr_assert_eq(run.total->connect.total, 8);
	cr_assert_eq(atomic_load(&server.accepted), 8);
	for (unsigned i = 0; i < 8; i++) {
		uint32_t address = ntohl(server.peers[i].sin_addr.s_addr);

		cr_assert_geq(address, UINT32_C(0x7f000109));
		cr_assert_leq(address, UINT32_C(0x7f00010e));
		seen[address - UINT32_C(0x7f000109)] = true;
	}
	for (unsigned i = 0; i < ADDRESSES; i++)
		cr_assert(seen[i], "127.0.1.%u was not used", 9 + i);
}

Test(load_shapes, spinning_sends_on_time_and_is_told_apart, .timeout = 20)
{
	start_server(answer_well);
	options.arrivals = ARRIVALS_POISSON;
	options.rate_per_s = 200;
	options.threads = 1;
	options.spin_ns = NS_PER_MS;
	cr_assert_eq(go_for(20), RUN_OK);
	cr_assert_gt(run.total->spin_ns, 0);
	cr_assert_eq(run.total->send_lateness.total, run.total->sent);
}

static void *use_the_core(void *stop)
{
	while (!atomic_load_explicit((_Atomic bool *)stop, memory_order_relaxed))
		;
	return NULL;
}

/* As on a machine with other work: four threads that never rest, and everybody on one core. */
Test(load_shapes, waiting_for_a_core_is_neither_work_nor_spinning, .timeout = 60)
{
	static _Atomic bool stop;
	pthread_t others[4];
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	cr_assert_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	start_server(answer_well);
	for (size_t i = 0; i < 4; i++)
		cr_assert_eq(pthread_create(&others[i], NULL, use_the_core, &stop), 0);
	options.arrivals = ARRIVALS_CONSTANT;
	options.rate_per_s = 500;
	options.threads = 1;
	options.spin_ns = NS_PER_MS;
	go_for(20);
	atomic_store(&stop, true);
	for (size_t i = 0; i < 4; i++)
		pthread_join(others[i], NULL);
	cr_assert_gt(run.total->spin_ns, 0);
	cr_assert_lt(run.total->spin_ns, run.total->cpu_ns);
	cr_assert_eq(run.total->busiest_occupied_ns > run.total->busiest_cpu_ns,
		     run.total->run_delay_unknown == 0);
	/* Its share of the core was a fifth. */
	if (run.total->run_delay_unknown == 0)
		cr_assert_gt(run.total->run_delay_ns, run.window_ns / 20);
}

Test(load_shapes, every_connection_has_its_fair_share, .timeout = 20)
{
	start_server(answer_well);
	options.fairness = true;
	cr_assert_eq(go_for(200), RUN_OK);
	cr_assert_eq(run.total->fairness.connections, 8);
	cr_assert_eq(run.total->fairness.requests, run.total->good);
	cr_assert_gt(run.total->fairness.timed, 0);
	cr_assert_leq(run.total->fairness.highest_p99_ns, run.total->latency.max_ns);
}
