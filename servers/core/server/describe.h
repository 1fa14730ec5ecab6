/* What a server says of itself: --describe, which the harness reads. */
#ifndef TENK_DESCRIBE_H
#define TENK_DESCRIBE_H

#include "servers/core/server/model.h"

/* Makes it the variant of these options; what was asked for stays, wherever on the command line it stands. */
void server_choose_variant(struct server_options *options, const struct server_variant *variant);

/* What means something to it, enum model_option. NULL: to the model as it is. */
unsigned server_takes(const struct server_variant *variant);

/* An option that means something to some models only: by its long name, and what the others lack. */
struct model_option_row {
	enum model_option option;
	const char *name, *missing;
};
extern const struct model_option_row model_option_rows[]; /* ends with a NULL name */

/*
 * One JSON object on stdout: the model, its variants, and their limits under these options; and which of
 * the command line's options (struct argp_option, argp.h) each of them takes.
 */
struct argp_option;
void server_describe(const struct server_options *options, const struct argp_option *taken);

#endif
