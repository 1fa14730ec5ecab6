/*
 * Faults on purpose, for tests of measuring instruments: a server that costs, keeps, or fails by a known
 * amount more than it did, so that whoever is to notice can be proven to (scripts/prove-gate).
 *
 *   cpu=TIME          so much more CPU for each request, by rounds of arithmetic that are timed at the
 *                     start: no call, and as much slower as the rest when the machine is. Exact to
 *                     some 5 % for 200 ns and more (by the process's clock, medians of 12 starts)
 *   syscall           one more system call for each request, getppid
 *   bytes=BYTES       so much more memory for each connection, written to, freed with it
 *   sleep=TIME        each answer is later by so much, waited for as the model waits (a task, task.h)
 *   slow=1/N:TIME     the same of one answer in N
 *   fail=1/N          one answer in N is a 500
 *
 * Of requests that a route answers. Which of N is counted, over all threads and processes of the server,
 * not a matter of chance. Set at the start, before there are threads; where nothing is asked for, what is
 * left of all this is one branch a request and one a connection.
 */
#ifndef TENK_INJECT_H
#define TENK_INJECT_H

#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Asks for one more, "cpu=500ns"; `text` is kept. 0, or -EINVAL with a message that shows what is right. */
int inject_ask(const char *text, struct error *error);

/* To be called once, when all are asked for: makes ready what they need. 0 or -errno. */
int inject_open(void);

/* Writes what is asked for, "cpu=500ns,syscall", which needs no escapes in JSON; "": nothing. */
enum { INJECT_TEXT_BYTES = 200 };
const char *inject_describe(char text[INJECT_TEXT_BYTES]);

/* Whether there is anything to do for an answer, or for a connection. */
extern bool inject_answers, inject_connections;

/* What is to become of an answer. */
struct injected {
	bool fails;
	uint64_t wait_ns; /* 0: it need not wait */
};

/* The next answer is about to be made: does what takes CPU and calls at once. From any thread. */
struct injected inject_answer(void);

/* Its memory; from any thread, but both in the process that serves it. Of inject.c. */
void inject_take_memory(void);
void inject_free_memory(void);

/* A connection is there that will be served. */
static inline void inject_connection_begins(void)
{
	if (__builtin_expect(inject_connections, false))
		inject_take_memory();
}

/* It has gone. */
static inline void inject_connection_ends(void)
{
	if (__builtin_expect(inject_connections, false))
		inject_free_memory();
}

#endif
