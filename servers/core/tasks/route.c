#include "servers/core/tasks/route.h"

#include "lib/clock.h"
#include "servers/core/tasks/inject.h"

#include <stdio.h>
#include <string.h>

#define BYTES_MOST   UINT64_C(1073741824)
#define WAIT_MOST_MS UINT64_C(60000)

#define SYMBOLS_64  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
#define FOUR(text)  text text text text
#define SYMBOLS_1K  FOUR(FOUR(SYMBOLS_64))
#define SYMBOLS_16K FOUR(FOUR(SYMBOLS_1K))

const char reply_pattern[REPLY_PATTERN_BYTES + 1] = FOUR(SYMBOLS_16K);

static const char text_plain[] = "text/plain";
static const char hello[] = "Hello, World!";
static const char hello_json[] = "{\"message\":\"Hello, World!\"}";

const char *status_phrase(unsigned status)
{
	static const struct {
		unsigned status;
		const char *phrase;
	} phrases[] = {
		{200, "OK"},
		{400, "Bad Request"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{408, "Request Timeout"},
		{413, "Content Too Large"},
		{414, "URI Too Long"},
		{417, "Expectation Failed"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{503, "Service Unavailable"},
		{505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Unknown";
}

void request_set_target(struct request *request, const char *target, size_t length)
{
	const char *path = target, *end = target + length, *query;

	request->whole_server = length == 1 && *path == '*';
	if (length > 0 && *path != '/') { /* absolute-form: the path follows the authority */
		const char *colon = memchr(path, ':', length);

		path = colon && end - colon > 3 ? colon + 3 : end;
		while (path < end && *path != '/' && *path != '?')
			path++;
		if (path == end || *path == '?')
			path = NULL;
	}
	request->path = path;
	request->path_length = 0;
	if (!path)
		return;
	query = memchr(path, '?', (size_t)(end - path));
	request->path_length = (size_t)((query ? query : end) - path);
}

static void reply_bytes(struct reply *reply, const char *type, const char *bytes, size_t length)
{
	reply->status = 200;
	reply->body = REPLY_TEXT;
	reply->content_type = type;
	reply->bytes = bytes;
	reply->body_length = length;
}

void reply_status(struct reply *reply, unsigned status)
{
	int length = snprintf(reply->text, sizeof reply->text, "%u %s\n", status,
			      status_phrase(status));

	reply_bytes(reply, text_plain, reply->text, (size_t)length);
	reply->status = status;
	reply->allow = NULL;
	reply->task.kind = TASK_NONE;
}

static void answer_plaintext(const struct request *request, uint64_t number, struct reply *reply)
{
	(void)request, (void)number;
	reply_bytes(reply, text_plain, hello, sizeof hello - 1);
}

static void answer_json(const struct request *request, uint64_t number, struct reply *reply)
{
	(void)request, (void)number;
	reply_bytes(reply, "application/json", hello_json, sizeof hello_json - 1);
}

static void answer_bytes(const struct request *request, uint64_t number, struct reply *reply)
{
	(void)request;
	reply_bytes(reply, "application/octet-stream", NULL, number);
	reply->body = REPLY_PATTERN;
}

static void answer_echo(const struct request *request, uint64_t number, struct reply *reply)
{
	(void)number;
	reply_bytes(reply, "application/octet-stream", NULL, request->body_length);
	reply->body = REPLY_REQUEST;
}

static void answer_wait(const struct request *request, uint64_t number, struct reply *reply)
{
	int length = snprintf(reply->text, sizeof reply->text, "Waited %llu ms",
			      (unsigned long long)number);

	(void)request;
	reply_bytes(reply, text_plain, reply->text, (size_t)length);
	reply->task.kind = TASK_WAIT;
	reply->task.duration_ns = number * NS_PER_MS;
}

/* What the server as a whole can do (RFC 9110 section 9.3.7). */
static void answer_whole_server(const struct request *request, struct reply *reply)
{
	if (request->method != REQUEST_OPTIONS) {
		reply_status(reply, 404);
		return;
	}
	reply_bytes(reply, text_plain, "", 0);
	reply->allow = "GET, HEAD, POST, OPTIONS";
	reply->task.kind = TASK_NONE;
}

struct route {
	const char *path; /* one that ends in / takes a number */
	size_t path_length;
	bool post; /* POST, else GET and HEAD */
	uint64_t most;
	void (*answer)(const struct request *request, uint64_t number, struct reply *reply);
};

#define PATH(text) (text), sizeof(text) - 1

static const struct route routes[] = {
	{PATH("/plaintext"), false, 0, answer_plaintext},   {PATH("/json"), false, 0, answer_json},
	{PATH("/bytes/"), false, BYTES_MOST, answer_bytes}, {PATH("/echo"), true, 0, answer_echo},
	{PATH("/wait/"), false, WAIT_MOST_MS, answer_wait},
};

/* Reads the number at the end of a path; false if it is none or above the most. */
static bool read_number(const char *text, size_t length, uint64_t most, uint64_t *number)
{
	uint64_t value = 0;

	if (length == 0)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(text[i] - '0');
		if (value > most)
			return false;
	}
	*number = value;
	return true;
}

static bool route_matches(const struct route *route, const struct request *request,
			  uint64_t *number)
{
	size_t length = route->path_length;

	if (request->path_length < length || memcmp(request->path, route->path, length) != 0)
		return false;
	if (route->path[length - 1] == '/')
		return read_number(request->path + length, request->path_length - length,
				   route->most, number);
	return request->path_length == length;
}

static bool method_allowed(const struct route *route, enum request_method method)
{
	if (route->post)
		return method == REQUEST_POST;
	return method == REQUEST_GET || method == REQUEST_HEAD;
}

/* With faults that were asked for. A failing answer is as late as others. */
static void __attribute__((noinline, cold))
answer_injected(const struct route *route, const struct request *request, uint64_t number,
		struct reply *reply)
{
	struct injected injected = inject_answer();

	route->answer(request, number, reply);
	if (injected.fails)
		reply_status(reply, 500);
	if (!injected.wait_ns)
		return;
	if (reply->task.kind == TASK_NONE)
		reply->task.duration_ns = 0;
	reply->task.kind = TASK_WAIT;
	reply->task.duration_ns += injected.wait_ns;
}

void route_answer(const struct request *request, struct reply *reply)
{
	uint64_t number = 0;

	if (request->whole_server) {
		answer_whole_server(request, reply);
		return;
	}
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (!route_matches(&routes[i], request, &number))
			continue;
		if (!method_allowed(&routes[i], request->method)) {
			reply_status(reply, 405);
			reply->allow = routes[i].post ? "POST" : "GET, HEAD";
			return;
		}
		reply->allow = NULL;
		reply->task.kind = TASK_NONE;
		if (__builtin_expect(inject_answers, false))
			answer_injected(&routes[i], request, number, reply);
		else
			routes[i].answer(request, number, reply);
		return;
	}
	reply_status(reply, 404);
}
