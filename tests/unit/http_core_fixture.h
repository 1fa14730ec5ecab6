/*
 * Drives one connection of the HTTP core as a model would, with memory in place of a socket and
 * a loop in which time passes when the test says so.
 */
#ifndef TENK_TESTS_HTTP_CORE_FIXTURE_H
#define TENK_TESTS_HTTP_CORE_FIXTURE_H

#include "servers/core/http/http.h"
#include "servers/core/tasks/route.h"
#include "servers/core/loops/timers.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A response as it is on the wire, with the Date masked as collect_masked does. */
#define MASKED_DATE "DDD, DD DDD DDDD DD:DD:DD GMT"
#define RESPONSE(status, type, length, extra, body)                                           \
	"HTTP/1.1 " status "\r\nServer: tenk\r\nDate: " MASKED_DATE "\r\nContent-Type: " type \
	"\r\nContent-Length: " length extra "\r\n\r\n" body
#define HELLO(extra) RESPONSE("200 OK", "text/plain", "13", extra, "Hello, World!")
#define JSON(extra) \
	RESPONSE("200 OK", "application/json", "27", extra, "{\"message\":\"Hello, World!\"}")
#define ECHO(length, body) RESPONSE("200 OK", "application/octet-stream", length, "", body)
/* `length`: of the status with its phrase, and one. */
#define REFUSED(status, length) \
	RESPONSE(status, "text/plain", length, "\r\nConnection: close", status "\n")
#define CLOSING	    "\r\nConnection: close"
#define GET(target) "GET " target " HTTP/1.1\r\nHost: tenk\r\n\r\n"

/* How the connection is driven. */
struct driving {
	const char *name;
	bool completes;	  /* no scratch: output stays until it is acknowledged */
	size_t send_most; /* bytes acknowledged at once; 0: all */
	bool refuses;	  /* the socket takes nothing at every second try */
};

static const struct driving ways_to_drive[] = {
	{.name = "synchronous"},
	{.name = "synchronous, a byte at a time", .send_most = 1},
	{.name = "synchronous, not at once", .send_most = 100, .refuses = true},
	{.name = "completion", .completes = true},
	{.name = "completion, a byte at a time", .completes = true, .send_most = 1},
};
enum { WAYS_TO_DRIVE = sizeof ways_to_drive / sizeof *ways_to_drive };

struct test_loop {
	atomic_bool draining;
	struct http_pool pool;
	struct timers timers;
	struct task_tools tools;
	char scratch[16384];
};

struct test_client {
	struct test_loop *loop;
	struct http http;
	struct driving driving;
	bool tasks_wait;    /* for loop_pass; else they are done at once */
	unsigned refusals;  /* by the socket */
	unsigned completed; /* tasks that called back */
	char *received;	    /* what came out, terminated */
	size_t received_length;
};

static inline int loop_timer_start(void *loop, struct loop_timer *timer)
{
	return timers_start(&((struct test_loop *)loop)->timers, timer);
}

static inline void loop_timer_stop(void *loop, struct loop_timer *timer)
{
	timers_stop(&((struct test_loop *)loop)->timers, timer);
}

static const struct loop_services loop_services = {.timer_start = loop_timer_start,
						   .timer_stop = loop_timer_stop};

static inline void client_task_ended(struct http *http);

static inline void loop_open(struct test_loop *loop, bool completes)
{
	memset(loop, 0, sizeof *loop);
	http_pool_init(&loop->pool, completes ? NULL : loop->scratch,
		       completes ? 0 : sizeof loop->scratch, &loop->draining, NULL);
	task_tools_init(&loop->tools, &loop_services, loop);
	loop->pool.tools = &loop->tools;
	loop->pool.task_ended = client_task_ended;
}

static inline void loop_close(struct test_loop *loop)
{
	task_tools_close(&loop->tools);
	http_pool_destroy(&loop->pool);
	timers_destroy(&loop->timers);
}

/* Lets as much time pass as the next timer needs. */
static inline void loop_pass(struct test_loop *loop)
{
	timers_fire(&loop->timers, timers_next_ns(&loop->timers), SIZE_MAX);
}

static inline void client_open(struct test_client *client, struct test_loop *loop,
			       const struct driving *driving)
{
	*client = (struct test_client){.loop = loop, .received = calloc(1, 1)};
	if (driving)
		client->driving = *driving;
	http_init(&client->http, &loop->pool);
}

static inline void client_close(struct test_client *client)
{
	http_destroy(&client->http);
	free(client->received);
}

static inline void client_receive(struct test_client *client, const char *data, size_t length)
{
	client->received = realloc(client->received, client->received_length + length + 1);
	cr_assert_not_null(client->received);
	memcpy(client->received + client->received_length, data, length);
	client->received_length += length;
	client->received[client->received_length] = '\0';
}

/* Sends what core shows, as much as the way of driving lets pass. */
static inline void client_send(struct test_client *client)
{
	struct iovec pieces[HTTP_PIECES];
	int count = http_output(&client->http, pieces, HTTP_PIECES);
	size_t left = client->driving.send_most ? client->driving.send_most : SIZE_MAX, sent = 0;

	cr_assert(count > 0 && count <= HTTP_PIECES);
	if (client->driving.refuses && client->refusals++ % 2 == 0) {
		http_written(&client->http, 0);
		return;
	}
	for (int i = 0; i < count && left; i++) {
		size_t length = pieces[i].iov_len < left ? pieces[i].iov_len : left;

		cr_assert(length > 0, "an empty piece");
		client_receive(client, pieces[i].iov_base, length);
		left -= length;
		sent += length;
	}
	http_written(&client->http, sent);
}

static inline enum http_step client_drive(struct test_client *client);

static inline void client_task_ended(struct http *http)
{
	struct test_client *client =
		(struct test_client *)((char *)http - offsetof(struct test_client, http));

	client->completed++;
	client_drive(client);
}

/* Does what core asks for until it has to wait for something; returns for what. */
static inline enum http_step client_drive(struct test_client *client)
{
	for (;;) {
		enum http_step step = http_next(&client->http);

		cr_assert_eq(http_next(&client->http), step, "asking again changed the answer");
		if (step == HTTP_WRITE) {
			client_send(client);
		} else if (step != HTTP_TASK && step != HTTP_LINGER) {
			return step;
		} else if (http_begin_task(&client->http)) {
			if (step == HTTP_LINGER || client->tasks_wait)
				return step;
			loop_pass(client->loop);
		}
	}
}

/* Feeds from a block of exactly this size that is gone afterwards, so that strays are found. */
static inline enum http_step client_feed(struct test_client *client, const char *data,
					 size_t length)
{
	char *copy = malloc(length ? length : 1);

	cr_assert_not_null(copy);
	memcpy(copy, data, length);
	http_feed(&client->http, copy, length);
	memset(copy, '#', length);
	free(copy);
	return client_drive(client);
}

static inline enum http_step client_say(struct test_client *client, const char *text)
{
	return client_feed(client, text, strlen(text));
}

/* What came out, with every Date masked so that it can be compared. */
static inline const char *client_heard(struct test_client *client)
{
	static const char name[] = "\r\nDate: ", mask[] = MASKED_DATE;
	char *at = client->received;

	while ((at = strstr(at, name))) {
		at += sizeof name - 1;
		if (strlen(at) < sizeof mask - 1)
			break;
		memcpy(at, mask, sizeof mask - 1);
	}
	return client->received;
}

/* Says all of `text` on a fresh connection; checks what comes back and how it ends. */
static inline void expect_answer(const char *name, const char *text, const char *answer,
				 enum http_step end)
{
	struct test_client client;
	struct test_loop loop;
	enum http_step step;

	loop_open(&loop, false);
	client_open(&client, &loop, NULL);
	step = client_say(&client, text);
	cr_expect_str_eq(client_heard(&client), answer, "%s: came\n%s", name, client.received);
	cr_expect_eq(step, end, "%s: ended in step %d", name, step);
	client_close(&client);
	loop_close(&loop);
}

#endif
