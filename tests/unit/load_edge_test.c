/*
 * The kernel reports each change of a connection once: nothing that came together, or in more pieces
 * than one, may be left lying.
 */
#include "loadgen/connection.h"
#include "tests/unit/load_fixture.h"

TestSuite(load_edge, .fini = forget_run);

enum { LONG_BYTES = 5 * WIRE_BUFFER_BYTES / 2 };

static bool answer_at_length(int descriptor, unsigned n)
{
	static char body[LONG_BYTES];
	char head[64];

	(void)n;
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", LONG_BYTES);
	return say(descriptor, head) &&
	       send(descriptor, body, sizeof(body), MSG_NOSIGNAL) == (ssize_t)sizeof(body);
}

Test(load_edge, answers_longer_than_the_buffer_come_whole, .timeout = 20)
{
	start_server(answer_at_length);
	cr_assert_eq(go_for(9), RUN_OK);
	cr_assert_gt(run.total->good, 8);
	cr_assert_eq(run.expected_length, LONG_BYTES);
}

static bool answer_at_length_and_close(int descriptor, unsigned n)
{
	static char body[LONG_BYTES];

	(void)n;
	say(descriptor, "HTTP/1.0 200 OK\r\n\r\n");
	send(descriptor, body, sizeof(body), MSG_NOSIGNAL);
	return false;
}

Test(load_edge, the_end_behind_a_long_answer_is_seen, .timeout = 20)
{
	start_server(answer_at_length_and_close);
	cr_assert_eq(go_for(9), RUN_OK);
	cr_assert_gt(run.total->good, 8);
	cr_assert_eq(run.expected_length, LONG_BYTES);
}

static bool answer_and_close_silently(int descriptor, unsigned n)
{
	answer_well(descriptor, n);
	return false;
}

/* With the answer, or behind it while it pauses (later it is a reset): one answer for each. */
Test(load_edge, an_end_that_was_not_announced_is_seen, .timeout = 20)
{
	start_server(answer_and_close_silently);
	options.think_time_ns = NS_PER_MS;
	go_for(9);
	cr_assert_gt(run.total->good, 8);
	cr_assert_geq(run.total->connect.total, run.total->good);
}

/* What a server does with a connection before it has read anything. */
static void *greet(void *argument)
{
	bool stays = *(const bool *)argument;

	for (;;) {
		int descriptor = accept4(server.listener, NULL, NULL, SOCK_CLOEXEC);

		if (descriptor < 0)
			return NULL;
		if (stays)
			say(descriptor, "220 ready\r\n");
		else
			close(descriptor);
	}
}

static void go_with_greeting(bool stays)
{
	socklen_t size = sizeof(server.address);
	pthread_t thread;

	server.address = (struct sockaddr_in){.sin_family = AF_INET,
					      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(bind(server.listener, (struct sockaddr *)&server.address, size), 0);
	cr_assert_eq(listen(server.listener, 1024), 0);
	cr_assert_eq(getsockname(server.listener, (struct sockaddr *)&server.address, &size), 0);
	cr_assert_eq(pthread_create(&thread, NULL, greet, &stays), 0);
	options.timeout_ns = 5 * NS_PER_S;
	go();
	shutdown(server.listener, SHUT_RDWR);
	pthread_join(thread, NULL);
}

Test(load_edge, what_comes_before_any_request_is_seen, .timeout = 20)
{
	go_with_greeting(true);
	cr_assert_eq(run.total->good, 0);
	cr_assert_not_null(find_failure(ERROR_PARSE));
	cr_assert_null(find_failure(ERROR_TIMEOUT));
}

Test(load_edge, a_server_that_hangs_up_at_once_is_seen, .timeout = 20)
{
	go_with_greeting(false);
	cr_assert_eq(run.total->good, 0);
	cr_assert_eq(run.total->unanswered_age.total, 0);
	cr_assert_null(find_failure(ERROR_TIMEOUT));
}
