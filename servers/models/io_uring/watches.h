/*
 * Watches of core, out of poll requests that complete once.
 *
 * A request that has completed is made again when its watch has been called, so that it is told as
 * long as it is so; one that is ready already completes as it is submitted. The kernel may complete
 * what is being cancelled, so a request has a record of its own, which outlives its watch until the
 * last completion has come.
 */
#ifndef TENK_IO_URING_WATCHES_H
#define TENK_IO_URING_WATCHES_H

#include "servers/core/tasks/loop_services.h"
#include "servers/models/io_uring/loop.h"

/* The services of a loop (struct loop), timers among them. */
extern const struct loop_services io_uring_services;

/* A completion whose operation is WATCH. */
void watches_told(struct loop *loop, const struct io_uring_cqe *cqe);

/* When the ring is closed: frees what is left. */
void watches_destroy(struct loop *loop);

#endif
