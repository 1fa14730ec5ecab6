/*
 * epoll-edge: as epoll, but told once that something has changed instead of as long as it is so.
 *
 * A descriptor is registered once for everything, input and output, and never again: what would be
 * an epoll_ctl in epoll.c is a note in our own record. The price is that an event must not be
 * forgotten. Whoever is told of input has to remember it until the socket has been emptied, also
 * when core does not want to read just now, and comes back when it does.
 *
 * A read that brings less than asked for has emptied the socket, so an ordinary request still costs
 * one recv, one send and its share of an epoll_wait. What is saved is seen only where interest
 * changes often: large answers, waits.
 *
 * What a connection costs: epoll's record and the list of those to come back to.
 *
 * Compare with epoll.c, line by line.
 * Known from: nginx, Netty's native transport, Tokio's mio. See "Level-triggered and
 * edge-triggered" in epoll(7).
 *
 * Try: server-epoll-edge --listen 127.0.0.1:8080
 */
#include "servers/core/loops/epoll_loop.h"
#include "servers/core/loops/loop_group.h"
#include "servers/core/server/model.h"

struct connection {
	struct readiness_connection base;
	bool readable;			   /* told of input that has not been read yet */
	bool ended;			   /* told that no more will come after it */
	bool listed;			   /* in the list of those to come back to */
	struct connection *before, *after; /* there */
};

struct loop {
	struct epoll_loop base;
	struct connection *again; /* readable and wanted, but not at the time */
};

static int open_connection(struct readiness_loop *base, struct readiness_connection *c)
{
	return epoll_loop_control(base, EPOLL_CTL_ADD, c->fd,
				  EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, c);
}

static void list(struct loop *loop, struct connection *c)
{
	c->listed = true;
	c->before = NULL;
	c->after = loop->again;
	if (c->after)
		c->after->before = c;
	loop->again = c;
}

static void unlist(struct loop *loop, struct connection *c)
{
	if (!c->listed)
		return;
	c->listed = false;
	if (c->before)
		c->before->after = c->after;
	else
		loop->again = c->after;
	if (c->after)
		c->after->before = c->before;
}

/* Nothing is told to the kernel; input that came meanwhile will not be told of again. */
static int watch(struct readiness_loop *base, struct readiness_connection *plain, unsigned interest)
{
	struct connection *c = (struct connection *)plain;

	if ((interest & READINESS_IN) && c->readable && !c->listed)
		list((struct loop *)base, c);
	return 0;
}

static void forget(struct readiness_loop *base, struct readiness_connection *c)
{
	unlist((struct loop *)base, (struct connection *)c);
}

/*
 * Receives until the socket is empty or core has enough; what is left is remembered. The end of
 * input is told of together with the last bytes, so there a short read is not the last one.
 */
static void receive(struct readiness_loop *base, struct connection *c)
{
	while (c->readable && (c->base.interest & READINESS_IN)) {
		enum readiness_result result = readiness_receive(base, &c->base);

		if (result == READINESS_GONE)
			return;
		c->readable = result == READINESS_MORE ||
			      (c->ended && !http_input_has_ended(&c->base.http));
	}
}

static void handle(struct readiness_loop *base, struct readiness_connection *plain, unsigned events)
{
	struct connection *c = (struct connection *)plain;

	if ((events & (EPOLLERR | EPOLLHUP)) && !(events & EPOLLIN)) {
		readiness_drop(base, &c->base);
		return;
	}
	c->readable |= (events & (EPOLLIN | EPOLLRDHUP)) != 0;
	c->ended |= (events & (EPOLLRDHUP | EPOLLHUP)) != 0;
	if ((events & EPOLLOUT) && (c->base.interest & READINESS_OUT) &&
	    !readiness_drive(base, &c->base))
		return;
	receive(base, c);
}

/* Those whose input was told of at a time when core did not want it. */
static void come_back(struct readiness_loop *base)
{
	struct loop *loop = (struct loop *)base;
	struct connection *c;

	while ((c = loop->again) != NULL) {
		unlist(loop, c);
		receive(base, c);
	}
}

static const struct epoll_way edge_triggered = {
	.methods = {.open = open_connection,
		    .watch = watch,
		    .forget = forget,
		    .services = &epoll_loop_services,
		    .connection_bytes = sizeof(struct connection)},
	.handle = handle,
	.finish_turn = come_back,
	.loop_bytes = sizeof(struct loop),
};

static int live(const struct server_options *options, struct listener *listener,
		atomic_bool *draining)
{
	return epoll_loop_run(&edge_triggered, options, listener, draining);
}

static int run(const struct server_options *options, struct listener *listener)
{
	return loop_group_run(options, listener, live);
}

const struct server_model server_model = {
	.name = "epoll-edge",
	.family = "loops",
	.summary = "one thread is told once of each change, and remembers it",
	.takes = EPOLL_LOOP_TAKES,
	.descriptor_tables = loop_group_tables,
	.run = run,
};
