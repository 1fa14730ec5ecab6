/*
 * libmicrohttpd: a whole HTTP server in a library, which lets its user choose how it waits.
 *
 * The other models bring a way to wait and share one HTTP core; this one brings an HTTP server of
 * its own, its parser included, and shares only the routes and the tasks. A request is a function
 * of ours that the library calls when the head has come, for each piece of the body, and when all
 * of it is there (libmicrohttpd/requests.c). Answering in the first of these calls would make it
 * close the connection, since it takes that for a refusal of the body.
 *
 * As is, the library waits in an epoll that belongs to us: its descriptor is one of three in the
 * loop below, which has the timers and the stop as well. A request that waits is suspended, and
 * resumed when its timer fires. The variants let the library wait in `select` (called by us, with
 * sets that it fills in), give it a thread for each connection, in which a wait simply sleeps, or a
 * pool of threads with an epoll each, which hand their waits to the loop through an eventfd.
 *
 * What a connection costs: the library's record and a block of 32 KiB for what is read and written,
 * which stays with the connection and of which the first request touches every page; as variant
 * thread-per-connection also a thread. The convenience is paid for in strictness: the rows of the
 * suite in which the library differs stand below. Of the deadlines it has one, for a connection that
 * does nothing, whatever it waits for; and whom it cannot serve it closes without a word.
 *
 * Compare with epoll.c, select.c and thread_per_connection.c, which wait as its variants do.
 * Known from: GNUnet, systemd-journal-remote, Kodi, many devices. See libmicrohttpd(3).
 *
 * Try: server-libmicrohttpd --listen 127.0.0.1:8080 --variant pool --workers 4
 */
#include "lib/clock.h"
#include "servers/core/server/core_count.h"
#include "servers/core/server/listener.h"
#include "servers/core/server/model.h"
#include "servers/models/libmicrohttpd/connections.h"
#include "servers/models/libmicrohttpd/known.h"
#include "servers/models/libmicrohttpd/requests.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/select.h>

enum { OWN_DESCRIPTORS = 16 };

struct server;

/* How the library waits, and who turns the loop. */
struct way {
	unsigned flags;
	bool threads;  /* the library has its own; else our loop runs it */
	bool blocking; /* a thread for each connection: a task may keep it */
	bool pool;
	/* Waits until a time or for less, and lets the library work. 0 or -errno. */
	int (*turn)(struct server *server, uint64_t until_ns);
};

struct server {
	const struct way *way;
	struct MHD_Daemon *daemon;
	int inner_fd;		   /* the library's epoll; -1: it has none for us */
	unsigned connections_most; /* of the library: then it looks away from the listener */
	bool full;
	int stop_fd;
	bool stops;
	struct requests requests;
	struct connections connections;
};

/* --- the loop around the library ------------------------------------------------------------ */

/* When to wake at the latest, for our timers and for the library. */
static uint64_t due_ns(const struct server *server, uint64_t until_ns)
{
	uint64_t timer_ns = timers_next_ns(&server->requests.waits.timers), library_ns = UINT64_MAX;
	MHD_UNSIGNED_LONG_LONG left_ms;

	if (!server->way->threads && MHD_get_timeout(server->daemon, &left_ms) == MHD_YES)
		library_ns = clock_now_ns() + left_ms * NS_PER_MS;
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

static bool is_full(const struct server *server)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon,
							       MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

	return info && info->num_connections >= server->connections_most;
}

/* Once more when there is room again: it would look for new ones only after the next event. */
static int run_library(struct server *server)
{
	bool was_full = server->full;

	if (MHD_run(server->daemon) != MHD_YES)
		return -EIO;
	server->full = is_full(server);
	if (was_full && !server->full && MHD_run(server->daemon) != MHD_YES)
		return -EIO;
	return 0;
}

/* The library waits in its epoll, or in threads of its own, and we for its epoll or its threads. */
static int turn_poll(struct server *server, uint64_t until_ns)
{
	struct pollfd fds[] = {{.fd = server->inner_fd, .events = POLLIN},
			       {.fd = server->requests.waits.wake_fd, .events = POLLIN},
			       {.fd = server->stops ? -1 : server->stop_fd, .events = POLLIN}};
	struct timespec left;

	if (ppoll(fds, 3, time_left(due_ns(server, until_ns), &left), NULL) < 0)
		return errno == EINTR ? 0 : -errno;
	if (fds[2].revents)
		server->stops = true;
	task_handover_turn(&server->requests.waits, fds[1].revents);
	return server->way->threads ? 0 : run_library(server);
}

/* The library fills in sets, and looks through them afterwards. */
static int turn_select(struct server *server, uint64_t until_ns)
{
	fd_set input, output, errors;
	struct timespec left;
	int highest = server->stop_fd;

	FD_ZERO(&input);
	FD_ZERO(&output);
	FD_ZERO(&errors);
	if (MHD_get_fdset(server->daemon, &input, &output, &errors, &highest) != MHD_YES)
		return -EIO;
	if (!server->stops)
		FD_SET(server->stop_fd, &input);
	FD_SET(server->requests.waits.wake_fd, &input);
	if (server->requests.waits.wake_fd > highest)
		highest = server->requests.waits.wake_fd;
	if (pselect(highest + 1, &input, &output, &errors,
		    time_left(due_ns(server, until_ns), &left), NULL) < 0)
		return errno == EINTR ? 0 : -errno;
	if (FD_ISSET(server->stop_fd, &input))
		server->stops = true;
	task_handover_turn(&server->requests.waits,
			   FD_ISSET(server->requests.waits.wake_fd, &input));
	return MHD_run_from_select(server->daemon, &input, &output, &errors) == MHD_YES ? 0 : -EIO;
}

static int serve(struct server *server, struct listener *listener)
{
	uint64_t deadline_ns;
	int result = 0;

	while (result == 0 && !server->stops)
		result = server->way->turn(server, UINT64_MAX);
	atomic_store(&server->requests.draining, true);
	MHD_quiesce_daemon(server->daemon);
	/* Not closed: the library's threads may be looking at it. */
	shutdown(listener->fd, SHUT_RDWR);
	deadline_ns = clock_now_ns() + DRAIN_NS;
	while (result == 0 && atomic_load(&server->requests.in_flight) &&
	       clock_now_ns() < deadline_ns)
		result = server->way->turn(server, deadline_ns);
	task_handover_close(&server->requests.waits);
	return result;
}

/* --- setting it up -------------------------------------------------------------------------- */

static const struct way ways[] = {
	{.flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, .turn = turn_poll},
	{.flags = MHD_ALLOW_SUSPEND_RESUME, .turn = turn_select},
	{.flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC,
	 .threads = true,
	 .blocking = true,
	 .turn = turn_poll},
	{.flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME,
	 .threads = true,
	 .pool = true,
	 .turn = turn_poll},
};

/* In the order of `ways`, which begins with the one that is no variant. */
static const struct server_variant variants[] = {
	{.name = "select",
	 .summary = "the same library, waiting in select",
	 .known = libmicrohttpd_known},
	{.name = "thread-per-connection",
	 .summary = "the same library with a thread for each connection",
	 .traits = MODEL_THREAD_EACH,
	 .takes = MODEL_STACKS,
	 .known = libmicrohttpd_known},
	{.name = "pool",
	 .summary = "the same library with a pool of threads, each with an epoll",
	 .takes = MODEL_WORKERS | MODEL_STACKS,
	 .known = libmicrohttpd_known_in_epoll},
	{0}};

static const struct way *way_of(const struct server_options *options)
{
	return &ways[options->variant ? 1 + (options->variant - variants) : 0];
}

static uint64_t max_connections(const struct server_options *options)
{
	return way_of(options)->turn == turn_select ? FD_SETSIZE - OWN_DESCRIPTORS : 0;
}

/* The library counts whole seconds since a connection last did something, whatever it waits for. */
static unsigned timeout_s(const struct server_options *options)
{
	uint64_t ns = options->terms.limits.ticks[HTTP_IDLE] * TICK_NS;

	return (unsigned)((ns + NS_PER_S - 1) / NS_PER_S);
}

/*
 * As many as there are descriptors for: the library wants to be told, or it serves some thousand; and
 * some of its ways to wait spin when it finds out by itself that there are no more.
 */
static unsigned connection_limit(unsigned workers)
{
	struct rlimit limit;
	unsigned own = OWN_DESCRIPTORS + 2 * workers;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > 1u << 30)
		return 1u << 30;
	return limit.rlim_cur > 2 * own ? (unsigned)limit.rlim_cur - own : own;
}

static struct MHD_Daemon *start_daemon(struct server *server, const struct server_options *options,
				       const struct listener *listener)
{
	unsigned workers = options->workers ? options->workers : core_count();
	struct MHD_OptionItem pool[] = {{MHD_OPTION_THREAD_POOL_SIZE, workers, NULL},
					{MHD_OPTION_END, 0, NULL}};

	server->connections_most = connection_limit(workers);
	return MHD_start_daemon(
		server->way->flags, listener->port, connection_admit, &server->connections,
		request_handle, &server->requests, MHD_OPTION_LISTEN_SOCKET, listener->fd,
		MHD_OPTION_CONNECTION_LIMIT, server->connections_most,
		MHD_OPTION_CONNECTION_TIMEOUT, timeout_s(options), MHD_OPTION_NOTIFY_CONNECTION,
		connection_changed, &server->connections, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_URI_LOG_CALLBACK, request_begins, &server->requests,
		MHD_OPTION_NOTIFY_COMPLETED, request_ended, &server->requests,
		MHD_OPTION_THREAD_STACK_SIZE, options->stack_bytes, MHD_OPTION_ARRAY,
		server->way->pool ? pool : pool + 1, MHD_OPTION_END);
}

static int run(const struct server_options *options, struct listener *listener)
{
	/* Static: threads that nobody waited for may still look at it while we exit. */
	static struct server server = {.inner_fd = -1};
	const union MHD_DaemonInfo *info;
	int result;

	server.way = way_of(options);
	server.stop_fd = listener->stop_fd;
	server.requests.blocking = server.way->blocking;
	server.connections = (struct connections){
		.most = options->terms.max_connections,
		.watchable = max_connections(options),
		.idle_ticks = (uint32_t)(timeout_s(options) * NS_PER_S / TICK_NS)};
	result = task_handover_init(&server.requests.waits);
	if (result < 0)
		return result;
	server.daemon = start_daemon(&server, options, listener);
	if (!server.daemon) {
		error_set(listener->error,
			  "the library could not start, and does not say why: most "
			  "likely for want of threads (ulimit -u) or memory");
		return -EAGAIN;
	}
	info = MHD_get_daemon_info(server.daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!server.way->threads && info)
		server.inner_fd = info->epoll_fd;
	result = listener_ready(listener);
	if (result == 0)
		result = serve(&server, listener);
	atomic_store(&server.connections.stops, true);
	/* A thread that sleeps for its request would be waited for: it ends with the process. */
	if (server.way->blocking && atomic_load(&server.requests.in_flight)) {
		connections_abandon();
		return result;
	}
	MHD_stop_daemon(server.daemon);
	task_handover_destroy(&server.requests.waits);
	return result;
}

static const char *describe_library(void)
{
	static char text[48];

	snprintf(text, sizeof text, "libmicrohttpd %s", MHD_get_version());
	return text;
}

const struct server_model server_model = {
	.name = "libmicrohttpd",
	.family = "loops",
	.summary = "a library's own HTTP server, waiting in an epoll that our loop watches",
	.traits = MODEL_OWN_PARSER,
	.lacks = 1u << HTTP_HEADER | 1u << HTTP_BODY | 1u << HTTP_SENDING,
	.describe_library = describe_library,
	.max_connections = max_connections,
	.limited_by = "FD_SETSIZE",
	.lifted_by =
		"another way to wait of the same library: a set of select has a bit for each of "
		"1,024 descriptors, which is compiled in",
	.variants = variants,
	.known = libmicrohttpd_known_in_epoll,
	.run = run,
};
