/*
 * The connections beside the load: idle ones, which are used once and then held, and slow ones,
 * which read or write a few bytes at a time, for ever.
 *
 * What slow ones do counts apart: a server that hangs up on them does what it should.
 */
#ifndef TENK_CROWD_H
#define TENK_CROWD_H

#include "loadgen/worker.h"

/* How often a slow connection moves, and how much, so that it comes to that rate. */
void crowd_set_pace(struct worker *worker, uint64_t bytes_per_s);

/* A connection of the crowd is established. */
void crowd_begin(struct worker *worker, struct connection *connection);

/* Something came on a slow one. */
void crowd_handle(struct worker *worker, struct connection *connection);

/* Moves the slow ones whose time has come. */
void crowd_step(struct worker *worker);

#endif
