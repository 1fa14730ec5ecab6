/*
 * The library's daemon, and the loop around it that has the timers and the stop.
 */
#ifndef TENK_LIBMICROHTTPD_LIBRARY_H
#define TENK_LIBMICROHTTPD_LIBRARY_H

#include "servers/core/server/listener.h"
#include "servers/models/libmicrohttpd/connections.h"
#include "servers/models/libmicrohttpd/requests.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

struct library;

/* How the library waits, and who turns the loop. */
struct library_way {
	unsigned flags;
	bool threads;  /* the library has its own; else our loop runs it */
	bool blocking; /* a thread for each connection: a task may keep it */
	bool pool;
	/* Waits until a time or for less, and lets the library work. 0 or -errno. */
	int (*turn)(struct library *library, uint64_t until_ns);
};

struct library {
	const struct library_way *way;
	struct MHD_Daemon *daemon;
	int inner_fd;		   /* the library's epoll; -1: it has none for us */
	unsigned connections_most; /* of the library: then it looks away from the listener */
	bool full;
	bool unfinished; /* the library has not looked at all of its connections */
	struct loop_watch stopping;
	bool stops;
	unsigned hurries, calls; /* in how many turns the library hurried, since it called us */
	uint64_t give_back_ns;	 /* when what a crowd had is free; UINT64_MAX: there was none */
	struct requests requests;
	struct connections connections;
};

/* The library waits in its epoll, or in threads of its own, and we for its epoll or its threads. */
int library_turn_poll(struct library *library, uint64_t until_ns);

/* The library fills in sets, and looks through them afterwards. */
int library_turn_select(struct library *library, uint64_t until_ns);

/* All that serves is there: as listener_ready, and the stop and what workers have done come in. */
int library_ready(struct library *library, struct listener *listener);

/* Turns until it is told to stop, then until all is answered or DRAIN_NS have passed. 0 or -errno. */
int library_serve(struct library *library, struct listener *listener);

#endif
