/* Asking one thing of one server and judging the answer. */
#include "harness/check_rows.h"

#include "lib/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { SHOWN_BYTES = 640, REASON_BYTES = 512, DATE_SECONDS = 2 };

static const char pattern[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

char *check_escape(const char *bytes, size_t count, char *text, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		char *out = text + at;

		/* Room for the longest escape, the ellipsis and the NUL. */
		if (at + 8 >= size) {
			memcpy(out, "...", 4);
			return text;
		}
		if (byte == '\r' || byte == '\n' || byte == '\\') {
			*out++ = '\\';
			*out++ = byte == '\r' ? 'r' : byte == '\n' ? 'n' : '\\';
		} else if (isprint(byte)) {
			*out++ = (char)byte;
		} else {
			*out++ = '\\';
			*out++ = 'x';
			*out++ = hex[byte >> 4];
			*out++ = hex[byte & 15];
		}
		at = (size_t)(out - text);
	}
	text[at] = '\0';
	return text;
}

void check_pause_ms(uint64_t ms)
{
	struct timespec pause = clock_to_timespec(ms * NS_PER_MS);

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, &pause) == EINTR)
		;
}

bool check_fail(struct check_trial *trial, const char *came, const char *expected, ...)
{
	struct check_result *result = trial->result;
	char text[REASON_BYTES];
	va_list arguments;

	va_start(arguments, expected);
	vsnprintf(text, sizeof text, expected, arguments);
	va_end(arguments);
	free(result->expected);
	free(result->came);
	result->expected = strdup(text);
	result->came = strdup(came);
	return false;
}

/* The same for a call that failed, with what the server had sent of an answer. */
static bool fail_errno(struct check_trial *trial, struct http_client *client, int error,
		       const char *expected)
{
	char seen[SHOWN_BYTES / 2] = "", text[SHOWN_BYTES];
	const char *reason = error == -ENODATA	 ? "closed without an answer"
			     : error == -EPROTO	 ? "closed in the middle of an answer"
			     : error == -EBADMSG ? "not an HTTP/1.1 response"
						 : strerror(-error);

	trial->timed_out |= error == -ETIMEDOUT;
	if (client->pending_bytes > 0)
		check_escape(client->pending, client->pending_bytes, seen, sizeof seen);
	snprintf(text, sizeof text, "%s%s%s", reason, *seen ? ": " : "", seen);
	check_record(trial, client->pending, client->pending_bytes);
	return check_fail(trial, text, "%s", expected);
}

static bool fail_response(struct check_trial *trial, const struct http_response *response,
			  const char *expected, const char *detail)
{
	char text[SHOWN_BYTES], shown[SHOWN_BYTES / 4];

	check_escape(response->raw, response->raw_bytes, text, sizeof text);
	check_escape(detail, strlen(detail), shown, sizeof shown);
	return check_fail(trial, text, "%s%s", expected, shown);
}

static bool append(struct check_result *result, const char *bytes, size_t count)
{
	size_t needed = result->transcript_bytes + count + 1;

	/* Twice as much each time: thousands of answers are not copied once for each. */
	if (needed > result->transcript_capacity) {
		char *grown = realloc(result->transcript, needed * 2);

		if (!grown)
			return false;
		result->transcript = grown;
		result->transcript_capacity = needed * 2;
	}
	memcpy(result->transcript + result->transcript_bytes, bytes, count);
	result->transcript_bytes += count;
	result->transcript[result->transcript_bytes] = '\0';
	return true;
}

void check_record(struct check_trial *trial, const char *bytes, size_t count)
{
	static const char field[] = "\r\nDate:", dated[] = " <now>";
	struct check_result *result = trial->result;
	const char *date, *end, *blank;
	bool kept = true;

	if (!bytes || count == 0)
		return;
	blank = memmem(bytes, count, "\r\n\r\n", 4);
	date = blank ? memmem(bytes, (size_t)(blank - bytes), field, sizeof field - 1) : NULL;
	if (date) {
		date += sizeof field - 1;
		end = memmem(date, (size_t)(blank + 2 - date), "\r\n", 2);
		kept = append(result, bytes, (size_t)(date - bytes)) &&
		       append(result, dated, sizeof dated - 1);
		count -= (size_t)(end - bytes);
		bytes = end;
	}
	if (!kept || !append(result, bytes, count))
		check_fail(trial, "out of memory", "the answer to be kept");
}

bool check_connect(struct check_trial *trial, struct http_client *client)
{
	const struct check_target *target = trial->target;
	int status = http_client_open(client, target->host, target->port, 2 * NS_PER_S);

	return status == 0 || fail_errno(trial, client, status, "a connection");
}

bool check_send(struct check_trial *trial, struct http_client *client, const char *bytes,
		size_t count)
{
	int status;

	trial->sent = time(NULL);
	status = http_client_send(client, bytes, count, trial->deadline_ns);

	return status == 0 || fail_errno(trial, client, status, "the request to be taken in");
}

/*
 * "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7), and between the moments when the
 * request was sent and the answer was read.
 */
static bool date_is_now(const char *value, time_t sent)
{
	struct tm parts = {0};
	char again[64];
	const char *end = strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &parts);
	time_t then, now = time(NULL);

	if (!end || *end)
		return false;
	then = timegm(&parts);
	/* Written anew it must be the same: strptime forgives blanks and missing zeros. */
	strftime(again, sizeof again, "%a, %d %b %Y %H:%M:%S GMT", &parts);
	return strcmp(again, value) == 0 && then >= sent - DATE_SECONDS &&
	       then <= now + DATE_SECONDS;
}

static const char *field_fault(const struct check_trial *trial,
			       const struct http_response *response,
			       const struct check_expectation *expect)
{
	char value[256] = "";

	if (http_response_field(response, "Date", value, sizeof value) != 1 ||
	    !date_is_now(value, trial->sent))
		return "one Date, such as Sun, 06 Nov 1994 08:49:37 GMT, within 2 s of now";
	if (http_response_field(response, "Server", value, sizeof value) != 1 ||
	    strcmp(value, "tenk") != 0)
		return "Server: tenk";
	if (http_response_field(response, "Content-Type", value, sizeof value) != 1 ||
	    strcmp(value, expect->type) != 0)
		return "Content-Type: ";
	if (expect->allow && (http_response_field(response, "Allow", value, sizeof value) != 1 ||
			      strcmp(value, expect->allow) != 0))
		return "Allow: ";
	return NULL;
}

static const char *connection_fault(const struct http_response *response,
				    const struct check_expectation *expect)
{
	char value[256] = "";
	size_t count = http_response_field(response, "Connection", value, sizeof value);

	if (expect->closes)
		return count == 1 && strcasecmp(value, "close") == 0 ? NULL : "Connection: close";
	if (expect->keep_alive)
		return count == 1 && strcasecmp(value, "keep-alive") == 0
			       ? NULL
			       : "Connection: keep-alive";
	return response->closes ? "no Connection: close" : NULL;
}

static size_t expected_length(const struct check_expectation *expect)
{
	if (expect->body_bytes > 0)
		return expect->body_bytes;
	return expect->body ? strlen(expect->body) : strlen(expect->answer) + 1;
}

static bool body_is(const struct http_response *response, const struct check_expectation *expect)
{
	size_t length = expect->head ? 0 : expected_length(expect);

	if (response->body_bytes != length)
		return false;
	if (expect->body)
		return memcmp(response->body, expect->body, length) == 0;
	if (expect->body_bytes == 0)
		return length == 0 || (memcmp(response->body, expect->answer, length - 1) == 0 &&
				       response->body[length - 1] == '\n');
	for (size_t i = 0; i < length; i++)
		if (response->body[i] != pattern[i % 64])
			return false;
	return true;
}

static bool judge(struct check_trial *trial, const struct http_response *response,
		  const struct check_expectation *expect)
{
	char line[128], value[64] = "", length[64];
	const char *fault;

	snprintf(line, sizeof line, "HTTP/1.1 %s\r\n", expect->answer);
	if (strncmp(response->raw, line, strlen(line)) != 0)
		return fail_response(trial, response, "HTTP/1.1 ", expect->answer);
	snprintf(length, sizeof length, "%zu", expected_length(expect));
	if (http_response_field(response, "Content-Length", value, sizeof value) != 1 ||
	    strcmp(value, length) != 0)
		return fail_response(trial, response, "Content-Length: ", length);
	if (!body_is(response, expect))
		return fail_response(trial, response, "the body ",
				     expect->head	      ? "to be left out"
				     : expect->body	      ? expect->body
				     : expect->body_bytes > 0 ? "0123456789ABC..."
							      : expect->answer);
	fault = field_fault(trial, response, expect);
	if (fault)
		return fail_response(trial, response, fault,
				     strncmp(fault, "Content-Type", 12) == 0 ? expect->type
				     : strncmp(fault, "Allow", 5) == 0	     ? expect->allow
									     : "");
	fault = connection_fault(response, expect);
	return !fault || fail_response(trial, response, fault, "");
}

bool check_answer(struct check_trial *trial, struct http_client *client,
		  const struct check_expectation *expect)
{
	struct http_response response;
	int status = http_client_receive(client, expect->head, &response, trial->deadline_ns);
	bool right;

	if (status < 0)
		return fail_errno(trial, client, status, expect->answer);
	check_record(trial, response.raw, response.raw_bytes);
	right = judge(trial, &response, expect) && !trial->result->expected;
	http_response_destroy(&response);
	return right;
}

bool check_open(struct check_trial *trial, struct http_client *client)
{
	static const char again[] = "GET /plaintext HTTP/1.1\r\nHost: tenk\r\n\r\n";
	static const struct check_expectation hello = {
		.answer = "200 OK", .type = "text/plain", .body = "Hello, World!"};

	return check_send(trial, client, again, sizeof again - 1) &&
	       check_answer(trial, client, &hello);
}

bool check_closed(struct check_trial *trial, struct http_client *client)
{
	int status = http_client_await_close(client, trial->deadline_ns);

	if (status < 0)
		return fail_errno(trial, client, status, "the connection to be closed in order");
	return client->pending_bytes == 0 ||
	       fail_errno(trial, client, -EBADMSG, "nothing more before the connection is closed");
}

bool check_end(struct check_trial *trial, const struct check_expectation *expect)
{
	return expect->closes ? check_closed(trial, &trial->client)
			      : check_open(trial, &trial->client);
}
