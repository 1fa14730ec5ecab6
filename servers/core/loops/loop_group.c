#include "servers/core/loops/loop_group.h"

#include "lib/libc.h"
#include "servers/core/tasks/database/database.h"
#include "servers/core/tasks/kinds/file_served.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* What the loops share: nothing that is used to serve. */
struct group {
	const struct server_options *options;
	int (*live)(const struct server_options *options, struct listener *listener,
		    atomic_bool *draining);
	const struct loop_group_way *way;
	bool parted; /* each loop has a table of descriptors of its own */
	atomic_bool draining;
	atomic_int failure;	 /* -errno of the first loop that failed; 0: none */
	struct offload *offload; /* NULL: none */
	int stop_fd;		 /* readable when all are to stop */
	int failed_fd;		 /* readable when one has failed */
	sem_t begun;		 /* counts the loops that serve, or have failed */
};

struct worker {
	pthread_t thread;
	struct group *group;
	struct listener listener; /* the thread's, once it has been started */
	int common_fd;		  /* its number in the table that all come from */
	bool serves;		  /* it has said so */
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
	struct mailbox *mailbox = worker->listener.mailbox;
	int folder = file_folder_descriptor();
	int kept[] = {STDERR_FILENO,
		      worker->listener.fd,
		      worker->group->stop_fd,
		      worker->group->failed_fd,
		      mailbox ? mailbox_descriptor(mailbox) : STDERR_FILENO,
		      folder < 0 ? STDERR_FILENO : folder};
	enum { KEPT = sizeof kept / sizeof *kept };

	if (!worker->group->parted)
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

/* The loop serves; the group does when all do. */
static int note_ready(struct listener *listener)
{
	struct worker *worker = listener->ready_context;

	worker->serves = true;
	sem_post(&worker->group->begun);
	return 0;
}

static void *serve(void *argument)
{
	struct worker *worker = argument;
	struct group *group = worker->group;
	int result = part_from_others(worker), none = 0;

	if (result == 0)
		result = group->live(group->options, &worker->listener, &group->draining);
	listener_close(&worker->listener);
	if (result < 0) {
		atomic_compare_exchange_strong(&group->failure, &none, result);
		signal_event(group->failed_fd);
	}
	if (!worker->serves)
		sem_post(&group->begun);
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
		result = group->way->open(listener, &worker->listener, opened);
		worker->listener.stop_fd = group->stop_fd;
		worker->listener.ready = note_ready;
		worker->listener.ready_context = worker;
		worker->listener.error = NULL; /* it is no thread's own */
		if (group->offload)
			worker->listener.mailbox = offload_mailbox(group->offload, opened);
		worker->common_fd = worker->listener.fd;
	}
	for (; result == 0 && started < count; started += result == 0)
		result = -pthread_create(&workers[started].thread, NULL, serve, &workers[started]);
	for (unsigned i = 0; i < started; i++)
		while (sem_wait(&group->begun) < 0) /* interrupted */
			;
	if (group->parted)
		close_common(workers, opened);
	if (!group->way->accept)
		listener->fd = -1; /* the first worker's now */
	if (opened == count && started < count)
		listener_explain_shortage(listener, started, count, "loops", result);
	if (result < 0)
		atomic_store(&group->failure, result);
	return started;
}

/* Ready; until the signal to stop, or until a loop has failed and takes the others with it. */
static int wait_for_end(const struct group *group, struct listener *listener)
{
	struct pollfd fds[] = {{.fd = listener->stop_fd, .events = POLLIN},
			       {.fd = group->failed_fd, .events = POLLIN}};
	int result = listener_ready(listener);

	while (result == 0 && poll(fds, 2, -1) < 0 && errno == EINTR)
		;
	return result;
}

static int run_workers(struct group *group, struct worker *workers, unsigned count,
		       struct listener *listener)
{
	unsigned started = start_workers(group, workers, count, listener);
	int result = atomic_load(&group->failure);

	if (result == 0 && group->way->accept)
		result = group->way->accept(listener, group->failed_fd);
	else if (result == 0)
		result = wait_for_end(group, listener);
	signal_event(group->stop_fd);
	for (unsigned i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	return result < 0 ? result : atomic_load(&group->failure);
}

static int run_several(struct group *group, unsigned count, struct listener *listener)
{
	struct worker *workers = calloc(count, sizeof *workers);
	int result = workers ? 0 : -ENOMEM;

	database_divide(count);
	if (result == 0) {
		group->stop_fd = eventfd(0, EFD_CLOEXEC);
		result = group->stop_fd < 0 ? -errno : 0;
	}
	if (result == 0) {
		group->failed_fd = eventfd(0, EFD_CLOEXEC);
		result = group->failed_fd < 0 ? -errno : 0;
	}
	if (result == 0)
		result = sem_init(&group->begun, 0, 0) < 0 ? -errno : 0;
	if (result == 0) {
		result = run_workers(group, workers, count, listener);
		sem_destroy(&group->begun);
	}
	if (group->failed_fd >= 0)
		close(group->failed_fd);
	if (group->stop_fd >= 0)
		close(group->stop_fd);
	free(workers);
	return result;
}

int loop_group_start_offload(const struct server_options *options, const struct listener *listener,
			     unsigned loops, struct offload **offload)
{
	unsigned started;
	int result;

	*offload = NULL;
	if (!options->offload)
		return 0;
	result = offload_open(offload, options->offload, loops, &started);
	return result < 0 ? listener_explain_shortage(listener, started, options->offload,
						      "threads for --offload", result)
			  : 0;
}

/* The first takes the one that is there, and whom it let in. */
static int open_own(const struct listener *listener, struct listener *worker, unsigned number)
{
	return number ? listener_open_another(listener, worker) : 0;
}

static int open_shared(const struct listener *listener, struct listener *worker, unsigned number)
{
	worker->shared = true;
	if (number)
		worker->fd = fcntl(listener->fd, F_DUPFD_CLOEXEC, 0);
	return worker->fd < 0 ? -errno : 0;
}

static const struct loop_group_way parting = {.open = open_own};

const struct loop_group_way loop_group_sharing = {.open = open_shared};

int loop_group_run(const struct server_options *options, struct listener *listener,
		   int (*live)(const struct server_options *options, struct listener *listener,
			       atomic_bool *draining))
{
	return loop_group_run_in_way(options, listener, live, &parting);
}

int loop_group_run_in_way(const struct server_options *options, struct listener *listener,
			  int (*live)(const struct server_options *options,
				      struct listener *listener, atomic_bool *draining),
			  const struct loop_group_way *way)
{
	struct group group = {.options = options,
			      .live = live,
			      .way = way,
			      .parted = tables_apart && !way->accept,
			      .stop_fd = -1,
			      .failed_fd = -1};
	unsigned loops = options->workers ? options->workers : 1;
	/* Before loops part: what they share of it is in the table that all come from. */
	int result = loop_group_start_offload(options, listener, loops, &group.offload);

	if (result < 0)
		return result;
	if (options->workers > 1 || way->accept)
		return run_several(&group, loops, listener);
	if (group.offload)
		listener->mailbox = offload_mailbox(group.offload, 0);
	return live(options, listener, &group.draining);
}

unsigned loop_group_tables(const struct server_options *options)
{
	return tables_apart ? options->workers : 1;
}
