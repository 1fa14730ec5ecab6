/* A file on its way to a tree, by libyaml's events. */
#include "harness/yaml/parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { CONTENT_MAX_BYTES = 256 * 1024, DEPTH_MAX = 16 /* a scenario needs six */ };

static int out_of_memory(const struct yaml_document *document)
{
	error_set(document->error, "%s: %s", document->file, strerror(ENOMEM));
	return -ENOMEM;
}

/* Only where it stood. */
static struct yaml_node position_of(const yaml_mark_t *start, const yaml_mark_t *end)
{
	return (struct yaml_node){.line = start->line + 1,
				  .column = start->column + 1,
				  .width = end->line == start->line ? end->column - start->column
								    : 0};
}

/* What libyaml found wrong. Its reader knows only an offset, so the line is counted here. */
static int complain_syntax(const struct yaml_document *document, const yaml_parser_t *parser)
{
	struct yaml_node at = position_of(&parser->problem_mark, &parser->problem_mark);
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
	yaml_complain(document, &at, "%s", what);
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
	struct yaml_node at;
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
	at = position_of(&event->start_mark, &event->end_mark);
	yaml_complain(document, &at, "%s",
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
			yaml_node_free(key);
			yaml_node_free(item);
			return code;
		}
	}
}

/* Builds the node that begins with this event. On failure *built is NULL and all is freed. */
static int node_build(const struct yaml_document *document, yaml_parser_t *parser,
		      const yaml_event_t *event, unsigned depth, struct yaml_node **built)
{
	struct yaml_node at = position_of(&event->start_mark, &event->end_mark);
	struct yaml_node *node;
	int code = event_check(document, event);

	*built = NULL;
	if (code < 0)
		return code;
	if (depth > DEPTH_MAX)
		return yaml_complain(document, &at, "too many levels of nesting");
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
			code = yaml_complain(document, &at, "the text holds a NUL character");
	} else {
		yaml_mark_t end = event->end_mark;

		node->kind = event->type == YAML_MAPPING_START_EVENT ? NODE_MAPPING : NODE_LIST;
		code = children_build(document, parser, depth + 1, node, &end);
		at = position_of(&event->start_mark, &end);
	}
	if (code < 0) {
		yaml_node_free(node);
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
			struct yaml_node at = position_of(&event.start_mark, &event.end_mark);

			yaml_complain(document, &at, "a second document begins here");
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
