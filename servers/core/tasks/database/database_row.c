#include "servers/core/tasks/database/database_row.h"

#include <stdio.h>
#include <string.h>

struct sink {
	char *to;
	size_t room, length;
};

static void put(struct sink *sink, const char *text, size_t length)
{
	if (sink->length + length <= sink->room)
		memcpy(sink->to + sink->length, text, length);
	sink->length += length;
}

static void put_escaped(struct sink *sink, unsigned char byte)
{
	static const char letters[] = "\b\f\n\r\t\"\\", names[] = "bfnrt\"\\";
	const char *letter = memchr(letters, byte, sizeof letters - 1);
	char text[8];

	if (letter)
		put(sink, text,
		    (size_t)snprintf(text, sizeof text, "\\%c", names[letter - letters]));
	else
		put(sink, text, (size_t)snprintf(text, sizeof text, "\\u%04x", byte));
}

/* What need not be escaped goes at once. */
static void put_text(struct sink *sink, const char *text, size_t length)
{
	size_t plain = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte >= 0x20 && byte != '"' && byte != '\\')
			continue;
		put(sink, text + plain, i - plain);
		put_escaped(sink, byte);
		plain = i + 1;
	}
	put(sink, text + plain, length - plain);
}

size_t database_row_write(char *to, size_t room, int32_t id, const char *message, size_t length)
{
	struct sink sink = {.to = to, .room = room};
	char head[40];

	put(&sink, head, (size_t)snprintf(head, sizeof head, "{\"id\":%d,\"message\":", id));
	if (message) {
		put(&sink, "\"", 1);
		put_text(&sink, message, length);
		put(&sink, "\"}", 2);
	} else {
		put(&sink, "null}", 5);
	}
	return sink.length;
}
