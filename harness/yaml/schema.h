/*
 * What a mapping in a YAML file may hold, as a table: one row a key.
 *
 * The walker reads a mapping by its table, stores what it finds in a struct, and complains about
 * unknown keys (with the nearest valid one), wrong types, values out of range and missing keys.
 */
#ifndef TENK_SCHEMA_H
#define TENK_SCHEMA_H

#include "harness/yaml/yaml.h"
#include "lib/units.h"

#include <stddef.h>
#include <stdint.h>

/* How a value is written, and the type of the member at `offset` that takes it. */
enum field_kind {
	FIELD_TEXT,	/* char *, allocated */
	FIELD_FLAG,	/* bool */
	FIELD_COUNT,	/* uint64_t */
	FIELD_DURATION, /* uint64_t, nanoseconds */
	FIELD_BYTES,	/* uint64_t */
	FIELD_RATE,	/* double, per second */
	FIELD_OWN,	/* whatever `read` makes of it */
	FIELD_LATER,	/* allowed here, read by the caller */
};

struct field {
	const char *key;
	enum field_kind kind;
	bool required;
	double lowest, highest; /* of numbers, both allowed */
	size_t offset;
	int (*read)(const struct yaml_document *document, const struct yaml_node *node, void *into);
	const char *fallback; /* as it would be written; NULL: what is there stays */
	const char *example;  /* as it would be written */
	const char *help;     /* one line, for messages */
	const char *stored;   /* the key under which JSON keeps it; NULL: under none */
	bool stored_if_set;   /* only where it is not 0 */
};

/*
 * Reads a mapping into the struct at `into`, in the order of the table; `where` names the mapping
 * in messages ("load"). Members of keys that are missing stay as they are. 0, -EINVAL with a
 * complaint, or -ENOMEM with a message. The two halves stand alone for a mapping that is read by
 * more than one table: first its keys are checked, then values are stored.
 */
int schema_read(const struct yaml_document *document, const struct yaml_node *mapping,
		const char *where, const struct field *fields, size_t count, void *into);
int schema_check_keys(const struct yaml_document *document, const struct yaml_node *mapping,
		      const char *where, const struct field *fields, size_t count);
int schema_store(const struct yaml_document *document, const struct yaml_node *mapping,
		 const struct field *fields, size_t count, void *into);

/* Stores the fallbacks of a table. */
void schema_defaults(const struct field *fields, size_t count, void *into);

/* Stores a value in the member of a count, duration, size or rate; a fraction only in a rate. */
void schema_set(const struct field *field, double value, void *into);

/* Reads one number as its field says: type, unit and range. */
int schema_number(const struct yaml_document *document, const struct yaml_node *node,
		  const struct field *field, double *value);

/* Complains unless the node is of this kind; `what` says what was expected ("a list of words"). */
int schema_expect(const struct yaml_document *document, const struct yaml_node *node,
		  enum node_kind kind, const char *key, const char *what);

/* A scalar that is not empty, without blanks at its ends; allocated. */
int schema_text(const struct yaml_document *document, const struct yaml_node *node, const char *key,
		char **text);

/*
 * A list of texts that is not empty, all different if they must be unique; allocated, each and all,
 * in the place of what *words holds.
 */
int schema_texts(const struct yaml_document *document, const struct yaml_node *node,
		 const char *key, bool unique, char ***words, size_t *count);

/* The same of different words. */
int schema_words(const struct yaml_document *document, const struct yaml_node *node,
		 const char *key, char ***words, size_t *count);
void schema_words_free(char **words, size_t count);

/* Complains about a word that is none of `known`: the nearest, and the whole list. */
int schema_unknown(const struct yaml_document *document, const struct yaml_node *node,
		   const char *what, const char *where, const char *const *known, size_t count);

int schema_no_memory(const struct yaml_document *document);

#endif
