/*
 * Writing responses: one format for every model, byte for byte, but for the Date.
 */
#include "servers/core/http/date.h"
#include "servers/core/http/http_exchange.h"

#include <stdlib.h>
#include <string.h>

static char *put(char *to, const char *text, size_t length)
{
	memcpy(to, text, length);
	return to + length;
}

#define PUT(to, literal) put((to), (literal), sizeof(literal) - 1)

static char *put_string(char *to, const char *text)
{
	return put(to, text, strlen(text));
}

static char *put_number(char *to, uint64_t number)
{
	char digits[20];
	size_t start = sizeof digits;

	do {
		digits[--start] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return put(to, digits + start, sizeof digits - start);
}

static char *put_head(char *to, const struct http_exchange *exchange)
{
	const struct reply *reply = &exchange->reply;

	if (reply->status == 200) {
		to = PUT(to, "HTTP/1.1 200 OK\r\nServer: tenk\r\nDate: ");
	} else {
		to = PUT(to, "HTTP/1.1 ");
		to = put_number(to, reply->status);
		to = PUT(to, " ");
		to = put_string(to, status_phrase(reply->status));
		to = PUT(to, "\r\nServer: tenk\r\nDate: ");
	}
	to = date_put(to);
	to = PUT(to, "\r\nContent-Type: ");
	to = put_string(to, reply->content_type);
	to = PUT(to, "\r\nContent-Length: ");
	to = put_number(to, reply->body_length);
	if (reply->allow) {
		to = PUT(to, "\r\nAllow: ");
		to = put_string(to, reply->allow);
	}
	if (!exchange->keep_alive)
		to = PUT(to, "\r\nConnection: close");
	else if (exchange->parser.http_minor == 0)
		to = PUT(to, "\r\nConnection: keep-alive");
	return PUT(to, "\r\n\r\n");
}

/* Finds room for one more response: the scratch, or the exchange's own buffer. */
static bool ready_output(struct http_pool *pool, struct http_exchange *exchange)
{
	struct http_buffer *output = &exchange->output;

	if (http_buffer_length(output) == 0 && pool->scratch) {
		http_buffer_free(output);
		*output = (struct http_buffer){.data = pool->scratch,
					       .capacity = pool->scratch_bytes};
		UNPOISON(pool->scratch, pool->scratch_bytes);
		exchange->lent = true;
	} else if (!output->data) {
		output->data = malloc(HTTP_BATCH_BYTES);
		output->capacity = output->data ? HTTP_BATCH_BYTES : 0;
	}
	return output->capacity - output->end >= HTTP_RESPONSE_MOST;
}

bool http_response_make_room(const struct http_pool *pool, struct http_exchange *exchange)
{
	struct http_buffer *output = &exchange->output;
	size_t length = http_buffer_length(output);
	char *larger;

	if (!pool->scratch || output->capacity >= HTTP_BATCH_BYTES)
		return false;
	larger = malloc(HTTP_BATCH_BYTES);
	if (!larger)
		return false; /* what is there is sent first */
	memcpy(larger, output->data + output->start, length);
	if (exchange->lent)
		http_end_loan(exchange);
	else
		free(output->data);
	*output = (struct http_buffer){.data = larger, .end = length, .capacity = HTTP_BATCH_BYTES};
	return true;
}

bool http_response_write(struct http_pool *pool, struct http_exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	struct http_buffer *output = &exchange->output;
	const char *body = NULL;
	char *to;

	if (!ready_output(pool, exchange))
		return false;
	to = put_head(output->data + output->end, exchange);
	if (reply->body == REPLY_TEXT)
		body = reply->bytes;
	else if (reply->body == REPLY_PATTERN)
		body = reply_pattern;
	else if (exchange->body.data)
		body = exchange->body.data + exchange->body.start;
	if (!exchange->headless_body && reply->body_length && reply->body != REPLY_FILE) {
		if (reply->body_length <= HTTP_SMALL_BODY) {
			to = put(to, body, (size_t)reply->body_length);
		} else {
			exchange->rest = reply->body_length;
			exchange->rest_sent = 0;
		}
	}
	output->end = (size_t)(to - output->data);
	return true;
}

bool http_response_write_continue(struct http_pool *pool, struct http_exchange *exchange)
{
	struct http_buffer *output = &exchange->output;
	char *to;

	if (!ready_output(pool, exchange))
		return false;
	to = PUT(output->data + output->end, "HTTP/1.1 100 Continue\r\n\r\n");
	output->end = (size_t)(to - output->data);
	return true;
}

bool http_response_save(struct http_exchange *exchange)
{
	struct http_buffer *output = &exchange->output;
	size_t length = http_buffer_length(output);
	char *copy = NULL;

	if (!exchange->lent)
		return true;
	if (length) {
		copy = malloc(length);
		if (!copy)
			return false;
		memcpy(copy, output->data + output->start, length);
	}
	http_end_loan(exchange);
	*output = (struct http_buffer){.data = copy, .end = length, .capacity = length};
	return true;
}
