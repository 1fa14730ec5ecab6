#include "servers/core/http/http_exchange.h"
#include "tests/unit/http_core_fixture.h"

/* In ticks, far apart, so that a deadline shows which limit it comes from. */
enum { HEADER = 10000, BODY = 20000, IDLE = 40000, WRITE = 80000, SLACK = 30 };

static const struct http_limits limits = {
	{[HTTP_HEADER] = HEADER, [HTTP_BODY] = BODY, [HTTP_IDLE] = IDLE, [HTTP_SENDING] = WRITE}};

static struct test_loop loop;
static struct test_client client;

static void open_client(void)
{
	loop_open(&loop, false);
	loop.pool.limits = &limits;
	client_open(&client, &loop, NULL);
}

static void close_client(void)
{
	client_close(&client);
	loop_close(&loop);
}

/* Whether the deadline is that far from now, give or take what the test itself takes. */
static void expect_due(uint32_t limit, const char *when)
{
	uint32_t due = http_due(&client.http), now = tick_now();

	cr_expect(due >= now + limit - SLACK && due <= now + limit + SLACK,
		  "%s: %u ticks from now instead of %u", when, due - now, limit);
}

/* Lets time pass: everything was longer ago. */
static void age(uint32_t ticks)
{
	client.http.due -= ticks;
	if (client.http.exchange)
		client.http.exchange->phase_began -= ticks;
}

TestSuite(http_deadline, .init = open_client, .fini = close_client);

Test(http_deadline, without_limits_there_is_none)
{
	loop.pool.limits = NULL;
	cr_expect_eq(http_due(&client.http), TICK_NEVER);
	client_say(&client, "GET / HT");
	cr_expect_eq(http_due(&client.http), TICK_NEVER);
}

Test(http_deadline, a_limit_of_0_is_none)
{
	static const struct http_limits only_idle = {{[HTTP_IDLE] = IDLE}};

	loop.pool.limits = &only_idle;
	cr_expect_eq(http_due(&client.http), TICK_NEVER);
	client_say(&client, GET("/json"));
	expect_due(IDLE, "idle");
	client_say(&client, "GET");
	cr_expect_eq(http_due(&client.http), TICK_NEVER);
}

Test(http_deadline, the_first_header_has_its_time_from_the_accept)
{
	expect_due(HEADER, "accepted");
	age(HEADER / 2);
	client_say(&client, "\r\n\r\nG");
	expect_due(HEADER / 2, "begun");
	client_say(&client, "ET /json HTTP/1.1\r\nHost: t\r\n");
	expect_due(HEADER / 2, "gone on");
}

Test(http_deadline, later_headers_have_their_time_from_their_first_byte)
{
	client_say(&client, GET("/json"));
	expect_due(IDLE, "idle");
	age(IDLE / 2);
	client_say(&client, "\r\n");
	expect_due(IDLE / 2, "an empty line is no request");
	client_say(&client, "G");
	expect_due(HEADER, "begun");
	age(HEADER / 2);
	client_say(&client, "E");
	expect_due(HEADER / 2, "gone on");
	client_say(&client, "T /json HTTP/1.1\r\nHost: t\r\n\r\nGET");
	expect_due(HEADER, "the next one has begun");
}

Test(http_deadline, each_answer_renews_the_idle_time)
{
	for (int i = 0; i < 3; i++) {
		client_say(&client, GET("/json"));
		expect_due(IDLE, "idle");
		age(IDLE / 2);
	}
}

Test(http_deadline, a_body_has_time_for_each_byte_and_for_all)
{
	char block[1 << 14];

	memset(block, 'x', sizeof block);
	client_say(&client, "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n");
	expect_due(BODY, "begun");
	age(BODY / 2);
	expect_due(BODY / 2, "nothing came");
	client_say(&client, "x");
	expect_due(BODY / 2, "a byte is worth next to nothing");
	client_feed(&client, block, sizeof block);
	expect_due(BODY / 2 + (uint32_t)(4 * NS_PER_S / TICK_NS), "16 KiB are worth 4 s");
	for (int i = 0; i < 40; i++)
		client_feed(&client, block, sizeof block);
	expect_due(BODY / 2 + (uint32_t)(164 * NS_PER_S / TICK_NS), "and so on");
	age(BODY / 4);
	client_say(&client, "x");
	cr_expect(http_due(&client.http) <= tick_after(tick_now(), BODY), "more than the limit");
}

Test(http_deadline, a_fast_beginning_earns_no_rest)
{
	char block[1 << 14];

	memset(block, 'x', sizeof block);
	client_say(&client, "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n");
	for (int i = 0; i < 60; i++)
		client_feed(&client, block, sizeof block);
	expect_due(BODY, "the limit from the last byte at most");
}

Test(http_deadline, a_slow_reader_has_time_for_each_byte_and_for_all)
{
	struct iovec pieces[HTTP_PIECES];

	http_feed(&client.http, GET("/bytes/10000000"), sizeof GET("/bytes/10000000") - 1);
	cr_assert_eq(http_next(&client.http), HTTP_WRITE);
	http_output(&client.http, pieces, HTTP_PIECES);
	http_written(&client.http, 100);
	expect_due(WRITE, "the socket is full");
	age(WRITE / 2);
	http_output(&client.http, pieces, HTTP_PIECES);
	http_written(&client.http, 1);
	expect_due(WRITE / 2, "a byte is worth next to nothing");
	http_output(&client.http, pieces, HTTP_PIECES);
	http_written(&client.http, 1 << 14);
	expect_due(WRITE / 2 + (uint32_t)(4 * NS_PER_S / TICK_NS), "16 KiB are worth 4 s");
}

Test(http_deadline, a_task_has_its_own_time)
{
	bool reset;

	client.tasks_wait = true;
	client_say(&client, GET("/wait/1000"));
	http_due(&client.http);
	cr_expect_not(http_expire(&client.http, &reset));
	cr_expect(client.http.due > tick_now(), "looked at again at once");
	cr_expect_eq(client_drive(&client), HTTP_TASK);
	loop_pass(&loop);
	expect_due(IDLE, "done");
}

static void expect_end(enum http_step step, enum counter end)
{
	bool reset;

	cr_expect(http_expire(&client.http, &reset));
	cr_expect_not(reset);
	cr_expect_eq(client.http.due, TICK_NEVER);
	cr_expect_eq(client_drive(&client), step);
	cr_expect_eq(client.http.end, end);
}

Test(http_deadline, who_has_said_nothing_is_not_answered)
{
	http_due(&client.http);
	expect_end(HTTP_CLOSE, CLOSED_HEADER_TIMEOUT);
	cr_expect_str_eq(client_heard(&client), "");
}

Test(http_deadline, who_is_idle_is_not_answered)
{
	client_say(&client, GET("/plaintext"));
	http_due(&client.http);
	expect_end(HTTP_CLOSE, CLOSED_IDLE_TIMEOUT);
	cr_expect_str_eq(client_heard(&client), HELLO(""));
}

Test(http_deadline, half_a_header_gets_408_and_time_to_read_it)
{
	client_say(&client, "GET /plaintext HTT");
	http_due(&client.http);
	expect_end(HTTP_LINGER, CLOSED_HEADER_TIMEOUT);
	cr_expect_str_eq(client_heard(&client), REFUSED("408 Request Timeout", "20"));
}

Test(http_deadline, half_a_body_gets_408_and_time_to_read_it)
{
	client_say(&client, "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n12345");
	http_due(&client.http);
	expect_end(HTTP_LINGER, CLOSED_BODY_TIMEOUT);
	cr_expect_str_eq(client_heard(&client), REFUSED("408 Request Timeout", "20"));
	client_say(&client, "67890" GET("/json"));
	cr_expect_str_eq(client_heard(&client), REFUSED("408 Request Timeout", "20"),
			 "what comes later is discarded");
}

Test(http_deadline, who_does_not_read_is_reset)
{
	struct iovec pieces[HTTP_PIECES];
	bool reset;

	http_feed(&client.http, GET("/bytes/100000"), sizeof GET("/bytes/100000") - 1);
	cr_assert_eq(http_next(&client.http), HTTP_WRITE);
	http_output(&client.http, pieces, HTTP_PIECES);
	http_written(&client.http, 0);
	http_due(&client.http);
	cr_expect(http_expire(&client.http, &reset));
	cr_expect(reset);
	cr_expect_eq(http_next(&client.http), HTTP_CLOSE);
	cr_expect_eq(client.http.end, CLOSED_WRITE_TIMEOUT);
}
