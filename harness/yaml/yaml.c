#include "harness/yaml/yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum {
	CONTENT_MAX_BYTES = 256 * 1024,
	DEPTH_MAX = 16,	   /* a scenario needs six */
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

static void node_free(struct yaml_node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->count; i++) {
		if (node->keys)
			node_free(node->keys[i]);
		node_free(node->items[i]);
	}
	free(node->keys);
	free(node->items);
	free(node->text);
	free(node);
}

static int out_of_memory(const struct yaml_document *document)
{
	error_set(document->error, "%s: %s", document->file, strerror(ENOMEM));
	return -ENOMEM;
}

static struct position position_of(const yaml_mark_t *start, const yaml_mark_t *end)
{
	return (struct position){.line = start->line + 1,
				 .column = start->column + 1,
				 .width = end->line == start->line ? end->column - start->column
								   : 0};
}

/* What libyaml found wrong. Its reader knows only an offset, so the line is counted here. */
static int complain_syntax(const struct yaml_document *document, const yaml_parser_t *parser)
{
	struct position at = position_of(&parser->problem_mark, &parser->problem_mark);
	char what[256];

	if (parser->error == YAML_MEMORY_ERROR)
		return out_of_memory(document);
	if (parser->error == YAML_READER_ERROR) {
		size_t line = 1;

		for (size_t i = 0; i < parser->problem_offset && document->content[i]; i++)
			line += document->content[i] == '\n';
		return error_set(document->error, "%s:%zu: not a text file in UTF-8: %s",
				 document->file, line, parser->problem);
	}
	at.width = 1;
	snprintf(what, sizeof what, "not valid YAML: %s%s%s", parser->problem,
		 parser->context ? ", " : "", parser->context ? parser->context : "");
	complain_at(document, at, what);
	if (parser->context && parser->context_mark.line + 1 != at.line)
		yaml_hint(document, "it began in line %zu", parser->context_mark.line + 1);
	if (strstr(parser->problem, "cannot start any token"))
		yaml_hint(document, "indent with blanks, not tabs, and put quotes around values "
				    "that begin with %%, @ or `");
	return -EINVAL;
}

static int next_event(const struct yaml_document *document, yaml_parser_t *parser,
		      yaml_event_t *event)
{
	if (yaml_parser_parse(parser, event))
		return 0;
	return complain_syntax(document, parser);
}

/* Anchors, aliases and tags would let one part of a file change another unseen. */
static int event_check(const struct yaml_document *document, const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		break;
	case YAML_ALIAS_EVENT:
		anchor = event->data.alias.anchor;
		break;
	default:
		break;
	}
	if (!anchor && !tag)
		return 0;
	complain_at(document, position_of(&event->start_mark, &event->end_mark),
		    anchor ? "anchors (&name) and aliases (*name) are not used here"
			   : "tags (!name) are not used here");
	return yaml_hint(document, anchor ? "write the value out where it is needed; what all "
					    "parts share stands at the top level"
					  : "put quotes around a text that begins with !");
}

static int node_add(struct yaml_node *parent, struct yaml_node *key, struct yaml_node *item)
{
	/* Room doubles at powers of two, so the count alone says when it is used up. */
	if ((parent->count & (parent->count - 1)) == 0) {
		size_t room = parent->count ? parent->count * 2 : 1;
		struct yaml_node **items = reallocarray(parent->items, room, sizeof *parent->items);

		if (!items)
			return -ENOMEM;
		parent->items = items;
		if (parent->kind == NODE_MAPPING) {
			struct yaml_node **keys = reallocarray(parent->keys, room,
							       sizeof *parent->keys);

			if (!keys)
				return -ENOMEM;
			parent->keys = keys;
		}
	}
	if (parent->kind == NODE_MAPPING)
		parent->keys[parent->count] = key;
	parent->items[parent->count++] = item;
	return 0;
}

static int key_check(const struct yaml_document *document, const struct yaml_node *parent,
		     const struct yaml_node *key)
{
	const struct yaml_node *first;

	if (key->kind != NODE_SCALAR)
		return yaml_complain(document, key, "a key must be a word, not %s",
				     yaml_kind_name(key));
	first = yaml_find_key(parent, key->text);
	if (!first)
		return 0;
	yaml_complain(document, key, "key \"%.60s\" stands twice", key->text);
	return yaml_hint(document, "it stands in line %zu already", first->line);
}

static int node_build(const struct yaml_document *document, yaml_parser_t *parser,
		      const yaml_event_t *event, unsigned depth, struct yaml_node **built);

/* Reads the items of a list or mapping up to its end event, whose mark is its end. */
static int children_build(const struct yaml_document *document, yaml_parser_t *parser,
			  unsigned depth, struct yaml_node *parent, yaml_mark_t *end)
{
	for (;;) {
		struct yaml_node *key = NULL, *item = NULL, **next;
		yaml_event_t event;
		int code = next_event(document, parser, &event);

		if (code < 0)
			return code;
		if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT) {
			*end = event.end_mark;
			yaml_event_delete(&event);
			return 0;
		}
		next = parent->kind == NODE_MAPPING ? &key : &item;
		code = node_build(document, parser, &event, depth, next);
		yaml_event_delete(&event);
		if (code == 0 && key)
			code = key_check(document, parent, key);
		if (code == 0 && key) {
			code = next_event(document, parser, &event);
			if (code == 0) {
				code = node_build(document, parser, &event, depth, &item);
				yaml_event_delete(&event);
			}
		}
		if (code == 0 && node_add(parent, key, item) < 0)
			code = out_of_memory(document);
		if (code < 0) {
			node_free(key);
			node_free(item);
			return code;
		}
	}
}

/* Builds the node that begins with this event. On failure *built is NULL and all is freed. */
static int node_build(const struct yaml_document *document, yaml_parser_t *parser,
		      const yaml_event_t *event, unsigned depth, struct yaml_node **built)
{
	struct position at = position_of(&event->start_mark, &event->end_mark);
	struct yaml_node *node;
	int code = event_check(document, event);

	*built = NULL;
	if (code < 0)
		return code;
	if (depth > DEPTH_MAX)
		return complain_at(document, at, "too many levels of nesting");
	node = calloc(1, sizeof *node);
	if (!node)
		return out_of_memory(document);
	if (event->type == YAML_SCALAR_EVENT) {
		node->kind = NODE_SCALAR;
		node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		node->text = strndup((const char *)event->data.scalar.value,
				     event->data.scalar.length);
		if (!node->text)
			code = out_of_memory(document);
		else if (strlen(node->text) != event->data.scalar.length)
			code = complain_at(document, at, "the text holds a NUL character");
	} else {
		yaml_mark_t end = event->end_mark;

		node->kind = event->type == YAML_MAPPING_START_EVENT ? NODE_MAPPING : NODE_LIST;
		code = children_build(document, parser, depth + 1, node, &end);
		at = position_of(&event->start_mark, &end);
	}
	if (code < 0) {
		node_free(node);
		return code;
	}
	node->line = at.line;
	node->column = at.column;
	node->width = at.width;
	*built = node;
	return 0;
}

/* The stream: one document, whose root is a mapping. */
static int document_build(struct yaml_document *document, yaml_parser_t *parser)
{
	yaml_event_type_t type = YAML_NO_EVENT;

	while (type != YAML_STREAM_END_EVENT) {
		yaml_event_t event;
		int code = next_event(document, parser, &event);

		if (code < 0)
			return code;
		type = event.type;
		if (document->root && type == YAML_DOCUMENT_START_EVENT) {
			complain_at(document, position_of(&event.start_mark, &event.end_mark),
				    "a second document begins here");
			code = yaml_hint(document, "a file holds one document");
		} else if (type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
			   type == YAML_MAPPING_START_EVENT || type == YAML_ALIAS_EVENT) {
			code = node_build(document, parser, &event, 0, &document->root);
		}
		yaml_event_delete(&event);
		if (code < 0)
			return code;
	}
	if (!document->root)
		return error_set(document->error, "%s: the file is empty", document->file);
	return 0;
}

/* Reads all of a file, NUL terminated. *length or -errno, with a message. */
static int content_read(struct yaml_document *document, size_t *length)
{
	FILE *file = fopen(document->file, "re");
	int code = 0;

	if (!file) {
		code = -errno;
		error_set(document->error, "%s: %s", document->file, strerror(-code));
		return code;
	}
	document->content = malloc(CONTENT_MAX_BYTES + 1);
	if (!document->content) {
		code = out_of_memory(document);
	} else {
		*length = fread(document->content, 1, CONTENT_MAX_BYTES + 1, file);
		if (ferror(file)) {
			code = errno ? -errno : -EIO;
			error_set(document->error, "%s: %s", document->file, strerror(-code));
		} else if (*length > CONTENT_MAX_BYTES) {
			code = error_set(document->error,
					 "%s: larger than %d KiB: too large to be meant",
					 document->file, CONTENT_MAX_BYTES / 1024);
		} else {
			document->content[*length] = '\0';
		}
	}
	fclose(file);
	return code;
}

int yaml_read(struct yaml_document *document, const char *file, struct error *error)
{
	yaml_parser_t parser;
	size_t length = 0;
	int code;

	*document = (struct yaml_document){.file = file, .error = error};
	code = content_read(document, &length);
	if (code == 0 && !yaml_parser_initialize(&parser)) {
		code = out_of_memory(document);
	} else if (code == 0) {
		yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(&parser, (const unsigned char *)document->content,
					     length);
		code = document_build(document, &parser);
		yaml_parser_delete(&parser);
	}
	if (code < 0)
		yaml_destroy(document);
	return code;
}

void yaml_destroy(struct yaml_document *document)
{
	node_free(document->root);
	free(document->content);
	document->root = NULL;
	document->content = NULL;
}
