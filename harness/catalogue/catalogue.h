/*
 * The servers that are there: every server-NAME, asked to describe itself, with its variants; and
 * those of other people, by their manifests, with their profiles.
 */
#ifndef TENK_CATALOGUE_H
#define TENK_CATALOGUE_H

#include "lib/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
struct kept_program;
struct manifest;
struct manifest_profile;

struct server_entry {
	char *name;	     /* "epoll", "thread-per-connection/stack-64k", "nginx", "epoll@base" */
	char *label;	     /* of the build it is of, "base"; NULL: none */
	char *executable;    /* path; of a foreign one its manifest, of a running one its URL */
	char *variant;	     /* NULL: none */
	json_t *description; /* what --describe printed, or the same made from a manifest */
	char build[17];	     /* a hash of the executable, to tell another build */
	struct kept_program *kept; /* of one of ours, by catalogue_keep; NULL: it is not */
	/* Of somebody else's server: */
	const struct manifest *manifest; /* owned by the catalogue; NULL: ours, or running */
	const struct manifest_profile *profile;
	uint64_t start_timeout_ns; /* how long it may take to start; 0: as others */
	char *missing;		   /* why it cannot be started here; NULL: it can */
	char host[46];		   /* of one that runs already: a loopback address, and */
	uint16_t port;		   /* 0: it does not run, but is started */
};

/* One of several builds of the same servers, which its label tells from the others: "epoll@base". */
struct server_build {
	const char *label;
	const char *folder;   /* of its server-NAME programs, or above build/release with them */
	const char *revision; /* of which it was built; NULL: it is not known */
};

struct catalogue {
	struct server_entry *entries; /* by name */
	size_t count;
	struct manifest **manifests;
	size_t manifest_count;
	char *skipped; /* what the build wrote of models whose library is missing; may be NULL */
	const struct server_build *build; /* of which is what is being added; NULL: of none */
};

/*
 * Looks into `folders` (NULL-terminated). A server that does not describe itself is an error that
 * names it. 0 or -errno.
 */
int catalogue_read(struct catalogue *catalogue, const char *const *folders, struct error *error);
void catalogue_destroy(struct catalogue *catalogue);

/*
 * From now on, what is added is of this build (NULL: of none; borrowed): its name ends with the label, a
 * command is run in the build's folder, and a manifest is looked for in there.
 */
void catalogue_begin_build(struct catalogue *catalogue, const struct server_build *build);

/*
 * Adds the servers that were built in the folder of the build that has begun, none of them being no error. 0 or
 * -errno with a message.
 */
int catalogue_read_build(struct catalogue *catalogue, struct error *error);

/* Has our own servers started as they are now, whatever is put in their place. 0 or -errno with a message. */
int catalogue_keep(struct catalogue *catalogue, struct error *error);

/* Gives all that are there so long to start, whatever their manifests say; 0: as those say. */
void catalogue_allow_start(struct catalogue *catalogue, uint64_t timeout_ns);

/*
 * Servers of other people, others.c. Each adds to what is there already, names the new
 * server in *name where there is one (borrowed, and valid as long as the catalogue), and refuses a
 * name that is taken. 0 or -errno with a message.
 *
 * All manifests of a folder: NAME/manifest.yaml. A folder that is not there holds none.
 */
int catalogue_read_reference(struct catalogue *catalogue, const char *folder, struct error *error);
int catalogue_add_manifest(struct catalogue *catalogue, const char *file, const char **name,
			   struct error *error);
/* A command line with {port}; its server is named after its program. */
int catalogue_add_command(struct catalogue *catalogue, const char *text, const char **name,
			  struct error *error);
/* One that runs, "http://127.0.0.1:8080": named "port-8080". Only this machine itself is allowed. */
int catalogue_add_url(struct catalogue *catalogue, const char *url, const char **name,
		      struct error *error);

/*
 * Takes over an entry's memory and keeps the order of names. -EEXIST if the name is taken or
 * -ENOMEM, with a message; the entry's memory is then freed.
 */
int catalogue_add(struct catalogue *catalogue, struct server_entry *entry, struct error *error);

/* NULL if there is none of that name. */
const struct server_entry *catalogue_find(const struct catalogue *catalogue, const char *name);

/*
 * The names that are meant by words which may also stand for groups: "models" (each of ours as it
 * is), "variants" (each variant of ours), "reference" (those of other people that are installed).
 * Each name once, in the words' order, and in a group by name. Free the array, not the names, which
 * are the words' own or the catalogue's. NULL: no memory.
 */
const char **catalogue_expand(const struct catalogue *catalogue, const char *const *words,
			      size_t word_count, size_t *count);

/* The message for a name that is not there, with the nearest that is. Returns -EINVAL. */
int catalogue_complain(const struct catalogue *catalogue, const char *name, struct error *error);

/* Why the build left out the server of this name, or its base: "its library libuv is not installed". */
bool catalogue_is_skipped(const struct catalogue *catalogue, const char *name, char *reason,
			  size_t size);

/* run.json's object for this server. New reference. Asks a foreign one for its version. */
json_t *server_entry_to_json(const struct server_entry *entry);

/* How many connections it can hold for reasons of its own; UINT64_MAX: no such limit. */
uint64_t server_entry_max_connections(const struct server_entry *entry);

/* How long it has to be loaded until it is as quick as it gets (a compiler that waits and sees); 0: not at all. */
uint64_t server_entry_warm_up_ns(const struct server_entry *entry);

/* What makes it so ("FD_SETSIZE"), and what would lift it; "" where it does not say. Borrowed. */
const char *server_entry_limited_by(const struct server_entry *entry);
const char *server_entry_lifted_by(const struct server_entry *entry);

/* The descriptor tables over which it spreads its connections on so many cores; 1: one for all. */
unsigned server_entry_descriptor_tables(const struct server_entry *entry, unsigned cores);

/*
 * The rows of the suite in which it is known to differ: [{"row","reason","sometimes"}]. Borrowed;
 * NULL: none is known.
 */
const json_t *server_entry_known_differences(const struct server_entry *entry);

/* What it answers, ["/plaintext", "/bytes/N"]; borrowed. NULL or empty: that is not known. */
const json_t *server_entry_routes(const struct server_entry *entry);

/* Whether it answers a request's target. One of which nothing is known is believed to answer everything. */
bool server_entry_answers(const struct server_entry *entry, const char *target);

/*
 * Whether a setting (settings.h) means something to it: one of ours has the option, the command or the
 * template of another says the placeholder.
 */
bool server_entry_takes(const struct server_entry *entry, const char *option);

/* Whether it is one of ours. */
bool server_entry_is_own(const struct server_entry *entry);

/* Whether it has a trait such as "floor". */
bool server_entry_has_trait(const struct server_entry *entry, const char *trait);

/* What tells one build of a program from another: a hash of its file. False: it cannot be read. */
bool catalogue_hash_build(const char *path, char hash[17]);

#endif
