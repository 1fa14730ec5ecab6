#include "harness/check/note.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_BYTES = 640, REASON_BYTES = 512 };

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

bool check_fail_response(struct check_trial *trial, const struct http_response *response,
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
