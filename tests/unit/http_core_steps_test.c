/*
 * What core asks its model to do, and when: tasks, interim answers, half-closes, draining.
 */
#include "tests/unit/http_core_fixture.h"

#include "lib/clock.h"

#include <errno.h>
#include <stdio.h>

#define CONTINUE	   "HTTP/1.1 100 Continue\r\n\r\n"
#define WAITED(ms, length) RESPONSE("200 OK", "text/plain", length, "", "Waited " ms " ms")

static struct test_client client;
static struct test_loop loop;

static void open_client(void)
{
	loop_open(&loop, false);
	client_open(&client, &loop, NULL);
	client.tasks_wait = true;
}

static void close_client(void)
{
	client_close(&client);
	loop_close(&loop);
}

TestSuite(http_core_steps, .init = open_client, .fini = close_client, .timeout = 20);

/* 100-continue: RFC 9110 section 10.1.1. */

struct upload {
	const char *head, *body, *answer;
};

static const struct upload uploads[] = {
	{"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
	 "hello", ECHO("5", "hello")},
	{"POST /echo HTTP/1.1\r\nexpect:  100-Continue \r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
	 "5\r\nhello\r\n0\r\n\r\n", ECHO("5", "hello")},
	{"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: , 100-continue,\r\n"
	 "Expect: 100-continue\r\n\r\n",
	 "ok", ECHO("2", "ok")},
	{"GET /json HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", "no",
	 JSON("")},
};

static void check_upload(const struct upload *upload, const struct driving *driving, size_t split)
{
	size_t head = strlen(upload->head), length = head + strlen(upload->body);
	struct test_client own;
	struct test_loop own_loop;
	char text[256], expected[512];

	snprintf(text, sizeof text, "%s%s", upload->head, upload->body);
	snprintf(expected, sizeof expected, "%s%s", split == head ? CONTINUE : "", upload->answer);
	loop_open(&own_loop, driving->completes);
	client_open(&own, &own_loop, driving);
	cr_expect_eq(client_feed(&own, text, split), HTTP_READ);
	if (split == head)
		cr_expect_str_eq(own.received, CONTINUE, "before the body");
	cr_expect_eq(client_feed(&own, text + split, length - split), HTTP_READ);
	cr_expect_str_eq(client_heard(&own), expected, "%s, split at %zu of %zu: came\n%s",
			 driving->name, split, head, own.received);
	client_close(&own);
	loop_close(&own_loop);
}

Test(http_core_steps, continue_is_said_when_the_head_came_alone)
{
	for (size_t i = 0; i < sizeof uploads / sizeof *uploads; i++)
		for (size_t way = 0; way < WAYS_TO_DRIVE; way++)
			for (size_t split = 1;
			     split < strlen(uploads[i].head) + strlen(uploads[i].body); split++)
				check_upload(&uploads[i], &ways_to_drive[way], split);
}

Test(http_core_steps, continue_is_said_once)
{
	const char *body = uploads[0].body;

	client_say(&client, uploads[0].head);
	for (size_t i = 0; body[i]; i++)
		client_feed(&client, body + i, 1);
	client_say(&client, GET("/json"));
	client_say(&client, uploads[0].head);
	client_say(&client, body);
	cr_expect_str_eq(client_heard(&client),
			 CONTINUE ECHO("5", "hello") JSON("") CONTINUE ECHO("5", "hello"));
}

Test(http_core_steps, continue_waits_for_the_answers_before_it)
{
	cr_expect_eq(client_say(&client, GET("/plaintext")
						 GET("/wait/5") "POST /echo HTTP/1.1\r\nHost: a\r\n"
								"Expect: 100-continue\r\n"
								"Content-Length: 2\r\n\r\n"),
		     HTTP_TASK);
	cr_expect_str_eq(client_heard(&client), HELLO(""));
	loop_pass(&loop);
	cr_expect_str_eq(client_heard(&client), HELLO("") WAITED("5", "11") CONTINUE);
	client_say(&client, "ok");
	cr_expect_str_eq(client_heard(&client),
			 HELLO("") WAITED("5", "11") CONTINUE ECHO("2", "ok"));
}

Test(http_core_steps, refusals_are_not_encouraged)
{
	cr_expect_eq(client_say(&client,
				"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
				"Content-Length: 1048577\r\n\r\n"),
		     HTTP_LINGER);
	cr_expect_str_eq(client_heard(&client), REFUSED("413 Content Too Large", "22"));
}

/* Tasks. */

Test(http_core_steps, a_wait_is_answered_when_its_time_has_passed)
{
	uint64_t before_ns = clock_now_ns();

	cr_expect_eq(client_say(&client, GET("/wait/50")), HTTP_TASK);
	cr_expect(timers_next_ns(&loop.timers) >= before_ns + 50 * NS_PER_MS, "never early");
	cr_expect_eq(client.received_length, 0);
	timers_fire(&loop.timers, before_ns + 50 * NS_PER_MS - 1, SIZE_MAX);
	cr_expect_eq(client.completed, 0);
	loop_pass(&loop);
	cr_expect_eq(client.completed, 1);
	cr_expect_str_eq(client_heard(&client), WAITED("50", "12"));
	cr_expect_null(client.http.exchange, "idle again");
}

Test(http_core_steps, a_task_that_runs_is_not_started_again)
{
	client_say(&client, GET("/wait/50"));
	cr_expect_eq(client_drive(&client), HTTP_TASK);
	cr_expect_eq(client_drive(&client), HTTP_TASK);
	cr_expect_eq(loop.timers.count, 1);
}

Test(http_core_steps, answers_keep_the_order_of_their_requests)
{
	client_say(&client, GET("/json") GET("/wait/10") GET("/plaintext") GET("/wait/20"));
	cr_expect_str_eq(client_heard(&client), JSON(""));
	client_say(&client, GET("/plaintext"));
	cr_expect_str_eq(client_heard(&client), JSON(""), "nothing overtakes a wait");
	loop_pass(&loop);
	cr_expect_str_eq(client_heard(&client), JSON("") WAITED("10", "12") HELLO(""));
	loop_pass(&loop);
	cr_expect_str_eq(client_heard(&client),
			 JSON("") WAITED("10", "12") HELLO("") WAITED("20", "12") HELLO(""));
	cr_expect_eq(loop.timers.count, 0);
}

Test(http_core_steps, waits_of_several_connections_end_by_their_length)
{
	struct test_client other;

	client_open(&other, &loop, NULL);
	other.tasks_wait = true;
	client_say(&client, GET("/wait/2000"));
	client_say(&other, GET("/wait/1000"));
	loop_pass(&loop);
	cr_expect_eq(client.completed, 0);
	cr_expect_str_eq(client_heard(&other), WAITED("1000", "14"));
	loop_pass(&loop);
	cr_expect_str_eq(client_heard(&client), WAITED("2000", "14"));
	client_close(&other);
}

Test(http_core_steps, a_task_goes_with_its_connection)
{
	client_say(&client, GET("/wait/50"));
	cr_expect_eq(loop.timers.count, 1);
	http_destroy(&client.http);
	cr_expect_eq(loop.timers.count, 0, "its timer is stopped");
	cr_expect_eq(http_next(&client.http), HTTP_CLOSE);
	cr_expect_eq(client.completed, 0);
	http_feed(&client.http, "GET", 3);
	http_destroy(&client.http);
}

Test(http_core_steps, a_wait_of_nothing_and_a_head_only_wait_are_waits)
{
	cr_expect_eq(client_say(&client, GET("/wait/0")), HTTP_TASK);
	loop_pass(&loop);
	cr_expect_eq(client_say(&client, "HEAD /wait/0 HTTP/1.1\r\nHost: a\r\n\r\n"), HTTP_TASK);
	loop_pass(&loop);
	cr_expect_str_eq(client_heard(&client),
			 WAITED("0", "11") RESPONSE("200 OK", "text/plain", "11", "", ""));
}

static int no_timer(void *context, struct loop_timer *timer)
{
	(void)context, (void)timer;
	return -ENOMEM;
}

Test(http_core_steps, a_task_that_cannot_start_is_answered_with_the_reason)
{
	static const struct loop_services poor = {.timer_start = no_timer,
						  .timer_stop = loop_timer_stop};

	loop.tools.services = &poor;
	cr_expect_eq(client_say(&client, GET("/wait/50") GET("/json")), HTTP_READ);
	cr_expect_str_eq(client_heard(&client),
			 RESPONSE("503 Service Unavailable", "text/plain", "47", "",
				  "503 Service Unavailable: no memory for a timer\n") JSON(""));
	cr_expect_eq(client.completed, 0);
	loop.tools.services = &loop_services;
}

Test(http_core_steps, a_blocking_wait_is_never_early)
{
	uint64_t before_ns = clock_now_ns();

	loop.tools.services = NULL;
	cr_expect_eq(client_say(&client, GET("/wait/3")), HTTP_READ);
	cr_expect(clock_now_ns() >= before_ns + 3 * NS_PER_MS);
	cr_expect_str_eq(client_heard(&client), WAITED("3", "11"));
}

/* Interest in input while something takes long. */

Test(http_core_steps, input_is_held_back_within_bounds)
{
	static const char request[] = GET("/plaintext");
	unsigned fed = 0;

	cr_expect(http_wants_input(&client.http));
	client_say(&client, GET("/wait/50"));
	while (http_wants_input(&client.http)) {
		client_say(&client, request);
		cr_assert(++fed < 10000, "it never has enough");
	}
	cr_expect((sizeof request - 1) * fed >= REQUEST_HEAD_MOST, "one whole head fits");
	loop_pass(&loop);
	cr_expect(http_wants_input(&client.http), "and wants more when that is answered");
	for (const char *at = client.received; (at = strstr(at, "Hello")); at++)
		fed--;
	cr_expect_eq(fed, 0, "%u without an answer", fed);
}

Test(http_core_steps, what_was_on_its_way_to_a_model_that_cannot_stop_is_kept)
{
	static const char head[] =
		"POST /echo HTTP/1.1\r\nHost: tenk\r\nContent-Length: 1000000\r\n\r\n";
	static char body[1000000];

	client_say(&client, GET("/wait/50"));
	client_say(&client, head);
	for (size_t at = 0; at < sizeof body; at += 4000) {
		memset(body + at, (int)(at % 251), 4000);
		client_feed(&client, body + at, 4000);
		cr_expect_eq(http_wants_input(&client.http), at < 16000);
	}
	loop_pass(&loop);
	cr_expect(http_wants_input(&client.http), "and wants more when all is answered");
	cr_assert(client.received_length > sizeof body);
	cr_expect_arr_eq(client.received + client.received_length - sizeof body, body, sizeof body);
}

/* Ends. */

Test(http_core_steps, the_end_of_input_between_requests_ends_the_connection)
{
	http_feed_end(&client.http);
	cr_expect_eq(client_drive(&client), HTTP_CLOSE);
	cr_expect_eq(client.received_length, 0);
}

Test(http_core_steps, what_came_before_the_end_of_input_is_answered)
{
	client_say(&client, GET("/json") GET("/wait/5") GET("/plaintext") "GET /js");
	http_feed_end(&client.http);
	cr_expect_not(http_wants_input(&client.http));
	cr_expect_eq(client_drive(&client), HTTP_TASK);
	loop_pass(&loop);
	cr_expect_eq(client_drive(&client), HTTP_CLOSE);
	cr_expect_str_eq(client_heard(&client), JSON("") WAITED("5", "11") HELLO(""));
}

Test(http_core_steps, half_a_request_is_not_answered)
{
	cr_expect_eq(client_say(&client,
				"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"),
		     HTTP_READ);
	http_feed_end(&client.http);
	cr_expect_eq(client_drive(&client), HTTP_CLOSE);
	cr_expect_eq(client.received_length, 0);
}

Test(http_core_steps, lingering_discards_and_ends_with_the_peer)
{
	cr_expect_eq(client_say(&client, "nonsense\r\n\r\n"), HTTP_LINGER);
	for (int i = 0; i < 1000; i++)
		cr_expect_eq(client_say(&client, GET("/json")), HTTP_LINGER);
	cr_expect(http_wants_input(&client.http));
	http_feed_end(&client.http);
	cr_expect_eq(client_drive(&client), HTTP_CLOSE);
	cr_expect_str_eq(client_heard(&client), REFUSED("501 Not Implemented", "20"));
}

Test(http_core_steps, lingering_ends_at_its_deadline)
{
	cr_expect_eq(client_say(&client, "GET /json HTTP/1.1\r\n\r\n"), HTTP_LINGER);
	cr_expect_eq(loop.timers.count, 1);
	loop_pass(&loop);
	cr_expect_eq(client_drive(&client), HTTP_CLOSE);
}

Test(http_core_steps, draining_ends_idle_connections_and_answers_the_others)
{
	struct test_client idle;

	client_open(&idle, &loop, NULL);
	client_say(&idle, GET("/json"));
	client_say(&client, GET("/wait/5") GET("/json"));
	atomic_store(&loop.draining, true);
	cr_expect_eq(client_drive(&idle), HTTP_CLOSE);
	cr_expect_eq(client_drive(&client), HTTP_TASK);
	loop_pass(&loop);
	cr_expect_eq(client_drive(&client), HTTP_CLOSE);
	cr_expect_str_eq(client_heard(&client),
			 RESPONSE("200 OK", "text/plain", "11", CLOSING, "Waited 5 ms"));
	client_close(&idle);
}
