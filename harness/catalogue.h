/* The servers that are there: every server-NAME, asked to describe itself, with its variants. */
#ifndef TENK_CATALOGUE_H
#define TENK_CATALOGUE_H

#include "lib/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server_entry {
	char *name;	     /* "epoll", "thread-per-connection/stack-64k" */
	char *executable;    /* path */
	char *variant;	     /* NULL: none */
	json_t *description; /* what --describe printed */
	char build[17];	     /* a hash of the executable, to tell another build */
};

struct catalogue {
	struct server_entry *entries; /* by name */
	size_t count;
	char *skipped; /* what the build wrote of models whose library is missing; may be NULL */
};

/*
 * Looks into `folders` (NULL-terminated). A server that does not describe itself is an error that
 * names it. 0 or -errno.
 */
int catalogue_read(struct catalogue *catalogue, const char *const *folders, struct error *error);
void catalogue_destroy(struct catalogue *catalogue);

/* NULL if there is none of that name. */
const struct server_entry *catalogue_find(const struct catalogue *catalogue, const char *name);

/* The message for a name that is not there, with the nearest that is. Returns -EINVAL. */
int catalogue_complain(const struct catalogue *catalogue, const char *name, struct error *error);

/* Why the build left out the server of this name, or its base: "its library libuv is not installed". */
bool catalogue_is_skipped(const struct catalogue *catalogue, const char *name, char *reason,
			  size_t size);

/* run.json's object for this server. New reference. */
json_t *server_entry_to_json(const struct server_entry *entry);

/* How many connections it can hold for reasons of its own; UINT64_MAX: no such limit. */
uint64_t server_entry_max_connections(const struct server_entry *entry);

/* Whether it has a trait such as "floor". */
bool server_entry_has_trait(const struct server_entry *entry, const char *trait);

#endif
