/*
 * The listening socket, the same for every model: backlog, TCP_NODELAY (inherited by what it
 * accepts), close-on-exec; and the descriptor that says when to stop.
 */
#ifndef TENK_LISTENER_H
#define TENK_LISTENER_H

#include "lib/error.h"

#include <stdint.h>

struct listener {
	int fd;	     /* non-blocking, unless the model changes that */
	int stop_fd; /* readable once SIGTERM or SIGINT has come; leave what is in it */
	int backlog; /* min(65535, somaxconn) */
	uint16_t port;
};

/*
 * Opens the listener on "HOST:PORT", "[IPV6]:PORT" or "PORT" (then 127.0.0.1); port 0 lets the
 * kernel choose. Blocks SIGTERM and SIGINT for this thread and those it starts, and turns them
 * into stop_fd. 0, or -errno and a message that says what to do.
 */
int listener_open(struct listener *listener, const char *where, struct error *error);

/* Stops accepting: connections that come now are refused by the kernel. */
void listener_close(struct listener *listener);

/*
 * Opens one more listening socket on the listener's port, for a loop of its own: the kernel deals
 * new connections out between them (SO_REUSEPORT). The first was bound alone, so that a port which
 * somebody else has is still an error. `another` has the same stop_fd. 0 or -errno.
 */
int listener_open_another(const struct listener *listener, struct listener *another);

/*
 * Accepts one connection; `flags` as in accept4 (SOCK_CLOEXEC is always added). Connections that
 * died in the queue are skipped. Returns a descriptor, -EAGAIN when none waits (or -EINTR, where a
 * model has made the listener blocking and a signal came), or -EMFILE, -ENFILE, -ENOBUFS, -ENOMEM:
 * a shortage that may pass (listener_is_shortage).
 */
int listener_accept(const struct listener *listener, int flags);

/* Whether a failed accept should be tried again later, when descriptors or memory are back. */
#define LISTENER_RETRY_NS UINT64_C(50000000)
int listener_is_shortage(int negative_errno);

#endif
