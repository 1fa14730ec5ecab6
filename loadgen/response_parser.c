#include "loadgen/response_parser.h"
#include "loadgen/response_fields.h"

#include <string.h>

static const char *parse_status_line(struct response_parser *p, const char *at, const char *end)
{
	static const char prefix[] = "HTTP/1.";
	enum { MINOR = sizeof(prefix) - 1, BLANK, DIGITS, AFTER = DIGITS + 3 };

	for (; at < end; at++, p->matched++) {
		bool fits;

		if (p->matched < MINOR) {
			fits = *at == prefix[p->matched];
		} else if (p->matched == MINOR) {
			fits = response_byte_is_digit(*at);
			p->minor_version = (uint8_t)(*at - '0');
		} else if (p->matched == BLANK) {
			fits = *at == ' ';
		} else if (p->matched < AFTER) {
			fits = response_byte_is_digit(*at) && (*at != '0' || p->matched > DIGITS);
			p->status = (uint16_t)(p->status * 10 + (*at - '0'));
		} else {
			fits = *at == ' ' || *at == '\r' || *at == '\n';
			p->state = STATE_REASON;
		}
		if (!fits)
			return response_invalid(p, at);
		if (p->state == STATE_REASON)
			break;
	}
	return at;
}

/* Goes behind the next line feed, to `then`. */
static const char *skip_line(struct response_parser *p, const char *at, const char *end,
			     enum response_state then)
{
	const char *feed = memchr(at, '\n', (size_t)(end - at));

	if (!feed)
		return end;
	p->state = (uint8_t)then;
	return feed + 1;
}

static const char *parse_ignored(struct response_parser *p, const char *at, const char *end)
{
	return skip_line(p, at, end, STATE_LINE_START);
}

static const char *head_end(struct response_parser *p, const char *at)
{
	bool no_body = p->head_request || p->status == 204 || p->status == 304;

	if (p->status < 200 && p->status != 101) {
		uint32_t head_bytes = p->head_bytes; /* so that interim responses are bounded */

		response_parser_init(p, p->head_request);
		p->head_bytes = head_bytes;
		return at;
	}
	if (p->has_coding && p->minor_version == 0)
		return response_invalid(p, at); /* RFC 9112, 6.1: faulty framing */
	p->keep_alive = !p->close_seen && (p->minor_version > 0 || p->keep_alive_seen) &&
			p->status != 101 && !(p->has_coding && p->has_length);
	p->remaining = p->content_length;
	p->number = 0;
	p->matched = 0;
	if (no_body || p->status == 101)
		p->state = STATE_DONE;
	else if (p->chunked)
		p->state = STATE_CHUNK_SIZE;
	else if (p->has_coding || !p->has_length)
		p->state = STATE_BODY_UNTIL_CLOSE;
	else
		p->state = p->remaining ? STATE_BODY_FIXED : STATE_DONE;
	if (p->state == STATE_BODY_UNTIL_CLOSE)
		p->keep_alive = false;
	return at;
}

static const char *parse_value_lf(struct response_parser *p, const char *at, const char *end)
{
	(void)end;
	if (*at != '\n')
		return response_invalid(p, at);
	p->state = STATE_LINE_START;
	return at + 1;
}

static const char *parse_line_start(struct response_parser *p, const char *at, const char *end)
{
	(void)end;
	if (p->field != RESPONSE_FIELD_NONE) {
		if (response_byte_is_blank(*at)) {
			response_field_continue(p);
			return at;
		}
		if (!response_field_end(p))
			return response_invalid(p, at);
	}
	if (*at == '\r') {
		p->state = STATE_HEAD_LF;
		return at + 1;
	}
	if (*at == '\n')
		return head_end(p, at + 1);
	response_field_begin(p);
	return at;
}

static const char *parse_head_lf(struct response_parser *p, const char *at, const char *end)
{
	(void)end;
	return *at == '\n' ? head_end(p, at + 1) : response_invalid(p, at);
}

static const char *chunk_line_end(struct response_parser *p, const char *at)
{
	p->remaining = p->number;
	p->state = p->number ? STATE_BODY_CHUNK : STATE_TRAILER_START;
	p->number = 0;
	p->matched = 0;
	p->head_bytes = 0;
	return at;
}

static const char *parse_chunk_size(struct response_parser *p, const char *at, const char *end)
{
	for (; at < end; at++) {
		unsigned digit = response_digit(*at);

		if (digit > 15)
			break;
		if (!response_number_add(p, 16, digit))
			return response_invalid(p, at);
		p->matched = 1;
	}
	if (at == end)
		return at;
	if (p->matched == 0)
		return response_invalid(p, at);
	if (*at == '\n')
		return chunk_line_end(p, at + 1);
	if (*at == '\r')
		p->state = STATE_CHUNK_LF;
	else if (*at == ';' || response_byte_is_blank(*at))
		p->state = STATE_CHUNK_EXTENSION;
	else
		return response_invalid(p, at);
	return at + 1;
}

static const char *parse_chunk_extension(struct response_parser *p, const char *at, const char *end)
{
	const char *next = skip_line(p, at, end, STATE_CHUNK_LF);

	return p->state == STATE_CHUNK_LF ? chunk_line_end(p, next) : next;
}

static const char *parse_chunk_lf(struct response_parser *p, const char *at, const char *end)
{
	(void)end;
	return *at == '\n' ? chunk_line_end(p, at + 1) : response_invalid(p, at);
}

/* The line end behind a chunk's data. */
static const char *parse_chunk_end(struct response_parser *p, const char *at, const char *end)
{
	(void)end;
	if (*at == '\n')
		p->state = STATE_CHUNK_SIZE;
	else if (*at == '\r' && p->state == STATE_CHUNK_END)
		p->state = STATE_CHUNK_END_LF;
	else
		return response_invalid(p, at);
	return at + 1;
}

static const char *parse_trailer_start(struct response_parser *p, const char *at, const char *end)
{
	(void)end;
	if (*at == '\n')
		p->state = STATE_DONE;
	else if (p->state == STATE_TRAILER_LF)
		return response_invalid(p, at);
	else
		p->state = *at == '\r' ? STATE_TRAILER_LF : STATE_TRAILER;
	return at + 1;
}

static const char *parse_trailer(struct response_parser *p, const char *at, const char *end)
{
	return skip_line(p, at, end, STATE_TRAILER_START);
}

static const char *(*const handlers[STATE_COUNT])(struct response_parser *, const char *,
						  const char *) = {
	[STATE_STATUS_LINE] = parse_status_line,
	[STATE_REASON] = parse_ignored,
	[STATE_LINE_START] = parse_line_start,
	[STATE_NAME] = response_parse_name,
	[STATE_VALUE_IGNORED] = parse_ignored,
	[STATE_VALUE_LENGTH] = response_parse_length,
	[STATE_VALUE_LIST] = response_parse_list,
	[STATE_VALUE_LF] = parse_value_lf,
	[STATE_HEAD_LF] = parse_head_lf,
	[STATE_CHUNK_SIZE] = parse_chunk_size,
	[STATE_CHUNK_EXTENSION] = parse_chunk_extension,
	[STATE_CHUNK_LF] = parse_chunk_lf,
	[STATE_CHUNK_END] = parse_chunk_end,
	[STATE_CHUNK_END_LF] = parse_chunk_end,
	[STATE_TRAILER_START] = parse_trailer_start,
	[STATE_TRAILER] = parse_trailer,
	[STATE_TRAILER_LF] = parse_trailer_start,
};

void response_parser_init(struct response_parser *parser, bool head_request)
{
	*parser = (struct response_parser){.head_request = head_request,
					   .state = STATE_STATUS_LINE,
					   .field = RESPONSE_FIELD_NONE};
}

bool response_parser_is_fresh(const struct response_parser *parser)
{
	return parser->state == STATE_STATUS_LINE && parser->head_bytes == 0;
}

static void take_body(struct response_parser *p, const char **cursor, const char *end,
		      struct response_part *part)
{
	size_t size = (size_t)(end - *cursor);

	if (p->state != STATE_BODY_UNTIL_CLOSE) {
		if (size > p->remaining)
			size = (size_t)p->remaining;
		p->remaining -= size;
		if (p->remaining == 0)
			p->state = p->state == STATE_BODY_FIXED ? STATE_DONE : STATE_CHUNK_END;
	}
	*part = (struct response_part){.data = *cursor, .size = size};
	p->body_bytes += size;
	*cursor += size;
}

enum response_step response_parse(struct response_parser *parser, const char **cursor,
				  const char *end, struct response_part *part)
{
	for (;;) {
		const char *before = *cursor;

		if (parser->state == STATE_DONE)
			return RESPONSE_DONE;
		if (parser->state == STATE_INVALID)
			return RESPONSE_INVALID;
		if (before == end)
			return RESPONSE_MORE;
		if (parser->state >= STATE_BODY_FIXED) {
			take_body(parser, cursor, end, part);
			return RESPONSE_BODY;
		}
		*cursor = handlers[parser->state](parser, before, end);
		parser->head_bytes += (uint32_t)(*cursor - before);
		if (parser->head_bytes > RESPONSE_HEAD_MAX_BYTES)
			parser->state = STATE_INVALID;
	}
}

bool response_parse_end(struct response_parser *parser)
{
	if (parser->state != STATE_BODY_UNTIL_CLOSE)
		return false;
	parser->state = STATE_DONE;
	return true;
}
