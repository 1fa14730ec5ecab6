/*
 * Accepting through the ring: asked for once, answered with each connection ("multishot").
 */
#ifndef TENK_IO_URING_ACCEPTING_H
#define TENK_IO_URING_ACCEPTING_H

#include "servers/core/server/listener.h"
#include "servers/models/io_uring/ring.h"
#include "servers/core/loops/timers.h"

#include <stdbool.h>

struct accepting {
	struct ring *ring;
	struct listener *listener;
	struct timers *timers;
	uint64_t user_data;	 /* of its completions */
	struct loop_timer again; /* after a shortage of descriptors */
	bool armed;		 /* the kernel accepts, and has the listener */
	bool stopped;
};

/* The rest of the record is filled in. */
void accepting_start(struct accepting *accepting);

/* Closes the listener, which lasts until the last completion (see armed). */
void accepting_stop(struct accepting *accepting);

/* What a completion brought: a descriptor that was admitted, or -1. */
int accepting_take(struct accepting *accepting, const struct io_uring_cqe *cqe);

#endif
