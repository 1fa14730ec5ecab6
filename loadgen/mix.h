/* Which requests a load sends, from what was said. */
#ifndef TENK_MIX_H
#define TENK_MIX_H

#include "loadgen/request.h"

/*
 * The request of --method, --body and the URL, or those of --request or --requests. Each has method, target,
 * Host, the headers asked for, Content-Length where there is a body or the method expects one, and
 * the body. 0, -ENOMEM, or -EINVAL with a message; destroy it in any case.
 */
int mix_build(struct mix *mix, const struct options *options, const struct target *target,
	      struct error *error);

#endif
