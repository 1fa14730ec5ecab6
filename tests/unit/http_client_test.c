#include "harness/http/http_client.h"

#include "lib/clock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(http_client, .timeout = 20);

static const char plain[] = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\n\r\nhello";
static const char chunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			      "3;ext=1\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: 1\r\n\r\n";

/* Every beginning of it asks for more; the whole is taken, and nothing behind it. */
static void expect_split_anywhere(const char *bytes, const char *body)
{
	size_t length = strlen(bytes);
	struct http_response response;
	char longer[512];

	for (size_t i = 1; i < length; i++)
		cr_expect(http_response_parse(bytes, i, false, false, &response) == 0, "%zu", i);
	snprintf(longer, sizeof longer, "%sHTTP/1.1 404", bytes);
	cr_assert(http_response_parse(longer, strlen(longer), false, false, &response) ==
		  (long)length);
	cr_expect(response.status == 200);
	cr_expect_str_eq(response.body, body);
	cr_expect(response.raw_bytes == length);
	cr_expect_str_eq(response.raw, bytes);
	cr_expect(!response.closes);
	http_response_destroy(&response);
}

Test(http_client, takes_a_length_split_anywhere)
{
	expect_split_anywhere(plain, "hello");
}

Test(http_client, takes_chunks_split_anywhere)
{
	expect_split_anywhere(chunked, "hello");
}

Test(http_client, a_body_without_length_ends_with_the_connection)
{
	static const char bytes[] = "HTTP/1.1 200 OK\r\n\r\nuntil the end";
	struct http_response response;

	cr_expect(http_response_parse(bytes, sizeof bytes - 1, false, false, &response) == 0);
	cr_assert(http_response_parse(bytes, sizeof bytes - 1, false, true, &response) ==
		  (long)sizeof bytes - 1);
	cr_expect_str_eq(response.body, "until the end");
	cr_expect(response.closes);
	http_response_destroy(&response);
}

Test(http_client, head_and_interim_answers_have_no_body)
{
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct http_response response;

	cr_assert(http_response_parse(plain, sizeof plain - 1, true, false, &response) ==
		  (long)sizeof plain - 1 - 5);
	cr_expect(response.body_bytes == 0);
	http_response_destroy(&response);
	cr_assert(http_response_parse(interim, sizeof interim - 1, false, false, &response) ==
		  (long)sizeof interim - 1);
	cr_expect(response.status == 100);
	http_response_destroy(&response);
}

Test(http_client, refuses_what_is_not_http)
{
	static const char *const wrong[] = {
		"SSH-2.0-x\r\n",
		"HTTP/2.0 200 OK\r\n\r\n",
		"HTTP/1.1 20 OK\r\n\r\n",
		"HTTP/1.1  200 OK\r\n\r\n",
		"HTTP/1.1 200\r\n\r\n",
		"HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
		"HTTP/1.1 200 OK\r\nBlank : x\r\n\r\n",
		"HTTP/1.1 200 OK\r\n: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA: x\r\n folded\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n",
	};
	struct http_response response;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		cr_expect(http_response_parse(wrong[i], strlen(wrong[i]), false, true, &response) ==
				  -EBADMSG,
			  "%s", wrong[i]);
}

Test(http_client, finds_fields_in_any_case_and_counts_them)
{
	static const char bytes[] = "HTTP/1.1 204 No Content\r\nset: \t one \t\r\nSET:two\r\n"
				    "Setting: x\r\nConnection: a, Close\r\n\r\n";
	struct http_response response;
	char value[16];

	cr_assert(http_response_parse(bytes, sizeof bytes - 1, false, false, &response) > 0);
	cr_expect(http_response_field(&response, "Set", value, sizeof value) == 2);
	cr_expect_str_eq(value, "one");
	cr_expect(http_response_field(&response, "Absent", value, sizeof value) == 0);
	cr_expect(response.closes);
	http_response_destroy(&response);
}

Test(http_client, http_1_0_closes_unless_it_says_otherwise)
{
	static const char ends[] = "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n";
	static const char stays[] =
		"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n";
	struct http_response response;

	cr_assert(http_response_parse(ends, sizeof ends - 1, false, false, &response) > 0);
	cr_expect(response.closes);
	http_response_destroy(&response);
	cr_assert(http_response_parse(stays, sizeof stays - 1, false, false, &response) > 0);
	cr_expect(!response.closes);
	http_response_destroy(&response);
}

/* A server of one connection: it runs `serve` on it in a thread, then closes. */
struct one_shot {
	int listener;
	uint16_t port;
	pthread_t thread;
	void (*serve)(int fd);
};

static void *serve_one(void *argument)
{
	struct one_shot *shot = argument;
	int fd = accept4(shot->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0) {
		shot->serve(fd);
		close(fd);
	}
	return NULL;
}

static void start_server(struct one_shot *shot, void (*serve)(int fd))
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;

	shot->serve = serve;
	shot->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert(shot->listener >= 0);
	cr_assert(bind(shot->listener, (struct sockaddr *)&address, size) == 0);
	cr_assert(listen(shot->listener, 8) == 0);
	cr_assert(getsockname(shot->listener, (struct sockaddr *)&address, &size) == 0);
	shot->port = ntohs(address.sin_port);
	cr_assert(pthread_create(&shot->thread, NULL, serve_one, shot) == 0);
}

static void stop_server(struct one_shot *shot)
{
	pthread_join(shot->thread, NULL);
	close(shot->listener);
}

static void open_client(struct http_client *client, const struct one_shot *shot)
{
	cr_assert(http_client_open(client, "127.0.0.1", shot->port, NS_PER_S) == 0);
}

static uint64_t in_seconds(unsigned seconds)
{
	return clock_now_ns() + seconds * NS_PER_S;
}

static void answer_twice(int fd)
{
	char request[2];

	/* One answer and the beginning of the next; the rest when the client has asked again. */
	cr_expect(read(fd, request, 1) == 1);
	cr_expect(write(fd, plain, sizeof plain - 1) == (ssize_t)sizeof plain - 1);
	cr_expect(write(fd, plain, 20) == 20);
	cr_expect(read(fd, request, 1) == 1);
	cr_expect(write(fd, plain + 20, sizeof plain - 1 - 20) > 0);
}

Test(http_client, keeps_what_came_of_the_next_answer)
{
	struct http_client client;
	struct http_response response;
	struct one_shot shot;

	start_server(&shot, answer_twice);
	open_client(&client, &shot);
	for (int i = 0; i < 2; i++) {
		cr_assert(http_client_send(&client, "x", 1, in_seconds(5)) == 0);
		cr_assert(http_client_receive(&client, false, &response, in_seconds(5)) == 0);
		cr_expect_str_eq(response.body, "hello");
		http_response_destroy(&response);
	}
	cr_expect(http_client_await_close(&client, in_seconds(5)) == 0);
	cr_expect(client.pending_bytes == 0);
	http_client_close(&client);
	stop_server(&shot);
}

static void answer_half(int fd)
{
	cr_expect(write(fd, plain, 30) == 30);
}

static void answer_nothing(int fd)
{
	(void)fd;
}

Test(http_client, tells_no_answer_from_half_an_answer)
{
	struct http_client client;
	struct http_response response;
	struct one_shot shot;

	start_server(&shot, answer_half);
	open_client(&client, &shot);
	cr_expect(http_client_receive(&client, false, &response, in_seconds(5)) == -EPROTO);
	cr_expect(client.pending_bytes == 30);
	http_client_close(&client);
	stop_server(&shot);

	start_server(&shot, answer_nothing);
	open_client(&client, &shot);
	cr_expect(http_client_receive(&client, false, &response, in_seconds(5)) == -ENODATA);
	http_client_close(&client);
	stop_server(&shot);
}

/* Not before the client has said something: a reset must not meet its attempt to connect. */
static void break_off(int fd)
{
	struct linger at_once = {.l_onoff = 1};
	char byte;

	cr_expect(read(fd, &byte, 1) == 1);
	cr_expect(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
}

Test(http_client, tells_a_reset_from_an_orderly_end)
{
	struct http_client client;
	struct one_shot shot;

	start_server(&shot, break_off);
	open_client(&client, &shot);
	cr_expect(http_client_send(&client, "x", 1, in_seconds(5)) == 0);
	cr_expect(http_client_await_close(&client, in_seconds(5)) == -ECONNRESET);
	http_client_close(&client);
	stop_server(&shot);
}

static void wait_for_end(int fd)
{
	char bytes[65536];

	while (read(fd, bytes, sizeof bytes) > 0)
		;
}

Test(http_client, gives_up_at_the_deadline)
{
	struct http_client client;
	struct http_response response;
	struct one_shot shot;
	uint64_t deadline_ns;

	start_server(&shot, wait_for_end);
	open_client(&client, &shot);
	deadline_ns = clock_now_ns() + 50 * NS_PER_MS;
	cr_expect(http_client_receive(&client, false, &response, deadline_ns) == -ETIMEDOUT);
	cr_expect(clock_now_ns() >= deadline_ns);
	http_client_close(&client);
	stop_server(&shot);
}

enum { LARGE = 32 << 20 };

/* Reads nothing before all is written, which is more than any buffer takes. */
static void write_then_read(int fd)
{
	char *bytes = calloc(1, LARGE);
	size_t sent = 0;
	ssize_t count = 1;

	cr_assert(bytes != NULL);
	while (sent < LARGE && count > 0) {
		count = send(fd, bytes + sent, LARGE - sent, MSG_NOSIGNAL);
		sent += count > 0 ? (size_t)count : 0;
	}
	cr_expect(sent == LARGE);
	wait_for_end(fd);
	free(bytes);
}

Test(http_client, takes_in_answers_while_it_cannot_send)
{
	struct http_client client;
	struct one_shot shot;
	char *bytes = calloc(1, LARGE);

	cr_assert(bytes != NULL);
	start_server(&shot, write_then_read);
	open_client(&client, &shot);
	cr_expect(http_client_send(&client, bytes, LARGE, in_seconds(15)) == 0);
	cr_expect(http_client_half_close(&client) == 0);
	cr_expect(http_client_await_close(&client, in_seconds(15)) == 0);
	cr_expect(client.pending_bytes == LARGE);
	http_client_close(&client);
	stop_server(&shot);
	free(bytes);
}

Test(http_client, nobody_listening_is_an_error)
{
	struct http_client client;
	struct one_shot shot;
	uint16_t port;

	start_server(&shot, answer_nothing);
	port = shot.port;
	open_client(&client, &shot);
	http_client_close(&client);
	stop_server(&shot);
	cr_expect(http_client_open(&client, "127.0.0.1", port, NS_PER_S) == -ECONNREFUSED);
	cr_expect(client.fd == -1);
	http_client_close(&client);
}

/* What was given out of a body, put together again. */
struct taken {
	char text[128];
	size_t count;
};

static void collect(void *context, const char *bytes, size_t count)
{
	struct taken *taken = context;

	cr_assert_leq(taken->count + count, sizeof taken->text - 1);
	memcpy(taken->text + taken->count, bytes, count);
	taken->count += count;
	taken->text[taken->count] = '\0';
}

/* Reads a body whose bytes come so many at a time. */
static long read_body(const char *bytes, size_t at_a_time, struct taken *taken)
{
	struct http_response response;
	struct http_body body;
	size_t length = strlen(bytes), at, come;

	*taken = (struct taken){0};
	at = (size_t)http_response_parse(bytes, length, true, false, &response);
	cr_assert_gt(at, 0);
	if (http_body_begin(&body, &response, false) < 0)
		at = 0;
	http_response_destroy(&response);
	for (come = at; at > 0 && body.part != HTTP_BODY_OVER;) {
		size_t given;
		long used = http_body_take(&body, bytes + at, come - at, &given);

		if (used < 0)
			return used;
		collect(taken, bytes + at + used - given, given);
		at += (size_t)used;
		if (used == 0 && come == length)
			return body.part == HTTP_BODY_TO_END ? (long)at : 0;
		if (used == 0)
			come = come + at_a_time < length ? come + at_a_time : length;
	}
	return at > 0 ? (long)at : -EBADMSG;
}

Test(http_client, gives_a_body_out_however_it_comes)
{
	static const char *const whole[] = {plain, chunked, "HTTP/1.1 200 OK\r\n\r\nhello",
					    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
					    "5;a=b\r\nhello\r\n0\r\n\r\n"};
	struct taken taken;

	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		for (size_t step = 1; step < strlen(whole[i]); step++) {
			cr_assert_eq(read_body(whole[i], step, &taken), (long)strlen(whole[i]),
				     "%zu by %zu", i, step);
			cr_assert_str_eq(taken.text, "hello", "%zu by %zu", i, step);
		}
}

Test(http_client, gives_out_nothing_that_is_framed_wrongly)
{
	static const char *const wrong[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5x\r\nhello\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx y\r\n\r\n",
	};
	struct taken taken;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		cr_expect_eq(read_body(wrong[i], 1, &taken), -EBADMSG, "%zu", i);
}
