/*
 * coroutines: a stack for each connection, but one thread: blocking code that never blocks.
 *
 * The code of a connection is that of thread_per_connection.c: receive, answer, receive again. Its
 * functions do not sleep in the kernel, though: where the socket has nothing, they switch to the
 * loop, which resumes them when epoll tells that it has. A switch is a few instructions
 * (coroutines/coroutine.c) instead of a turn of the scheduler, and happens only where the code says
 * so: between two waits nobody else runs, so there are no locks.
 *
 * What a connection costs: a stack, of which it touches one page (4 KiB) while it is idle and two at
 * most with the requests of the tests, out of 64 KiB reserved; and a record of 80 bytes. That is half
 * of what a thread's stack takes, and sixty times what epoll.c needs. Pages that were touched stay with
 * the stack for the next connection, but for those of the 257th spare stack and on. Descriptors are
 * registered once, edge-triggered: who sleeps tries again anyway. A request costs one recv, one send
 * and its share of an epoll_wait.
 *
 * Good at: many connections whose code is long and has state. Bad at: one call that does block holds
 * up everybody; a stack must be large enough for the deepest call; debuggers see one thread.
 *
 * Compare with thread_per_connection.c (the same text, other waits) and epoll_edge.c (the same waits,
 * other text). The variant `ucontext` shows what a switch costs that stores the signal mask.
 * Known from: Go, Erlang, Java's virtual threads, libco, Boost.Context, State Threads.
 *
 * Try: server-coroutines --listen 127.0.0.1:8080 --stack-size 32KiB
 */
#include "servers/core/loops/epoll_loop.h"
#include "servers/core/loops/loop_group.h"
#include "servers/core/server/model.h"
#include "servers/core/server/socket_io.h"
#include "servers/models/coroutines/coroutine.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { STACK_BYTES = 65536, STACKS_MOST = 1 << 20 };

/* What a coroutine can wait for, and what it has been told of. */
enum {
	NEWS_INPUT = 1,
	NEWS_ROOM = 2,
	NEWS_END = 4,
	NEWS_CORE = 8,	/* core has something to do: a task has ended, or time is up */
	NEWS_GONE = 16, /* nobody is there any more */
};

struct connection {
	struct readiness_connection base;
	struct coroutine *coroutine;
	unsigned awaited, told;
};

struct loop {
	struct epoll_loop base;
	struct coroutine_stacks stacks;
};

static struct readiness_loop *loop_of(const struct connection *c)
{
	return readiness_loop_of(&c->base);
}

/* --- on the connection's stack: what looks as if it blocked ------------------------------------ */

/* Sleeps until one of these is told. */
static void await(struct connection *c, unsigned news)
{
	if (c->told & news)
		return;
	http_wait(&c->base.http);
	c->awaited = news;
	while (!(c->told & news))
		coroutine_suspend(c->coroutine);
	c->awaited = 0;
}

/*
 * Receives and feeds; the buffer is the loop's, since nothing else runs before it is fed. A read
 * that did not fill the buffer has emptied the socket, so the next one would only say EAGAIN:
 * it can wait for news, unless the news was that no more will come. Bytes, 0 or -errno.
 */
static ssize_t receive(struct connection *c)
{
	struct readiness_loop *loop = loop_of(c);
	ssize_t length = -EAGAIN;

	for (;;) {
		await(c, NEWS_INPUT | NEWS_END | NEWS_CORE);
		if (c->told & NEWS_CORE)
			break; /* core knows what to do now */
		length = socket_receive(c->base.fd, loop->input, loop->input_bytes);
		if (length < (ssize_t)loop->input_bytes)
			c->told &= ~(unsigned)NEWS_INPUT;
		if (length != -EAGAIN)
			break;
		c->told &= ~(unsigned)NEWS_END;
	}
	if (c->told & NEWS_CORE) {
		c->told &= ~(unsigned)NEWS_CORE;
		return 0;
	}
	if (length == 0)
		http_feed_end(&c->base.http);
	else if (length > 0)
		http_feed(&c->base.http, loop->input, (size_t)length);
	return length;
}

/* Sends what there is, as far as the socket takes it; sleeps while it takes nothing. */
static ssize_t transmit(struct connection *c)
{
	ssize_t sent;

	while ((sent = socket_send(c->base.fd, &c->base.http)) == -EAGAIN) {
		c->told &= ~(unsigned)NEWS_ROOM;
		await(c, NEWS_ROOM);
	}
	return sent;
}

/* True: it runs, and wakes this coroutine when it has ended. */
static bool begin_task(struct connection *c)
{
	c->told &= ~(unsigned)NEWS_CORE;
	return http_begin_task(&c->base.http);
}

/* Reads and discards until the peer closes or the deadline, a task like any other, has passed. */
static void linger(struct connection *c)
{
	ssize_t length;

	shutdown(c->base.fd, SHUT_WR);
	if (!begin_task(c))
		return;
	do {
		await(c, NEWS_INPUT | NEWS_END | NEWS_CORE);
		length = socket_receive(c->base.fd, loop_of(c)->input, loop_of(c)->input_bytes);
		if (length == -EAGAIN)
			c->told &= ~(unsigned)(NEWS_INPUT | NEWS_END);
	} while (!(c->told & NEWS_CORE) && (length > 0 || length == -EAGAIN));
}

static void serve(void *argument)
{
	struct connection *c = argument;

	for (;;) {
		switch (http_next(&c->base.http)) {
		case HTTP_READ:
			if (receive(c) < 0)
				return;
			break;
		case HTTP_WRITE:
			if (transmit(c) < 0)
				return;
			break;
		case HTTP_TASK:
			if (begin_task(c))
				await(c, NEWS_CORE | NEWS_GONE);
			if (c->told & NEWS_GONE)
				return;
			break;
		case HTTP_LINGER:
			linger(c);
			return;
		case HTTP_CLOSE:
			return;
		}
	}
}

/* --- on the thread's own stack: the loop that wakes them --------------------------------------- */

/* Tells it, and lets it run if that is what it waits for. When it returns, all is over. */
static void resume(struct connection *c, unsigned news)
{
	c->told |= news;
	if ((c->told & c->awaited) && !coroutine_resume(c->coroutine))
		readiness_drop(loop_of(c), &c->base);
}

static void tell_of_core(struct readiness_loop *loop, struct readiness_connection *c)
{
	(void)loop;
	resume((struct connection *)c, NEWS_CORE);
}

/* A new connection: it runs up to its first wait when epoll tells of its first byte. */
static int open_connection(struct readiness_loop *base, struct readiness_connection *plain)
{
	struct loop *loop = (struct loop *)base;
	struct connection *c = (struct connection *)plain;
	int result;

	c->coroutine = coroutine_create(&loop->stacks, serve, c);
	if (!c->coroutine)
		return -ENOMEM;
	c->awaited = NEWS_INPUT | NEWS_END | NEWS_CORE;
	result = epoll_loop_control(base, EPOLL_CTL_ADD, c->base.fd,
				    EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, c);
	if (result < 0)
		coroutine_destroy(&loop->stacks, c->coroutine);
	return result;
}

/* Also one that sleeps: its stack holds nothing that would have to be freed. */
static void forget(struct readiness_loop *base, struct readiness_connection *plain)
{
	coroutine_destroy(&((struct loop *)base)->stacks, ((struct connection *)plain)->coroutine);
}

static unsigned news_of(unsigned events)
{
	unsigned news = 0;

	if (events & EPOLLIN)
		news |= NEWS_INPUT;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) /* sending tells what is wrong */
		news |= NEWS_ROOM;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		news |= NEWS_END;
	if (events & (EPOLLHUP | EPOLLERR))
		news |= NEWS_GONE;
	return news;
}

static void handle(struct readiness_loop *loop, struct readiness_connection *c, unsigned events)
{
	(void)loop;
	resume((struct connection *)c, news_of(events));
}

/* As many stacks as there can be descriptors. */
static size_t stacks_wanted(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > STACKS_MOST)
		return STACKS_MOST;
	return (size_t)limit.rlim_cur;
}

static int begin(struct readiness_loop *base, const struct server_options *options)
{
	size_t stack_bytes = options->stack_bytes ? options->stack_bytes : STACK_BYTES;

	return coroutine_stacks_init(&((struct loop *)base)->stacks, stack_bytes, stacks_wanted(),
				     options->variant != NULL);
}

static void end(struct readiness_loop *base)
{
	coroutine_stacks_destroy(&((struct loop *)base)->stacks);
}

static const struct epoll_way resuming = {
	.methods = {.open = open_connection,
		    .forget = forget,
		    .go_on = tell_of_core,
		    .services = &epoll_loop_services,
		    .connection_bytes = sizeof(struct connection)},
	.handle = handle,
	.begin = begin,
	.end = end,
	.loop_bytes = sizeof(struct loop),
};

static int live(const struct server_options *options, struct listener *listener,
		atomic_bool *draining)
{
	return epoll_loop_run(&resuming, options, listener, draining);
}

static int run(const struct server_options *options, struct listener *listener)
{
	return loop_group_run(options, listener, live);
}

static const char *describe_library(void)
{
	return coroutine_stacks_describe(false);
}

static const struct server_variant variants[] = {
	{.name = "ucontext",
	 .summary = "the same switched by swapcontext, with a system call each time"},
	{0}};

const struct server_model server_model = {
	.name = "coroutines",
	.family = "hybrids",
	.summary = "a stack for each connection, switched by one thread where it would block",
	.takes = EPOLL_LOOP_TAKES | MODEL_STACKS,
	.describe_library = describe_library,
	.variants = variants,
	.descriptor_tables = loop_group_tables,
	.run = run,
};
