#include "loadgen/mix.h"
#include "lib/units.h"
#include "loadgen/content.h"
#include "loadgen/requests_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Takes the next word off the text; it ends at a blank. NULL: there is none. */
static char *next_word(char **text)
{
	char *word = *text + strspn(*text, " ");

	if (*word == '\0')
		return NULL;
	*text = word + strcspn(word, " ");
	if (**text)
		*(*text)++ = '\0';
	return word;
}

/* "WEIGHT[:NAME] METHOD PATH [BODY]"; the text is taken apart. */
static int mix_add_text(struct mix *mix, char *text, const struct expected *expect,
			const struct options *options, const struct target *target,
			struct error *error)
{
	char *weight = next_word(&text), *body = NULL, *name = weight ? strchr(weight, ':') : NULL;
	struct wording wording = {.expect = expect};
	uint64_t value;
	int result = 0;

	if (name) {
		*name = '\0';
		wording.name = name + 1;
	}
	wording.method = next_word(&text);
	wording.path = next_word(&text);
	if (!wording.path || target_check_path(wording.path) < 0 || wording.path[0] != '/')
		return error_set(error,
				 "--request: it is \"WEIGHT[:NAME] METHOD /PATH [BODY|@FILE]\"");
	if (units_parse_integer(UNIT_COUNT, weight, &value, error) < 0 || value == 0 ||
	    value > UINT32_MAX)
		return error_set(error, "--request: \"%.40s\" is no weight from 1", weight);
	text += strspn(text, " ");
	if (*text)
		result = content_read(text, &body, &wording.body_bytes, error);
	wording.body = body;
	if (result == 0)
		result = mix_add(mix, value, &wording, options, target, error);
	free(body);
	return result;
}

int mix_build(struct mix *mix, const struct options *options, const struct target *target,
	      struct error *error)
{
	struct wording single = {.method = options->method,
				 .path = target->path,
				 .expect = &options->expect,
				 .body = options->body,
				 .body_bytes = options->body_bytes};

	*mix = (struct mix){0};
	for (size_t i = 0; i < options->header_count; i++)
		if (request_check_header(options->headers[i], error) < 0)
			return -EINVAL;
	if (options->requests_file)
		return requests_file_read(mix, options->requests_file, options, target, error);
	if (options->request_count == 0)
		return mix_add(mix, 1, &single, options, target, error);
	for (size_t i = 0; i < options->request_count; i++) {
		char *text = strdup(options->requests[i]);
		int result = -ENOMEM;

		if (text)
			result = mix_add_text(mix, text, &options->request_expect[i], options,
					      target, error);
		else
			error_set(error, "out of memory");
		free(text);
		if (result < 0)
			return result;
	}
	return 0;
}
