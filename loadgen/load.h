/* What is to be loaded, with what, from where: of all threads together. */
#ifndef TENK_LOAD_H
#define TENK_LOAD_H

#include "loadgen/options.h"
#include "loadgen/request.h"
#include "loadgen/share.h"
#include "loadgen/source.h"
#include "loadgen/target.h"
#include "loadgen/tls.h"

#include <stdatomic.h>

struct load {
	const struct options *options;
	const struct target *target;
	const struct source *source;
	const struct mix *mix;
	struct tls *tls;    /* NULL: plain */
	struct share share; /* of the whole load: this process has that, each thread a part of it */
	/* Of the answers to each request; or one of the OPTIONS_ values. Threads learn it. */
	_Atomic uint64_t expected_length[OPTIONS_REQUESTS_MAX];
};

#endif
