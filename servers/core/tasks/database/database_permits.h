/*
 * How the processes of a server keep to one number of connections to the database, when there are, or may be,
 * more of them than connections: each has one for the time of a query only, and takes a permit for it.
 *
 * A connection cannot be handed to another process, and one that is kept by a process whose client says
 * nothing could not be taken from it. So they do as a web server of processes does without a pool beside
 * it. Who waits finds a permit as soon as one is given back; that of a process that was killed, within
 * DATABASE_PERMIT_LOOK_NS.
 */
#ifndef TENK_DATABASE_PERMITS_H
#define TENK_DATABASE_PERMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DATABASE_PERMIT_LOOK_NS UINT64_C(1000000000)

/* In memory that the processes share; begins as zeros but for `count`. */
struct database_permits {
	_Atomic uint32_t given_back; /* grows; who waits, waits for that */
	_Atomic uint32_t waiting;
	uint32_t count;
	_Atomic pid_t holders[]; /* 0: free */
};

size_t database_permits_bytes(unsigned count);

/* Takes one, or waits for it until then. False: there is none. */
bool database_permits_take(struct database_permits *permits, uint64_t due_ns);

/* Gives back the one that this process has. */
void database_permits_give_back(struct database_permits *permits);

#endif
