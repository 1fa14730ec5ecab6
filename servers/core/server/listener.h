/*
 * The listening socket, the same for every model: backlog, TCP_NODELAY (inherited by what it
 * accepts), close-on-exec; and the descriptor that says when to stop.
 */
#ifndef TENK_LISTENER_H
#define TENK_LISTENER_H

#include "lib/error.h"
#include "servers/core/server/admission.h"
#include "servers/core/http/http.h"
#include "servers/core/tasks/offload.h"

#include <stdbool.h>
#include <stdint.h>

/* What holds for those whom it lets in. */
struct listener_terms {
	struct http_limits limits;
	uint64_t max_connections; /* of the whole server; 0: no limit */
	/*
	 * Bytes of each that the kernel keeps unsent before it takes no more (TCP_NOTSENT_LOWAT,
	 * tcp(7)); 0: as many as it sees fit, which is some MiB. What is on its way to the peer does
	 * not count, so that a fast reader is sent as much at once as ever.
	 */
	unsigned send_buffer_bytes;
	unsigned backlog; /* connections that may wait to be accepted; 0: min(65535, somaxconn) */
	unsigned accepts_per_turn, input_bytes; /* bounds.h */
};

struct listener {
	int fd;	     /* non-blocking, unless the model changes that */
	int stop_fd; /* readable once SIGTERM or SIGINT has come; leave what is in it */
	int backlog;
	uint16_t port;
	const struct listener_terms *terms;
	struct mailbox
		*mailbox; /* of the loop that it is for: what workers have done; NULL: none */
	bool shared;	  /* several wait for it: for each connection, one of them is to be woken */
	/* Who has accepted for it: the next descriptor, or -EAGAIN. NULL: it accepts itself. */
	int (*take)(void *context);
	void *take_context;
	/* Who hears of listener_ready; NULL: nobody. */
	int (*ready)(struct listener *listener);
	void *ready_context;
	/* What to tell if the server fails, where more can be said than its -errno; or NULL. */
	struct error *error;
};

/*
 * Opens the listener on "HOST:PORT", "[IPV6]:PORT" or "PORT" (then 127.0.0.1); port 0 lets the
 * kernel choose. Turns SIGTERM and SIGINT into stop_fd (stop.h). 0, or -errno and a message that says
 * what to do.
 */
int listener_open(struct listener *listener, const char *where, const struct listener_terms *terms,
		  struct error *error);

/* Stops accepting: connections that come now are refused by the kernel. */
void listener_close(struct listener *listener);

/*
 * To be called by whoever serves what it accepts, once all that serves is there: a server announces
 * itself then and not before. 0, or -errno: it cannot be announced.
 */
int listener_ready(struct listener *listener);

/*
 * Explains that only some of the `wanted` threads, processes or loops (`what`) could be started.
 * Returns `failure`, which is -errno.
 */
int listener_explain_shortage(const struct listener *listener, unsigned started, unsigned wanted,
			      const char *what, int failure);

/*
 * Opens one more listening socket on the listener's port, for a loop of its own: the kernel deals
 * new connections out between them (SO_REUSEPORT). The first was bound alone, so that a port which
 * somebody else has is still an error. `another` has the same stop_fd. 0 or -errno.
 */
int listener_open_another(const struct listener *listener, struct listener *another);

/*
 * Accepts one connection; `flags` as in accept4 (SOCK_CLOEXEC is always added). Connections that
 * died in the queue are skipped. Returns a descriptor, -EAGAIN when none waits (or -EINTR, where a
 * model has made the listener blocking and a signal came), -ECONNREFUSED when one was refused (there
 * may be more), or -EMFILE, -ENFILE, -ENOBUFS, -ENOMEM: a shortage that may pass
 * (listener_is_shortage). Counts all of that.
 */
int listener_accept(const struct listener *listener, int flags);

/* Whether a failed accept should be tried again later, when descriptors or memory are back. */
#define LISTENER_RETRY_NS UINT64_C(50000000)
int listener_is_shortage(int negative_errno);

#endif
