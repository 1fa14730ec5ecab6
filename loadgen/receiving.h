/* What comes on the connections of a thread, and what does not. */
#ifndef TENK_RECEIVING_H
#define TENK_RECEIVING_H

#include "loadgen/driver.h"

/* epoll reported `events` for a connection that is established. */
void receiving_handle(struct driver *driver, struct connection *connection, uint32_t events);

/*
 * Receives at most so many bytes, with one call. How many came, 0 at the end; negative: nothing is
 * there now, or (-ECANCELED) nothing may be done any more.
 */
ssize_t receiving_portion(struct driver *driver, struct connection *connection, size_t most);

/* Ends the requests that have taken longer than the timeout. */
void receiving_time_out(struct driver *driver);

/* Nobody waits any more for what is under way: it is counted as that, and its connections are opened again. */
void receiving_leave_unanswered(struct driver *driver);

/* What is under way on the connection has failed. */
void receiving_abandon(struct driver *driver, struct connection *connection);

/* The connection is of no more use: what is under way on it has failed, and it is opened again. */
void receiving_drop(struct driver *driver, struct connection *connection, bool failed);

#endif
