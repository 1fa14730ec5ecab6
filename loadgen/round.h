/*
 * What a thread does in a round of its loop: told of events and of the passing of time, it sends what
 * is to be sent, takes what came, has it counted, and does what the pool says comes next. It does not
 * wait.
 */
#ifndef TENK_ROUND_H
#define TENK_ROUND_H

#include "loadgen/driver.h"

/* The load begins, at that time: in an open loop the schedule does, in a closed one all connections. */
void round_begin_load(struct driver *driver, uint64_t base_ns);

/* Slices: nobody waits any more for what has no answer, of the span that the thread was told of last. */
void round_come_to_rest(struct driver *driver);

/* epoll reported `events` for a connection. */
void round_handle(struct driver *driver, struct connection *connection, uint32_t events);

/* Does what time brings: timeouts, attempts to connect, requests that are due. */
void round_tick(struct driver *driver);

/*
 * When there is something to do even if no connection stirs: to send what is due (UINT64_MAX if
 * nothing may be sent), or anything else.
 */
uint64_t round_next_due_ns(const struct driver *driver);
uint64_t round_deadline_ns(const struct driver *driver);

#endif
