/*
 * thread-per-connection: a thread for each connection, and code that simply blocks.
 *
 * Each thread reads, answers, and reads again; when there is nothing to read it sleeps in the
 * kernel, and the scheduler is the event loop. The code is the plainest of all models: no state
 * machine of its own, no callbacks, and a slow request holds up nobody but its own client. Where the
 * peer may come little by little and a deadline is to hold all the same, it sleeps in poll for the time
 * that is left: a timeout of the socket would begin anew with every byte.
 *
 * What a connection costs: a stack. Address space for all of it (8 MiB by default, see
 * --stack-size), memory for the pages that are touched: what a request needs stands on the stack
 * (768 bytes to read into, 1 KiB to write from, 1 KiB of parser and reply), which with the C
 * library's own record of a thread is two pages, 8 KiB; from who sends more at once it receives
 * 16 KiB at a time, as loops do, into as much more of its stack. The kernel's share (its own stack of
 * the thread, the task) is larger still. Each request costs at least two switches: to sleep, and to
 * wake.
 *
 * Compare with epoll.c (one thread for all), thread_per_request.c (no thread while idle),
 * thread_pool.c (a bounded number of them) and process_per_connection.c. The variants show that
 * the stack's size is a matter of address space, hardly of memory.
 * Known from: Apache's worker, Tomcat, MySQL, Java before virtual threads. See pthreads(7).
 *
 * Try: server-thread-per-connection --listen 127.0.0.1:8080 --stack-size 64KiB
 */
#include "servers/core/threads/blocking.h"

static void *thread_main(void *argument)
{
	struct blocking_connection *c = argument;

	blocking_serve(c, BLOCKING_UNTIL_CLOSED, &c->server->terms);
	blocking_leave(c);
	return NULL;
}

/* No thread or no memory for it: that connection is refused, the others go on. */
static void take(void *context, int fd)
{
	struct blocking_server *server = context;
	struct blocking_connection *c = blocking_admit(server, fd);

	if (c && !blocking_start_thread(server, thread_main, c))
		blocking_refuse(c, REFUSED_WORKER);
}

static int run(const struct server_options *options, struct listener *listener)
{
	static struct blocking_server server;
	struct blocking_acceptor acceptor = {
		.take = take, .context = &server, .watched = blocking_look};
	int result = blocking_init(&server, options, listener);

	if (result < 0)
		return result;
	acceptor.watched_fd = server.connections.fd;
	result = blocking_accept(listener, &acceptor);
	listener_close(listener);
	blocking_drain(&server);
	return result;
}

static void use_64k_stacks(struct server_options *options)
{
	options->stack_bytes = 64 << 10;
}

static void use_2m_stacks(struct server_options *options)
{
	options->stack_bytes = 2 << 20;
}

static const struct server_variant variants[] = {
	{.name = "stack-64k", .summary = "the same with stacks of 64 KiB", .apply = use_64k_stacks},
	{.name = "stack-2m", .summary = "the same with stacks of 2 MiB", .apply = use_2m_stacks},
	{0}};

const struct server_model server_model = {
	.name = "thread-per-connection",
	.family = "threads",
	.summary = "a thread for each connection, blocking in read and write",
	.takes = MODEL_STACKS | MODEL_ACCEPTS,
	.traits = MODEL_BLOCKING | MODEL_THREAD_EACH,
	.variants = variants,
	.run = run,
};
