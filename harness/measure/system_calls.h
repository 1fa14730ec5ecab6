/*
 * How many system calls a server makes: the tracepoint raw_syscalls:sys_enter, counted for each of
 * its threads and for whatever they start (perf_event_open(2)).
 *
 * A counter that follows a thread is put in and out at every switch, and makes each call slower: it
 * is to be there only while nothing is timed.
 */
#ifndef TENK_SYSTEM_CALLS_H
#define TENK_SYSTEM_CALLS_H

#include <stddef.h>
#include <sys/types.h>

enum { SYSTEM_CALLS_THREADS = 1024 }; /* a descriptor each */

struct system_calls {
	size_t count; /* of counters: the threads that were there at the beginning */
	int counters[SYSTEM_CALLS_THREADS];
	char why[200]; /* nothing is counted, and what would help; "": it is */
};

/*
 * Counts from now on, those of the process `pid` and its descendants: of the call of this number (SYS_futex), or
 * SYSTEM_CALLS_ALL. `calls` is to be closed in any
 * case. `root` goes before the paths of tracefs, "" on a real machine.
 */
enum { SYSTEM_CALLS_ALL = -1 };
void system_calls_open(struct system_calls *calls, pid_t pid, long number, const char *root);

/* How many so far; NAN if they are not counted. */
double system_calls_read(const struct system_calls *calls);

void system_calls_close(struct system_calls *calls);

#endif
