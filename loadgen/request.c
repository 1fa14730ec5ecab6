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

static int request_check_header(const char *header, struct error *error)
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

/* RFC 9110, 8.6: methods that usually have a body say so when theirs is empty. */
static bool request_states_length(const struct options *options)
{
	return options->body || strcmp(options->method, "POST") == 0 ||
	       strcmp(options->method, "PUT") == 0 || strcmp(options->method, "PATCH") == 0;
}

static void request_write_host(FILE *out, const struct options *options,
			       const struct target *target)
{
	bool given = false;

	for (size_t i = 0; i < options->header_count; i++)
		given |= header_is(options->headers[i], "Host");
	if (!given)
		fprintf(out, target->host_is_ipv6 ? "Host: [%s]:%u\r\n" : "Host: %s:%u\r\n",
			target->host, target->port);
}

int request_build(struct request *request, const struct options *options,
		  const struct target *target, struct error *error)
{
	FILE *out;
	bool failed;

	*request = (struct request){.is_head = strcmp(options->method, "HEAD") == 0};
	if (!request_is_token(options->method, strlen(options->method)))
		return error_set(error, "--method: \"%.40s\" is not a method", options->method);
	if (strcmp(options->method, "CONNECT") == 0)
		return error_set(error, "--method: CONNECT makes a tunnel, not an answer");
	for (size_t i = 0; i < options->header_count; i++)
		if (request_check_header(options->headers[i], error) < 0)
			return -EINVAL;
	out = open_memstream(&request->bytes, &request->size);
	if (!out) {
		error_set(error, "out of memory");
		return -ENOMEM;
	}
	fprintf(out, "%s %s HTTP/1.1\r\n", options->method, target->path);
	request_write_host(out, options, target);
	for (size_t i = 0; i < options->header_count; i++)
		fprintf(out, "%s\r\n", options->headers[i]);
	if (request_states_length(options))
		fprintf(out, "Content-Length: %zu\r\n", options->body_bytes);
	fputs("\r\n", out);
	if (options->body_bytes > 0)
		fwrite(options->body, 1, options->body_bytes, out);
	failed = ferror(out);
	if (fclose(out) != 0 || failed) {
		request_destroy(request);
		error_set(error, "out of memory");
		return -ENOMEM;
	}
	return 0;
}

void request_destroy(struct request *request)
{
	free(request->bytes);
	request->bytes = NULL;
}
