/* What there is to send, and what has been sent of it. */
#include "servers/core/http/http_exchange.h"
#include "servers/core/tasks/kinds/file_served.h"

static const char *whole_body(const struct http_exchange *exchange)
{
	switch (exchange->reply.body) {
	case REPLY_REQUEST:
		return exchange->body.data + exchange->body.start;
	case REPLY_FILE:
		return exchange->reply.task.file->piece;
	default:
		return exchange->reply.bytes;
	}
}

/* The pieces of a large body: the request's own, the reply's, or the pattern again and again. */
static int rest_pieces(const struct http *http, struct iovec *pieces, int most)
{
	const struct http_exchange *exchange = http->exchange;
	uint64_t sent = exchange->rest_sent, left = exchange->rest, batch = http_batch_most(http);
	int count = 0;

	if (left > batch)
		left = batch;
	if (exchange->reply.body != REPLY_PATTERN) {
		pieces[0] =
			(struct iovec){.iov_base = (char *)(uintptr_t)whole_body(exchange) + sent,
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
	if (exchange->rest && !http->sends_file)
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
	if (length && !exchange->rest && exchange->reply.task.file)
		http_file_sent(http);
	if (http_buffer_length(output) == 0) {
		if (exchange->lent)
			http_end_loan(exchange);
		else if (http->pool->scratch) /* it was saved, in no more room than it needed */
			http_buffer_free(output);
		output->start = output->end = 0;
	} else if (!http_response_save(exchange)) {
		http_run_out_of_memory(http);
	}
}

bool http_reads_next(const struct http *http)
{
	const struct http_exchange *exchange = http->exchange;

	return exchange && !http->finished && !http->input_ended && !exchange->reply_waits &&
	       !exchange->closes && http_buffer_length(&exchange->kept) == 0 &&
	       !(exchange->reply.task.file && served_file_goes_on(exchange->reply.task.file)) &&
	       !atomic_load_explicit(http->pool->draining, memory_order_relaxed);
}
