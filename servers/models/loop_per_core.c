/*
 * loop-per-core: epoll's loop, once for each core, and nothing shared between them.
 *
 * Each thread has a loop, a pool, timers, and a listening socket of its own on the same port: the
 * kernel deals out new connections by a hash of their addresses (SO_REUSEPORT), and a connection
 * stays where it was dealt. So there is no lock, no queue between threads, and no core that
 * accepts for the others. The price is that nobody evens out: a loop that was dealt the busy
 * connections is behind while its neighbour sleeps.
 *
 * Each thread also has its own table of descriptors (unshare(2), CLONE_FILES). Threads usually share
 * one, with a lock that every accept and close takes and one limit for all of them; here N loops
 * hold N times as many connections. What must reach all tables, the stop signal and the word
 * that a loop has failed, is opened before they part; what belongs to others is closed in each,
 * or it would stay open when its owner closes it.
 *
 * What a connection costs: epoll's record. What a loop costs: a thread, two buffers of 64 KiB (of
 * which it touches what it uses), an epoll, a listener.
 *
 * Compare with epoll.c (one of these; --workers 1 is nearly that) and with thread_pool.c, which
 * shares everything.
 * Known from: nginx with reuseport, Seastar, Envoy, memcached's threads. See SO_REUSEPORT in
 * socket(7).
 *
 * Try: server-loop-per-core --listen 127.0.0.1:8080 --workers 4
 */
#include "servers/core/server/core_count.h"
#include "servers/core/loops/epoll_loop.h"
#include "servers/core/server/model.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* What the loops share: nothing that is used to serve. */
struct group {
	atomic_bool draining;
	atomic_int failure; /* -errno of the first loop that failed; 0: none */
	int stop_fd;	    /* readable when all are to stop */
	int failed_fd;	    /* readable when one has failed */
	sem_t parted;	    /* counts the threads that have a table of their own */
};

struct worker {
	pthread_t thread;
	struct group *group;
	struct listener listener; /* the thread's, once it has been started */
	int common_fd;		  /* its number in the table that all come from */
};

static int open_connection(struct readiness_loop *loop, struct readiness_connection *c)
{
	return epoll_loop_control(loop, EPOLL_CTL_ADD, c->fd, EPOLLIN, c);
}

static int watch(struct readiness_loop *loop, struct readiness_connection *c, unsigned interest)
{
	return epoll_loop_control(loop, EPOLL_CTL_MOD, c->fd, epoll_loop_events(interest), c);
}

static void handle(struct readiness_loop *loop, struct readiness_connection *c, unsigned events)
{
	readiness_handle(loop, c, events & EPOLLIN, events & EPOLLOUT);
}

/* As in epoll.c, which explains it. */
static const struct epoll_way level_triggered = {
	.methods = {.open = open_connection,
		    .watch = watch,
		    .watch_listener = epoll_loop_watch_listener,
		    .connection_bytes = sizeof(struct readiness_connection)},
	.handle = handle,
	.loop_bytes = sizeof(struct epoll_loop),
};

/* ThreadSanitizer knows of one table only, and takes equal numbers in two for a race. */
#ifdef __SANITIZE_THREAD__
static const bool tables_apart = false;
#else
static const bool tables_apart = true;
#endif

static int compare_numbers(const void *left, const void *right)
{
	return *(const int *)left - *(const int *)right;
}

/* Makes the thread's table its own, and closes in it what belongs to others. 0 or -errno. */
static int part_from_others(const struct worker *worker)
{
	int kept[] = {STDERR_FILENO, worker->listener.fd, worker->group->stop_fd,
		      worker->group->failed_fd};
	enum { KEPT = sizeof kept / sizeof *kept };

	if (!tables_apart)
		return 0;
	if (unshare(CLONE_FILES) < 0)
		return -errno;
	qsort(kept, KEPT, sizeof *kept, compare_numbers);
	for (size_t i = 0; i < KEPT; i++) {
		unsigned first = (unsigned)kept[i] + 1;
		unsigned last = i + 1 < KEPT ? (unsigned)kept[i + 1] - 1 : ~0u;

		if (first <= last && close_range(first, last, 0) < 0)
			return -errno;
	}
	return 0;
}

/* Cannot fail: the counter is far from its end. */
static void signal_event(int fd)
{
	eventfd_write(fd, 1);
}

static void *serve(void *argument)
{
	struct worker *worker = argument;
	struct group *group = worker->group;
	int result = part_from_others(worker), none = 0;

	sem_post(&group->parted);
	if (result == 0)
		result = epoll_loop_run(&level_triggered, &worker->listener, &group->draining);
	listener_close(&worker->listener);
	if (result < 0) {
		atomic_compare_exchange_strong(&group->failure, &none, result);
		signal_event(group->failed_fd);
	}
	return NULL;
}

/* In the table that all come from, the workers' listeners are nobody's now. */
static void close_common(const struct worker *workers, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		close(workers[i].common_fd);
}

/* Opens a listener and starts a thread for each; returns how many run, or fails with the group. */
static unsigned start_workers(struct group *group, struct worker *workers, unsigned count,
			      struct listener *listener)
{
	unsigned opened = 0, started = 0;
	int result = 0;

	for (; result == 0 && opened < count; opened += result == 0) {
		struct worker *worker = &workers[opened];

		worker->group = group;
		worker->listener = *listener;
		if (opened > 0) /* the first takes the one that is there, and whom it let in */
			result = listener_open_another(listener, &worker->listener);
		worker->listener.stop_fd = group->stop_fd;
		worker->common_fd = worker->listener.fd;
	}
	for (; result == 0 && started < count; started += result == 0)
		result = -pthread_create(&workers[started].thread, NULL, serve, &workers[started]);
	for (unsigned i = 0; i < started; i++)
		while (sem_wait(&group->parted) < 0) /* interrupted */
			;
	if (tables_apart)
		close_common(workers, opened);
	listener->fd = -1; /* the first worker's now */
	if (result < 0)
		atomic_store(&group->failure, result);
	return started;
}

/* Until the signal to stop, or until a loop has failed and takes the others with it. */
static void wait_for_end(const struct group *group, int signal_fd)
{
	struct pollfd fds[] = {{.fd = signal_fd, .events = POLLIN},
			       {.fd = group->failed_fd, .events = POLLIN}};

	while (poll(fds, 2, -1) < 0 && errno == EINTR)
		;
}

static int run_group(struct group *group, struct worker *workers, unsigned count,
		     struct listener *listener)
{
	unsigned started = start_workers(group, workers, count, listener);

	if (started == count)
		wait_for_end(group, listener->stop_fd);
	signal_event(group->stop_fd);
	for (unsigned i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	return atomic_load(&group->failure);
}

static unsigned count_loops(const struct server_options *options)
{
	return options->workers ? options->workers : core_count();
}

static unsigned count_tables(const struct server_options *options)
{
	if (!tables_apart)
		return 1;
	return options->workers ? options->workers : MODEL_TABLE_PER_CORE;
}

static void use_2_loops(struct server_options *options)
{
	options->workers = 2;
}

static void use_64_loops(struct server_options *options)
{
	options->workers = 64;
	/* A million take a minute to open: the first may be silent until the last has come. */
	options->terms.limits.ticks[HTTP_HEADER] = 0;
	options->terms.limits.ticks[HTTP_IDLE] = 0;
}

static const struct server_variant variants[] = {
	{.name = "loops-2",
	 .summary = "two loops on however many cores, for twice the descriptors of one",
	 .apply = use_2_loops},
	{.name = "loops-64",
	 .summary = "64 loops on however many cores, which wait for the silent without end",
	 .apply = use_64_loops},
	{0}};

static int run(const struct server_options *options, struct listener *listener)
{
	unsigned count = count_loops(options);
	struct worker *workers = calloc(count, sizeof *workers);
	struct group group = {.stop_fd = eventfd(0, EFD_CLOEXEC), .failed_fd = -1};
	int result = workers ? 0 : -ENOMEM;

	if (result == 0 && group.stop_fd >= 0)
		group.failed_fd = eventfd(0, EFD_CLOEXEC);
	if (result == 0 && group.failed_fd < 0)
		result = -errno;
	if (result == 0)
		result = sem_init(&group.parted, 0, 0) < 0 ? -errno : 0;
	if (result == 0) {
		result = run_group(&group, workers, count, listener);
		sem_destroy(&group.parted);
	}
	if (group.failed_fd >= 0)
		close(group.failed_fd);
	if (group.stop_fd >= 0)
		close(group.stop_fd);
	free(workers);
	return result;
}

const struct server_model server_model = {
	.name = "loop-per-core",
	.family = "hybrids",
	.summary = "an epoll loop for each core, with a listener and a descriptor table of its own",
	.descriptor_tables = count_tables,
	.variants = variants,
	.run = run,
};
