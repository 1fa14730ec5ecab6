#include "servers/models/libmicrohttpd/library.h"

#include "lib/clock.h"
#include "servers/core/server/model.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/select.h>

enum { HURRIES_MOST = 64, LOST_MS = 1000 };
#define REST_NS	     (10 * NS_PER_MS)
#define GIVE_BACK_NS (100 * NS_PER_MS)

/*
 * The library may be in a hurry for nothing, for as long as a connection may be idle: when its buffer
 * is full of what it can neither use nor throw away (a chunk's extension that does not end). It hurries
 * for good reason while answers are on their way, or as long as it gets on, which it then tells.
 * Else a moment's rest delays nobody: what comes in ends it.
 */
static uint64_t moment_of_rest_ns(struct library *library)
{
	unsigned calls = atomic_load(&library->requests.calls);

	if (calls != library->calls || atomic_load(&library->requests.answering))
		library->hurries = 0;
	library->calls = calls;
	return ++library->hurries > HURRIES_MOST ? REST_NS : 0;
}

/* When to wake at the latest, for our timers and for the library. */
static uint64_t due_ns(struct library *library, uint64_t until_ns)
{
	uint64_t timer_ns = timers_next_ns(&library->requests.waits.timers),
		 library_ns = UINT64_MAX;
	MHD_UNSIGNED_LONG_LONG left_ms;

	if (!library->way->threads) {
		/* After a shortage it looks for its listener again only when it runs. */
		left_ms = LOST_MS;
		MHD_get_timeout(library->daemon, &left_ms);
		if (left_ms > LOST_MS)
			left_ms = LOST_MS;
		library_ns = clock_now_ns() +
			     (left_ms ? left_ms * NS_PER_MS : moment_of_rest_ns(library));
	}
	if (timer_ns < until_ns)
		until_ns = timer_ns;
	return library_ns < until_ns ? library_ns : until_ns;
}

/* NULL: without end. */
static const struct timespec *time_left(uint64_t until_ns, struct timespec *left)
{
	uint64_t now_ns = clock_now_ns();

	if (until_ns == UINT64_MAX)
		return NULL;
	*left = clock_to_timespec(until_ns > now_ns ? until_ns - now_ns : 0);
	return left;
}

static bool is_full(const struct library *library)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(library->daemon,
							       MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

	return info && info->num_connections >= library->connections_most;
}

/* Once more when there is room again: it would look for new ones only after the next event. */
static int run_library(struct library *library)
{
	bool was_full = library->full;

	if (MHD_run(library->daemon) != MHD_YES)
		return -EIO;
	library->full = is_full(library);
	if (was_full && !library->full && MHD_run(library->daemon) != MHD_YES)
		return -EIO;
	return 0;
}

int library_turn_poll(struct library *library, uint64_t until_ns)
{
	struct pollfd fds[] = {
		{.fd = library->inner_fd, .events = POLLIN},
		{.fd = task_handover_descriptor(&library->requests.waits), .events = POLLIN}};
	struct timespec left;

	if (ppoll(fds, 2, time_left(due_ns(library, until_ns), &left), NULL) < 0)
		return errno == EINTR ? 0 : -errno;
	task_handover_turn(&library->requests.waits, fds[1].revents);
	return library->way->threads ? 0 : run_library(library);
}

/*
 * libmicrohttpd 1.0 looks through its connections no further than to the first that it closes. Whose
 * wait has just ended may stand behind that one, and no descriptor would tell of it: so once more.
 */
static bool run_from_sets(struct library *library, fd_set *input, fd_set *output, fd_set *errors)
{
	uint64_t closed = library->connections.closed;
	bool ran = MHD_run_from_select(library->daemon, input, output, errors) == MHD_YES;

	library->unfinished = library->connections.closed != closed;
	return ran;
}

int library_turn_select(struct library *library, uint64_t until_ns)
{
	fd_set input, output, errors;
	struct timespec left;
	int waits_fd = task_handover_descriptor(&library->requests.waits), highest = waits_fd;

	FD_ZERO(&input);
	FD_ZERO(&output);
	FD_ZERO(&errors);
	if (MHD_get_fdset(library->daemon, &input, &output, &errors, &highest) != MHD_YES)
		return -EIO;
	FD_SET(waits_fd, &input);
	if (pselect(highest + 1, &input, &output, &errors,
		    time_left(library->unfinished ? 0 : due_ns(library, until_ns), &left),
		    NULL) < 0)
		return errno == EINTR ? 0 : -errno;
	task_handover_turn(&library->requests.waits, FD_ISSET(waits_fd, &input));
	return run_from_sets(library, &input, &output, &errors) ? 0 : -EIO;
}

/* A moment after a crowd has gone, what it had is given back. */
static int turn(struct library *library, uint64_t until_ns)
{
	bool gives_back = library->give_back_ns < until_ns;
	int result = library->way->turn(library, gives_back ? library->give_back_ns : until_ns);

	if (atomic_exchange(&library->connections.dispersed, false))
		library->give_back_ns = clock_now_ns() + GIVE_BACK_NS;
	if (gives_back && clock_now_ns() >= library->give_back_ns) {
		library->give_back_ns = UINT64_MAX;
		crowd_give_back();
	}
	return result;
}

/* Told once: the descriptor stays readable. */
static void stop_comes(struct loop_watch *watch, unsigned events)
{
	struct library *library =
		(struct library *)((char *)watch - offsetof(struct library, stopping));

	(void)events;
	library->requests.waits.tools.services->watch_stop(library->requests.waits.tools.loop,
							   watch);
	library->stops = true;
}

int library_ready(struct library *library, struct listener *listener)
{
	struct task_tools *tools = &library->requests.waits.tools;
	int result;

	library->stopping = (struct loop_watch){
		.fd = listener->stop_fd, .interest = LOOP_IN, .ready = stop_comes};
	result = tools->services->watch_start(tools->loop, &library->stopping);
	if (result == 0)
		result = task_tools_open_mail(tools, listener->mailbox);
	return result == 0 ? listener_ready(listener) : result;
}

int library_serve(struct library *library, struct listener *listener)
{
	uint64_t deadline_ns;
	int result = 0;

	while (result == 0 && !library->stops)
		result = turn(library, UINT64_MAX);
	atomic_store(&library->requests.draining, true);
	MHD_quiesce_daemon(library->daemon);
	/* Not closed: the library's threads may be looking at it. */
	shutdown(listener->fd, SHUT_RDWR);
	deadline_ns = clock_now_ns() + DRAIN_NS;
	while (result == 0 && atomic_load(&library->requests.in_flight) &&
	       clock_now_ns() < deadline_ns)
		result = turn(library, deadline_ns);
	task_handover_close(&library->requests.waits);
	return result;
}
