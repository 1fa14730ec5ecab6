/*
 * Reading requests: llhttp, and the checks that strict llhttp leaves to its user (missing and
 * double Host, obs-fold, empty field names, other major versions, transfer codings, limits).
 * Every decision is the same however the bytes were split on their way; only the bound on a body's
 * framing, a guard, is looked at piece by piece.
 */
#include "servers/core/http_exchange.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* RFC 9110 section 5.6.2. */
static bool is_token_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
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

static int on_header_field_complete(llhttp_t *parser)
{
	struct http_exchange *exchange = exchange_of(parser);
	size_t length = exchange->name_length;

	exchange->name_length = 0;
	exchange->field = FIELD_OTHER;
	if (length == 0)
		return refuse(exchange, 400);
	if (exchange->in_body)
		return 0; /* a trailer */
	if (length == 4 && strncasecmp(exchange->name, "host", 4) == 0) {
		exchange->field = FIELD_HOST;
		if (++exchange->host_count > 1)
			return refuse(exchange, 400);
	} else if (length == 17 && strncasecmp(exchange->name, "transfer-encoding", 17) == 0) {
		exchange->field = FIELD_TRANSFER_ENCODING;
	} else if (length == 6 && strncasecmp(exchange->name, "expect", 6) == 0) {
		exchange->field = FIELD_EXPECT;
		if (exchange->expectation_length) /* several lines are one list */
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
	while (at > data && is_blank(at[-1]))
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
	else if (exchange->field == FIELD_EXPECT)
		keep(exchange->expectation, &exchange->expectation_length, HTTP_EXPECTATION_KEPT,
		     at, length);
	return 0;
}

/* RFC 9112 sections 6.1 and 6.3. We know one coding, chunked, and it must come once and last. */
static unsigned judge_transfer_coding(const struct http_exchange *exchange)
{
	size_t length = exchange->coding_length;

	while (length && is_blank(exchange->coding[length - 1]))
		length--;
	if (exchange->parser.http_minor == 0)
		return 400; /* HTTP/1.0 has none: framing would be guesswork */
	if (length == 7 && strncasecmp(exchange->coding, "chunked", 7) == 0)
		return 0;
	return 501;
}

/*
 * RFC 9110 section 10.1.1. The one expectation that we know is 100-continue; any other gets 417,
 * as a server may answer, so that a client that counts on something is not left to believe that it
 * was met. HTTP/1.0 knows no expectations: there the field is ignored.
 *
 * A final status that the head alone decides may take the place of "100 Continue". A refusal does,
 * since it closes the connection; 404 and 405 do not, since their connection lives on and the body
 * would have to be read all the same.
 */
static unsigned judge_expectation(struct http_exchange *exchange)
{
	static const char known[] = "100-continue";
	const char *list = exchange->expectation;
	size_t length = exchange->expectation_length, start = 0;

	if (exchange->parser.http_minor == 0)
		return 0;
	if (length == HTTP_EXPECTATION_KEPT)
		return 417;
	for (size_t i = 0; i <= length; i++) {
		size_t end = i;

		if (i < length && list[i] != ',')
			continue;
		while (start < end && is_blank(list[start]))
			start++;
		while (start < end && is_blank(list[end - 1]))
			end--;
		if (start < end) {
			if (end - start != sizeof known - 1 ||
			    strncasecmp(list + start, known, sizeof known - 1) != 0)
				return 417;
			exchange->expects = true;
		}
		start = i + 1;
	}
	return 0;
}

static bool has_body(const llhttp_t *parser)
{
	return (parser->flags & F_TRANSFER_ENCODING) ||
	       ((parser->flags & F_CONTENT_LENGTH) && parser->content_length > 0);
}

static unsigned judge_head(struct http_exchange *exchange)
{
	const llhttp_t *parser = &exchange->parser;

	if (parser->http_major != 1)
		return 505;
	if (parser->method == HTTP_CONNECT)
		return 501;
	if (exchange->host_count == 0 && parser->http_minor > 0)
		return 400;
	if (exchange->target[0] != '/' && exchange->target[0] != '*' &&
	    !memchr(exchange->target, ':',
		    exchange->target_length < HTTP_TARGET_KEPT ? exchange->target_length
							       : HTTP_TARGET_KEPT))
		return 400;
	if (exchange->target[0] == '*' && parser->method != HTTP_OPTIONS)
		return 400;
	if ((parser->flags & F_TRANSFER_ENCODING) && judge_transfer_coding(exchange))
		return judge_transfer_coding(exchange);
	if ((parser->flags & F_CONTENT_LENGTH) && parser->content_length > REQUEST_BODY_MOST)
		return 413;
	return judge_expectation(exchange);
}

static int on_headers_complete(llhttp_t *parser)
{
	struct http_exchange *exchange = exchange_of(parser);
	unsigned refusal = judge_head(exchange);

	exchange->in_body = true;
	parser->upgrade = 0; /* an offer that we do not take up (RFC 9110 section 7.8) */
	if (refusal)
		return refuse(exchange, refusal);
	if (!has_body(parser)) {
		exchange->expects = false; /* nothing to continue with */
		return 0;
	}
	return HPE_PAUSED; /* to see exactly where the head ends, and whether more has come */
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
	exchange->keep_alive = llhttp_should_keep_alive(parser);
	return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
	.on_message_begin = on_message_begin,
	.on_url = on_url,
	.on_url_complete = on_url_complete,
	.on_header_field = on_header_field,
	.on_header_field_complete = on_header_field_complete,
	.on_header_value = on_header_value,
	.on_headers_complete = on_headers_complete,
	.on_body = on_body,
	.on_message_complete = on_message_complete,
};

void http_request_init(struct http_exchange *exchange)
{
	llhttp_init(&exchange->parser, HTTP_REQUEST, &settings);
	http_request_next(exchange);
}

void http_request_next(struct http_exchange *exchange)
{
	exchange->begun = exchange->in_body = exchange->complete = false;
	exchange->expects = exchange->continue_due = false;
	exchange->last_byte = exchange->last_nonblank = '\0'; /* what came before is another's */
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
	char before = position && position > data ? position[-1] : exchange->last_byte;

	switch (error) {
	case HPE_INVALID_METHOD: /* an unknown token, or no token at all? */
		if (is_token_character(at) || (at == ' ' && is_token_character(before)))
			return 501;
		return 400;
	case HPE_INVALID_VERSION: /* well-formed but unknown, or no version at all? */
		return exchange->parser.http_minor == NO_VERSION ? 400 : 505;
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
	exchange->last_byte = data[length - 1];
	while (i > 0 && is_blank(data[i - 1]))
		i--;
	if (i > 0)
		exchange->last_nonblank = data[i - 1];
}

/* Hands llhttp one piece; returns the bytes consumed. */
static size_t parse(struct http_exchange *exchange, const char *data, size_t length)
{
	llhttp_errno_t error;
	const char *position;

	exchange->data = data;
	error = llhttp_execute(&exchange->parser, data, length);
	if (error == HPE_OK)
		return length;
	position = llhttp_get_error_pos(&exchange->parser);
	if (error == HPE_PAUSED) {
		llhttp_resume(&exchange->parser);
		return (size_t)(position - data);
	}
	if (!exchange->refusal)
		exchange->refusal = status_of_error(exchange, error, data, position, data + length);
	return length;
}

size_t http_request_read(struct http_exchange *exchange, const char *data, size_t length)
{
	size_t used = 0;

	if (exchange->complete)
		http_request_next(exchange);
	while (used < length && !exchange->complete && !exchange->refusal) {
		size_t piece = length - used, taken;
		bool head = !exchange->in_body;

		if (head && piece > REQUEST_HEAD_MOST - exchange->head_bytes)
			piece = REQUEST_HEAD_MOST - exchange->head_bytes;
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
		if (exchange->body_stage_bytes >
		    FRAMING_LEAST + FRAMING_PER_BODY_BYTE * exchange->body_bytes)
			refuse(exchange, 413); /* chunk extensions or trailers without end */
	}
	return used;
}

void http_request_describe(const struct http_exchange *exchange, struct request *request)
{
	static const struct {
		uint8_t parsed;
		enum request_method method;
	} methods[] = {
		{HTTP_GET, REQUEST_GET}, {HTTP_HEAD, REQUEST_HEAD}, {HTTP_POST, REQUEST_POST}};
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
