#include "harness/trial/probe.h"

#include "harness/http/http_client.h"
#include "harness/scenario/plan.h"
#include "lib/clock.h"
#include "lib/xorshift.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_PATIENCE_NS (5 * NS_PER_S)
#define PROBE_WHOLE_NS	  (65 * NS_PER_S)
#define NS_PER_BODY_BYTE  (50) /* 20 MB/s: a second more for each 20 MB */
enum { PIECE_BYTES = 65536, SHOWN_BYTES = 40 };

static struct probe_body body_of(const char *pattern, uint64_t bytes)
{
	struct probe_body body = {.bytes = bytes};

	snprintf(body.pattern, sizeof body.pattern, "%s", pattern);
	return body;
}

static bool is_post(const struct load *load)
{
	return strcmp(load->method, "POST") == 0;
}

struct probe_body probe_request_body(const struct load *load)
{
	return body_of("x", is_post(load) ? load->body_bytes : 0);
}

struct probe_body probe_file_body(uint64_t bytes)
{
	/* Written here again, so that a server's fault would show: byte i is symbol i % 64. */
	static const char symbols[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

	return body_of(symbols, bytes);
}

static const struct scenario_file *find_file(const struct load *load)
{
	static const char route[] = "/file/";

	for (size_t i = 0; i < load->file_count; i++)
		if (strncmp(load->target, route, strlen(route)) == 0 &&
		    strcmp(load->target + strlen(route), load->files[i].name) == 0)
			return &load->files[i];
	return NULL;
}

/* What tasks answer, by their routes; of several numbers the first two. */
static bool find_task_body(const char *target, struct probe_body *body)
{
	static const struct {
		const char *route, *answer; /* of sscanf and printf */
	} tasks[] = {
		{"/wait/%llu%n", "Waited %llu ms"},
		{"/block/%llu%n", "Blocked %llu ms"},
		{"/fetch/%llu%n", "Waited %llu ms"},
		{"/query/%llu%n", "{\"id\":%llu,\"message\":\"Message %llu\"}"},
	};
	unsigned long long number, each;
	char text[sizeof body->pattern] = "";
	int end = 0;

	if (sscanf(target, "/cpu/%llu%n", &number, &end) == 1 && !target[end])
		snprintf(text, sizeof text, "%" PRIu32, xorshift_foretell(number));
	else if (sscanf(target, "/calls/%llu/wait/%llu%n", &number, &each, &end) == 2 &&
		 (!target[end] || strcmp(target + end, "?together") == 0))
		snprintf(text, sizeof text, "Waited %llu x %llu ms", number, each);
	for (size_t i = 0; i < sizeof tasks / sizeof *tasks && !*text; i++)
		if (sscanf(target, tasks[i].route, &number, &end) == 1 && !target[end])
			snprintf(text, sizeof text, tasks[i].answer, number, number);
	*body = body_of(text, strlen(text));
	return *text;
}

struct probe_body probe_expected_body(const struct load *load)
{
	static const struct {
		const char *target, *body;
	} fixed[] = {
		{"/plaintext", "Hello, World!"},
		{"/json", "{\"message\":\"Hello, World!\"}"},
	};
	unsigned long long number;
	struct probe_body body;
	int end = 0;

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (strcmp(load->target, fixed[i].target) == 0)
			return body_of(fixed[i].body, strlen(fixed[i].body));
	if (sscanf(load->target, "/bytes/%llu%n", &number, &end) == 1 && !load->target[end])
		return probe_file_body(number);
	if (find_file(load))
		return probe_file_body(find_file(load)->bytes);
	if (find_task_body(load->target, &body))
		return body;
	if (strcmp(load->target, "/echo") == 0 && is_post(load))
		return probe_request_body(load);
	return body_of("", 0);
}

/* Fills a piece with what the body has from a place on. Returns how much that is. */
static size_t fill_piece(const struct probe_body *body, uint64_t from, char *piece, size_t room)
{
	size_t period = strlen(body->pattern);
	uint64_t left = body->bytes > from ? body->bytes - from : 0;
	size_t count = left < room ? (size_t)left : room;

	for (size_t i = 0; i < count; i++)
		piece[i] = body->pattern[(from + i) % period];
	return count;
}

int probe_write_body(const struct probe_body *body, FILE *file)
{
	char piece[PIECE_BYTES];
	size_t count;

	for (uint64_t at = 0; (count = fill_piece(body, at, piece, sizeof piece)) > 0; at += count)
		if (fwrite(piece, 1, count, file) != count)
			return errno ? -errno : -EIO;
	return 0;
}

/* How the answer compares so far. */
struct comparison {
	struct probe_body expected;
	uint64_t bytes;
	bool differs;
	char shown[SHOWN_BYTES + 1]; /* its beginning */
};

static void compare(void *context, const char *bytes, size_t count)
{
	struct comparison *comparison = context;
	char piece[PIECE_BYTES];

	if (comparison->bytes == 0)
		snprintf(comparison->shown, sizeof comparison->shown, "%.*s",
			 count < SHOWN_BYTES ? (int)count : SHOWN_BYTES, bytes);
	for (size_t done = 0; done < count && *comparison->expected.pattern;) {
		size_t left = count - done;
		size_t filled = fill_piece(&comparison->expected, comparison->bytes + done, piece,
					   left < sizeof piece ? left : sizeof piece);

		if (filled == 0) /* it is too long, which the length tells */
			break;
		comparison->differs |= memcmp(piece, bytes + done, filled) != 0;
		done += filled;
	}
	comparison->bytes += count;
}

static int send_request(struct http_client *client, const char *host, uint16_t port,
			const struct load *load, uint64_t deadline_ns)
{
	struct probe_body body = probe_request_body(load);
	char piece[PIECE_BYTES], length[64] = "";
	size_t count;
	int result;

	if (is_post(load))
		snprintf(length, sizeof length, "Content-Length: %llu\r\n",
			 (unsigned long long)body.bytes);
	snprintf(piece, sizeof piece, "%s %s HTTP/1.1\r\nHost: %s:%u\r\n%s\r\n", load->method,
		 load->target, host, port, length);
	result = http_client_send(client, piece, strlen(piece), deadline_ns);
	for (uint64_t at = 0;
	     result == 0 && (count = fill_piece(&body, at, piece, sizeof piece)) > 0; at += count)
		result = http_client_send(client, piece, count, deadline_ns);
	return result;
}

static int judge(const struct http_response *response, bool head,
		 const struct comparison *comparison, const char *target, struct error *error)
{
	const struct probe_body *expected = &comparison->expected;

	if (response->status < 200 || response->status > 299)
		return error_set(error, "%s answered status %u where 200 was expected", target,
				 response->status);
	if (head || !*expected->pattern)
		return 0;
	if (comparison->bytes != expected->bytes)
		return error_set(error, "%s answered %llu bytes where %llu were expected", target,
				 (unsigned long long)comparison->bytes,
				 (unsigned long long)expected->bytes);
	if (comparison->differs)
		return error_set(error, "%s answered the right length but other bytes: \"%s\"",
				 target, comparison->shown);
	return 0;
}

static int probe_request(const char *host, uint16_t port, const struct load *load,
			 struct error *error)
{
	struct comparison comparison = {.expected = probe_expected_body(load)};
	uint64_t bytes = probe_request_body(load).bytes + comparison.expected.bytes;
	uint64_t deadline_ns = clock_now_ns() + PROBE_WHOLE_NS + bytes * NS_PER_BODY_BYTE;
	bool head = strcmp(load->method, "HEAD") == 0;
	struct http_response response = {0};
	struct http_client client;
	int result = http_client_open(&client, host, port, PROBE_PATIENCE_NS);

	/* An answer may come while the request is still being sent, all of it. */
	client.most_bytes += comparison.expected.bytes;
	if (result == 0)
		result = send_request(&client, host, port, load, deadline_ns);
	if (result == 0)
		result = http_client_receive_to(&client, head, &response, compare, &comparison,
						deadline_ns);
	http_client_close(&client);
	if (result < 0)
		return error_set(error, "%s: no answer: %s", load->target, strerror(-result));
	result = judge(&response, head, &comparison, load->target, error);
	http_response_destroy(&response);
	return result;
}

int probe_server(const char *host, uint16_t port, const struct load *load, struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && (i < load->kind_count || i == 0); i++) {
		struct load kind = load_of_kind(load, i);

		result = probe_request(host, port, &kind, error);
	}
	return result;
}
