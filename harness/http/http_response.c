/* Reading a response from bytes, strictly: http_client.h says why. */
#include "harness/http/http_client.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FRAMING_MOST = 16384 }; /* of a line between chunks */

/* The end of the line that begins at `at`: its CR; NULL if its LF has not come yet. */
static const char *line_end(const char *at, const char *end)
{
	return memmem(at, (size_t)(end - at), "\r\n", 2);
}

static bool is_token(const char *at, const char *end)
{
	if (at == end)
		return false;
	for (; at < end; at++)
		if (*at == '\0' ||
		    (!isalnum((unsigned char)*at) && !strchr("!#$%&'*+-.^_`|~", *at)))
			return false;
	return true;
}

/* "HTTP/1.1 200 OK": version, a blank, three digits, a blank, a phrase that may be empty. */
static bool parse_status_line(const char *at, const char *end, struct http_response *response)
{
	if (end - at < 13 || memcmp(at, "HTTP/1.", 7) != 0 || !isdigit((unsigned char)at[7]) ||
	    at[8] != ' ' || at[12] != ' ')
		return false;
	for (size_t i = 9; i < 12; i++)
		if (!isdigit((unsigned char)at[i]))
			return false;
	response->minor = (unsigned)(at[7] - '0');
	response->status = (unsigned)(at[9] - '0') * 100 + (unsigned)(at[10] - '0') * 10 +
			   (unsigned)(at[11] - '0');
	return response->status >= 100;
}

static bool check_field_line(const char *at, const char *end)
{
	const char *colon = memchr(at, ':', (size_t)(end - at));

	if (!colon || !is_token(at, colon))
		return false;
	for (at = colon + 1; at < end; at++)
		if ((unsigned char)*at < ' ' && *at != '\t')
			return false;
	return true;
}

/*
 * Goes over fields to behind the empty line that ends them. Returns the bytes from `begin` on, 0
 * when they are not complete, -EBADMSG.
 */
static long skip_fields(const char *begin, const char *at, const char *end)
{
	for (;;) {
		const char *stop = line_end(at, end);

		if (!stop)
			return 0;
		if (stop == at)
			return at + 2 - begin;
		if (!check_field_line(at, stop))
			return -EBADMSG;
		at = stop + 2;
	}
}

/* Returns the head's length, 0 when it is not complete, -EBADMSG. */
static long parse_head(const char *bytes, size_t count, struct http_response *response)
{
	const char *end = bytes + count;
	const char *at = bytes, *stop = line_end(at, end);
	static const char begin[] = "HTTP/1.";

	if (memcmp(bytes, begin, count < sizeof begin - 1 ? count : sizeof begin - 1) != 0)
		return -EBADMSG;
	if (!stop)
		return 0;
	if (!parse_status_line(at, stop, response))
		return -EBADMSG;
	return skip_fields(bytes, stop + 2, end);
}

size_t http_response_field(const struct http_response *response, const char *name, char *value,
			   size_t size)
{
	const char *end = response->raw + response->head_bytes;
	size_t name_length = strlen(name), found = 0;

	for (const char *at = line_end(response->raw, end); at; at = line_end(at, end)) {
		const char *stop;

		at += 2;
		stop = line_end(at, end);
		if (!stop || (size_t)(stop - at) <= name_length || at[name_length] != ':' ||
		    strncasecmp(at, name, name_length) != 0)
			continue;
		if (found++ > 0 || !value)
			continue;
		at += name_length + 1;
		while (at < stop && (*at == ' ' || *at == '\t'))
			at++;
		while (stop > at && (stop[-1] == ' ' || stop[-1] == '\t'))
			stop--;
		snprintf(value, size, "%.*s", (int)(stop - at), at);
	}
	return found;
}

static bool has_option(const char *list, const char *option)
{
	size_t length = strlen(option);

	while (*list) {
		list += strspn(list, ", \t");
		if (strncasecmp(list, option, length) == 0 &&
		    (list[length] == '\0' || strchr(", \t", list[length])))
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

/* Reads "1a" and extensions; moves *at behind the line. -EBADMSG, 0 for more bytes, 1. */
static int parse_chunk_size(const char **at, const char *end, size_t *size)
{
	const char *stop = line_end(*at, end);
	size_t digits = 0;

	if (!stop)
		return 0;
	for (*size = 0; *at < stop && isxdigit((unsigned char)**at); (*at)++, digits++) {
		int digit = tolower((unsigned char)**at);

		*size = *size * 16 + (size_t)(digit > '9' ? digit - 'a' + 10 : digit - '0');
	}
	if (digits == 0 || digits > 8 || (*at < stop && **at != ';' && **at != ' '))
		return -EBADMSG;
	*at = stop + 2;
	return 1;
}

/*
 * Returns the bytes that chunks and trailers take, 0 for more, -EBADMSG. Counts the body's bytes,
 * and collects them where there is room for them.
 */
static long parse_chunks(const char *bytes, const char *end, struct http_response *response)
{
	const char *at = bytes;
	size_t size;

	response->body_bytes = 0;
	for (;;) {
		int result = parse_chunk_size(&at, end, &size);

		if (result <= 0)
			return result;
		if (size == 0)
			break;
		if ((size_t)(end - at) < size + 2)
			return 0;
		if (memcmp(at + size, "\r\n", 2) != 0)
			return -EBADMSG;
		if (response->body)
			memcpy(response->body + response->body_bytes, at, size);
		response->body_bytes += size;
		at += size + 2;
	}
	return skip_fields(bytes, at, end);
}

/* A body that is framed by a length. Returns its bytes, -EAGAIN for more, -EBADMSG. */
static long parse_length(const char *value, size_t available)
{
	unsigned long long length;
	char *end;

	if (!isdigit((unsigned char)*value))
		return -EBADMSG;
	errno = 0;
	length = strtoull(value, &end, 10);
	if (errno || *end || length > HTTP_CLIENT_MOST_BYTES)
		return -EBADMSG;
	return length <= available ? (long)length : -EAGAIN;
}

/* No body at all, whatever the fields say. */
static bool has_no_body(const struct http_response *response, bool head)
{
	return head || response->status < 200 || response->status == 204 || response->status == 304;
}

/*
 * Finds out how the body is framed (RFC 9112 section 6.3) and how long it is. Returns the bytes it
 * takes on the wire, -EAGAIN for more, -EBADMSG.
 */
static long measure_body(size_t count, bool head, bool ended, struct http_response *response)
{
	const char *begin = response->raw + response->head_bytes;
	size_t available = count - response->head_bytes;
	char value[64] = "";
	size_t codings = http_response_field(response, "Transfer-Encoding", value, sizeof value);
	size_t lengths;
	long used;

	if (has_no_body(response, head))
		return 0;
	if (codings > 0) {
		if (codings > 1 || strcasecmp(value, "chunked") != 0)
			return -EBADMSG;
		response->chunked = true;
		used = parse_chunks(begin, begin + available, response);
		return used == 0 ? -EAGAIN : used;
	}
	lengths = http_response_field(response, "Content-Length", value, sizeof value);
	if (lengths > 1)
		return -EBADMSG;
	response->closes |= lengths == 0;
	if (lengths == 1)
		used = parse_length(value, available);
	else
		used = ended ? (long)available : -EAGAIN;
	response->body_bytes = used > 0 ? (size_t)used : 0;
	return used;
}

/* The response so far points into what was received: it gets memory of its own. */
static int keep(struct http_response *response)
{
	const char *bytes = response->raw;
	const char *begin = bytes + response->head_bytes;

	response->raw = malloc(response->raw_bytes + 1);
	response->body = malloc(response->body_bytes + 1);
	if (!response->raw || !response->body) {
		http_response_destroy(response);
		return -ENOMEM;
	}
	memcpy(response->raw, bytes, response->raw_bytes);
	if (response->chunked)
		parse_chunks(begin, bytes + response->raw_bytes, response);
	else
		memcpy(response->body, begin, response->body_bytes);
	response->raw[response->raw_bytes] = '\0';
	response->body[response->body_bytes] = '\0';
	return 0;
}

long http_response_parse(const char *bytes, size_t count, bool head, bool ended,
			 struct http_response *response)
{
	char connection[128] = "";
	long head_bytes, body_bytes;
	int status;

	*response = (struct http_response){0};
	head_bytes = parse_head(bytes, count, response);
	if (head_bytes <= 0)
		return head_bytes;
	response->raw = (char *)bytes;
	response->head_bytes = (size_t)head_bytes;
	http_response_field(response, "Connection", connection, sizeof connection);
	response->closes = has_option(connection, "close") ||
			   (response->minor == 0 && !has_option(connection, "keep-alive"));
	body_bytes = measure_body(count, head, ended, response);
	response->raw_bytes = (size_t)(head_bytes + body_bytes);
	status = body_bytes < 0 ? (int)body_bytes : keep(response);
	if (status < 0) {
		*response = (struct http_response){0};
		return status == -EAGAIN ? 0 : status;
	}
	return head_bytes + body_bytes;
}

int http_body_begin(struct http_body *body, const struct http_response *response, bool head)
{
	char value[64] = "", *end;
	size_t codings = http_response_field(response, "Transfer-Encoding", value, sizeof value);
	size_t lengths;

	*body = (struct http_body){.part = HTTP_BODY_OVER};
	if (has_no_body(response, head))
		return 0;
	if (codings > 0) {
		body->part = HTTP_BODY_SIZE;
		return codings > 1 || strcasecmp(value, "chunked") != 0 ? -EBADMSG : 0;
	}
	lengths = http_response_field(response, "Content-Length", value, sizeof value);
	if (lengths == 0) {
		body->part = HTTP_BODY_TO_END;
		return 0;
	}
	errno = 0;
	body->left = strtoull(value, &end, 10);
	if (lengths > 1 || !isdigit((unsigned char)*value) || errno || *end)
		return -EBADMSG;
	body->part = body->left > 0 ? HTTP_BODY_BYTES : HTTP_BODY_OVER;
	return 0;
}

/* A line of framing: the size of a chunk, what ends it, or a trailer. Its bytes, 0 for more, -EBADMSG. */
static long take_line(struct http_body *body, const char *bytes, size_t count)
{
	const char *at = bytes, *end = bytes + count, *stop = line_end(bytes, end);
	size_t size = 0;

	if (!stop)
		return count > FRAMING_MOST ? -EBADMSG : 0;
	switch (body->part) {
	case HTTP_BODY_SIZE:
		if (parse_chunk_size(&at, end, &size) < 0)
			return -EBADMSG;
		body->left = size;
		body->part = size > 0 ? HTTP_BODY_CHUNK : HTTP_BODY_TRAILERS;
		break;
	case HTTP_BODY_CHUNK_END:
		if (stop != bytes)
			return -EBADMSG;
		body->part = HTTP_BODY_SIZE;
		break;
	default:
		if (stop == bytes)
			body->part = HTTP_BODY_OVER;
		else if (!check_field_line(bytes, stop))
			return -EBADMSG;
	}
	return stop + 2 - bytes;
}

long http_body_take(struct http_body *body, const char *bytes, size_t count, size_t *given)
{
	*given = 0;
	switch (body->part) {
	case HTTP_BODY_OVER:
		return 0;
	case HTTP_BODY_TO_END:
		*given = count;
		return (long)count;
	case HTTP_BODY_BYTES:
	case HTTP_BODY_CHUNK:
		*given = body->left < count ? (size_t)body->left : count;
		body->left -= *given;
		if (body->left == 0)
			body->part = body->part == HTTP_BODY_BYTES ? HTTP_BODY_OVER
								   : HTTP_BODY_CHUNK_END;
		return (long)*given;
	default:
		return take_line(body, bytes, count);
	}
}

void http_response_destroy(struct http_response *response)
{
	free(response->raw);
	free(response->body);
	*response = (struct http_response){0};
}
