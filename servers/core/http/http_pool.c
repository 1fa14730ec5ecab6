/* What the connections of a loop share: exchanges to be used again. And the buffers in them. */
#include "servers/core/http/http_exchange.h"

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
				   .draining = draining,
				   .counters = counters_mine()};
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

void http_pool_destroy(struct http_pool *pool)
{
	while (pool->spare) {
		struct http_exchange *exchange = pool->spare;

		pool->spare = exchange->next;
		exchange_free(exchange);
	}
}

struct http_exchange *http_exchange_borrow(struct http_pool *pool)
{
	struct http_exchange *exchange = pool->spare;

	if (exchange) {
		pool->spare = exchange->next;
		pool->spare_count--;
	} else {
		exchange = calloc(1, sizeof *exchange);
		if (!exchange)
			return NULL;
	}
	http_request_init(exchange);
	return exchange;
}

/* A completion-based model's output buffer stays with it. */
void http_exchange_return(struct http_pool *pool, struct http_exchange *exchange)
{
	http_buffer_free(&exchange->body);
	http_buffer_free(&exchange->kept);
	if (exchange->lent)
		exchange->output = (struct http_buffer){0};
	else if (pool->scratch)
		http_buffer_free(&exchange->output);
	exchange->output.start = exchange->output.end = 0;
	exchange->rest = exchange->written_bytes = 0;
	exchange->lent = exchange->reply_waits = exchange->lingers = exchange->closes = false;
	if (exchange->on_stack || pool->spare_count < SPARE_MOST) {
		exchange->next = pool->spare;
		pool->spare = exchange;
		pool->spare_count++;
	} else {
		exchange_free(exchange);
	}
}
