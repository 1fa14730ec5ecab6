/*
 * A YAML file as a small tree that remembers where everything stood.
 *
 * Only what a scenario needs: mappings with plain keys, lists and scalars, all scalars as text.
 * Anchors, aliases, tags and several documents in a file are refused, and so is a key that
 * stands twice. Every complaint names file, line and column and shows the line, with carets
 * under what is wrong:
 *
 *   scenarios/memory.yaml:7:3: unknown key "conections" in vary
 *     7 |   conections: [1000, 2000]
 *       |   ^~~~~~~~~~
 *     did you mean "connections"?  (keys here: connections, rate, wait, body)
 */
#ifndef TENK_YAML_H
#define TENK_YAML_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAPPING };

struct yaml_node {
	enum node_kind kind;
	size_t line, column; /* from 1, the column in characters */
	size_t width;	     /* in characters, of what stands on its first line; 0: up to its end */
	char *text;	     /* of a scalar, else NULL */
	bool quoted;	     /* the scalar stood in quotes or in a block */
	size_t count;	     /* of items */
	struct yaml_node **keys;  /* of a mapping, scalars; NULL for a list */
	struct yaml_node **items; /* of a list, or the values of a mapping */
};

struct yaml_document {
	const char *file; /* borrowed: the name as it is to be shown */
	char *content;
	struct yaml_node *root;
	struct error *error; /* borrowed: where complaints go */
	const void *context; /* borrowed: for whoever reads it; NULL at first */
};

/* What is there of it, be it half read. */
void yaml_destroy(struct yaml_document *document);
void yaml_node_free(struct yaml_node *node); /* NULL: nothing */

/* The value of a key in a mapping; NULL if it has no such key (or is no mapping). */
const struct yaml_node *yaml_find(const struct yaml_node *mapping, const char *key);
const struct yaml_node *yaml_find_key(const struct yaml_node *mapping, const char *key);

/* "a list", "a mapping" or "a value", for messages. */
const char *yaml_kind_name(const struct yaml_node *node);

/* Sets the document's error: the message, at a node. Returns -EINVAL, to be returned. */
int yaml_complain(const struct yaml_document *document, const struct yaml_node *node,
		  const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Adds an indented line that says what would be right. Returns -EINVAL. */
int yaml_hint(const struct yaml_document *document, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
