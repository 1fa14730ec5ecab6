#include "servers/core/tasks/route.h"

#include "servers/core/tasks/inject.h"
#include "servers/core/tasks/kinds.h"

#include <string.h>

#define BYTES_MOST UINT64_C(1073741824)

static const char text_plain[] = "text/plain";
static const char hello[] = "Hello, World!";
static const char hello_json[] = "{\"message\":\"Hello, World!\"}";

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
	request->path_length = request->query_length = 0;
	if (!path)
		return;
	query = memchr(path, '?', (size_t)(end - path));
	request->path_length = (size_t)((query ? query : end) - path);
	if (query) {
		request->query = query + 1;
		request->query_length = (size_t)(end - query) - 1;
	}
}

static void answer_plaintext(const struct request *request, const uint64_t *numbers,
			     struct reply *reply)
{
	(void)request, (void)numbers;
	reply_bytes(reply, text_plain, hello, sizeof hello - 1);
}

static void answer_json(const struct request *request, const uint64_t *numbers, struct reply *reply)
{
	(void)request, (void)numbers;
	reply_bytes(reply, "application/json", hello_json, sizeof hello_json - 1);
}

static void answer_bytes(const struct request *request, const uint64_t *numbers,
			 struct reply *reply)
{
	(void)request;
	reply_bytes(reply, "application/octet-stream", NULL, numbers[0]);
	reply->body = REPLY_PATTERN;
}

static void answer_echo(const struct request *request, const uint64_t *numbers, struct reply *reply)
{
	(void)numbers;
	reply_bytes(reply, "application/octet-stream", NULL, request->body_length);
	reply->body = REPLY_REQUEST;
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
	reply->task.kind = NULL;
}

/* What is answered at once; what takes time is in kinds.c, with patterns of the same form. */
struct route {
	const char *pattern;
	size_t fixed; /* how much of it has to be there as it is */
	bool post;    /* POST, else GET and HEAD */
	uint64_t most[TASK_NUMBERS];
	void (*answer)(const struct request *request, const uint64_t *numbers, struct reply *reply);
};

#define ROUTE(fixed, captures) (fixed captures), sizeof(fixed) - 1

static const struct route routes[] = {
	{ROUTE("/plaintext", ""), false, {0}, answer_plaintext},
	{ROUTE("/json", ""), false, {0}, answer_json},
	{ROUTE("/bytes/", "N"), false, {BYTES_MOST}, answer_bytes},
	{ROUTE("/echo", ""), true, {0}, answer_echo},
};

const char *route_pattern(size_t index)
{
	enum { ROUTES = sizeof routes / sizeof *routes };
	size_t kind = 0;

	if (index < ROUTES)
		return routes[index].pattern;
	while (kind < index - ROUTES && task_kinds[kind])
		kind++;
	return task_kinds[kind] ? task_kinds[kind]->route : NULL;
}

/* What the capitals of a pattern stand for. */
struct captures {
	uint64_t numbers[TASK_NUMBERS];
	const char *text;
	size_t text_length;
};

/* Reads a number and returns where it ends; NULL: there is none, or it is above the most. */
static const char *read_number(const char *at, const char *end, uint64_t most, uint64_t *number)
{
	const char *begin = at;
	uint64_t value = 0;

	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		value = value * 10 + (uint64_t)(*at - '0');
		if (value > most)
			return NULL;
	}
	*number = value;
	return at == begin ? NULL : at;
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* "/calls/N/wait/MS": capitals stand for numbers, NAME for all that is left and is not empty. */
static bool path_matches(const char *pattern, const char *at, const char *end, const uint64_t *most,
			 struct captures *captures)
{
	unsigned count = 0;

	while (*pattern) {
		if (*pattern == 'N' && strcmp(pattern, "NAME") == 0) {
			captures->text = at;
			captures->text_length = (size_t)(end - at);
			return at < end;
		}
		if (is_capital(*pattern)) {
			at = read_number(at, end, most[count], &captures->numbers[count]);
			if (!at)
				return false;
			count++;
			while (is_capital(*pattern))
				pattern++;
		} else if (at < end && *at == *pattern) {
			at++;
			pattern++;
		} else {
			return false;
		}
	}
	return at == end;
}

static bool route_matches(const struct route *route, const struct request *request,
			  struct captures *captures)
{
	size_t fixed = route->fixed;

	if (request->path_length < fixed || memcmp(request->path, route->pattern, fixed) != 0)
		return false;
	if (!route->pattern[fixed])
		return request->path_length == fixed;
	return path_matches(route->pattern + fixed, request->path + fixed,
			    request->path + request->path_length, route->most, captures);
}

static bool method_allowed(bool post, const struct request *request, struct reply *reply)
{
	if (post ? request->method == REQUEST_POST
		 : request->method == REQUEST_GET || request->method == REQUEST_HEAD)
		return true;
	reply_status(reply, 405);
	reply->allow = post ? "POST" : "GET, HEAD";
	return false;
}

/* Faults that were asked for. A failing answer is as late as others. */
static void __attribute__((noinline, cold)) inject(struct reply *reply)
{
	struct injected injected = inject_answer();

	if (injected.fails)
		reply_status(reply, 500);
	if (!injected.wait_ns)
		return;
	if (reply->task.kind) {
		reply->task.delay_ns = injected.wait_ns;
		return;
	}
	reply->task = (struct task_request){.kind = &task_delay, .numbers = {injected.wait_ns}};
}

static bool has_word(const struct task_kind *kind, const struct request *request)
{
	return kind->word && request->query_length == strlen(kind->word) &&
	       memcmp(request->query, kind->word, request->query_length) == 0;
}

/* False: it is none of the kinds. */
static bool ask_for_task(const struct request *request, struct reply *reply)
{
	struct captures captures = {0};

	for (size_t i = 0; task_kinds[i]; i++) {
		const struct task_kind *kind = task_kinds[i];

		if (!path_matches(kind->route, request->path, request->path + request->path_length,
				  kind->most, &captures) ||
		    (kind->is_offered && !kind->is_offered()))
			continue;
		if (!method_allowed(false, request, reply))
			return true;
		reply->allow = NULL;
		reply->task = (struct task_request){.kind = kind,
						    .text = captures.text,
						    .text_length = (uint16_t)captures.text_length,
						    .flag = has_word(kind, request)};
		memcpy(reply->task.numbers, captures.numbers, sizeof captures.numbers);
		if (__builtin_expect(inject_answers, false))
			inject(reply);
		return true;
	}
	return false;
}

void route_answer(const struct request *request, struct reply *reply)
{
	struct captures captures;

	if (request->whole_server) {
		answer_whole_server(request, reply);
		return;
	}
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (!route_matches(&routes[i], request, &captures))
			continue;
		if (!method_allowed(routes[i].post, request, reply))
			return;
		reply->allow = NULL;
		reply->task.kind = NULL;
		routes[i].answer(request, captures.numbers, reply);
		if (__builtin_expect(inject_answers, false))
			inject(reply);
		return;
	}
	if (!ask_for_task(request, reply))
		reply_status(reply, 404);
}
