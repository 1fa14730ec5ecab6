#include "servers/core/tasks/backend/backend_connection.h"
#include "servers/core/tasks/loop_services.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener;
static char where[40];
static struct backend_connection connection;

static void listen_there(unsigned idle_most)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	struct error error;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(bind(listener, (struct sockaddr *)&address, length), 0);
	cr_assert_eq(listen(listener, 8), 0);
	getsockname(listener, (struct sockaddr *)&address, &length);
	snprintf(where, sizeof where, "127.0.0.1:%u", ntohs(address.sin_port));
	cr_assert_eq(backend_open(where, idle_most, &error), 0, "%s", error.text);
}

/* Goes on until that state, or another from which none follows. */
static void go_on_until(enum backend_state state)
{
	while (connection.state != state && connection.state < BACKEND_DONE) {
		struct pollfd ready = {.fd = connection.fd,
				       .events = connection.interest == LOOP_IN ? POLLIN : POLLOUT};

		cr_assert_eq(poll(&ready, 1, 5000), 1);
		backend_go_on(&connection);
	}
	cr_assert_eq(connection.state, state, "%s", connection.reason);
}

/* Asks on a fresh connection; returns the other end, which has read the request. */
static int ask(uint64_t ms, const char *expected)
{
	char request[200];
	ssize_t length;
	int peer, one = 1;

	backend_connect(&connection);
	backend_ask(&connection, ms);
	go_on_until(BACKEND_RECEIVING);
	peer = accept(listener, NULL, NULL);
	setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	length = recv(peer, request, sizeof request - 1, 0);
	cr_assert_gt(length, 0);
	request[length] = '\0';
	cr_expect_str_eq(request, expected);
	return peer;
}

static const char *request_of(unsigned ms, const char *fields)
{
	static char text[200];

	snprintf(text, sizeof text, "GET /wait/%u HTTP/1.1\r\nHost: %s\r\n%s\r\n", ms, where,
		 fields);
	return text;
}

static void say(int peer, const char *text, size_t length)
{
	cr_assert_eq(send(peer, text, length, 0), (ssize_t)length);
}

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nWaited 10 ms";

Test(backend, reads_an_answer_however_it_is_split_and_keeps_the_connection)
{
	int peer;

	listen_there(4);
	peer = ask(10, request_of(10, ""));
	for (size_t cut = 1; cut < sizeof answer - 1; cut++) {
		if (cut > 1) {
			char request[200];

			cr_assert(connection.keeps);
			backend_ask(&connection, 10);
			cr_assert(connection.used);
			cr_assert_eq(connection.state, BACKEND_RECEIVING);
			cr_assert_gt(recv(peer, request, sizeof request, 0), 0);
		}
		say(peer, answer, cut);
		while (!connection.begun)
			backend_go_on(&connection);
		cr_assert_eq(connection.state, BACKEND_RECEIVING);
		say(peer, answer + cut, sizeof answer - 1 - cut);
		go_on_until(BACKEND_DONE);
		cr_expect_eq(connection.status, 200);
		cr_expect_eq(connection.body_length, 12);
		cr_expect_eq(memcmp(connection.body, "Waited 10 ms", 12), 0);
	}
	backend_close(&connection);
	close(peer);
}

static void expect_end(const char *text, const char *reason, unsigned status, bool keeps)
{
	int peer = ask(1, request_of(1, ""));

	say(peer, text, strlen(text));
	shutdown(peer, SHUT_WR);
	go_on_until(reason ? BACKEND_BROKEN : BACKEND_DONE);
	if (reason)
		cr_expect_str_eq(connection.reason, reason);
	else
		cr_expect_eq(connection.status, status);
	cr_expect_eq(connection.keeps, keeps, "after %s", text);
	backend_close(&connection);
	close(peer);
}

Test(backend, tells_answers_and_what_is_none_apart)
{
	char long_answer[400];

	listen_there(4);
	expect_end(
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx",
		NULL, 404, true);
	expect_end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", NULL, 200,
		   false);
	expect_end("HTTP/1.1 200 OK\r\n\r\nuntil the end", NULL, 200, false);
	expect_end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nand more", NULL, 200, false);
	expect_end("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfew",
		   "the connection to the backend was lost", 0, false);
	expect_end("", "the connection to the backend was lost", 0, false);
	expect_end("SSH-2.0-OpenSSH_9.2\r\n", "the backend's answer is not HTTP", 0, false);
	snprintf(long_answer, sizeof long_answer,
		 "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%*d", BACKEND_BODY_MOST + 1,
		 BACKEND_BODY_MOST + 1, 1);
	expect_end(long_answer, "the backend's answer is too long", 0, false);
}

Test(backend, asks_for_the_end_of_a_connection_that_is_not_to_be_kept)
{
	int peer;

	listen_there(0);
	peer = ask(7, request_of(7, "Connection: close\r\n"));
	say(peer, answer, sizeof answer - 1);
	go_on_until(BACKEND_DONE);
	cr_expect_not(connection.keeps);
	backend_close(&connection);
	close(peer);
}

Test(backend, tells_a_stale_connection_from_one_that_broke)
{
	int peer;

	listen_there(4);
	peer = ask(10, request_of(10, ""));
	say(peer, answer, sizeof answer - 1);
	go_on_until(BACKEND_DONE);
	close(peer);
	backend_ask(&connection, 10);
	go_on_until(BACKEND_BROKEN);
	cr_expect(backend_was_stale(&connection));
	backend_close(&connection);

	peer = ask(10, request_of(10, ""));
	close(peer);
	go_on_until(BACKEND_BROKEN);
	cr_expect_not(backend_was_stale(&connection), "it was fresh");
	backend_close(&connection);

	close(listener);
	backend_connect(&connection);
	backend_ask(&connection, 10);
	go_on_until(BACKEND_BROKEN);
	cr_expect_str_eq(connection.reason, "no connection to the backend");
	cr_expect_not(backend_was_stale(&connection));
	backend_close(&connection);
}

Test(backend, refuses_what_is_no_address)
{
	static const char *const wrong[] = {"", "host", ":80", "127.0.0.1:", "127.0.0.1:eighty"};
	struct error error;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		cr_expect_lt(backend_open(wrong[i], 1, &error), 0, "%s", wrong[i]);
		cr_expect(strstr(error.text, "--backend"), "%s", error.text);
	}
	cr_expect_not(backend_is_open());
	cr_expect_eq(backend_open("[::1]:80", 1, &error), 0, "%s", error.text);
}
