/*
 * Reading requests: llhttp, and the checks that strict llhttp leaves to its user (lines that end
 * with LF alone, obs-fold, empty field names, versions, limits; http_judge.c: the head as a whole).
 * Every decision is the same however the bytes were split on their way; only the bound on a body's
 * framing, a guard, is looked at piece by piece.
 */
#include "servers/core/http/http_exchange.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Served is what a later minor version has in common with 1.1 (RFC 9110 section 2.5). */
#if LLHTTP_VERSION_MAJOR > 8 || (LLHTTP_VERSION_MAJOR == 8 && LLHTTP_VERSION_MINOR >= 1)
enum { ANY_VERSION = 1, VERSION_FLAG = LENIENT_VERSION };
#else
enum { ANY_VERSION = 0, VERSION_FLAG = 0 }; /* this llhttp knows no way: 505 */
#endif

enum { NO_VERSION = UINT8_MAX }; /* llhttp's http_minor until it has read one */

enum { FRAMING_LEAST = 16384, FRAMING_PER_BODY_BYTE = 16 };

static struct http_exchange *exchange_of(llhttp_t *parser)
{
	return (struct http_exchange *)((char *)parser - offsetof(struct http_exchange, parser));
}

static int refuse(struct http_exchange *exchange, unsigned status)
{
	if (!exchange->refusal)
		exchange->refusal = status;
	return HPE_USER;
}

/* The byte that stands `back` before this one, be it in a piece that came before. */
static char byte_before(const struct http_exchange *exchange, const char *at, size_t back)
{
	size_t here = (size_t)(at - exchange->data);

	return back <= here ? at[-(ptrdiff_t)back] : exchange->tail[HTTP_TAIL_KEPT - back + here];
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
	if ((exchange->target_length == 0 && byte_before(exchange, at, 2) == ' ') ||
	    memchr(at, '#', length))
		return refuse(exchange, 400);
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

	return exchange->target_length > REQUEST_TARGET_MOST ? refuse(exchange, 414) : 0;
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
			       : refuse(exchange, 400);
	for (size_t i = 0; i < back; i++)
		if (byte_before(exchange, at, back - i) != before[i])
			return refuse(exchange, 400);
	return byte_before(exchange, at, back + 1) == ' ' ? refuse(exchange, 400) : 0;
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
		return refuse(exchange, 400);
	if (exchange->in_body) { /* a trailer has no say; llhttp's versions differ in which has */
		parser->header_state = 0;
		return is_named(exchange, length, "transfer-encoding") ? refuse(exchange, 400) : 0;
	}
	if (is_named(exchange, length, "host")) {
		exchange->field = FIELD_HOST;
		if (++exchange->host_count > 1)
			return refuse(exchange, 400);
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
		return refuse(exchange, 400);
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
		return refuse(exchange, refusal);
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
		       ? refuse(exchange, 413)
		       : 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t length)
{
	struct http_exchange *exchange = exchange_of(parser);

	exchange->body_bytes += length;
	if (exchange->body_bytes > REQUEST_BODY_MOST)
		return refuse(exchange, 413);
	if (parser->method != HTTP_POST)
		return 0; /* nobody will look at it */
	return http_buffer_append(&exchange->body, at, length) ? 0 : refuse(exchange, 503);
}

static int on_message_complete(llhttp_t *parser)
{
	struct http_exchange *exchange = exchange_of(parser);

	exchange->complete = true;
	if (exchange->keep_alive) /* a trailer may have said otherwise to llhttp */
		parser->flags &= (uint16_t)~F_CONNECTION_CLOSE;
	return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
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

void http_request_init(struct http_exchange *exchange)
{
	llhttp_init(&exchange->parser, HTTP_REQUEST, &settings);
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
		if (byte_before(exchange, at, 1) != '\r')
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
	    byte_before(exchange, position, 2) != '\r')
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
			refuse(exchange, exchange->target_length > REQUEST_TARGET_MOST ? 414 : 431);
		if (!exchange->refusal && exchange->body_stage_bytes > body_stage_most(exchange))
			refuse(exchange, 413); /* chunk extensions or trailers without end */
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
