#include "servers/core/http/http_exchange.h"

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

void http_abandon(struct http *http)
{
	http->finished = true;
	if (http->exchange)
		task_cancel(&http->exchange->reply.task);
}

void http_destroy(struct http *http)
{
	struct http_exchange *exchange = http->exchange;

	if (http->pool->counters)
		counters_add(http->pool->counters, end_of(http));
	if (http->place.next)
		deadlines_remove(&http->pool->deadlines->wheel, &http->place);
	http->place.next = NULL;
	http->finished = true;
	if (!exchange)
		return;
	task_cancel(&exchange->reply.task);
	http->exchange = NULL;
	http_exchange_return(http->pool, exchange);
}

/* Whether input has to wait until something else is done. */
static bool is_busy(const struct http_exchange *exchange)
{
	return http_output_pending(exchange) || exchange->reply_waits || exchange->closes;
}

/* This connection only. */
static void run_out_of_memory(struct http *http)
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
		run_out_of_memory(http);
	if (!exchange->keep_alive)
		exchange->closes = true;
	http->served = true;
	http->phase = HTTP_NOT_WAITING; /* what comes now begins anew */
}

static void answer(struct http *http)
{
	struct http_exchange *exchange = http->exchange;
	struct request request;

	if (http->pool->counters)
		counters_add(http->pool->counters, COUNTER_REQUESTS);
	http_request_describe(exchange, &request);
	exchange->headless_body = request.method == REQUEST_HEAD;
	route_answer(&request, &exchange->reply);
	if (exchange->reply.task.kind != TASK_NONE)
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
	exchange->reply.task.kind = TASK_WAIT;
	exchange->reply.task.duration_ns = HTTP_LINGER_NS;
}

/* The client waits for leave to send its body: give it, in the middle of the request. */
static void encourage(struct http *http)
{
	http->exchange->continue_due = false;
	if (!http_response_write_continue(http->pool, http->exchange))
		run_out_of_memory(http);
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
		exchange = http->exchange = http_exchange_borrow(http->pool);
		if (!exchange)
			run_out_of_memory(http);
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
		run_out_of_memory(http);
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
		http_exchange_return(http->pool, http->exchange);
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

/* The pieces of a large body: the request's own, or the pattern again and again. */
static int rest_pieces(const struct http *http, struct iovec *pieces, int most)
{
	const struct http_exchange *exchange = http->exchange;
	uint64_t sent = exchange->rest_sent, left = exchange->rest, batch = http_batch_most(http);
	int count = 0;

	if (left > batch)
		left = batch;
	if (exchange->reply.body == REPLY_REQUEST) {
		pieces[0] = (struct iovec){.iov_base = exchange->body.data + exchange->body.start +
						       sent,
					   .iov_len = (size_t)left};
		return 1;
	}
	for (; left && count < most; count++) {
		size_t offset = (size_t)(sent % REPLY_PATTERN_BYTES);
		size_t length = REPLY_PATTERN_BYTES - offset;

		if (length > left)
			length = (size_t)left;
		pieces[count] = (struct iovec){
			.iov_base = (char *)(uintptr_t)reply_pattern + offset, .iov_len = length};
		sent += length;
		left -= length;
	}
	return count;
}

int http_output(struct http *http, struct iovec *pieces, int most)
{
	const struct http_exchange *exchange = http->exchange;
	int count = 0;

	if (http_buffer_length(&exchange->output))
		pieces[count++] =
			(struct iovec){.iov_base = exchange->output.data + exchange->output.start,
				       .iov_len = http_buffer_length(&exchange->output)};
	if (exchange->rest)
		count += rest_pieces(http, pieces + count, most - count);
	return count;
}

void http_written(struct http *http, size_t length)
{
	struct http_exchange *exchange = http->exchange;
	struct http_buffer *output = &exchange->output;
	size_t front = http_buffer_length(output);

	exchange->written_bytes += length;
	if (front > length)
		front = length;
	output->start += front;
	length -= front;
	exchange->rest -= length;
	exchange->rest_sent += length;
	if (http_buffer_length(output) == 0) {
		if (exchange->lent)
			*output = (struct http_buffer){0};
		else if (http->pool->scratch) /* it was saved, in no more room than it needed */
			http_buffer_free(output);
		exchange->lent = false;
		output->start = output->end = 0;
	} else if (!http_response_save(exchange)) {
		run_out_of_memory(http);
	}
}

bool http_reads_next(const struct http *http)
{
	const struct http_exchange *exchange = http->exchange;

	return exchange && !http->finished && !http->input_ended && !exchange->reply_waits &&
	       !exchange->closes && http_buffer_length(&exchange->kept) == 0 &&
	       !atomic_load_explicit(http->pool->draining, memory_order_relaxed);
}

struct task *http_task(struct http *http)
{
	return &http->exchange->reply.task;
}

void http_task_done(struct http *http)
{
	struct http_exchange *exchange = http->exchange;

	exchange->reply.task.kind = TASK_NONE;
	if (exchange->lingers) {
		http->finished = true;
		return;
	}
	exchange->reply_waits = false;
	respond(http);
}
