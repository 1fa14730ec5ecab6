/* Between the files that read a manifest; nobody else includes this. */
#ifndef TENK_MANIFEST_PARTS_H
#define TENK_MANIFEST_PARTS_H

#include "harness/catalogue/manifest.h"
#include "harness/yaml/schema.h"

#define FIELDS_COUNT(fields) (sizeof(fields) / sizeof *(fields))

enum { MANIFEST_NAME_MAX = 48 };

/* Small letters, digits and a few marks: it becomes part of a file's name. */
bool manifest_is_name(const char *text);

/* Complains unless the scalar is one of a known few. */
int manifest_known_word(const struct yaml_document *document, const struct yaml_node *node,
			const char *key, const char *const *known, size_t count);

char **manifest_copy_words(char *const *words, size_t count);

/* The rows that a server is known to fail, into a struct manifest_profile (manifest_known.c). */
int manifest_known_read(const struct yaml_document *document, const struct yaml_node *node,
			void *into);

/* Its shared folder, which comes first, and what is to be installed, into a struct manifest (manifest_install.c). */
int manifest_shared_read(const struct yaml_document *document, const struct yaml_node *node,
			 void *into);
int manifest_install_read(const struct yaml_document *document, const struct yaml_node *node,
			  void *into);

/* The profile that stands at the top level, then those below "profiles". */
int manifest_plain_read(const struct yaml_document *document, struct manifest *manifest);
int manifest_profiles_read(const struct yaml_document *document, const struct yaml_node *node,
			   struct manifest *manifest);
void manifest_profile_destroy(struct manifest_profile *profile);

#endif
