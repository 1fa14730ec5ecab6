/* How requests go out, on the connections of a thread. */
#ifndef TENK_SENDING_H
#define TENK_SENDING_H

#include "loadgen/driver.h"

/*
 * A connection has just been established, or is free for another request: it sends at once (closed
 * loop, or one of the crowd), or waits for a request to be due.
 */
void sending_use(struct driver *driver, struct connection *connection);

/* Sends what is left of what was begun; usually all of it, with one call. */
void sending_flush(struct driver *driver, struct connection *connection);

/* Open loop: sends what is due, on the connections that have been free longest. */
void sending_due(struct driver *driver);

/* Whether another request may be sent now that is due; or else a connection be opened for it. */
bool sending_is_possible(const struct driver *driver);
bool sending_may_grow(const struct driver *driver);

#endif
