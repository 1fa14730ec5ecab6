#include "lib/text_buffer.h"

#include <ctype.h>
#include <stdint.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char replacement_character[] = "\xef\xbf\xbd";

void text_destroy(struct text_buffer *buffer)
{
	free(buffer->text);
	*buffer = (struct text_buffer){0};
}

const char *text_string(const struct text_buffer *buffer)
{
	return buffer->text ? buffer->text : "";
}

bool text_failed(const struct text_buffer *buffer)
{
	return buffer->failed;
}

/* Makes room for `more` bytes and the NUL. */
static bool text_reserve(struct text_buffer *buffer, size_t more)
{
	size_t needed = buffer->length + more + 1, capacity = buffer->capacity;
	char *text;

	if (buffer->failed)
		return false;
	if (needed <= capacity)
		return true;
	if (capacity < 256)
		capacity = 256;
	while (capacity < needed)
		capacity *= 2;
	text = realloc(buffer->text, capacity);
	if (!text) {
		buffer->failed = true;
		return false;
	}
	buffer->text = text;
	buffer->capacity = capacity;
	return true;
}

void text_append_bytes(struct text_buffer *buffer, const char *bytes, size_t length)
{
	if (!text_reserve(buffer, length))
		return;
	memcpy(buffer->text + buffer->length, bytes, length);
	buffer->length += length;
	buffer->text[buffer->length] = '\0';
}

void text_append(struct text_buffer *buffer, const char *text)
{
	text_append_bytes(buffer, text, strlen(text));
}

void text_append_format(struct text_buffer *buffer, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0) {
		buffer->failed = true;
		return;
	}
	if (!text_reserve(buffer, (size_t)length))
		return;
	va_start(arguments, format);
	vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	buffer->length += (size_t)length;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

void text_append_html(struct text_buffer *buffer, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			text_append(buffer, "&amp;");
			break;
		case '<':
			text_append(buffer, "&lt;");
			break;
		case '>':
			text_append(buffer, "&gt;");
			break;
		case '"':
			text_append(buffer, "&quot;");
			break;
		case '\'':
			text_append(buffer, "&#39;");
			break;
		default:
			if (is_control(*text) && *text != '\n' && *text != '\t')
				text_append(buffer, replacement_character);
			else
				text_append_bytes(buffer, text, 1);
		}
	}
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Whether a character of Markdown must be escaped between these neighbours (NUL: none). */
static bool markdown_is_special(char before, char c, char after)
{
	switch (c) {
	case '\\':
	case '`':
	case '*':
	case '|':
	case '~':
	case '$':
		return true;
	case '_': /* inside a word it is a letter: latency_p99_ns */
		return !is_word(before) || !is_word(after);
	case ']': /* [text](url), [text][reference] and [reference]: are links, [1, 2] is not */
		return after == '(' || after == '[' || after == ':';
	case '^':
		return before == '[';
	default:
		return false;
	}
}

/*
 * Where in a line's first characters a heading, a quotation, a list, a rule ... would begin; SIZE_MAX
 * if nowhere.
 */
static size_t markdown_block_start(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (digits && (text[digits] == '.' || text[digits] == ')'))
		return strchr(" \t", text[digits + 1]) ? digits : SIZE_MAX;
	if (text[0] == '>' || text[0] == '=' || text[0] == '#')
		return 0;
	if (text[0] == '-' || text[0] == '+')
		return strchr(" \t-", text[1]) ? 0 : SIZE_MAX;
	return SIZE_MAX;
}

void text_append_markdown(struct text_buffer *buffer, const char *text)
{
	size_t block, length;

	text += strspn(text, " \t\r\n");
	length = strlen(text);
	block = length ? markdown_block_start(text) : SIZE_MAX;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (c == '<')
			text_append(buffer, "&lt;");
		else if (c == '&')
			text_append(buffer, "&amp;");
		else if (strncmp(text + i, TEXT_NBSP, 2) == 0) {
			text_append(buffer, " ");
			i++;
		} else if (c == '\n' || c == '\t' || c == '\r')
			text_append(buffer, " ");
		else if (is_control(c))
			text_append(buffer, replacement_character);
		else {
			if (i == block ||
			    markdown_is_special(i ? text[i - 1] : '\0', c, text[i + 1]))
				text_append(buffer, "\\");
			text_append_bytes(buffer, &c, 1);
		}
	}
}

void text_append_csv(struct text_buffer *buffer, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		text_append(buffer, text);
		return;
	}
	text_append(buffer, "\"");
	for (; *text; text++) {
		if (*text == '"')
			text_append(buffer, "\"");
		text_append_bytes(buffer, text, 1);
	}
	text_append(buffer, "\"");
}

void text_append_gnuplot(struct text_buffer *buffer, const char *text)
{
	text_append(buffer, "'");
	for (; *text; text++) {
		if (*text == '\'')
			text_append(buffer, "'");
		text_append_bytes(buffer, is_control(*text) ? " " : text, 1);
	}
	text_append(buffer, "'");
}

void text_append_shell(struct text_buffer *buffer, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./:=,+@%";

	if (*text && !text[strspn(text, plain)]) {
		text_append(buffer, text);
		return;
	}
	text_append(buffer, "'");
	for (; *text; text++)
		if (*text == '\'')
			text_append(buffer, "'\\''");
		else
			text_append_bytes(buffer, text, 1);
	text_append(buffer, "'");
}
