/*
 * What /fetch/MS asks: another server (--backend), for its /wait/MS, over HTTP/1.1.
 *
 * A thread that may block and a loop do the same (backend_connection.h) and differ in who waits: the
 * thread, in poll (backend_threads.c); in a loop, nobody (backend_loop.c). Connections are kept for
 * the next exchange, as many as --fetch-connections says; how many there are at once is bounded by the
 * requests that ask.
 */
#ifndef TENK_BACKEND_H
#define TENK_BACKEND_H

#include "lib/error.h"
#include "servers/core/tasks/loop_services.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BACKEND_IDLE_USUAL = 64,
	BACKEND_IDLE_MOST = 65536,
	BACKEND_BODY_MOST = 96, /* bytes of an answer */
};

/* How much later than asked for an answer may come. */
#define BACKEND_LATE_NS UINT64_C(10000000000)

struct backend_watched;

/* One question, and what came of it. */
struct backend_fetch {
	uint64_t ms;
	unsigned
		failed_status; /* 503, 504; 0: the backend answered with 200, and that is its body */
	const char *reason;    /* static */
	size_t length;
	char body[BACKEND_BODY_MOST];
	/* In a loop: told from the loop's turn when it is over, never from within a start. */
	void (*answered)(struct backend_fetch *fetch);
	/* Of who carries it out: */
	struct loop_timer late;
	struct backend_watched *watched;
};

/*
 * Before the first fork: looks up "HOST:PORT" or "[IPV6]:PORT"; `where` is kept. Of connections that
 * nobody uses `idle_most` are kept, in each loop and in each process whose threads block; 0: each
 * exchange has one of its own. 0, or -errno and a message.
 */
int backend_open(const char *where, unsigned idle_most, struct error *error);

/* Whether it was opened, and how many idle connections are kept. */
bool backend_is_open(void);
unsigned backend_idle_most(void);

/* Of all threads of a process that block. NULL: no memory. */
struct backend_threads *backend_threads_open(void);
void backend_threads_close(struct backend_threads *threads);

/* Asks, and returns when it is over. From any thread. */
void backend_threads_ask(struct backend_threads *threads, struct backend_fetch *fetch);

/* Of one loop. NULL: no memory. */
struct backend_loop *backend_loop_open(const struct loop_services *services, void *loop);
void backend_loop_close(struct backend_loop *backend);

/* Asks. False: it is over already, and `answered` is not called. */
bool backend_loop_ask(struct backend_loop *backend, struct backend_fetch *fetch);

/* Nobody wants to know any more; `answered` is not called. */
void backend_loop_forget(struct backend_loop *backend, struct backend_fetch *fetch);

#endif
