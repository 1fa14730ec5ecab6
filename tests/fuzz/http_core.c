/*
 * A fuzz target: one input drives the HTTP core as no model would dare to.
 *
 * An input is text that people can write: its first line is a schedule, the rest is what clients
 * send, as it is on the wire. From the schedule's bytes comes every decision that is not the
 * client's: where its bytes are split, how much of an answer goes out at once, whether more is read
 * during a task or a write, when the task ends, where the client ends, when somebody else is served
 * in between.
 *
 * Each input is run three times. First unsplit, in a pool of its own: that is what the answer has to
 * be. Then in a second pool a connection is disturbed: it is destroyed at some moment, memory may be
 * refused to it, or the server begins to drain. Then another one, in the same pool, is split up: its
 * answer has to be the first one's, byte for byte, whatever the disturbed one left behind.
 * "100 Continue" alone depends on how the bytes came, and is taken out. Time is the schedule's too,
 * so that each input always does the same.
 *
 * Serves libFuzzer, AFL++ and a replay (standalone.c); linked with --wrap (see the Makefile).
 */
#include "servers/core/http/http_exchange.h"
#include "servers/core/loops/timers.h"

#include "tests/fuzz/environment.h"
#include "tests/fuzz/http_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OUTPUT_MOST = 160 << 10, /* compared; an answer may be a GiB */
	SCRATCH_MOST = 16384,
	SHOWN_MOST = 400,
	STEPS_MOST = 1 << 20, /* more means that a connection does not get on */
};

static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
enum { INTERIM_BYTES = sizeof interim - 1 };

/* Also without NDEBUG's help, and with a message that replays can show. */
#define REQUIRE(condition) ((condition) ? (void)0 : fail(__LINE__, #condition))

static _Noreturn void fail(int line, const char *condition)
{
	fprintf(stderr, "http core, line %d of the target: does not hold: %s\n", line, condition);
	abort();
}

/* --- one connection ---------------------------------------------------------------------------- */

struct server {
	struct http_pool pool;
	struct timers timers;
	struct task_tools tools;
	atomic_bool draining;
	char scratch[SCRATCH_MOST];
};

struct output {
	char bytes[OUTPUT_MOST];
	size_t length;
	bool full;
};

struct client {
	struct server *server;
	struct http http;
	struct output *output;
	const char *stream;
	size_t length, fed;
	bool ended; /* the end was told */
};

static void task_ended(struct http *http)
{
	(void)http; /* the schedule says when to ask again */
}

static void server_open(struct server *server, struct schedule *schedule)
{
	static const size_t sizes[] = {HTTP_SCRATCH_LEAST, 4096, SCRATCH_MOST};
	bool completes = schedule_draw(schedule, 2);
	size_t size = sizes[schedule_draw(schedule, 3)];

	server->timers = (struct timers){0};
	atomic_store(&server->draining, false);
	http_pool_init(&server->pool, completes ? NULL : server->scratch, completes ? 0 : size,
		       &server->draining, NULL);
	task_tools_init(&server->tools, &timers_services, &server->timers);
	server->pool.tools = &server->tools;
	server->pool.task_ended = task_ended;
}

static void server_close(struct server *server)
{
	REQUIRE(server->timers.count == 0);
	task_tools_close(&server->tools);
	timers_destroy(&server->timers);
	http_pool_destroy(&server->pool);
}

static void client_open(struct client *client, struct server *server, struct output *output,
			const char *stream, size_t length)
{
	environment.now_ns = UINT64_C(1000000000000); /* the Date is the same in every run */
	*client = (struct client){
		.server = server, .output = output, .stream = stream, .length = length};
	output->length = 0;
	output->full = false;
	http_init(&client->http, &server->pool);
}

static void check_pool(const struct http_pool *pool)
{
	unsigned spare = 0;

	for (const struct http_exchange *e = pool->spare; e; e = e->next)
		spare++;
	REQUIRE(spare == pool->spare_count);
}

/* What holds between any two calls. */
static void check_exchange(const struct client *client)
{
	const struct http_exchange *e = client->http.exchange;
	const struct http_pool *pool = client->http.pool;

	check_pool(pool);
	if (!e)
		return;
	REQUIRE(e->output.start <= e->output.end && e->output.end <= e->output.capacity);
	REQUIRE(e->kept.start <= e->kept.end && e->kept.end <= e->kept.capacity);
	REQUIRE(e->body.start <= e->body.end && e->body.end <= e->body.capacity);
	REQUIRE(!e->lent || e->output.data == pool->scratch);
	REQUIRE(e->output.capacity <= SCRATCH_MOST);
	REQUIRE(http_buffer_length(&e->kept) <= client->fed);
	REQUIRE(http_buffer_length(&e->body) <= REQUEST_BODY_MOST);
	REQUIRE(e->head_bytes <= REQUEST_HEAD_MOST);
	REQUIRE(e->name_length <= HTTP_NAME_KEPT && e->coding_length <= HTTP_CODING_KEPT &&
		e->expectation_length <= HTTP_EXPECTATION_KEPT);
	REQUIRE(e->rest == 0 || e->rest_sent + e->rest == e->reply.body_length);
}

static enum http_step next(struct client *client)
{
	enum http_step step = http_next(&client->http);

	REQUIRE(http_next(&client->http) == step);
	check_exchange(client);
	REQUIRE(step != HTTP_READ || http_wants_input(&client->http));
	/* Idle costs nothing: what has not begun holds nothing. */
	REQUIRE(step != HTTP_READ || !client->http.exchange || client->http.exchange->begun);
	return step;
}

/* From a block of exactly this size that is gone afterwards, so that strays are found. */
static void feed(struct client *client, size_t length)
{
	char *copy = environment_allocate(length ? length : 1);

	REQUIRE(copy);
	memcpy(copy, client->stream + client->fed, length);
	http_feed(&client->http, copy, length);
	memset(copy, '#', length);
	free(copy);
	client->fed += length;
	check_exchange(client);
}

static void feed_end(struct client *client)
{
	http_feed_end(&client->http);
	client->ended = true;
	REQUIRE(!http_wants_input(&client->http));
}

static void collect(struct output *output, const char *bytes, size_t length)
{
	size_t room = OUTPUT_MOST - output->length;

	if (length >= room) {
		length = room;
		output->full = true;
	}
	memcpy(output->bytes + output->length, bytes, length);
	output->length += length;
}

/* Writes up to `most` bytes of what core shows in up to `pieces_most` pieces. */
static void write_some(struct client *client, size_t most, int pieces_most)
{
	struct iovec pieces[HTTP_PIECES];
	int count = http_output(&client->http, pieces, pieces_most);
	bool reads_next = http_reads_next(&client->http);
	size_t shown = 0, sent = 0;

	REQUIRE(count > 0 && count <= pieces_most);
	for (int i = 0; i < count; i++) {
		size_t length = pieces[i].iov_len;

		REQUIRE(length > 0);
		shown += length;
		if (length > most - sent)
			length = most - sent;
		collect(client->output, pieces[i].iov_base, length);
		sent += length;
	}
	http_written(&client->http, sent);
	if (sent == shown && reads_next && next(client) != HTTP_WRITE)
		REQUIRE(next(client) == HTTP_READ);
}

/* False: it has ended at once, or there was no memory for it, as the answer says then. */
static bool start_task(struct client *client)
{
	if (!http_begin_task(&client->http))
		return false;
	REQUIRE(client->http.exchange->task && client->server->timers.count > 0);
	return true;
}

/* As a loop, by its timer, or as a thread that has slept. */
static void finish_task(struct client *client, bool in_loop)
{
	struct timers *timers = &client->server->timers;
	const struct task *task;

	if (!in_loop && !client->http.exchange->task) {
		client->server->tools.services = NULL;
		REQUIRE(!http_begin_task(&client->http));
		client->server->tools.services = &timers_services;
		return;
	}
	if (!start_task(client))
		return;
	task = client->http.exchange->task;
	timers_fire(timers, timers_next_ns(timers) - 1, SIZE_MAX);
	REQUIRE(client->http.exchange->task == task);
	environment.now_ns = timers_next_ns(timers);
	timers_fire(timers, environment.now_ns, SIZE_MAX);
}

/* --- the three runs ---------------------------------------------------------------------------- */

/* All at once, and everything as soon as it can be. */
static void run_unsplit(struct client *client)
{
	enum http_step step;

	if (client->length)
		feed(client, client->length);
	while ((step = next(client)) != HTTP_CLOSE && !client->output->full) {
		if (step == HTTP_WRITE)
			write_some(client, SIZE_MAX, HTTP_PIECES);
		else if (step == HTTP_TASK || step == HTTP_LINGER)
			finish_task(client, false);
		else
			feed_end(client);
	}
	http_destroy(&client->http);
}

/* Somebody else is served through the same pool; the answer is short and known to begin so. */
static void serve_neighbour(struct server *server)
{
	static const char request[] = "GET /json HTTP/1.1\r\nHost: b\r\n\r\n";
	static const char status[] = "HTTP/1.1 200 OK\r\n";
	struct iovec pieces[HTTP_PIECES];
	struct http http;

	http_init(&http, &server->pool);
	http_feed(&http, request, sizeof request - 1);
	if (http_next(&http) == HTTP_WRITE) {
		REQUIRE(http_output(&http, pieces, HTTP_PIECES) == 1);
		REQUIRE(pieces->iov_len > sizeof status &&
			memcmp(pieces->iov_base, status, sizeof status - 1) == 0);
		http_written(&http, pieces->iov_len);
		if (server->pool.scratch) { /* hidden, since nobody has it */
			UNPOISON(server->pool.scratch, server->pool.scratch_bytes);
			memset(server->pool.scratch, '#', server->pool.scratch_bytes);
			POISON(server->pool.scratch, server->pool.scratch_bytes);
		}
	}
	http_destroy(&http);
}

/* Feeds some more, or tells the end, where the client has any left. */
static void feed_some(struct client *client, struct schedule *schedule)
{
	if (client->fed < client->length)
		feed(client, schedule_size(schedule, client->length - client->fed));
	else if (!client->ended)
		feed_end(client);
}

/* A completion-based sender's pieces stay in place while more is fed; any other has saved them. */
static void feed_while_writing(struct client *client, struct schedule *schedule)
{
	static char copy[SCRATCH_MOST];
	struct iovec before[2], after[2];
	size_t length;

	if (client->http.pool->scratch)
		http_written(&client->http, 0);
	if (next(client) != HTTP_WRITE) /* there was no memory to save them */
		return;
	REQUIRE(http_output(&client->http, before, 2) > 0);
	length = before->iov_len < sizeof copy ? before->iov_len : sizeof copy;
	memcpy(copy, before->iov_base, length);
	feed_some(client, schedule);
	if (client->http.pool->scratch && schedule_chance(schedule, 2))
		serve_neighbour(client->server);
	if (next(client) != HTTP_WRITE)
		return;
	REQUIRE(http_output(&client->http, after, 2) > 0);
	REQUIRE(after->iov_base == before->iov_base && after->iov_len >= length);
	REQUIRE(memcmp(copy, after->iov_base, length) == 0);
}

/* One step, in one of the ways in which it can be done. */
static void make_step(struct client *client, struct schedule *schedule, enum http_step step)
{
	bool feeds = schedule_chance(schedule, 3) &&
		     (http_wants_input(&client->http) || schedule_chance(schedule, 4));

	switch (step) {
	case HTTP_READ:
		if (schedule_chance(schedule, 8))
			serve_neighbour(client->server);
		feed_some(client, schedule);
		break;
	case HTTP_WRITE:
		if (feeds)
			feed_while_writing(client, schedule);
		if (next(client) == HTTP_WRITE)
			write_some(client, schedule_size(schedule, SIZE_MAX),
				   2 + (int)schedule_draw(schedule, HTTP_PIECES - 1));
		break;
	case HTTP_TASK:
	case HTTP_LINGER:
		if (schedule_chance(schedule, 3)) /* and it runs on, or until it is destroyed */
			start_task(client);
		else if (feeds)
			feed_some(client, schedule);
		else if (schedule_chance(schedule, 4))
			serve_neighbour(client->server);
		else
			finish_task(client, schedule_draw(schedule, 2));
		break;
	case HTTP_CLOSE:
		break;
	}
}

/* Until it is to be closed, or `steps` are done. */
static void run_split(struct client *client, struct schedule *schedule, unsigned steps)
{
	enum http_step step = HTTP_READ;

	while (step != HTTP_CLOSE && steps-- && !client->output->full) {
		step = next(client);
		make_step(client, schedule, step);
	}
	if (step == HTTP_CLOSE && !atomic_load(&client->server->draining)) {
		feed(client, client->length - client->fed); /* nobody looks at it any more */
		REQUIRE(next(client) == HTTP_CLOSE);
	}
	http_destroy(&client->http);
	REQUIRE(!client->http.exchange);
}

/* --- the comparison ---------------------------------------------------------------------------- */

/* Which requests were encouraged depends on the splits; what else was said does not. */
static void take_interim_out(struct output *output)
{
	const char *from = output->bytes, *end = from + output->length, *found;
	char *to = output->bytes;

	while ((found = memmem(from, (size_t)(end - from), interim, INTERIM_BYTES))) {
		memmove(to, from, (size_t)(found - from));
		to += found - from;
		from = found + INTERIM_BYTES;
	}
	memmove(to, from, (size_t)(end - from));
	output->length = (size_t)(to + (end - from) - output->bytes);
}

/* The beginning of one at the end, of an answer that was broken off. */
static void take_interim_beginning_out(struct output *output)
{
	for (size_t length = INTERIM_BYTES - 1; length > 0; length--)
		if (output->length >= length &&
		    memcmp(output->bytes + output->length - length, interim, length) == 0) {
			output->length -= length;
			return;
		}
}

static void show(const char *what, const struct output *output, size_t from)
{
	size_t length = output->length - from;

	fprintf(stderr, "%s, from byte %zu of %zu: \"%.*s\"\n", what, from, output->length,
		(int)(length < SHOWN_MOST ? length : SHOWN_MOST), output->bytes + from);
}

/* `whole`: all of the answer, else its beginning. */
static void compare(const struct output *expected, struct output *output, bool whole)
{
	bool full = output->full || expected->full;
	size_t common;

	take_interim_out(output);
	if (!whole)
		take_interim_beginning_out(output);
	for (common = 0; common < output->length && common < expected->length; common++)
		if (output->bytes[common] != expected->bytes[common])
			break;
	if ((common == output->length && (common == expected->length || full || !whole)) ||
	    (common == expected->length && full))
		return;
	show("unsplit", expected, common);
	show("split", output, common);
	fail(__LINE__, "the answers are the same");
}

/* One that is broken off, in one way or another. */
static void disturb(struct client *client, struct schedule *schedule, struct output *expected)
{
	unsigned way = schedule_draw(schedule, 4), steps = schedule_draw(schedule, 64);

	if (way == 1) {
		atomic_store(&client->server->draining, true);
		steps = STEPS_MOST;
	} else if (way == 2) {
		steps = STEPS_MOST;
		environment.allocations_left = 1 + schedule_draw(schedule, 24);
	}
	run_split(client, schedule, steps);
	environment.allocations_left = 0;
	atomic_store(&client->server->draining, false);
	if (way == 0 || way == 3)
		compare(expected, client->output, false);
}

/* Work for a processor, and threads that are made: they take their time, and are no matter of HTTP. */
static bool takes_long(const char *stream, size_t length)
{
	return memmem(stream, length, "/cpu/", 5) || memmem(stream, length, "together", 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct output expected, output;
	static struct server server;
	struct schedule schedule = schedule_read(data, size);
	const char *stream = (const char *)data + schedule.all;
	size_t length = size - schedule.all;
	struct client client;

	if (takes_long(stream, length))
		return 0;
	server_open(&server, &schedule);
	client_open(&client, &server, &expected, stream, length);
	run_unsplit(&client);
	take_interim_out(&expected);
	server_close(&server);
	server_open(&server, &schedule);
	client_open(&client, &server, &output, stream, length);
	disturb(&client, &schedule, &expected);
	client_open(&client, &server, &output, stream, length);
	run_split(&client, &schedule, STEPS_MOST);
	compare(&expected, &output, true);
	server_close(&server);
	environment.now_ns = 0;
	return 0;
}
