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
 * What a request costs: the same two system calls as in epoll.c (strace -c), and about a quarter more CPU
 * (results/reference/hello), which is the library's own work: it makes a list of a request's fields and puts the
 * head of each answer together anew, where the shared core parses in place and has most of that ready.
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
#include "servers/core/loops/loop_group.h"
#include "servers/core/server/core_count.h"
#include "servers/core/server/model.h"
#include "servers/models/libmicrohttpd/known.h"
#include "servers/models/libmicrohttpd/library.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/select.h>

enum { OWN_DESCRIPTORS = 16 };

static const struct library_way ways[] = {
	{.flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, .turn = library_turn_poll},
	{.flags = MHD_ALLOW_SUSPEND_RESUME, .turn = library_turn_select},
	{.flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC,
	 .threads = true,
	 .blocking = true,
	 .turn = library_turn_poll},
	{.flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME,
	 .threads = true,
	 .pool = true,
	 .turn = library_turn_poll},
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
	 .leaves = MODEL_OFFLOAD,
	 .known = libmicrohttpd_known_in_threads},
	{.name = "pool",
	 .summary = "the same library with a pool of threads, each with an epoll",
	 .takes = MODEL_WORKERS | MODEL_STACKS,
	 .known = libmicrohttpd_known_in_pool},
	{0}};

static const struct library_way *way_of(const struct server_options *options)
{
	return &ways[options->variant ? 1 + (options->variant - variants) : 0];
}

static uint64_t max_connections(const struct server_options *options)
{
	return way_of(options)->turn == library_turn_select ? FD_SETSIZE - OWN_DESCRIPTORS : 0;
}

/*
 * The library counts whole seconds since a connection last did something, whatever it waits for. A
 * limit of whole seconds was rounded up to ticks: here it becomes itself again.
 */
static unsigned timeout_s(const struct server_options *options)
{
	uint32_t ticks = options->terms.limits.ticks[HTTP_IDLE];
	uint64_t ns = ticks ? (ticks - 1) * TICK_NS + 1 : 0;

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

static struct MHD_Daemon *start_daemon(struct library *library,
				       const struct server_options *options,
				       const struct listener *listener)
{
	unsigned workers = options->workers ? options->workers : core_count();
	struct MHD_OptionItem pool[] = {{MHD_OPTION_THREAD_POOL_SIZE, workers, NULL},
					{MHD_OPTION_END, 0, NULL}};

	library->connections_most = connection_limit(workers);
	return MHD_start_daemon(
		library->way->flags, listener->port, connection_admit, &library->connections,
		request_handle, &library->requests, MHD_OPTION_LISTEN_SOCKET, listener->fd,
		MHD_OPTION_CONNECTION_LIMIT, library->connections_most,
		MHD_OPTION_CONNECTION_TIMEOUT, timeout_s(options), MHD_OPTION_NOTIFY_CONNECTION,
		connection_changed, &library->connections, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_URI_LOG_CALLBACK, request_begins, &library->requests,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_NOTIFY_COMPLETED, request_ended,
		&library->requests, MHD_OPTION_THREAD_STACK_SIZE, options->stack_bytes,
		MHD_OPTION_ARRAY, library->way->pool ? pool : pool + 1, MHD_OPTION_END);
}

/* One loop has the tasks of all the library's threads, so there is one mailbox. */
static int open_mail(struct library *library, const struct server_options *options,
		     const struct listener *listener)
{
	struct offload *offload;
	int result = loop_group_start_offload(options, listener, 1, &offload);

	if (result < 0 || !offload)
		return result;
	return task_tools_open_mail(&library->requests.waits.tools, offload_mailbox(offload, 0));
}

static int run(const struct server_options *options, struct listener *listener)
{
	/* Static: threads that nobody waited for may still look at it while we exit. */
	static struct library library = {.inner_fd = -1, .give_back_ns = UINT64_MAX};
	const union MHD_DaemonInfo *info;
	int result;

	library.way = way_of(options);
	library.requests.blocking = library.way->blocking;
	library.connections = (struct connections){
		.most = options->terms.max_connections,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.waits = &library.requests.waits,
		.watchable = max_connections(options),
		.unbegun = library.way->blocking ? REFUSED_WORKER : REFUSED_MEMORY,
		.idle_ticks = (uint32_t)(timeout_s(options) * NS_PER_S / TICK_NS)};
	task_tools_init(&library.requests.tools, NULL, NULL);
	/* Where it is told of changes; else it tries without a rest to send what a file has lost. */
	library.requests.tools.sends_files = library.way->flags & MHD_USE_EPOLL;
	result = task_handover_init(&library.requests.waits);
	if (result < 0)
		return result;
	result = open_mail(&library, options, listener);
	if (result < 0)
		return result;
	library.daemon = start_daemon(&library, options, listener);
	if (!library.daemon) {
		error_set(listener->error,
			  "the library could not start, and does not say why: most "
			  "likely for want of threads (ulimit -u) or memory");
		return -EAGAIN;
	}
	info = MHD_get_daemon_info(library.daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!library.way->threads && info)
		library.inner_fd = info->epoll_fd;
	result = library_ready(&library, listener);
	if (result == 0)
		result = library_serve(&library, listener);
	atomic_store(&library.connections.stops, true);
	/* A thread that is kept by its request would be waited for: it ends with the process. */
	if (atomic_load(library.way->blocking ? &library.requests.in_flight
					      : &library.requests.in_place)) {
		connections_abandon();
		return result;
	}
	MHD_stop_daemon(library.daemon);
	task_handover_destroy(&library.requests.waits);
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
	.takes = MODEL_OFFLOAD,
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
