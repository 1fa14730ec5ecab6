/*
 * The options that name servers of other people, for each command that has them: --server-manifest,
 * --server-cmd and --url; and --start-timeout, which mostly these need. What they are is in docs/reference-servers.md.
 */
#ifndef TENK_FOREIGN_REQUEST_H
#define TENK_FOREIGN_REQUEST_H

#include "harness/catalogue/catalogue.h"

#include <argp.h>

enum { FOREIGN_SOURCES = 3, FOREIGN_MOST = 64 };

/* One of the options, and what reads its texts. */
struct foreign_source {
	const char *option;
	const char *key; /* in run.json */
	int (*add)(struct catalogue *catalogue, const char *text, const char **name,
		   struct error *error);
	bool always; /* as in struct added_server */
};
extern const struct foreign_source foreign_sources[FOREIGN_SOURCES];

/* As typed, each kind in its order. Texts are borrowed. */
struct foreign_request {
	char *texts[FOREIGN_SOURCES][FOREIGN_MOST];
	size_t counts[FOREIGN_SOURCES];
	uint64_t start_timeout_ns; /* of all servers; 0: not given */
};

/* A child for a command's argp, whose input is a struct foreign_request. */
extern const struct argp foreign_argp;

bool foreign_request_is_empty(const struct foreign_request *request);

/* A server that an option has brought in. */
struct added_server {
	const char *name; /* borrowed from the catalogue */
	bool always;	  /* chosen also where --servers names others: nothing else names it */
};

/* Adds one text of a source to the catalogue and to a growing array. 0 or -errno with a message. */
int foreign_request_add(struct catalogue *catalogue, const struct foreign_source *source,
			const char *text, struct added_server **added, size_t *count,
			struct error *error);

/*
 * The servers that are meant: those of --servers, and those of --server-cmd and --url; where there
 * is no --servers, those of --server-manifest too. None: the command's own choice. Free the array,
 * not the names. NULL with a message: --servers names one twice, or there is no memory.
 */
const char **foreign_request_choose(const char *const *servers, size_t server_count,
				    const struct added_server *added, size_t added_count,
				    size_t *count, struct error *error);

#endif
