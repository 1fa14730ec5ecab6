/*
 * Workers: threads that do for loops what would stop them (--offload).
 *
 * One queue and N threads for a whole process, whatever the number of its loops; it is the queue of the
 * thread pool (queue.h), so that queues are not what is compared. A job goes to whichever worker is free,
 * and comes back to the loop that sent it: into its mailbox, whose descriptor then becomes readable. The
 * descriptors are opened before loops part with the common table of them (loop_group.h).
 */
#ifndef TENK_OFFLOAD_H
#define TENK_OFFLOAD_H

#include "servers/core/tasks/queue.h"

#include <stdbool.h>

struct mailbox;
struct offload;

/* The owner's storage, in place until `ended`, or until it was taken back. */
struct offload_job {
	struct queue_place place;
	struct offload_job *next;		/* in the mailbox */
	void (*run)(struct offload_job *job);	/* by a worker */
	void (*ended)(struct offload_job *job); /* by the loop that sent it */
	struct mailbox *mailbox;
};

/*
 * Starts `workers` threads for so many loops. Never closed: a worker may be in the middle of something
 * when the process ends. *started tells how many threads there were when one could not be made. 0 or
 * -errno.
 */
int offload_open(struct offload **offload, unsigned workers, unsigned loops, unsigned *started);

/* Of a loop, by its number. */
struct mailbox *offload_mailbox(struct offload *offload, unsigned loop);

/* Readable when mailbox_empty has something to do. */
int mailbox_descriptor(const struct mailbox *mailbox);

/* On the loop's thread: gives the job to the next worker that is free. */
void offload_submit(struct mailbox *mailbox, struct offload_job *job);

/* On the loop's thread: true, and it is not going to be run; or it has been begun, and will come back. */
bool offload_take_back(struct offload_job *job);

/* On the loop's thread: calls `ended` for all that have come back. */
void mailbox_empty(struct mailbox *mailbox);

#endif
