/*
 * Messages between rank 0 and the others. All of them are structs as they lie in memory: ranks are one program of one
 * build, which is looked at when they begin. Whoever waits sleeps between two looks, since MPI_Recv would keep a core
 * busy, and has a deadline, since who is waited for may have died.
 */
#ifndef TENK_MPI_WIRE_H
#define TENK_MPI_WIRE_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_tag {
	WIRE_HELLO = 1,
	WIRE_PING,
	WIRE_OFFSET,
	WIRE_AGREE,
	WIRE_VERDICT,
	WIRE_SHARE,
	WIRE_THREADS,
	WIRE_PLAN,
	WIRE_ORDERS,
	WIRE_STATE,
	WIRE_INTERVALS,
	WIRE_COUNTED,
};

/* Sleeps until such a message is there (of MPI_ANY_SOURCE: of any rank), which *status is about. False: it did not come. */
bool wire_await(int source, enum wire_tag tag, uint64_t until_ns, MPI_Status *status);

/* Whether one is there now. */
bool wire_is_there(int source, enum wire_tag tag, MPI_Status *status);

/* Takes what is there, of that size; false: it is of another, and gone. */
bool wire_take(const MPI_Status *status, void *bytes, size_t size);

/* Waits for a message of that size and takes it. */
bool wire_receive(int source, enum wire_tag tag, void *bytes, size_t size, uint64_t until_ns);

/* Sends it, and is done when the bytes may be changed. False: not until then. */
bool wire_send(int to, enum wire_tag tag, const void *bytes, size_t size, uint64_t until_ns);

#endif
