#include "servers/core/tasks/offload.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mailbox {
	struct offload *offload;
	int fd;
	_Atomic(struct offload_job *) last; /* what has come, the last first */
};

struct offload {
	struct queue queue;
	struct mailbox mailboxes[];
};

/* Whoever finds the box empty rings; the others' letters are found with that one. */
static void deliver(struct offload_job *job)
{
	struct mailbox *mailbox = job->mailbox;
	struct offload_job *last = atomic_load_explicit(&mailbox->last, memory_order_relaxed);
	int fd = mailbox->fd;

	do
		job->next = last;
	while (!atomic_compare_exchange_weak(&mailbox->last, &last, job));
	if (!last)
		eventfd_write(fd, 1); /* cannot fail: the counter is far from its end */
}

/* Ends with the process. */
static void *worker_main(void *argument)
{
	struct offload *offload = argument;

	for (;;) {
		struct offload_job *job = (struct offload_job *)queue_take(&offload->queue);

		job->run(job);
		deliver(job);
	}
	return NULL;
}

static unsigned start_workers(struct offload *offload, unsigned count, int *failure)
{
	pthread_attr_t attributes;
	pthread_t thread;
	unsigned started = 0;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	for (*failure = 0; started < count && *failure == 0; started += *failure == 0)
		*failure = pthread_create(&thread, &attributes, worker_main, offload);
	pthread_attr_destroy(&attributes);
	return started;
}

int offload_open(struct offload **opened, unsigned workers, unsigned loops, unsigned *started)
{
	struct offload *offload = calloc(1, sizeof *offload + loops * sizeof *offload->mailboxes);
	int failure;

	*started = 0;
	if (!offload)
		return -ENOMEM;
	queue_init(&offload->queue);
	for (unsigned i = 0; i < loops; i++) {
		struct mailbox *mailbox = &offload->mailboxes[i];

		mailbox->offload = offload;
		mailbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (mailbox->fd < 0)
			return -errno; /* what was opened ends with the process */
	}
	*opened = offload;
	*started = start_workers(offload, workers, &failure);
	return -failure;
}

struct mailbox *offload_mailbox(struct offload *offload, unsigned loop)
{
	return &offload->mailboxes[loop];
}

int mailbox_descriptor(const struct mailbox *mailbox)
{
	return mailbox->fd;
}

void offload_submit(struct mailbox *mailbox, struct offload_job *job)
{
	job->mailbox = mailbox;
	queue_put(&mailbox->offload->queue, &job->place);
}

bool offload_take_back(struct offload_job *job)
{
	return queue_take_back(&job->mailbox->offload->queue, &job->place);
}

/* In the order in which they have come. */
static struct offload_job *turn_round(struct offload_job *last)
{
	struct offload_job *first = NULL, *before;

	for (; last; last = before) {
		before = last->next;
		last->next = first;
		first = last;
	}
	return first;
}

void mailbox_empty(struct mailbox *mailbox)
{
	struct offload_job *job, *next;
	eventfd_t count;

	eventfd_read(mailbox->fd, &count); /* before looking: what comes now rings again */
	for (job = turn_round(atomic_exchange(&mailbox->last, NULL)); job; job = next) {
		next = job->next;
		job->ended(job);
	}
}
