/*
 * What core accepts at most: one less is served, one more is refused with the status for it.
 */
#include "tests/unit/http_core_fixture.h"

#include <stdio.h>

/* A growing text, for requests too long to be written down. */
struct text {
	char *bytes;
	size_t length;
};

static void text_add(struct text *text, const char *piece, size_t length)
{
	text->bytes = realloc(text->bytes, text->length + length + 1);
	cr_assert_not_null(text->bytes);
	memcpy(text->bytes + text->length, piece, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

static void text_say(struct text *text, const char *piece)
{
	text_add(text, piece, strlen(piece));
}

static void text_repeat(struct text *text, char byte, size_t count)
{
	char *many = malloc(count + 1);

	cr_assert_not_null(many);
	memset(many, byte, count);
	text_add(text, many, count);
	free(many);
}

/* Feeds all of it whole, then in pieces; both ways it has to get this status and this end. */
static void check_status(struct text *text, unsigned status, enum http_step end)
{
	static const size_t pieces[] = {SIZE_MAX, 1, 4093};

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		enum http_step last = HTTP_READ;
		struct test_client client;
		struct test_loop loop;
		char expected[32];

		loop_open(&loop, i % 2);
		client_open(&client, &loop, NULL);
		for (size_t at = 0; at < text->length;) {
			size_t left = text->length - at, piece = pieces[i];

			if (piece > left)
				piece = left;
			last = client_feed(&client, text->bytes + at, piece);
			at += piece;
		}
		snprintf(expected, sizeof expected, "HTTP/1.1 %u ", status);
		cr_expect(strncmp(client.received, expected, strlen(expected)) == 0,
			  "in pieces of %zu, instead of %u came\n%.300s", pieces[i], status,
			  client.received);
		cr_expect_eq(last, end, "in pieces of %zu it ended in step %d", pieces[i], last);
		client_close(&client);
		loop_close(&loop);
	}
	free(text->bytes);
	*text = (struct text){0};
}

static void write_target(struct text *text, size_t length)
{
	text_say(text, "GET /");
	text_repeat(text, 'a', length - 1);
	text_say(text, " HTTP/1.1\r\nHost: tenk\r\n\r\n");
}

Test(http_core_limits, target, .timeout = 60)
{
	struct text text = {0};

	write_target(&text, REQUEST_TARGET_MOST);
	check_status(&text, 404, HTTP_READ);
	write_target(&text, REQUEST_TARGET_MOST + 1);
	check_status(&text, 414, HTTP_LINGER);
}

Test(http_core_limits, a_long_query_does_not_hide_the_path, .timeout = 60)
{
	struct text text = {0};

	text_say(&text, "GET /json?");
	text_repeat(&text, 'q', 4000);
	text_say(&text, " HTTP/1.1\r\nHost: tenk\r\n\r\n");
	check_status(&text, 200, HTTP_READ);
}

/* A header section of `length` bytes with its request line, in one long field or in many. */
static void write_head(struct text *text, size_t length, bool many)
{
	static const char begin[] = "GET /json HTTP/1.1\r\nHost: tenk\r\n", end[] = "\r\n\r\n";

	text_say(text, begin);
	while (many && text->length < length - 100)
		text_say(text, "Name: value\r\n");
	text_say(text, "A: ");
	text_repeat(text, 'b', length - text->length - (sizeof end - 1));
	text_say(text, end);
	cr_assert_eq(text->length, length);
}

Test(http_core_limits, header_section, .timeout = 60)
{
	for (int many = 0; many < 2; many++) {
		struct text text = {0};

		write_head(&text, REQUEST_HEAD_MOST - 1, many);
		check_status(&text, 200, HTTP_READ);
		write_head(&text, REQUEST_HEAD_MOST + 1, many);
		check_status(&text, 431, HTTP_LINGER);
	}
}

Test(http_core_limits, header_sections_of_a_pipeline_count_one_by_one, .timeout = 60)
{
	struct text text = {0};

	for (int i = 0; i < 4; i++) {
		struct text one = {0};

		write_head(&one, REQUEST_HEAD_MOST / 2, true);
		text_add(&text, one.bytes, one.length);
		free(one.bytes);
	}
	check_status(&text, 200, HTTP_READ);
}

static void write_chunks(struct text *text, size_t length, size_t chunk, const char *extension)
{
	char size[32];

	text_say(text, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (size_t left = length; left; left -= chunk) {
		if (chunk > left)
			chunk = left;
		snprintf(size, sizeof size, "%zx", chunk);
		text_say(text, size);
		text_say(text, extension);
		text_say(text, "\r\n");
		text_repeat(text, 'c', chunk);
		text_say(text, "\r\n");
	}
	text_say(text, "0\r\n\r\n");
}

Test(http_core_limits, chunked_body, .timeout = 60)
{
	struct text text = {0};

	write_chunks(&text, REQUEST_BODY_MOST, 65536, "");
	check_status(&text, 200, HTTP_READ);
	write_chunks(&text, REQUEST_BODY_MOST + 1, 65536, "");
	check_status(&text, 413, HTTP_LINGER);
	write_chunks(&text, (size_t)2 * REQUEST_BODY_MOST, (size_t)2 * REQUEST_BODY_MOST, "");
	check_status(&text, 413, HTTP_LINGER);
}

Test(http_core_limits, body_by_length, .timeout = 60)
{
	struct text text = {0};

	text_say(&text, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n");
	text_repeat(&text, 'c', REQUEST_BODY_MOST);
	check_status(&text, 200, HTTP_READ);
	text_say(&text, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n");
	check_status(&text, 413, HTTP_LINGER);
}

Test(http_core_limits, framing_may_not_dwarf_the_body, .timeout = 60)
{
	struct text text = {0}, extension = {0};

	text_say(&extension, ";");
	text_repeat(&extension, 'e', 500);
	write_chunks(&text, 10, 1, extension.bytes);
	check_status(&text, 200, HTTP_READ);
	write_chunks(&text, 100, 1, extension.bytes);
	check_status(&text, 413, HTTP_LINGER);
	free(extension.bytes);
}

Test(http_core_limits, trailers_may_not_go_on_for_ever, .timeout = 60)
{
	struct text text = {0};

	text_say(&text,
		 "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
	for (int i = 0; i < 2000; i++)
		text_say(&text, "Name: value\r\n");
	check_status(&text, 413, HTTP_LINGER);
}

static void check_bytes(const struct driving *driving, size_t length)
{
	static const char symbols[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
	struct test_client client;
	struct test_loop loop;
	char request[80];
	const char *body;

	loop_open(&loop, driving->completes);
	client_open(&client, &loop, driving);
	snprintf(request, sizeof request, "GET /bytes/%zu HTTP/1.1\r\nHost: tenk\r\n\r\n", length);
	cr_expect_eq(client_say(&client, request), HTTP_READ);
	body = strstr(client.received, "\r\n\r\n") + 4;
	cr_assert_eq(client.received_length - (size_t)(body - client.received), length);
	for (size_t i = 0; i < length; i++)
		cr_assert_eq(body[i], symbols[i % 64], "%s: byte %zu of %zu", driving->name, i,
			     length);
	client_close(&client);
	loop_close(&loop);
}

Test(http_core_limits, large_bodies_are_the_pattern_however_they_are_sent, .timeout = 60)
{
	static const struct driving odd_sizes[] = {
		{.name = "synchronous", .send_most = 7919, .refuses = true},
		{.name = "completion", .completes = true, .send_most = 65537},
		{.name = "all at once"},
	};
	static const size_t lengths[] = {128, 129, 65536, 65537, 700001};

	for (size_t i = 0; i < sizeof odd_sizes / sizeof *odd_sizes; i++)
		for (size_t j = 0; j < sizeof lengths / sizeof *lengths; j++)
			check_bytes(&odd_sizes[i], lengths[j]);
}
