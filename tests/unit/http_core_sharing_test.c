/*
 * What connections of one loop share: the scratch, the exchanges, the Date.
 */
#include "tests/unit/http_core_fixture.h"

#include "lib/poison.h"

#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The wall clock of core, when the test sets it; all other clocks are the kernel's. */
static time_t wall_second;

int clock_gettime(clockid_t id, struct timespec *time)
{
	if (id == CLOCK_REALTIME_COARSE && wall_second) {
		*time = (struct timespec){.tv_sec = wall_second};
		return 0;
	}
	return (int)syscall(SYS_clock_gettime, id, time);
}

/* Takes `most` bytes of what one connection wants to send, as a socket that is almost full. */
static void take(struct test_client *client, size_t most)
{
	cr_assert_eq(http_next(&client->http), HTTP_WRITE);
	client->driving.send_most = most;
	client_send(client);
	client->driving.send_most = 0;
}

Test(http_core_sharing, unsent_output_survives_the_answers_of_others, .timeout = 20)
{
	struct task_tools here; /* where a task ends at once */
	struct test_client slow, none, fast;
	struct test_loop loop;

	task_tools_init(&here, NULL, NULL);
	loop_open(&loop, false);
	client_open(&slow, &loop, NULL);
	client_open(&none, &loop, NULL);
	client_open(&fast, &loop, NULL);
	http_feed(&slow.http, GET("/json"), sizeof GET("/json") - 1);
	take(&slow, 10);
	http_feed(&none.http, GET("/wait/1"), sizeof GET("/wait/1") - 1);
	cr_assert_eq(http_next(&none.http), HTTP_TASK);
	loop.pool.tools = &here;
	cr_assert_not(http_begin_task(&none.http));
	http_written(&none.http, 0);
	client_say(&fast, GET("/plaintext") GET("/bytes/20") GET("/nowhere"));
	UNPOISON(loop.scratch, sizeof loop.scratch); /* nobody has output in it now */
	memset(loop.scratch, '#', sizeof loop.scratch);
	cr_expect_eq(client_drive(&none), HTTP_READ);
	cr_expect_eq(client_drive(&slow), HTTP_READ);
	cr_expect_str_eq(client_heard(&none),
			 RESPONSE("200 OK", "text/plain", "11", "", "Waited 1 ms"));
	cr_expect_str_eq(client_heard(&slow), JSON(""));
	client_close(&slow);
	client_close(&none);
	client_close(&fast);
	loop_close(&loop);
}

Test(http_core_sharing, output_in_flight_stays_in_place_while_more_is_fed, .timeout = 20)
{
	struct iovec before[HTTP_PIECES], after[HTTP_PIECES];
	struct test_client client;
	struct test_loop loop;

	loop_open(&loop, true);
	client_open(&client, &loop, NULL);
	http_feed(&client.http, GET("/json") GET("/bytes/70000"),
		  sizeof(GET("/json") GET("/bytes/70000")) - 1);
	cr_assert_eq(http_next(&client.http), HTTP_WRITE);
	cr_expect_eq(http_output(&client.http, before, HTTP_PIECES), 3);
	http_feed(&client.http, GET("/plaintext"), sizeof GET("/plaintext") - 1);
	cr_expect_eq(http_next(&client.http), HTTP_WRITE);
	cr_expect_eq(http_output(&client.http, after, HTTP_PIECES), 3);
	for (int i = 0; i < 3; i++) {
		cr_expect_eq(before[i].iov_base, after[i].iov_base);
		cr_expect_eq(before[i].iov_len, after[i].iov_len);
	}
	cr_expect_eq(http_output(&client.http, after, 2), 2, "no more pieces than there is room");
	cr_expect_eq(client_drive(&client), HTTP_READ);
	cr_expect_not_null(strstr(client.received, "Hello, World!\"}HTTP/1.1 200 OK\r\n"));
	client_close(&client);
	loop_close(&loop);
}

Test(http_core_sharing, answers_that_are_ready_leave_in_one_write, .timeout = 20)
{
	struct iovec pieces[HTTP_PIECES];
	struct test_client client;
	struct test_loop loop;
	char requests[20 * sizeof GET("/json")] = "";
	unsigned writes = 0;

	for (int i = 0; i < 20; i++)
		memcpy(requests + strlen(requests), GET("/json"), sizeof GET("/json"));
	loop_open(&loop, false);
	client_open(&client, &loop, NULL);
	http_feed(&client.http, requests, strlen(requests));
	for (; http_next(&client.http) == HTTP_WRITE; writes++) {
		cr_expect_eq(http_output(&client.http, pieces, HTTP_PIECES), 1);
		client_send(&client);
	}
	cr_expect_eq(writes, 1);
	client_close(&client);
	loop_close(&loop);
}

Test(http_core_sharing, more_answers_than_the_output_holds_come_all_the_same, .timeout = 20)
{
	enum { REQUESTS = 400 };

	for (int completes = 0; completes < 2; completes++) {
		const struct driving driving = {.completes = completes};
		struct test_client client;
		struct test_loop loop;
		size_t answers = 0, length = sizeof GET("/plaintext") - 1;
		char *requests = malloc(REQUESTS * length);

		cr_assert_not_null(requests);
		for (int i = 0; i < REQUESTS; i++)
			memcpy(requests + (size_t)i * length, GET("/plaintext"), length);
		loop_open(&loop, completes);
		client_open(&client, &loop, &driving);
		cr_expect_eq(client_feed(&client, requests, REQUESTS * length), HTTP_READ);
		for (const char *at = client.received; (at = strstr(at, "Hello")); at++)
			answers++;
		cr_expect_eq(answers, REQUESTS);
		client_close(&client);
		loop_close(&loop);
		free(requests);
	}
}

Test(http_core_sharing, many_connections_at_once_and_none_afterwards, .timeout = 20)
{
	enum { CLIENTS = 300 };
	static struct test_client clients[CLIENTS];
	struct test_loop loop;

	loop_open(&loop, false);
	for (int i = 0; i < CLIENTS; i++) {
		client_open(&clients[i], &loop, NULL);
		client_say(&clients[i], "GET /js");
		cr_expect_not_null(clients[i].http.exchange);
	}
	for (int i = 0; i < CLIENTS; i++) {
		client_say(&clients[i], "on HTTP/1.1\r\nHost: a\r\n\r\n");
		cr_expect_str_eq(client_heard(&clients[i]), JSON(""));
		cr_expect_null(clients[i].http.exchange, "an idle connection holds nothing");
		client_close(&clients[i]);
	}
	loop_close(&loop);
}

Test(http_core_sharing, a_connection_can_bring_all_it_needs, .timeout = 20)
{
	_Alignas(max_align_t) char exchange[HTTP_EXCHANGE_BYTES];
	char scratch[HTTP_SCRATCH_LEAST];
	atomic_bool draining = false;
	struct test_client client;
	struct http_pool pool;

	http_pool_init(&pool, scratch, sizeof scratch, &draining, exchange);
	client = (struct test_client){.received = calloc(1, 1)};
	http_init(&client.http, &pool);
	for (int i = 0; i < 3; i++) {
		client_say(&client, "GET /js");
		cr_expect_eq((void *)client.http.exchange, (void *)exchange);
		cr_expect_eq(client_say(&client, "on HTTP/1.1\r\nHost: a\r\n\r\n"), HTTP_READ);
	}
	cr_expect_str_eq(client_heard(&client), JSON("") JSON("") JSON(""));
	client_close(&client);
	http_pool_destroy(&pool);
}

/* The Date of one answer, 29 characters. */
static void ask_date(struct test_loop *loop, char date[30])
{
	struct test_client client;
	const char *found;

	client_open(&client, loop, NULL);
	client_say(&client, GET("/plaintext"));
	found = strstr(client.received, "\r\nDate: ");
	cr_assert_not_null(found);
	snprintf(date, 30, "%s", found + 8);
	cr_expect_eq(strncmp(found + 8 + 29, "\r\n", 2), 0);
	client_close(&client);
}

Test(http_core_sharing, date_is_right_on_every_day, .timeout = 20)
{
	const time_t first = 1704067200; /* 1 January 2024, a leap year */
	char date[30], expected[30];
	struct test_loop loop;

	loop_open(&loop, false);
	for (time_t day = 0; day < 800; day++) {
		struct tm utc;

		wall_second = first + day * 86400 + day * 107 % 86400;
		cr_assert_not_null(gmtime_r(&wall_second, &utc));
		strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", &utc);
		ask_date(&loop, date);
		cr_expect_str_eq(date, expected);
	}
	loop_close(&loop);
}

Test(http_core_sharing, date_follows_the_clock, .timeout = 20)
{
	struct test_loop loop;
	char date[30];

	wall_second = 784111777;
	loop_open(&loop, false);
	ask_date(&loop, date);
	cr_expect_str_eq(date, "Sun, 06 Nov 1994 08:49:37 GMT");
	wall_second++;
	ask_date(&loop, date);
	cr_expect_str_eq(date, "Sun, 06 Nov 1994 08:49:38 GMT");
	loop_close(&loop);
}
