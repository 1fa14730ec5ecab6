/* Rows whose requests are long and are made when they are needed. */
#include "harness/check/rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sends what was made and frees it. */
static bool exchange_made(struct check_trial *trial, const struct check_row *row, char *made,
			  size_t length)
{
	bool right = made ? check_connect(trial, &trial->client) &&
				     check_send(trial, &trial->client, made, length) &&
				     check_answer(trial, &trial->client, &row->expect) &&
				     check_end(trial, &row->expect)
			  : check_fail(trial, strerror(ENOMEM), "memory for the request");

	free(made);
	return right;
}

/* A request target of exactly `size` bytes. */
bool check_run_long_target(struct check_trial *trial, const struct check_row *row)
{
	static const char before[] = "GET ", path[] = "/plaintext?",
			  after[] = " HTTP/1.1\r\nHost: tenk\r\n\r\n";
	size_t length = sizeof before - 1 + row->size + sizeof after - 1;
	char *made = malloc(length);
	char *at = made;

	if (made) {
		at = mempcpy(at, before, sizeof before - 1);
		memset(at, 'a', row->size);
		memcpy(at, path, sizeof path - 1);
		memcpy(at + row->size, after, sizeof after - 1);
	}
	return exchange_made(trial, row, made, length);
}

/* A request whose line and fields take exactly `size` bytes, in fields of up to 1000 bytes. */
bool check_run_long_head(struct check_trial *trial, const struct check_row *row)
{
	static const char begin[] = "GET /plaintext HTTP/1.1\r\nHost: tenk\r\n",
			  field[] = "X-Fill: ", line[] = "\r\n";
	enum { FIELD_MOST = 1000, FIELD_LEAST = sizeof field - 1 + 1 + 2 };
	char *made = malloc(row->size);
	char *at = made, *end = made ? made + row->size - 2 : NULL;

	if (made) {
		at = mempcpy(at, begin, sizeof begin - 1);
		while (at < end) {
			size_t left = (size_t)(end - at);
			/* The last two share what is left, so that none is too short to be one. */
			size_t length = left <= FIELD_MOST		  ? left
					: left < FIELD_MOST + FIELD_LEAST ? left / 2
									  : FIELD_MOST;

			memset(at, 'x', length);
			memcpy(at, field, sizeof field - 1);
			memcpy(at + length - 2, line, 2);
			at += length;
		}
		memcpy(end, line, 2);
	}
	return exchange_made(trial, row, made, row->size);
}

/* POST /echo with a body of `size` bytes of the pattern, framed by its length. */
bool check_run_long_body(struct check_trial *trial, const struct check_row *row)
{
	static const char symbols[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
	char head[128];
	size_t length = (size_t)snprintf(
		head, sizeof head,
		"POST /echo HTTP/1.1\r\nHost: tenk\r\nContent-Length: %zu\r\n\r\n", row->size);
	char *made = malloc(length + row->size);

	if (made) {
		memcpy(made, head, length);
		for (size_t i = 0; i < row->size; i++)
			made[length + i] = symbols[i % 64];
	}
	return exchange_made(trial, row, made, length + row->size);
}

/* POST /echo with `size` bytes in chunks of 4096, never ended: who waits for the end hangs. */
bool check_run_long_chunks(struct check_trial *trial, const struct check_row *row)
{
	static const char head[] =
		"POST /echo HTTP/1.1\r\nHost: tenk\r\nTransfer-Encoding: chunked\r\n\r\n";
	enum { CHUNK = 4096, FRAMED = CHUNK + 8 };
	size_t chunks = row->size / CHUNK, length = sizeof head - 1 + chunks * FRAMED;
	char *made = malloc(length);
	char *at = made;

	if (made) {
		at = mempcpy(at, head, sizeof head - 1);
		for (size_t i = 0; i < chunks; i++, at += FRAMED) {
			memcpy(at, "1000\r\n", 6);
			memset(at + 6, 'c', CHUNK);
			memcpy(at + 6 + CHUNK, "\r\n", 2);
		}
	}
	return exchange_made(trial, row, made, length);
}

/* What of a request is filled up, and with what, to `size` bytes: before it and behind it. */
static bool run_filled(struct check_trial *trial, const struct check_row *row, const char *before,
		       char filling, const char *after)
{
	size_t front = strlen(before), length = front + row->size + strlen(after);
	char *made = malloc(length);

	if (made) {
		memcpy(made, before, front);
		memset(made + front, filling, row->size);
		memcpy(made + front + row->size, after, strlen(after));
	}
	return exchange_made(trial, row, made, length);
}

bool check_run_long_method(struct check_trial *trial, const struct check_row *row)
{
	return run_filled(trial, row, "", 'M', " /plaintext HTTP/1.1\r\nHost: tenk\r\n\r\n");
}

bool check_run_long_field(struct check_trial *trial, const struct check_row *row)
{
	return run_filled(trial, row, "GET /plaintext HTTP/1.1\r\nHost: tenk\r\nX-Long: ", 'a',
			  "\r\n\r\n");
}

bool check_run_long_name(struct check_trial *trial, const struct check_row *row)
{
	return run_filled(trial, row, "GET /plaintext HTTP/1.1\r\nHost: tenk\r\n", 'X',
			  ": a\r\n\r\n");
}

/* POST /echo with one chunk, whose extension has `size` bytes. */
bool check_run_long_extension(struct check_trial *trial, const struct check_row *row)
{
	return run_filled(
		trial, row,
		"POST /echo HTTP/1.1\r\nHost: tenk\r\nTransfer-Encoding: chunked\r\n\r\n5;", 'e',
		"\r\nhello\r\n0\r\n\r\n");
}

/* Line ends of `size` bytes, and then no request. */
bool check_run_line_ends(struct check_trial *trial, const struct check_row *row)
{
	char *made = malloc(row->size);

	for (size_t i = 0; made && i + 1 < row->size; i += 2)
		memcpy(made + i, "\r\n", 2);
	return exchange_made(trial, row, made, row->size);
}
