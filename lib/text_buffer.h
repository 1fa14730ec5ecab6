/*
 * Text that grows as it is written, and the escapes of the formats that tenk writes.
 *
 * A zeroed struct is an empty buffer. Running out of memory is remembered, not returned: append
 * as much as you like and ask text_failed() once at the end. Not thread-safe.
 */
#ifndef TENK_TEXT_BUFFER_H
#define TENK_TEXT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct text_buffer {
	char *text; /* NUL terminated once anything was appended; NULL before */
	size_t length, capacity;
	bool failed;
};

/* A no-break space: between a number and its unit. Markdown and CSV get a plain one. */
#define TEXT_NBSP "\xc2\xa0"

void text_destroy(struct text_buffer *buffer);

/* What was written so far, never NULL; valid until the next append. */
const char *text_string(const struct text_buffer *buffer);

/* True when memory ran out: the text is incomplete. */
bool text_failed(const struct text_buffer *buffer);

void text_append(struct text_buffer *buffer, const char *text);
void text_append_bytes(struct text_buffer *buffer, const char *bytes, size_t length);
void text_append_format(struct text_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Safe in the text of an element and in a quoted attribute, of HTML and of SVG. Control
 * characters, which neither may contain, become U+FFFD; tabs and newlines stay.
 */
void text_append_html(struct text_buffer *buffer, const char *text);

/*
 * One line of GitHub's Markdown that shows the text as it is, also in the cell of a table:
 * whatever would start markup, HTML, a link or a formula is escaped, a newline becomes a space.
 */
void text_append_markdown(struct text_buffer *buffer, const char *text);

/* One field of a CSV record (RFC 4180): quoted where it must be. */
void text_append_csv(struct text_buffer *buffer, const char *text);

/*
 * A string literal of gnuplot, in single quotes: no escapes and no command substitution inside.
 * Control characters become spaces.
 */
void text_append_gnuplot(struct text_buffer *buffer, const char *text);

/* A word of a command line as a shell reads it back: in single quotes where it must be. */
void text_append_shell(struct text_buffer *buffer, const char *text);

#endif
