/*
 * Deadlines: which one applies, and what becomes of a connection that does not meet it. Time is read
 * only when a phase begins, or goes on, so that a request that is there at once costs one reading.
 */
#include "servers/core/http/http_exchange.h"

#include <assert.h>

enum { PUT_OFF_TICKS = 64 };

static enum http_phase phase_of(const struct http *http)
{
	const struct http_exchange *exchange = http->exchange;

	if (http->finished)
		return HTTP_NOT_WAITING;
	if (exchange) {
		if (http_output_pending(exchange))
			return HTTP_SENDING;
		if (exchange->reply_waits || exchange->closes)
			return HTTP_NOT_WAITING; /* a task has its own time, and so has lingering */
		if (exchange->begun && !exchange->complete)
			return exchange->in_body ? HTTP_BODY : HTTP_HEADER;
	}
	return http->served ? HTTP_IDLE : HTTP_HEADER;
}

/* What the peer has done in a phase that has a least rate. */
static uint64_t bytes_of(const struct http_exchange *exchange, enum http_phase phase)
{
	return phase == HTTP_BODY ? exchange->body_bytes : exchange->written_bytes;
}

/*
 * From when something came last, but not beyond what the least rate allows from the beginning: else
 * a byte now and then would do, and a fast beginning would earn rest for hours.
 */
static uint32_t reckon(struct http_exchange *exchange, enum http_phase phase, uint32_t limit,
		       uint32_t now)
{
	uint64_t bytes = bytes_of(exchange, phase);
	uint64_t earned = (bytes - exchange->phase_bytes_before) * NS_PER_S /
			  (HTTP_LEAST_BYTES_PER_S * TICK_NS);

	exchange->phase_bytes = bytes;
	if (now - exchange->phase_began > earned)
		now = exchange->phase_began + (uint32_t)earned;
	return tick_after(now, limit);
}

uint64_t http_batch_most(const struct http *http)
{
	const struct http_pool *pool = http->pool;
	uint64_t bytes = pool->limits ? pool->limits->ticks[HTTP_SENDING] * TICK_NS /
						(NS_PER_S / HTTP_LEAST_BYTES_PER_S)
				      : 0;

	if (pool->scratch || bytes == 0)
		return UINT64_MAX;
	return bytes > REPLY_PATTERN_BYTES ? bytes : REPLY_PATTERN_BYTES;
}

static bool has_rate(enum http_phase phase)
{
	return phase == HTTP_BODY || phase == HTTP_SENDING;
}

static uint32_t begin(struct http *http, enum http_phase phase)
{
	uint32_t limit = http->pool->limits->ticks[phase], now;

	http->phase = (uint8_t)phase;
	if (phase == HTTP_NOT_WAITING)
		return http->due;
	if (limit == 0)
		return http->due = TICK_NEVER;
	now = tick_now();
	if (!has_rate(phase))
		return http->due = tick_after(now, limit);
	http->exchange->phase_began = now;
	http->exchange->phase_bytes_before = bytes_of(http->exchange, phase);
	return http->due = reckon(http->exchange, phase, limit, now);
}

uint32_t http_due(struct http *http)
{
	enum http_phase phase;
	uint32_t limit;

	if (!http->pool->limits)
		return http->due;
	phase = phase_of(http);
	if (phase != http->phase || phase == HTTP_NOT_WAITING)
		return begin(http, phase);
	limit = http->pool->limits->ticks[phase];
	if (has_rate(phase) && limit &&
	    bytes_of(http->exchange, phase) != http->exchange->phase_bytes)
		http->due = reckon(http->exchange, phase, limit, tick_now());
	return http->due;
}

bool http_expire(struct http *http, bool *reset)
{
	static const enum counter ends[HTTP_PHASES] = {
		[HTTP_HEADER] = CLOSED_HEADER_TIMEOUT,
		[HTTP_BODY] = CLOSED_BODY_TIMEOUT,
		[HTTP_IDLE] = CLOSED_IDLE_TIMEOUT,
		[HTTP_SENDING] = CLOSED_WRITE_TIMEOUT,
	};
	enum http_phase phase = phase_of(http);
	struct http_exchange *exchange = http->exchange;

	*reset = phase == HTTP_SENDING;
	if (phase == HTTP_NOT_WAITING) {
		http->due = tick_now() + PUT_OFF_TICKS; /* it is asked again before */
		return false;
	}
	http->due = TICK_NEVER;
	http->end = (uint8_t)ends[phase];
	if ((phase == HTTP_HEADER || phase == HTTP_BODY) && exchange && exchange->begun)
		http_refuse(http, 408);
	else
		http->finished = true;
	return true;
}

struct http *http_at(struct deadline_place *place)
{
	return (struct http *)((char *)place - offsetof(struct http, place));
}

static uint32_t due_of(struct deadlines *wheel, struct deadline_place *place)
{
	(void)wheel;
	return http_at(place)->due;
}

static void expire(struct deadlines *wheel, struct deadline_place *place)
{
	const struct http_deadlines *deadlines = (struct http_deadlines *)wheel; /* first in it */
	struct http *http = http_at(place);
	bool reset;

	if (deadlines->is_busy && deadlines->is_busy(http))
		http->due = tick_now() + PUT_OFF_TICKS;
	else if (http_expire(http, &reset)) {
		deadlines->expired(http, reset);
		return;
	}
	deadlines_put(wheel, place, http->due);
}

int http_deadlines_open(struct http_deadlines *deadlines,
			void (*expired)(struct http *http, bool reset))
{
	static const struct deadline_methods methods = {due_of, expire};

	*deadlines = (struct http_deadlines){.expired = expired};
	return deadlines_open(&deadlines->wheel, &methods);
}

void http_wait(struct http *http)
{
	struct http_deadlines *deadlines = http->pool->deadlines;
	uint32_t before = http->due, due = http_due(http);

	/* Who waits lets others run: it was to tell http_written that it cannot send now. */
	assert(!http->exchange || !http->exchange->lent || !http_output_pending(http->exchange));
	if (!deadlines)
		return;
	if (!http->place.next)
		deadlines_add(&deadlines->wheel, &http->place, due);
	else if (due < before)
		deadlines_put(&deadlines->wheel, &http->place, due);
}
