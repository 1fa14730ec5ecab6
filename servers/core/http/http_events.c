/* What llhttp tells of a request while it reads it, and what is refused of each part. */
#include "servers/core/http/http_exchange.h"

#include <string.h>
#include <strings.h>

static struct http_exchange *exchange_of(llhttp_t *parser)
{
	return (struct http_exchange *)((char *)parser - offsetof(struct http_exchange, parser));
}

static int on_message_begin(llhttp_t *parser)
{
	struct http_exchange *exchange = exchange_of(parser);

	exchange->begun = true;
	return 0;
}

static int on_url(llhttp_t *parser, const char *at, size_t length)
{
	struct http_exchange *exchange = exchange_of(parser);

	/* One blank before it, not more; and a fragment is not for us (RFC 9112 section 3). */
	if ((exchange->target_length == 0 && http_byte_before(exchange, at, 2) == ' ') ||
	    memchr(at, '#', length))
		return http_request_refuse(exchange, 400);
	if (exchange->target_length < HTTP_TARGET_KEPT) {
		size_t room = HTTP_TARGET_KEPT - exchange->target_length;

		memcpy(exchange->target + exchange->target_length, at,
		       length < room ? length : room);
	}
	exchange->target_length += (uint32_t)length;
	return 0;
}

/* Not before its end: llhttp may tell of it in pieces, but of one with a wrong byte not at all. */
static int on_url_complete(llhttp_t *parser)
{
	struct http_exchange *exchange = exchange_of(parser);

	return exchange->target_length > REQUEST_TARGET_MOST ? http_request_refuse(exchange, 414)
							     : 0;
}

/* llhttp knows the versions of other protocols too (RTSP, ICE), and takes several blanks for one. */
static int on_version(llhttp_t *parser, const char *at, size_t length)
{
	static const char before[] = " HTTP/";
	struct http_exchange *exchange = exchange_of(parser);
	size_t back = sizeof before - 1;

	(void)length;
	if (exchange->versioned)
		return 0; /* the rest of it */
	exchange->versioned = true;
	if ((size_t)(at - exchange->data) > back) /* all of it is here */
		return memcmp(at - back, before, back) == 0 && at[-(ptrdiff_t)back - 1] != ' '
			       ? 0
			       : http_request_refuse(exchange, 400);
	for (size_t i = 0; i < back; i++)
		if (http_byte_before(exchange, at, back - i) != before[i])
			return http_request_refuse(exchange, 400);
	return http_byte_before(exchange, at, back + 1) == ' ' ? http_request_refuse(exchange, 400)
							       : 0;
}

/* Keeps the beginning of what comes in pieces; one that fills its room was too long. */
static void keep(char *kept, uint8_t *kept_length, size_t most, const char *at, size_t length)
{
	for (size_t i = 0; i < length && *kept_length < most; i++)
		kept[(*kept_length)++] = at[i];
}

static int on_header_field(llhttp_t *parser, const char *at, size_t length)
{
	struct http_exchange *exchange = exchange_of(parser);

	keep(exchange->name, &exchange->name_length, HTTP_NAME_KEPT, at, length);
	return 0;
}

/* Whether a field's whole name, of which the beginning was kept, is this one. */
static bool is_named(const struct http_exchange *exchange, size_t length, const char *name)
{
	return strlen(name) == length && strncasecmp(exchange->name, name, length) == 0;
}

static int on_header_field_complete(llhttp_t *parser)
{
	struct http_exchange *exchange = exchange_of(parser);
	size_t length = exchange->name_length;

	exchange->name_length = 0;
	exchange->field = FIELD_OTHER;
	if (length == 0)
		return http_request_refuse(exchange, 400);
	if (exchange->in_body) { /* a trailer has no say; llhttp's versions differ in which has */
		parser->header_state = 0;
		return is_named(exchange, length, "transfer-encoding")
			       ? http_request_refuse(exchange, 400)
			       : 0;
	}
	if (is_named(exchange, length, "host")) {
		exchange->field = FIELD_HOST;
		if (++exchange->host_count > 1)
			return http_request_refuse(exchange, 400);
	} else if (is_named(exchange, length, "transfer-encoding")) {
		exchange->field = FIELD_TRANSFER_ENCODING;
		if (exchange->coded) /* several lines are one list */
			keep(exchange->coding, &exchange->coding_length, HTTP_CODING_KEPT, ",", 1);
		exchange->coded = true;
	} else if (is_named(exchange, length, "expect")) {
		exchange->field = FIELD_EXPECT;
		if (exchange->expectation_length)
			keep(exchange->expectation, &exchange->expectation_length,
			     HTTP_EXPECTATION_KEPT, ",", 1);
	}
	return 0;
}

/*
 * A value that begins after a line end and blanks continues the line before: obs-fold, which a
 * server must refuse or replace (RFC 9112 section 5.2).
 */
static bool is_folded(const struct http_exchange *exchange, const char *data, const char *at)
{
	while (at > data && http_is_blank(at[-1]))
		at--;
	return (at > data ? at[-1] : exchange->last_nonblank) == '\n';
}

static int on_header_value(llhttp_t *parser, const char *at, size_t length)
{
	struct http_exchange *exchange = exchange_of(parser);

	if (length == 0)
		return 0; /* llhttp shows an empty value where the next line begins */
	if (is_folded(exchange, exchange->data, at))
		return http_request_refuse(exchange, 400);
	if (exchange->field == FIELD_TRANSFER_ENCODING)
		keep(exchange->coding, &exchange->coding_length, HTTP_CODING_KEPT, at, length);
	else if (exchange->field == FIELD_HOST)
		exchange->host = http_host_read(exchange->host, at, length);
	else if (exchange->field == FIELD_EXPECT)
		keep(exchange->expectation, &exchange->expectation_length, HTTP_EXPECTATION_KEPT,
		     at, length);
	return 0;
}

static bool has_body(const llhttp_t *parser)
{
	return (parser->flags & F_TRANSFER_ENCODING) ||
	       ((parser->flags & F_CONTENT_LENGTH) && parser->content_length > 0);
}

static int on_headers_complete(llhttp_t *parser)
{
	struct http_exchange *exchange = exchange_of(parser);
	unsigned refusal = http_judge_head(exchange);

	exchange->in_body = true;
	/* Decided here: a trailer has no say. "close" counts also beside "keep-alive". */
	exchange->keep_alive = llhttp_should_keep_alive(parser) &&
			       !(parser->flags & F_CONNECTION_CLOSE);
	parser->upgrade = 0; /* an offer that we do not take up (RFC 9110 section 7.8) */
	if (refusal)
		return http_request_refuse(exchange, refusal);
	if (!has_body(parser)) {
		exchange->expects = false; /* nothing to continue with */
		return 0;
	}
	return HPE_PAUSED; /* to see exactly where the head ends, and whether more has come */
}

/* A chunk that is too large need not be waited for. */
static int on_chunk_header(llhttp_t *parser)
{
	struct http_exchange *exchange = exchange_of(parser);

	return parser->content_length > REQUEST_BODY_MOST - exchange->body_bytes
		       ? http_request_refuse(exchange, 413)
		       : 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t length)
{
	struct http_exchange *exchange = exchange_of(parser);

	exchange->body_bytes += length;
	if (exchange->body_bytes > REQUEST_BODY_MOST)
		return http_request_refuse(exchange, 413);
	if (parser->method != HTTP_POST)
		return 0; /* nobody will look at it */
	return http_buffer_append(&exchange->body, at, length) ? 0
							       : http_request_refuse(exchange, 503);
}

static int on_message_complete(llhttp_t *parser)
{
	struct http_exchange *exchange = exchange_of(parser);

	exchange->complete = true;
	if (exchange->keep_alive) /* a trailer may have said otherwise to llhttp */
		parser->flags &= (uint16_t)~F_CONNECTION_CLOSE;
	return HPE_PAUSED;
}

const llhttp_settings_t http_events = {
	.on_message_begin = on_message_begin,
	.on_url = on_url,
	.on_url_complete = on_url_complete,
	.on_version = on_version,
	.on_header_field = on_header_field,
	.on_header_field_complete = on_header_field_complete,
	.on_header_value = on_header_value,
	.on_headers_complete = on_headers_complete,
	.on_chunk_header = on_chunk_header,
	.on_body = on_body,
	.on_message_complete = on_message_complete,
};
