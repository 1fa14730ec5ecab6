/*
 * A thread of the generator: its share of the connections, driven by one epoll loop.
 *
 * A worker goes through the phases below. The control thread moves all of them on by storing the
 * phase in struct conduct, counting its news up and writing to their wake descriptors; each says how
 * far it is in its progress, and by writing to the notify descriptor there.
 *
 * Each worker has a table of descriptors of its own (unshare, CLONE_FILES), so the limit of open
 * files holds for each thread, not for all together.
 */
#ifndef TENK_WORKER_H
#define TENK_WORKER_H

#include "lib/error.h"
#include "loadgen/driver.h"

#include <pthread.h>
#include <stdatomic.h>

enum load_phase {
	LOAD_CONNECT, /* open all connections; the idle crowd sends its requests */
	LOAD_WARM_UP, /* requests run, nothing counts; base_ns is set */
	LOAD_MEASURE, /* start_ns and end_ns are set: what is due in between counts (or nothing) */
	LOAD_REST,    /* slices: nobody waits any more for the answers of the last */
	LOAD_CLOSE,   /* nobody waits for answers any more */
	LOAD_STOP,    /* close everything */
};

/* What the control thread says to all workers. */
struct conduct {
	_Atomic unsigned news; /* goes up when any of what follows has changed */
	_Atomic int phase;
	_Atomic uint64_t base_ns;
	_Atomic uint64_t number, start_ns, end_ns; /* as in struct span */
	_Atomic bool counts;
	_Atomic uint64_t origin_ns; /* when the first window began: times are told since then */
};

struct worker {
	struct load *load;
	const struct conduct *conduct;
	pthread_t thread;
	int wake_fd;
	unsigned news;	       /* as far as this worker has looked */
	enum load_phase phase; /* as far as it has gone along */
	struct driver driver;
	int broken;	      /* -errno of what kept it from working; 0: nothing did */
	struct error problem; /* in words, then */
	struct progress progress;
};

/*
 * Takes this worker's share of the connections; call before its thread starts. 0 or -errno. It
 * tells its progress by notify_fd.
 */
int worker_init(struct worker *worker, struct load *load, struct share share,
		const struct conduct *conduct, int notify_fd);
void worker_destroy(struct worker *worker);

/* The thread's function; `worker` is a struct worker. */
void *worker_run(void *worker);

/* Wakes the worker so that it looks at the load's phase; from any thread. */
void worker_wake(struct worker *worker);

#endif
