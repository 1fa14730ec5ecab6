/* What a server says of itself: --describe, which the harness reads. */
#ifndef TENK_DESCRIBE_H
#define TENK_DESCRIBE_H

#include "servers/core/server/model.h"

/* Makes it the variant of these options; what was asked for stays, wherever on the command line it stands. */
void server_choose_variant(struct server_options *options, const struct server_variant *variant);

/* One JSON object on stdout: the model, its variants, and their limits under these options. */
void server_describe(const struct server_options *options);

#endif
