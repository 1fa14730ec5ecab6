#include "servers/core/http/http_exchange.h"

#include "servers/core/tasks/kinds/file_served.h"
#include "servers/core/tasks/task_life.h"

#include <stdlib.h>
#include <string.h>

/* Exchanges that a pool keeps for reuse: enough for what is in flight in one turn of a loop. */
enum { SPARE_MOST = 128 };

bool http_buffer_append(struct http_buffer *buffer, const char *data, size_t length)
{
	if (buffer->capacity - buffer->end < length) {
		size_t held = http_buffer_length(buffer), capacity = 2 * (held + length);
		char *grown = malloc(capacity);

		if (!grown)
			return false;
		if (held)
			memcpy(grown, buffer->data + buffer->start, held);
		free(buffer->data);
		*buffer = (struct http_buffer){.data = grown, .end = held, .capacity = capacity};
	}
	memcpy(buffer->data + buffer->end, data, length);
	buffer->end += length;
	return true;
}

void http_buffer_free(struct http_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct http_buffer){0};
}

void http_pool_init(struct http_pool *pool, char *scratch, size_t scratch_bytes,
		    const atomic_bool *draining, void *exchange)
{
	*pool = (struct http_pool){.scratch = scratch,
				   .scratch_bytes = scratch_bytes < HTTP_BATCH_BYTES
							    ? scratch_bytes
							    : HTTP_BATCH_BYTES,
				   .draining = draining};
	if (exchange) {
		struct http_exchange *own = exchange;

		memset(own, 0, sizeof *own);
		own->on_stack = true;
		pool->spare = own;
		pool->spare_count = 1;
	}
}

static void exchange_free(struct http_exchange *exchange)
{
	http_buffer_free(&exchange->output);
	if (!exchange->on_stack)
		free(exchange);
}

static struct http_exchange *take_spare(struct http_pool *pool)
{
	struct http_exchange *exchange = pool->spare;

	UNPOISON(&exchange->next + 1, sizeof *exchange - sizeof exchange->next);
	UNPOISON(exchange->output.data, exchange->output.capacity);
	pool->spare = exchange->next;
	pool->spare_count--;
	return exchange;
}

/* A stack's is not hidden: the stack goes without asking. */
static void give_spare(struct http_pool *pool, struct http_exchange *exchange)
{
	exchange->next = pool->spare;
	pool->spare = exchange;
	pool->spare_count++;
	if (exchange->on_stack)
		return;
	POISON(exchange->output.data, exchange->output.capacity);
	POISON(&exchange->next + 1, sizeof *exchange - sizeof exchange->next);
}

void http_pool_destroy(struct http_pool *pool)
{
	while (pool->spare)
		exchange_free(take_spare(pool));
	if (pool->scratch)
		UNPOISON(pool->scratch, pool->scratch_bytes); /* it may be a stack's */
}

static struct http_exchange *exchange_borrow(struct http_pool *pool)
{
	struct http_exchange *exchange = pool->spare ? take_spare(pool)
						     : calloc(1, sizeof *exchange);

	if (!exchange)
		return NULL;
	http_request_init(exchange);
	return exchange;
}

/* Takes back an exchange; a completion-based model's output buffer stays with it. */
static void exchange_return(struct http_pool *pool, struct http_exchange *exchange)
{
	http_buffer_free(&exchange->body);
	http_buffer_free(&exchange->kept);
	if (exchange->reply.owned)
		reply_release(&exchange->reply);
	if (exchange->reply.task.file) {
		served_file_free(exchange->reply.task.file);
		exchange->reply.task.file = NULL;
	}
	if (exchange->lent)
		http_end_loan(exchange);
	else if (pool->scratch)
		http_buffer_free(&exchange->output);
	exchange->output.start = exchange->output.end = 0;
	exchange->rest = exchange->written_bytes = 0;
	exchange->reply_waits = exchange->goes_on = exchange->lingers = exchange->closes = false;
	if (exchange->on_stack || pool->spare_count < SPARE_MOST)
		give_spare(pool, exchange);
	else
		exchange_free(exchange);
}

void http_init(struct http *http, struct http_pool *pool)
{
	*http = (struct http){.pool = pool, .due = TICK_NEVER};
}

/* Why a connection ends, as far as it shows. */
static enum counter end_of(const struct http *http)
{
	const struct http_exchange *exchange = http->exchange;

	if (http->end)
		return http->end;
	if (exchange && exchange->closes && !http_output_pending(exchange))
		return exchange->lingers ? CLOSED_REFUSED : CLOSED_ANSWERED;
	if (atomic_load_explicit(http->pool->draining, memory_order_relaxed))
		return CLOSED_STOP;
	if (http->input_ended)
		return exchange && exchange->begun ? CLOSED_PEER_MIDWAY : CLOSED_PEER;
	return CLOSED_BROKEN;
}

void http_set_end(struct http *http, enum counter cause)
{
	if (!http->end)
		http->end = (uint8_t)cause;
}

static void cancel_task(struct http_exchange *exchange)
{
	if (exchange->task)
		task_cancel(exchange->task);
	exchange->task = NULL;
}

void http_abandon(struct http *http)
{
	http->finished = true;
	if (http->exchange)
		cancel_task(http->exchange);
}

void http_destroy(struct http *http)
{
	struct http_exchange *exchange = http->exchange;

	if (!http->pool->uncounted)
		counters_add(end_of(http));
	if (http->place.next)
		deadlines_remove(&http->pool->deadlines->wheel, &http->place);
	http->place.next = NULL;
	http->finished = true;
	if (!exchange)
		return;
	cancel_task(exchange);
	http->exchange = NULL;
	exchange_return(http->pool, exchange);
}

/* Whether input has to wait until something else is done. */
static bool is_busy(const struct http_exchange *exchange)
{
	return http_output_pending(exchange) || exchange->reply_waits || exchange->closes;
}

void http_run_out_of_memory(struct http *http)
{
	http->finished = true;
	http->end = CLOSED_MEMORY;
}

static void respond(struct http *http)
{
	struct http_exchange *exchange = http->exchange;

	if (atomic_load_explicit(http->pool->draining, memory_order_relaxed))
		exchange->keep_alive = false;
	if (!http_response_write(http->pool, exchange))
		http_run_out_of_memory(http);
	else if (exchange->reply.task.file)
		http_file_show(http);
	if (!exchange->keep_alive)
		exchange->closes = true;
	http->served = true;
	http->phase = HTTP_NOT_WAITING; /* what comes now begins anew */
}

static void answer(struct http *http)
{
	struct http_exchange *exchange = http->exchange;
	struct request request;

	if (!http->pool->uncounted)
		counters_add(COUNTER_REQUESTS);
	http_request_describe(exchange, &request);
	exchange->headless_body = request.method == REQUEST_HEAD;
	route_answer(&request, &exchange->reply);
	if (exchange->reply.task.kind)
		exchange->reply_waits = true;
	else
		respond(http);
}

void http_refuse(struct http *http, unsigned status)
{
	struct http_exchange *exchange = http->exchange;

	reply_status(&exchange->reply, status);
	exchange->headless_body = exchange->parser.method == HTTP_HEAD && exchange->in_body;
	exchange->keep_alive = false;
	respond(http);
	exchange->lingers = true;
	exchange->reply.task = (struct task_request){.kind = &task_delay,
						     .numbers = {HTTP_LINGER_NS}};
}

/* The client waits for leave to send its body: give it, in the middle of the request. */
static void encourage(struct http *http)
{
	http->exchange->continue_due = false;
	if (!http_response_write_continue(http->pool, http->exchange))
		http_run_out_of_memory(http);
}

/* Answers one request after the other; stops at the first that has to wait for something. */
static size_t answer_all(struct http *http, const char *data, size_t length)
{
	struct http_exchange *exchange = http->exchange;
	size_t used = 0;

	while (used < length && !http->finished && !exchange->reply_waits && !exchange->closes &&
	       !exchange->rest && http_response_has_room(http->pool, exchange)) {
		used += http_request_read(exchange, data + used, length - used);
		if (exchange->refusal)
			http_refuse(http, exchange->refusal);
		else if (exchange->complete)
			answer(http);
		else if (exchange->continue_due)
			encourage(http);
	}
	return used;
}

void http_feed(struct http *http, const char *data, size_t length)
{
	struct http_exchange *exchange = http->exchange;
	size_t used = 0;

	if (!exchange && !http->finished) {
		exchange = http->exchange = exchange_borrow(http->pool);
		if (!exchange)
			http_run_out_of_memory(http);
		else
			exchange->head_bytes = http->skipped_bytes;
	}
	if (http->finished || exchange->closes)
		return; /* nobody will look at it */
	if (!is_busy(exchange) && http_buffer_length(&exchange->kept) == 0)
		used = answer_all(http, data, length);
	if (used == length || http->finished || exchange->closes)
		return;
	if (!http_buffer_append(&exchange->kept, data + used, length - used))
		http_run_out_of_memory(http);
}

void http_feed_end(struct http *http)
{
	http->input_ended = true;
}

bool http_wants_input(const struct http *http)
{
	const struct http_exchange *exchange = http->exchange;

	if (http->input_ended || http->finished)
		return false;
	return !exchange || exchange->lingers ||
	       http_buffer_length(&exchange->kept) < HTTP_PIPELINE_KEPT;
}

static enum http_step next_when_idle(struct http *http)
{
	if (http->exchange) {
		http->skipped_bytes = http->exchange->begun ? 0
							    : (uint16_t)http->exchange->head_bytes;
		exchange_return(http->pool, http->exchange);
		http->exchange = NULL;
	}
	if (http->input_ended || atomic_load_explicit(http->pool->draining, memory_order_relaxed))
		return HTTP_CLOSE;
	return HTTP_READ;
}

enum http_step http_next(struct http *http)
{
	struct http_exchange *exchange = http->exchange;

	if (http->finished)
		return HTTP_CLOSE;
	if (!exchange)
		return next_when_idle(http);
	if (!is_busy(exchange) && http_buffer_length(&exchange->kept)) {
		struct http_buffer *kept = &exchange->kept;

		kept->start += answer_all(http, kept->data + kept->start, http_buffer_length(kept));
		if (http_buffer_length(kept) == 0)
			http_buffer_free(kept);
		if (http->finished)
			return HTTP_CLOSE;
	}
	if (http_output_pending(exchange))
		return HTTP_WRITE;
	if (exchange->reply_waits)
		return HTTP_TASK;
	if (exchange->closes)
		return exchange->lingers && !http->input_ended ? HTTP_LINGER : HTTP_CLOSE;
	if (!exchange->begun || exchange->complete)
		return next_when_idle(http);
	return http->input_ended ? HTTP_CLOSE : HTTP_READ;
}

/* One part of what was asked for; there may be another (task_begin). */
static void end_part(struct http *http)
{
	struct http_exchange *exchange = http->exchange;

	if (exchange->lingers) {
		http->finished = true;
	} else if (!exchange->reply.task.kind) {
		exchange->reply_waits = false;
		if (exchange->goes_on)
			http_file_went_on(http);
		else
			respond(http);
	}
}

static void task_ended(void *context)
{
	struct http *http = context;

	http->exchange->task = NULL;
	end_part(http);
	http->pool->task_ended(http);
}

bool http_begin_task(struct http *http)
{
	struct http_exchange *exchange = http->exchange;

	if (exchange->task)
		return true;
	reply_release(&exchange->reply); /* of the answer before */
	exchange->task = task_begin(&exchange->reply.task, &exchange->reply, http->pool->tools,
				    task_ended, http);
	if (exchange->task)
		return true;
	end_part(http);
	return false;
}
