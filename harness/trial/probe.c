#include "harness/trial/probe.h"

#include "harness/http/http_client.h"
#include "lib/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROBE_SECONDS = 5 };

char *probe_request_body(uint64_t bytes)
{
	char *body = malloc((size_t)bytes + 1);

	if (body) {
		memset(body, 'x', (size_t)bytes);
		body[bytes] = '\0';
	}
	return body;
}

static char *copy(const char *text, size_t *length)
{
	*length = strlen(text);
	return strdup(text);
}

/* /bytes/N: byte i is symbol i % 64; written here again, so that a server's fault would show. */
static char *expected_bytes(uint64_t count, size_t *length)
{
	static const char symbols[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
	char *body = malloc((size_t)count + 1);

	for (uint64_t i = 0; body && i < count; i++)
		body[i] = symbols[i % 64];
	*length = body ? (size_t)count : 0;
	return body;
}

char *probe_expected_body(const char *target, const char *body, size_t body_bytes, size_t *length)
{
	unsigned long long number;
	char text[64];
	int end = 0;

	*length = 0;
	if (strcmp(target, "/plaintext") == 0)
		return copy("Hello, World!", length);
	if (strcmp(target, "/json") == 0)
		return copy("{\"message\":\"Hello, World!\"}", length);
	if (sscanf(target, "/bytes/%llu%n", &number, &end) == 1 && !target[end])
		return expected_bytes(number, length);
	if (sscanf(target, "/wait/%llu%n", &number, &end) == 1 && !target[end]) {
		snprintf(text, sizeof text, "Waited %llu ms", number);
		return copy(text, length);
	}
	if (strcmp(target, "/echo") == 0 && body) {
		char *echo = malloc(body_bytes + 1);

		if (echo) {
			memcpy(echo, body, body_bytes + 1);
			*length = body_bytes;
		}
		return echo;
	}
	return NULL;
}

static int exchange(const char *host, uint16_t port, const char *request, size_t request_bytes,
		    bool head, struct http_response *response)
{
	uint64_t deadline_ns = clock_now_ns() + (PROBE_SECONDS + 60) * NS_PER_S;
	struct http_client client;
	int result = http_client_open(&client, host, port, PROBE_SECONDS * NS_PER_S);

	if (result == 0)
		result = http_client_send(&client, request, request_bytes, deadline_ns);
	if (result == 0)
		result = http_client_receive(&client, head, response, deadline_ns);
	http_client_close(&client);
	return result;
}

static int judge(const struct http_response *response, bool head, const char *expected,
		 size_t expected_bytes, const char *target, struct error *error)
{
	if (response->status < 200 || response->status > 299)
		return error_set(error, "%s answered status %u where 200 was expected", target,
				 response->status);
	if (head || !expected)
		return 0;
	if (response->body_bytes != expected_bytes)
		return error_set(error, "%s answered %zu bytes where %zu were expected", target,
				 response->body_bytes, expected_bytes);
	if (memcmp(response->body, expected, expected_bytes) != 0)
		return error_set(error, "%s answered the right length but other bytes: \"%.40s\"",
				 target, response->body);
	return 0;
}

int probe_server(const char *host, uint16_t port, const struct load *load, struct error *error)
{
	bool head = strcmp(load->method, "HEAD") == 0, post = strcmp(load->method, "POST") == 0;
	struct http_response response = {0};
	const char *target = load->target;
	char *body, *expected, *request = NULL;
	size_t expected_length;
	int length, result = -ENOMEM;

	body = probe_request_body(post ? load->body_bytes : 0);
	expected = probe_expected_body(target, post ? body : NULL, post ? load->body_bytes : 0,
				       &expected_length);
	length = asprintf(&request,
			  post ? "%s %s HTTP/1.1\r\nHost: %s:%u\r\n"
				 "Content-Length: %llu\r\n\r\n%s"
			       : "%s %s HTTP/1.1\r\nHost: %s:%u\r\n\r\n",
			  load->method, target, host, port, (unsigned long long)load->body_bytes,
			  body ? body : "");
	if (length > 0 && body) {
		result = exchange(host, port, request, (size_t)length, head, &response);
		if (result < 0) {
			error_set(error, "%s: no answer: %s", target, strerror(-result));
		} else {
			result = judge(&response, head, expected, expected_length, target, error);
			http_response_destroy(&response);
		}
	} else {
		error_set(error, "out of memory");
	}
	if (length > 0)
		free(request);
	free(body);
	free(expected);
	return result;
}
