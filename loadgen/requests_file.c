#include "loadgen/requests_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A key, what has to be behind it, and an example of that. */
struct key {
	const char *name;
	json_type type;
	const char *right;
};

/* What a line may say. */
static const struct key keys[] = {
	{"name", JSON_STRING, "a string, such as \"quick\""},
	{"method", JSON_STRING, "a string, such as \"GET\""},
	{"path", JSON_STRING, "a string, such as \"/json?page=1\""},
	{"url", JSON_STRING, "a string, such as \"http://127.0.0.1:8080/json\""},
	{"headers", JSON_OBJECT, "an object, such as {\"Accept\": \"text/html\"}"},
	{"body", JSON_STRING, "a string"},
	{"weight", JSON_INTEGER, "a whole number from 1"},
	{"expect", JSON_OBJECT, "an object, such as {\"status\": \"2xx\", \"body\": \"text\"}"},
};

/* What "expect" may say, as the options of the same names do. */
static const struct key expect_keys[] = {
	{"status", JSON_STRING, "a string, such as \"204\" or \"2xx\""},
	{"length", JSON_INTEGER, "a number of bytes; -1: any"},
	{"body", JSON_STRING, "a string"},
	{"crc32", JSON_STRING, "a string of hexadecimal digits"},
	{"header", JSON_STRING, "a string, such as \"Name: value\""},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static int check_keys(json_t *object, const struct key *known, size_t count, const char *all,
		      struct error *error)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		size_t i = 0;

		while (i < count && strcmp(known[i].name, key) != 0)
			i++;
		if (i == count)
			return error_set(error, "\"%.40s\" is no key: there are %s", key, all);
		if (json_typeof(value) != known[i].type)
			return error_set(error, "\"%s\" has to be %s", key, known[i].right);
	}
	return 0;
}

/* What is expected of all, but for what the line says otherwise. */
static int take_expected(struct expected *expect, json_t *object, struct error *error)
{
	const char *status = json_string_value(json_object_get(object, "status"));
	const char *crc32 = json_string_value(json_object_get(object, "crc32"));
	const char *header = json_string_value(json_object_get(object, "header"));
	const json_t *body = json_object_get(object, "body");
	const json_t *length = json_object_get(object, "length");

	if (check_keys(object, expect_keys, COUNT_OF(expect_keys),
		       "status, length, body, crc32 and header", error) < 0)
		return -EINVAL;
	if (json_integer_value(length) < -1)
		return error_set(error, "\"length\" has to be %s", expect_keys[1].right);
	if ((status && expected_read_status(expect, status, error) < 0) ||
	    (crc32 && expected_read_crc32(expect, crc32, error) < 0) ||
	    (header && expected_read_header(expect, header, error) < 0))
		return -EINVAL;
	if (length)
		expect->length = json_integer_value(length) < 0
					 ? EXPECTED_ANY_LENGTH
					 : (uint64_t)json_integer_value(length);
	if (!body)
		return 0;
	expect->length = expect->body_bytes = json_string_length(body);
	free(expect->body);
	expect->body = malloc(expect->body_bytes + 1);
	if (!expect->body)
		return error_set(error, "out of memory");
	memcpy(expect->body, json_string_value(body), expect->body_bytes);
	return 0;
}

/* All requests go to one server, wherever their URLs lead. */
static int take_url(struct target *own, const char *url, const struct target *target,
		    struct error *error)
{
	if (target_parse(own, url, error) < 0)
		return -EINVAL;
	if (own->is_https != target->is_https || own->port != target->port ||
	    strcmp(own->host, target->host) != 0)
		return error_set(
			error,
			"\"url\" leads to another server than the command line's: all go to "
			"%s://%s:%u",
			target->is_https ? "https" : "http", target->host, target->port);
	return 0;
}

static int take_path(struct wording *wording, json_t *line, struct target *own,
		     const struct target *target, struct error *error)
{
	const char *url = json_string_value(json_object_get(line, "url"));

	wording->path = json_string_value(json_object_get(line, "path"));
	if (!url == !wording->path)
		return error_set(error, "it needs either \"path\" or \"url\"");
	if (url && take_url(own, url, target, error) < 0)
		return -EINVAL;
	if (url)
		wording->path = own->path;
	if (wording->path[0] != '/' || target_check_path(wording->path) < 0)
		return error_set(
			error, "\"path\" has to begin with / and to be ASCII without blanks and #");
	return 0;
}

static void free_headers(struct wording *wording)
{
	for (size_t i = 0; i < wording->header_count; i++)
		free(wording->headers[i]);
	wording->header_count = 0;
}

static int take_headers(struct wording *wording, json_t *headers, struct error *error)
{
	const char *name;
	json_t *value;

	json_object_foreach(headers, name, value)
	{
		char *header;

		if (!json_is_string(value))
			return error_set(error, "the value of header \"%.40s\" has to be a string",
					 name);
		if (wording->header_count == OPTIONS_HEADERS_MAX)
			return error_set(error, "there are more than %d headers",
					 OPTIONS_HEADERS_MAX);
		if (asprintf(&header, "%s: %s", name, json_string_value(value)) < 0)
			return error_set(error, "out of memory");
		wording->headers[wording->header_count++] = header;
		if (request_check_header(header, error) < 0)
			return -EINVAL;
	}
	return 0;
}

static int add_line(struct mix *mix, json_t *line, const struct options *options,
		    const struct target *target, struct error *error)
{
	json_t *weight = json_object_get(line, "weight"), *body = json_object_get(line, "body");
	json_int_t weighs = weight ? json_integer_value(weight) : 1;
	struct expected expect;
	struct wording wording = {.name = json_string_value(json_object_get(line, "name")),
				  .expect = &expect,
				  .method = json_string_value(json_object_get(line, "method")),
				  .body = json_string_value(body),
				  .body_bytes = json_string_length(body)};
	struct target own;
	int result;

	if (mix->count == OPTIONS_REQUESTS_MAX)
		return error_set(error, "it is one request too many: there may be %d",
				 OPTIONS_REQUESTS_MAX);
	if (check_keys(line, keys, COUNT_OF(keys),
		       "method, path or url, headers, body, weight, name and expect", error) < 0 ||
	    take_path(&wording, line, &own, target, error) < 0)
		return -EINVAL;
	if (weighs < 1 || weighs > UINT32_MAX)
		return error_set(error, "\"weight\" has to be a whole number from 1");
	if (!wording.method)
		wording.method = wording.body ? "POST" : "GET";
	result = take_headers(&wording, json_object_get(line, "headers"), error);
	if (expected_copy(&expect, &options->expect) < 0)
		result = error_set(error, "out of memory");
	if (result == 0)
		result = take_expected(&expect, json_object_get(line, "expect"), error);
	if (result == 0)
		result = mix_add(mix, (uint64_t)weighs, &wording, options, target, error);
	free_headers(&wording);
	expected_destroy(&expect);
	return result;
}

/* One line; its errors are of the same form as those of the command line, "--method: ...". */
static int read_line(struct mix *mix, const char *text, size_t size, const struct options *options,
		     const struct target *target, struct error *error)
{
	json_error_t problem;
	json_t *line = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
	int result;

	if (json_is_object(line))
		result = add_line(mix, line, options, target, error);
	else
		result = error_set(error, "it is no JSON object like {\"path\": \"/json\"}%s%s",
				   line ? "" : ": ", line ? "" : problem.text);
	json_decref(line);
	return result;
}

int requests_file_read(struct mix *mix, const char *file, const struct options *options,
		       const struct target *target, struct error *error)
{
	FILE *in = fopen(file, "re");
	char *text = NULL;
	size_t room = 0;
	ssize_t size;
	int result = 0;

	if (!in && file[strspn(file, "0123456789")] == '\0')
		return error_set(
			error,
			"there is no file %s: --requests takes a file; for so many requests and "
			"no more: -n %s",
			file, file);
	if (!in)
		return error_set(error, "--requests: %s: %s", file, strerror(errno));
	for (unsigned n = 1; result == 0 && (size = getline(&text, &room, in)) >= 0; n++) {
		struct error why;

		if (strspn(text, " \t\r\n") == (size_t)size)
			continue;
		result = read_line(mix, text, (size_t)size, options, target, &why);
		if (result < 0)
			error_set(error, "%s:%u: %s", file, n,
				  why.text + (strncmp(why.text, "--", 2) == 0 ? 2 : 0));
	}
	if (result == 0 && mix->count == 0)
		result = error_set(error,
				   "%s: it has no requests: one JSON object a line, like "
				   "{\"path\": \"/json\"}",
				   file);
	free(text);
	fclose(in);
	return result;
}
