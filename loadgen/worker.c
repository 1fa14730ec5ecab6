#include "loadgen/worker.h"
#include "lib/clock.h"
#include "loadgen/limits.h"
#include "loadgen/pacing.h"
#include "loadgen/round.h"
#include "loadgen/window.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { EVENTS_MAX = 256, CACHE_LINE = 64 };

void worker_wake(struct worker *worker)
{
	uint64_t one = 1;

	while (write(worker->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* Of the slice that it is told of it may have come to rest already. */
static void worker_set_window(struct worker *worker)
{
	const struct conduct *conduct = worker->conduct;
	/* First: what is read behind it is of this one, or told later. */
	uint64_t number = atomic_load_explicit(&conduct->number, memory_order_acquire);
	struct span span = {
		.number = number,
		.start_ns = atomic_load_explicit(&conduct->start_ns, memory_order_relaxed),
		.end_ns = atomic_load_explicit(&conduct->end_ns, memory_order_relaxed),
		.counts = atomic_load_explicit(&conduct->counts, memory_order_relaxed)};

	if (atomic_load_explicit(&worker->progress.rests, memory_order_relaxed) == number)
		return;
	window_set(&worker->driver, &span);
	if (worker->phase == LOAD_REST)
		round_come_to_rest(&worker->driver);
}

static void worker_follow_phase(struct worker *worker)
{
	const struct conduct *conduct = worker->conduct;
	enum load_phase from = worker->phase;

	worker->phase = (enum load_phase)atomic_load_explicit(&conduct->phase,
							      memory_order_relaxed);
	if (worker->phase == LOAD_STOP)
		return;
	if (from == LOAD_CONNECT && worker->phase > LOAD_CONNECT) {
		round_begin_load(&worker->driver,
				 atomic_load_explicit(&conduct->base_ns, memory_order_relaxed));
		progress_reach(&worker->progress, &worker->progress.loading);
	}
	if (worker->phase == LOAD_MEASURE || worker->phase == LOAD_REST)
		worker_set_window(worker);
	if (worker->phase == LOAD_CLOSE)
		window_close(&worker->driver);
}

/*
 * Looked for in every round: what wakes a worker up comes last of all that is ready, and that may
 * be ten thousand connections. And whenever a wake-up was taken, so that none is taken in vain.
 */
static void worker_look_for_news(struct worker *worker)
{
	unsigned news = atomic_load_explicit(&worker->conduct->news, memory_order_acquire);

	if (news == worker->news)
		return;
	worker->news = news;
	if (window_may_go_on(&worker->driver))
		worker_follow_phase(worker);
}

static void worker_handle(struct worker *worker, const struct epoll_event *event)
{
	uint64_t count;

	if (event->data.ptr) {
		round_handle(&worker->driver, event->data.ptr, event->events);
		return;
	}
	while (read(worker->wake_fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	worker_look_for_news(worker);
}

static bool worker_is_done(const struct worker *worker)
{
	return worker->driver.account.window == WINDOW_AFTER || worker->phase == LOAD_STOP;
}

static void worker_prefetch(const struct connection *connection)
{
	const char *at = (const char *)connection;

	for (size_t i = 0; i < sizeof(*connection) + sizeof(connection->ring[0]); i += CACHE_LINE)
		__builtin_prefetch(at + i, 1);
}

static void worker_loop(struct worker *worker)
{
	struct epoll_event events[EVENTS_MAX];

	if (!window_may_go_on(&worker->driver))
		return;
	round_tick(&worker->driver);
	while (!worker_is_done(worker)) {
		int count = pacing_wait(&worker->driver, events, EVENTS_MAX);

		if (count <= 0 && !window_may_go_on(&worker->driver))
			return;
		worker_look_for_news(worker);
		for (int i = 0; i < count && !worker_is_done(worker); i++) {
			/* Of ten thousand connections the next is not in the cache: ask for it now. */
			if (i + 1 < count && events[i + 1].data.ptr)
				worker_prefetch(events[i + 1].data.ptr);
			worker_handle(worker, &events[i]);
		}
		if (!worker_is_done(worker))
			round_tick(&worker->driver);
		/* Who was stopped while it waited is told of that only, and not of what has come. */
		if (count >= 0)
			worker->driver.looked_ns = worker->driver.account.now_ns;
	}
}

/*
 * The table of descriptors becomes this thread's own: what others open no longer counts here, and
 * the kernel need not count references to a table that nobody shares. ThreadSanitizer takes the
 * same number in two tables for the same file, so it gets one table for all.
 */
static int unshare_descriptors(void)
{
#ifdef __SANITIZE_THREAD__
	return 0;
#else
	return unshare(CLONE_FILES) < 0 ? -errno : 0;
#endif
}

/* Where that is forbidden, as in containers, all share one table if it is large enough. */
static int worker_own_descriptors(const struct options *options, struct error *error)
{
	int result = unshare_descriptors();

	if (result == 0 || limits_fit_one_table(options))
		return 0;
	error_set(error,
		  "a thread may not have a table of open files of its own (unshare: %s),\n"
		  "  and one table has no room for so many connections. Docker, for instance, "
		  "forbids it:\n  --security-opt seccomp=unconfined lifts that. Or raise the limit "
		  "(ulimit -Hn).",
		  strerror(-result));
	return result;
}

static int worker_open_descriptors(struct worker *worker)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	struct wire *wire = &worker->driver.wire;
	int result = worker_own_descriptors(worker->load->options, &worker->problem);

	if (result < 0)
		return result;
	wire->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (wire->epoll_fd >= 0 &&
	    epoll_ctl(wire->epoll_fd, EPOLL_CTL_ADD, worker->wake_fd, &event) == 0)
		return 0;
	result = -errno;
	error_set(&worker->problem, "a thread could not begin: %s", strerror(-result));
	return result;
}

/* What was counted is told from now on. */
static void worker_finish(struct worker *worker)
{
	uint64_t origin_ns = atomic_load(&worker->conduct->origin_ns);
	struct result *result = worker->driver.account.result;
	struct progress *progress = &worker->progress;

	failures_begin_at(&result->failures, origin_ns);
	failures_begin_at(&result->failures_outside, origin_ns);
	/* Whatever stopped it, nobody needs to wait for its part of the crowd. */
	atomic_store_explicit(&progress->awaited, 0, memory_order_release);
	atomic_store_explicit(&progress->crowd_awaited, 0, memory_order_release);
	progress_reach(progress, &progress->settled);
	progress_reach(progress, &progress->loading);
	progress_reach(progress, &progress->ended);
	progress_reach(progress, &progress->drained);
	progress_reach(progress, &progress->finished);
}

void *worker_run(void *argument)
{
	struct worker *worker = argument;
	uint64_t count;

	/* The default of 50 us would make every request of an open loop late by as much. */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	worker->broken = worker_open_descriptors(worker);
	if (!worker->broken)
		worker_loop(worker);
	worker_finish(worker);
	/* The connections stay open until all workers have finished and the figures are taken. */
	while (atomic_load_explicit(&worker->conduct->phase, memory_order_acquire) != LOAD_STOP)
		if (read(worker->wake_fd, &count, sizeof(count)) < 0 && errno != EINTR)
			break;
	driver_close(&worker->driver);
	close(worker->driver.wire.epoll_fd);
	return NULL;
}

int worker_init(struct worker *worker, struct load *load, struct share share,
		const struct conduct *conduct, int notify_fd)
{
	int result;

	*worker = (struct worker){.load = load,
				  .conduct = conduct,
				  .wake_fd = eventfd(0, EFD_CLOEXEC),
				  .progress.notify_fd = notify_fd};
	result = worker->wake_fd < 0 ? -errno : 0;
	if (result == 0)
		result = driver_init(&worker->driver, load, share, &worker->progress, clock_now_ns);
	return result;
}

void worker_destroy(struct worker *worker)
{
	driver_destroy(&worker->driver);
	if (worker->wake_fd >= 0)
		close(worker->wake_fd);
}
