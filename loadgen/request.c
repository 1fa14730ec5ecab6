#include "loadgen/request.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* RFC 9110, 5.6.2. */
static bool request_is_token(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) &&
		    (!text[i] || !strchr("!#$%&'*+-.^_`|~", text[i])))
			return false;
	return length > 0;
}

static bool header_is(const char *header, const char *name)
{
	size_t length = strlen(name);

	return strncasecmp(header, name, length) == 0 && header[length] == ':';
}

int request_check_header(const char *header, struct error *error)
{
	size_t name = strcspn(header, ":");

	if (header[name] != ':' || !request_is_token(header, name))
		return error_set(error, "--header: \"%.100s\" is not \"Name: value\"", header);
	for (const char *at = header + name; *at; at++)
		if ((unsigned char)*at < ' ' && *at != '\t')
			return error_set(error,
					 "--header: the value of \"%.*s\" has a control character",
					 (int)name, header);
	if (header_is(header, "Content-Length") || header_is(header, "Transfer-Encoding"))
		return error_set(error, "--header: %.*s follows from --body and cannot be given",
				 (int)name, header);
	return 0;
}

/* Whether it has a header of that name, as long as that, of its own. */
static bool wording_has(const struct wording *wording, const char *name, size_t length)
{
	for (size_t i = 0; i < wording->header_count; i++)
		if (strncasecmp(wording->headers[i], name, length) == 0 &&
		    wording->headers[i][length] == ':')
			return true;
	return false;
}

/* RFC 9110, 8.6: methods that usually have a body say so when theirs is empty. */
static bool wording_states_length(const struct wording *wording)
{
	return wording->body || strcmp(wording->method, "POST") == 0 ||
	       strcmp(wording->method, "PUT") == 0 || strcmp(wording->method, "PATCH") == 0;
}

static int wording_check(const struct wording *wording, struct error *error)
{
	if (!request_is_token(wording->method, strlen(wording->method)))
		return error_set(error, "--method: \"%.40s\" is not a method", wording->method);
	if (strcmp(wording->method, "CONNECT") == 0)
		return error_set(error, "--method: CONNECT makes a tunnel, not an answer");
	return 0;
}

static void request_write_host(FILE *out, const struct wording *wording,
			       const struct options *options, const struct target *target)
{
	bool given = wording_has(wording, "Host", 4);
	int length;

	for (size_t i = 0; i < options->header_count; i++)
		given |= header_is(options->headers[i], "Host");
	if (given)
		return;
	/* Without the zone, which has a meaning here only (RFC 6874), and without the usual port. */
	length = (int)strcspn(target->host, "%");
	fprintf(out, target->host_is_ipv6 ? "Host: [%.*s]" : "Host: %.*s", length, target->host);
	if (target->port != target_usual_port(target))
		fprintf(out, ":%u", target->port);
	fputs("\r\n", out);
}

static int request_write(struct request *request, const struct wording *wording,
			 const struct options *options, const struct target *target)
{
	FILE *out = open_memstream(&request->bytes, &request->size);
	bool failed;

	if (!out)
		return -ENOMEM;
	fprintf(out, "%s %s HTTP/1.1\r\n", wording->method, wording->path);
	request_write_host(out, wording, options, target);
	for (size_t i = 0; i < options->header_count; i++)
		if (!wording_has(wording, options->headers[i], strcspn(options->headers[i], ":")))
			fprintf(out, "%s\r\n", options->headers[i]);
	for (size_t i = 0; i < wording->header_count; i++)
		fprintf(out, "%s\r\n", wording->headers[i]);
	if (wording_states_length(wording))
		fprintf(out, "Content-Length: %zu\r\n", wording->body_bytes);
	fputs("\r\n", out);
	if (wording->body_bytes > 0)
		fwrite(wording->body, 1, wording->body_bytes, out);
	failed = ferror(out);
	return fclose(out) != 0 || failed ? -ENOMEM : 0;
}

static bool is_idempotent(const char *method)
{
	static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(method, methods[i]) == 0)
			return true;
	return false;
}

size_t mix_find(const struct mix *mix, const char *name)
{
	size_t i = 0;

	while (i < mix->count && strcmp(mix->request[i].name, name) != 0)
		i++;
	return i;
}

/* "block-50" from "/block/50", "post-echo" from a POST; with a number where there is one already. */
static void make_name(char name[REQUEST_NAME_BYTES], const struct mix *mix,
		      const struct wording *wording)
{
	char whole[REQUEST_NAME_BYTES - 4];
	size_t length;

	snprintf(whole, sizeof(whole), "%s%s",
		 strcmp(wording->method, "GET") == 0 ? "" : wording->method,
		 wording->path[1] ? wording->path : "/root");
	length = strlen(whole);
	for (size_t i = 0; i < length; i++)
		whole[i] = isalnum((unsigned char)whole[i]) ? (char)tolower(whole[i]) : '-';
	while (length > 1 && whole[length - 1] == '-')
		whole[--length] = '\0';
	snprintf(name, REQUEST_NAME_BYTES, "%s", whole + strspn(whole, "-"));
	for (unsigned n = 2; !*name || mix_find(mix, name) < mix->count; n++)
		snprintf(name, REQUEST_NAME_BYTES, "%s-%u", whole + strspn(whole, "-"), n % 1000);
}

static int take_name(struct request *request, const struct mix *mix, const struct wording *wording,
		     struct error *error)
{
	const char *name = wording->name;

	if (!name) {
		make_name(request->name, mix, wording);
		return 0;
	}
	if (!*name || strlen(name) >= REQUEST_NAME_BYTES ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")])
		return error_set(error,
				 "--request: the name \"%.40s\" has to be of letters, digits, -, _ "
				 "and ., %d at most",
				 name, REQUEST_NAME_BYTES - 1);
	if (mix_find(mix, name) < mix->count)
		return error_set(error, "--request: two have the name \"%s\"", name);
	memcpy(request->name, name, strlen(name) + 1);
	return 0;
}

int mix_add(struct mix *mix, uint64_t weight, const struct wording *wording,
	    const struct options *options, const struct target *target, struct error *error)
{
	struct request *request = &mix->request[mix->count];

	if (wording_check(wording, error) < 0)
		return -EINVAL;
	*request = (struct request){.is_head = strcmp(wording->method, "HEAD") == 0,
				    .is_idempotent = is_idempotent(wording->method),
				    .weight = weight};
	if (take_name(request, mix, wording, error) < 0)
		return -EINVAL;
	mix->count++;
	mix->weight += weight;
	if (asprintf(&request->label, "%s %s", wording->method, wording->path) < 0)
		request->label = NULL;
	if (!request->label || expected_copy(&request->expect, wording->expect) < 0 ||
	    request_write(request, wording, options, target) < 0) {
		error_set(error, "out of memory");
		return -ENOMEM;
	}
	return 0;
}

void mix_destroy(struct mix *mix)
{
	for (size_t i = 0; i < mix->count; i++) {
		free(mix->request[i].bytes);
		free(mix->request[i].label);
		expected_destroy(&mix->request[i].expect);
	}
	mix->count = 0;
}
