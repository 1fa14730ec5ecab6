/*
 * Opening connections: a bounded number at once, again after a while where it failed.
 * For use by the worker on its own thread.
 */
#ifndef TENK_OPENING_H
#define TENK_OPENING_H

#include "loadgen/worker.h"

/*
 * Attempts under way at once, of all threads together: few enough for any backlog, enough to open
 * ten thousand connections in a fraction of a second on loopback.
 */
enum { OPENING_MAX = 128 };

/* So many begin between two looks at which have ended, so that their time is taken soon. */
enum { OPENING_BATCH = 8 };

/* How long a connection that failed twice in a row rests. */
#define OPENING_REST_NS (100 * NS_PER_MS)

/* How much of a --connect-rate is made up for when it could not be kept. */
#define OPENING_CATCH_UP_NS (10 * NS_PER_MS)

/* Begins as many attempts as may run, a batch at most; true if there is more to do at once. */
bool opening_begin(struct worker *worker);

/* epoll reported `events` for a connection in state CONNECTION_OPENING: the attempt has ended. */
void opening_finish(struct worker *worker, struct connection *connection, uint32_t events);

/* Gives up attempts that have taken longer than the timeout. */
void opening_expire(struct worker *worker);

#endif
