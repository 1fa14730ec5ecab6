/*
 * Whether to try to connect: a database that went away is not stormed by those who wait for it.
 *
 * As long as connecting succeeds, everybody may. After a failure one attempt is let through 100 ms
 * later, the next 200 ms after that, and so on to one a second, by whoever comes first of all threads
 * and processes of the server; a success opens the gate again. A matter of two atomic words in memory
 * that all of them share.
 */
#ifndef TENK_DATABASE_GATE_H
#define TENK_DATABASE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#define DATABASE_RETRY_FIRST_NS UINT64_C(100000000)
#define DATABASE_RETRY_MOST_NS	UINT64_C(1000000000)

struct database_gate {
	_Atomic uint64_t shut_until_ns; /* CLOCK_MONOTONIC; 0: open */
	_Atomic uint64_t pause_ns;	/* after the attempt that is let through next */
};

/* Whether this one may try now. */
bool database_gate_pass(struct database_gate *gate, uint64_t now_ns);

/* It failed. True if it was open: the first to notice. */
bool database_gate_failed(struct database_gate *gate, uint64_t now_ns);

/* It succeeded. True if the gate was shut. */
bool database_gate_succeeded(struct database_gate *gate);

#endif
