/*
 * Reading requests: llhttp, and the checks that strict llhttp leaves to its user (lines that end
 * with LF alone, versions, limits; http_events.c: each part of a request; http_judge.c: the head as a
 * whole).
 * Every decision is the same however the bytes were split on their way; only the bound on a body's
 * framing, a guard, is looked at piece by piece.
 */
#include "servers/core/http/http_exchange.h"

#include <stdlib.h>
#include <string.h>

/* Served is what a later minor version has in common with 1.1 (RFC 9110 section 2.5). */
#if LLHTTP_VERSION_MAJOR > 8 || (LLHTTP_VERSION_MAJOR == 8 && LLHTTP_VERSION_MINOR >= 1)
enum { ANY_VERSION = 1, VERSION_FLAG = LENIENT_VERSION };
#else
enum { ANY_VERSION = 0, VERSION_FLAG = 0 }; /* this llhttp knows no way: 505 */
#endif

enum { NO_VERSION = UINT8_MAX }; /* llhttp's http_minor until it has read one */

enum { FRAMING_LEAST = 16384, FRAMING_PER_BODY_BYTE = 16 };

void http_request_init(struct http_exchange *exchange)
{
	llhttp_init(&exchange->parser, HTTP_REQUEST, &http_events);
	if (ANY_VERSION)
		exchange->parser.lenient_flags |= VERSION_FLAG;
	http_request_next(exchange);
}

void http_request_next(struct http_exchange *exchange)
{
	exchange->begun = exchange->in_body = exchange->complete = false;
	exchange->expects = exchange->continue_due = exchange->versioned = exchange->coded = false;
	memset(exchange->tail, '\0', sizeof exchange->tail); /* what came before is another's */
	exchange->last_nonblank = '\0';
	exchange->host = HOST_BEGINS;
	exchange->refusal = 0;
	exchange->host_count = exchange->name_length = 0;
	exchange->coding_length = exchange->expectation_length = 0;
	exchange->field = FIELD_OTHER;
	exchange->head_bytes = exchange->target_length = 0;
	exchange->body_stage_bytes = exchange->body_bytes = 0;
	exchange->parser.http_minor = NO_VERSION;
	http_buffer_free(&exchange->body);
}

/* What llhttp refused, as a status; `position` is the byte it refused. */
static unsigned status_of_error(const struct http_exchange *exchange, llhttp_errno_t error,
				const char *data, const char *position, const char *end)
{
	char at = position && position < end ? *position : '\0';
	char before = position && position > data ? position[-1]
						  : exchange->tail[HTTP_TAIL_KEPT - 1];
	bool whole = exchange->parser.http_minor != NO_VERSION;

	switch (error) {
	case HPE_INVALID_METHOD: /* an unknown token, or no token at all? */
		if (http_is_token_character(at) || (at == ' ' && http_is_token_character(before)))
			return 501;
		return 400;
	case HPE_INVALID_VERSION: /* well-formed but unknown, or something else behind it? */
		return whole && !ANY_VERSION && exchange->parser.http_minor > 1 ? 505 : 400;
	case HPE_PAUSED_H2_UPGRADE:
		return 505;
	default:
		return 400;
	}
}

static void remember_end(struct http_exchange *exchange, const char *data, size_t length)
{
	size_t i = length;

	if (length == 0)
		return;
	for (size_t j = 0; j < HTTP_TAIL_KEPT && length < HTTP_TAIL_KEPT; j++)
		exchange->tail[j] = j + length < HTTP_TAIL_KEPT ? exchange->tail[j + length]
								: data[j + length - HTTP_TAIL_KEPT];
	if (length >= HTTP_TAIL_KEPT)
		memcpy(exchange->tail, data + length - HTTP_TAIL_KEPT, HTTP_TAIL_KEPT);
	while (i > 0 && http_is_blank(data[i - 1]))
		i--;
	if (i > 0)
		exchange->last_nonblank = data[i - 1];
}

/*
 * A line may be ended by LF alone, and llhttp takes that of the first and the last. Who stands
 * between a client and us may not, so we do not either (RFC 9112 section 2.2 leaves the choice).
 * Line ends before a request are skipped, whatever they are: the connection may have been idle in
 * the middle of one.
 */
static bool has_bare_line_end(const struct http_exchange *exchange, bool begun, const char *at,
			      const char *end)
{
	while (!begun && at < end && (*at == '\r' || *at == '\n'))
		at++;
	while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		if (http_byte_before(exchange, at, 1) != '\r')
			return true;
		at++;
	}
	return false;
}

/* Hands llhttp one piece; returns the bytes consumed. */
static size_t parse(struct http_exchange *exchange, const char *data, size_t length)
{
	bool head = !exchange->in_body, begun = exchange->begun;
	llhttp_errno_t error;
	const char *position = data + length;

	exchange->data = data;
	error = llhttp_execute(&exchange->parser, data, length);
	if (error != HPE_OK)
		position = llhttp_get_error_pos(&exchange->parser);
	if (head && has_bare_line_end(exchange, begun, data, position)) {
		exchange->refusal = 400; /* whatever else is wrong behind it */
		exchange->in_body = false;
		return length;
	}
	/* The same at the end of chunks. */
	if (!head && exchange->complete && exchange->coded &&
	    http_byte_before(exchange, position, 2) != '\r')
		exchange->refusal = 400;
	if (error == HPE_OK)
		return length;
	if (error == HPE_PAUSED) {
		llhttp_resume(&exchange->parser);
		return (size_t)(position - data);
	}
	if (!exchange->refusal)
		exchange->refusal = status_of_error(exchange, error, data, position, data + length);
	return length;
}

/* Of a body with its framing and trailers, by what has come of the body itself. */
static uint64_t body_stage_most(const struct http_exchange *exchange)
{
	return FRAMING_LEAST + FRAMING_PER_BODY_BYTE * exchange->body_bytes;
}

/*
 * No limit can be passed before so many more bytes: llhttp gets no more at a time, or what comes
 * behind them could be answered in their stead.
 */
static size_t bytes_allowed(const struct http_exchange *exchange)
{
	if (!exchange->in_body)
		return REQUEST_HEAD_MOST - exchange->head_bytes;
	return (size_t)(body_stage_most(exchange) + 1 - exchange->body_stage_bytes);
}

size_t http_request_read(struct http_exchange *exchange, const char *data, size_t length)
{
	size_t used = 0;

	if (exchange->complete)
		http_request_next(exchange);
	while (used < length && !exchange->complete && !exchange->refusal) {
		size_t piece = length - used, taken;
		bool head = !exchange->in_body;

		if (piece > bytes_allowed(exchange))
			piece = bytes_allowed(exchange);
		taken = parse(exchange, data + used, piece);
		remember_end(exchange, data + used, taken);
		used += taken;
		if (head)
			exchange->head_bytes += (uint32_t)taken;
		else
			exchange->body_stage_bytes += taken;
		if (head && exchange->in_body)
			exchange->continue_due = exchange->expects && used == length;
		if (!exchange->in_body && exchange->head_bytes >= REQUEST_HEAD_MOST)
			http_request_refuse(exchange, exchange->target_length > REQUEST_TARGET_MOST
							      ? 414
							      : 431);
		if (!exchange->refusal && exchange->body_stage_bytes > body_stage_most(exchange))
			http_request_refuse(exchange,
					    413); /* chunk extensions or trailers without end */
	}
	return used;
}

void http_request_describe(const struct http_exchange *exchange, struct request *request)
{
	static const struct {
		uint8_t parsed;
		enum request_method method;
	} methods[] = {{HTTP_GET, REQUEST_GET},
		       {HTTP_HEAD, REQUEST_HEAD},
		       {HTTP_POST, REQUEST_POST},
		       {HTTP_OPTIONS, REQUEST_OPTIONS}};
	bool cut = exchange->target_length > HTTP_TARGET_KEPT;

	*request = (struct request){.method = REQUEST_OTHER,
				    .body_length = http_buffer_length(&exchange->body)};
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (methods[i].parsed == exchange->parser.method)
			request->method = methods[i].method;
	request_set_target(request, exchange->target,
			   cut ? HTTP_TARGET_KEPT : exchange->target_length);
	if (cut && request->path &&
	    request->path + request->path_length == exchange->target + HTTP_TARGET_KEPT)
		request->path_length = 0; /* longer than any path that we serve: 0 matches none */
}
