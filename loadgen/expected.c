#include "loadgen/expected.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* "204" is itself; "3xx" is 300 to 399. */
int expected_read_status(struct expected *expected, const char *text, struct error *error)
{
	size_t length = strlen(text), digits = strspn(text, "0123456789");
	unsigned low = 0, others = 0;

	if (length == 3 && digits == 3) {
		low = (unsigned)strtoul(text, NULL, 10);
	} else if (length == 3 && digits == 1 && text[1] == 'x' && text[2] == 'x') {
		low = 100 * (unsigned)(text[0] - '0');
		others = 99;
	}
	expected->status_low = low;
	expected->status_high = low + others;
	return low >= 100 ? 0
			  : error_set(error, "\"%s\" is neither a status nor a class (2xx)", text);
}

int expected_read_crc32(struct expected *expected, const char *text, struct error *error)
{
	size_t length = strlen(text);

	if (length == 0 || length > 8 || strspn(text, "0123456789abcdefABCDEF") != length)
		return error_set(error, "\"%s\" is not up to eight hexadecimal digits", text);
	expected->has_crc32 = true;
	expected->crc32 = (uint32_t)strtoul(text, NULL, 16);
	return 0;
}

int expected_read_header(struct expected *expected, const char *text, struct error *error)
{
	if (text[0] == '\0' || text[0] == ':')
		return error_set(error, "\"%s\" is neither \"Name\" nor \"Name: value\"", text);
	free(expected->header);
	expected->header = strdup(text);
	if (expected->header)
		return 0;
	error_set(error, "out of memory");
	return -ENOMEM;
}

int expected_copy(struct expected *into, const struct expected *from)
{
	*into = *from;
	into->body = into->header = NULL;
	if (from->body) {
		into->body = malloc(from->body_bytes + 1);
		if (!into->body)
			return -ENOMEM;
		memcpy(into->body, from->body, from->body_bytes);
	}
	if (from->header) {
		into->header = strdup(from->header);
		if (!into->header)
			return -ENOMEM;
	}
	return 0;
}

void expected_destroy(struct expected *expected)
{
	free(expected->body);
	free(expected->header);
	expected->body = expected->header = NULL;
}
