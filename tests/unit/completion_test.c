/*
 * Connections driven by completions, with a model that completes in any order that chance makes: sends
 * whole, in part or not at all yet, input that goes on after it is no longer wanted, waits between.
 */
#include "servers/core/loops/completion.h"

#include "servers/core/loops/timers.h"
#include "tests/unit/http_core_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	REQUESTS = 12,
	BODY_MOST = 300000,
	HEAD_MOST = 200,
	STREAM_MOST = REQUESTS * (BODY_MOST + HEAD_MOST)
};

/* One connection, and what the kernel would have of it. */
struct model {
	struct completion_loop loop;
	struct completion_connection connection;
	struct timers timers;
	struct listener_terms terms;
	struct listener listener;
	atomic_bool draining;
	bool closed, destroyed;
	unsigned chance;
	struct iovec pieces[HTTP_PIECES]; /* under way, and what was in them */
	int count;
	char *shown;
	size_t shown_bytes;
	char *stream, *expected,
		*received; /* what the client sends, is to get as bodies, and gets */
	size_t stream_bytes, fed, expected_bytes, received_bytes;
	bool ended;
};

static struct model m;

static unsigned random_below(unsigned limit)
{
	m.chance = m.chance * 1103515245 + 12345;
	return (m.chance >> 8) % limit;
}

static size_t copy_pieces(char *to)
{
	size_t length = 0;

	for (int i = 0; i < m.count; i++) {
		memcpy(to + length, m.pieces[i].iov_base, m.pieces[i].iov_len);
		length += m.pieces[i].iov_len;
	}
	return length;
}

static int send_some(struct completion_connection *c)
{
	cr_assert_not(c->sending);
	cr_assert_not(m.closed);
	m.count = http_output(&c->http, m.pieces, HTTP_PIECES);
	m.shown_bytes = copy_pieces(m.shown);
	c->sending = true;
	return 0;
}

static int receive(struct completion_connection *c, bool wanted)
{
	cr_assert_not(m.closed);
	c->receiving = wanted;
	return 0;
}

static void destroy_if_done(void)
{
	if (!m.closed || m.connection.sending || m.destroyed)
		return;
	http_destroy(&m.connection.http);
	m.destroyed = true;
}

static void close_it(struct completion_connection *c)
{
	(void)c;
	cr_assert_not(m.closed);
	m.closed = true;
	destroy_if_done();
}

static const struct completion_methods methods = {
	.send = send_some, .receive = receive, .close = close_it, .services = &timers_services};

/* Part of what is under way has gone, all of it, or nothing. It has to be what it was. */
static void complete_send(void)
{
	size_t length = copy_pieces(m.received + m.received_bytes);
	unsigned kind = random_below(4);

	cr_assert_eq(length, m.shown_bytes);
	cr_assert_eq(memcmp(m.received + m.received_bytes, m.shown, length), 0,
		     "output has changed while it was sent");
	if (kind == 0)
		length = 1 + random_below((unsigned)length);
	if (kind == 1) {
		completion_sent(&m.connection, -EAGAIN);
	} else {
		m.received_bytes += length;
		completion_sent(&m.connection, (ssize_t)length);
	}
	destroy_if_done();
}

static void feed(void)
{
	size_t left = m.stream_bytes - m.fed, piece = 1 + random_below(40000);

	if (piece > left)
		piece = left;
	m.fed += piece;
	if (left == 0 && m.ended)
		return;
	if (left == 0)
		m.ended = true;
	completion_received(&m.connection, m.stream + m.fed - piece, (ssize_t)piece);
}

static void add_expected(const char *bytes, size_t length)
{
	memcpy(m.expected + m.expected_bytes, bytes, length);
	m.expected_bytes += length;
}

static void add_request(void)
{
	size_t length = random_below(3) ? random_below(200) : random_below(BODY_MOST);
	char *to = m.stream + m.stream_bytes;
	unsigned kind = random_below(4);
	int head = 0;

	if (kind == 0) {
		head = snprintf(to, HEAD_MOST, GET("/wait/1"));
		add_expected("Waited 1 ms", 11);
	} else if (kind == 1) {
		head = snprintf(to, HEAD_MOST, GET("/plaintext"));
		add_expected("Hello, World!", 13);
	} else if (kind == 2) {
		head = snprintf(to, HEAD_MOST, GET("/bytes/%zu"), length);
		for (size_t i = 0; i < length; i += REPLY_PATTERN_BYTES)
			add_expected(reply_pattern, length - i < REPLY_PATTERN_BYTES
							    ? length - i
							    : REPLY_PATTERN_BYTES);
	} else {
		head = snprintf(to, HEAD_MOST,
				"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
				length);
		for (size_t i = 0; i < length; i++)
			to[(size_t)head + i] = (char)('a' + random_below(26));
		add_expected(to + head, length);
		m.stream_bytes += length;
	}
	m.stream_bytes += (size_t)head;
}

static void check_bodies(void)
{
	const char *at = m.received, *expected = m.expected;

	m.received[m.received_bytes] = '\0';
	for (int i = 0; i < REQUESTS; i++) {
		const char *body = strstr(at, "\r\n\r\n");
		const char *field = strstr(at, "Content-Length: ");
		size_t length;

		cr_assert(body && field && field < body, "answer %d of %d is missing", i, REQUESTS);
		length = strtoul(field + sizeof "Content-Length: " - 1, NULL, 10);
		cr_assert_eq(strncmp(at, "HTTP/1.1 200 ", 13), 0);
		cr_assert_eq(memcmp(body + 4, expected, length), 0, "answer %d is another's", i);
		at = body + 4 + length;
		expected += length;
	}
	cr_assert_eq((size_t)(at - m.received), m.received_bytes);
	cr_assert_eq((size_t)(expected - m.expected), m.expected_bytes);
}

/* Whatever has completed: something else is under way then, or nothing is left. */
static void check_under_way(void)
{
	cr_assert(m.closed || m.connection.sending || m.connection.receiving || m.timers.count,
		  "seed %u: nothing is under way after %zu of %zu bytes came", m.chance, m.fed,
		  m.stream_bytes);
}

static void live(unsigned seed)
{
	m.chance = seed;
	m.stream_bytes = m.fed = m.expected_bytes = m.received_bytes = 0;
	m.closed = m.destroyed = m.ended = false;
	m.connection = (struct completion_connection){0};
	for (int i = 0; i < REQUESTS; i++)
		add_request();
	completion_open(&m.loop, &m.connection, -1);
	while (!m.destroyed) {
		bool overruns = random_below(8) == 0;

		check_under_way();
		if (m.connection.sending && random_below(2))
			complete_send();
		else if (m.timers.count && random_below(2))
			timers_fire(&m.timers, UINT64_MAX, SIZE_MAX);
		else if (!m.closed && (m.connection.receiving || overruns))
			feed();
	}
	check_bodies();
}

Test(completion, whatever_completes_starts_what_is_next, .timeout = 60)
{
	m.terms.limits.ticks[HTTP_SENDING] = 900;
	m.listener.terms = &m.terms;
	m.stream = malloc(STREAM_MOST);
	m.expected = malloc(STREAM_MOST);
	m.received = malloc(2 * STREAM_MOST);
	m.shown = malloc(STREAM_MOST);
	cr_assert(m.stream && m.expected && m.received && m.shown);
	cr_assert_eq(completion_init(&m.loop, &methods, &m.timers, &m.listener, &m.draining), 0);
	for (unsigned seed = 1; seed <= 60; seed++)
		live(seed);
	cr_expect_eq(m.loop.deadlines.wheel.count, 0);
	completion_destroy(&m.loop);
	timers_destroy(&m.timers);
	free(m.stream);
	free(m.expected);
	free(m.received);
	free(m.shown);
}
