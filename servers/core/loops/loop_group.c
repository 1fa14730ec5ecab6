#include "servers/core/loops/loop_group.h"

#include "servers/core/tasks/file_served.h"

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
	const struct server_options *options;
	int (*live)(const struct server_options *options, struct listener *listener,
		    atomic_bool *draining);
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
		if (opened > 0) /* the first takes the one that is there, and whom it let in */
			result = listener_open_another(listener, &worker->listener);
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
	if (tables_apart)
		close_common(workers, opened);
	listener->fd = -1; /* the first worker's now */
	if (opened == count && started < count)
		listener_explain_shortage(listener, started, count, "loops", result);
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

static int run_workers(struct group *group, struct worker *workers, unsigned count,
		       struct listener *listener)
{
	unsigned started = start_workers(group, workers, count, listener);
	int result = atomic_load(&group->failure);

	if (result == 0)
		result = listener_ready(listener);
	if (result == 0)
		wait_for_end(group, listener->stop_fd);
	signal_event(group->stop_fd);
	for (unsigned i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	return result < 0 ? result : atomic_load(&group->failure);
}

static int run_several(struct group *group, unsigned count, struct listener *listener)
{
	struct worker *workers = calloc(count, sizeof *workers);
	int result = workers ? 0 : -ENOMEM;

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

int loop_group_run(const struct server_options *options, struct listener *listener,
		   int (*live)(const struct server_options *options, struct listener *listener,
			       atomic_bool *draining))
{
	struct group group = {.options = options, .live = live, .stop_fd = -1, .failed_fd = -1};
	unsigned loops = options->workers ? options->workers : 1;
	/* Before loops part: what they share of it is in the table that all come from. */
	int result = loop_group_start_offload(options, listener, loops, &group.offload);

	if (result < 0)
		return result;
	if (options->workers > 1)
		return run_several(&group, options->workers, listener);
	if (group.offload)
		listener->mailbox = offload_mailbox(group.offload, 0);
	return live(options, listener, &group.draining);
}

unsigned loop_group_tables(const struct server_options *options)
{
	return tables_apart ? options->workers : 1;
}
