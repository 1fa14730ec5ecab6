#include "harness/yaml/yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SHOWN_MAX = 88,	   /* characters of a source line */
	SHOWN_BEFORE = 60, /* of them at most so many before the column */
};

struct position {
	size_t line, column, width; /* as in a node */
};

/* The start of a line in the content, and its length without the line break; NULL: no such. */
static const char *line_find(const char *content, size_t line, size_t *length)
{
	const char *start = content;

	for (size_t i = 1; i < line; i++) {
		start = strchr(start, '\n');
		if (!start)
			return NULL;
		start++;
	}
	*length = strcspn(start, "\r\n");
	return start;
}

static bool begins_character(char byte)
{
	return ((unsigned char)byte & 0xC0) != 0x80;
}

static void error_append(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void error_append(struct error *error, const char *format, ...)
{
	size_t used = strlen(error->text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->text + used, sizeof error->text - used, format, arguments);
	va_end(arguments);
}

/*
 * Copies the characters from `first` (counted from 0) of a line, at most SHOWN_MAX, with blanks
 * for tabs and control characters so that the carets below stand where they should. Returns how
 * many characters the whole line has.
 */
static size_t line_copy(const char *line, size_t length, size_t first, char *out, size_t size)
{
	size_t characters = 0, used = 0;

	for (size_t i = 0; i < length; i++) {
		characters += begins_character(line[i]);
		if (characters <= first || characters > first + SHOWN_MAX || used + 1 >= size)
			continue;
		out[used++] = (unsigned char)line[i] < ' ' || line[i] == 0x7f ? ' ' : line[i];
	}
	out[used] = '\0';
	return characters;
}

/* Shows the line below the message, and carets below the line. */
static void show_source(const struct yaml_document *document, struct position at)
{
	char shown[SHOWN_MAX * 4 + 1], carets[SHOWN_MAX + 1], number[24];
	size_t length, first, room, characters, width;
	const char *line = line_find(document->content, at.line, &length);

	if (!line)
		return;
	first = at.column > SHOWN_BEFORE ? at.column - SHOWN_BEFORE : 0;
	characters = line_copy(line, length, first, shown, sizeof shown);
	room = characters >= at.column ? characters - (at.column - 1) : 1;
	width = at.width && at.width < room ? at.width : room;
	if (width > SHOWN_MAX - (at.column - 1 - first))
		width = SHOWN_MAX - (at.column - 1 - first);
	memset(carets, '~', width);
	carets[0] = '^';
	carets[width] = '\0';
	snprintf(number, sizeof number, "%zu", at.line);
	error_append(document->error, "\n  %s | %s\n  %*s | %*s%s", number, shown,
		     (int)strlen(number), "", (int)(at.column - 1 - first), "", carets);
}

static int complain_at(const struct yaml_document *document, struct position at, const char *what)
{
	error_set(document->error, "%s:%zu:%zu: %s", document->file, at.line, at.column, what);
	show_source(document, at);
	return -EINVAL;
}

int yaml_complain(const struct yaml_document *document, const struct yaml_node *node,
		  const char *format, ...)
{
	struct position at = {node->line, node->column, node->width};
	char what[sizeof document->error->text];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	return complain_at(document, at, what);
}

int yaml_hint(const struct yaml_document *document, const char *format, ...)
{
	char hint[sizeof document->error->text];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(hint, sizeof hint, format, arguments);
	va_end(arguments);
	error_append(document->error, "\n  %s", hint);
	return -EINVAL;
}

const char *yaml_kind_name(const struct yaml_node *node)
{
	static const char *const names[] = {
		[NODE_SCALAR] = "a value", [NODE_LIST] = "a list", [NODE_MAPPING] = "a mapping"};

	return names[node->kind];
}

const struct yaml_node *yaml_find_key(const struct yaml_node *mapping, const char *key)
{
	for (size_t i = 0; mapping && mapping->keys && i < mapping->count; i++)
		if (strcmp(mapping->keys[i]->text, key) == 0)
			return mapping->keys[i];
	return NULL;
}

const struct yaml_node *yaml_find(const struct yaml_node *mapping, const char *key)
{
	for (size_t i = 0; mapping && mapping->keys && i < mapping->count; i++)
		if (strcmp(mapping->keys[i]->text, key) == 0)
			return mapping->items[i];
	return NULL;
}

void yaml_node_free(struct yaml_node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->count; i++) {
		if (node->keys)
			yaml_node_free(node->keys[i]);
		yaml_node_free(node->items[i]);
	}
	free(node->keys);
	free(node->items);
	free(node->text);
	free(node);
}

void yaml_destroy(struct yaml_document *document)
{
	yaml_node_free(document->root);
	free(document->content);
	document->root = NULL;
	document->content = NULL;
}
