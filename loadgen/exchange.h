/*
 * Requests and their answers: sending, receiving, timing.
 * For use by the worker on its own thread.
 */
#ifndef TENK_EXCHANGE_H
#define TENK_EXCHANGE_H

#include "loadgen/worker.h"

/*
 * A connection has just been established, or is free for another request: it sends at once (closed
 * loop, or one of the crowd), or waits for a request to be due.
 */
void exchange_begin(struct worker *worker, struct connection *connection);

/* Sends a request at once. */
void exchange_send(struct worker *worker, struct connection *connection);

/* epoll reported `events` for a connection that is established. */
void exchange_handle(struct worker *worker, struct connection *connection, uint32_t events);

/* Open loop: sends what is due, on the connections that have been idle longest. */
void exchange_send_due(struct worker *worker);

/* Ends the requests that have taken longer than the timeout. */
void exchange_expire(struct worker *worker);

/* Ends the pauses that have been long enough. */
void exchange_end_pauses(struct worker *worker);

#endif
