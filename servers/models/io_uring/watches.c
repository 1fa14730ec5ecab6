#include "servers/models/io_uring/watches.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

/* A poll request, now or again soon. */
struct poll_request {
	struct loop_watch *watch; /* NULL: it was stopped */
	bool armed;		  /* the kernel has it, or is about to */
	bool calls;		  /* `ready` is being called */
	LIST_ENTRY(poll_request) others;
};

static void arm(struct loop *loop, struct poll_request *request)
{
	unsigned interest = request->watch->interest;
	struct io_uring_sqe *sqe = ring_next_submission(&loop->ring);

	io_uring_prep_poll_add(sqe, request->watch->fd,
			       (interest & LOOP_IN ? POLLIN : 0u) |
				       (interest & LOOP_OUT ? POLLOUT : 0u));
	io_uring_sqe_set_data64(sqe, (uintptr_t)request | WATCH);
	request->armed = true;
}

static void free_request(struct poll_request *request)
{
	LIST_REMOVE(request, others);
	free(request);
}

/* Its watch has gone: what is under way ends, and is not told. */
static void leave(struct loop *loop, struct poll_request *request)
{
	request->watch = NULL;
	if (request->armed)
		ring_cancel(&loop->ring, (uintptr_t)request | WATCH);
	else if (!request->calls)
		free_request(request);
}

static struct poll_request *make_request(struct loop *loop, struct loop_watch *watch)
{
	struct poll_request *request = calloc(1, sizeof *request);

	if (!request)
		return NULL;
	request->watch = watch;
	watch->handle = request;
	LIST_INSERT_HEAD(&loop->watches, request, others);
	return request;
}

static int start_watch(void *context, struct loop_watch *watch)
{
	struct poll_request *request = make_request(context, watch);

	if (request && watch->interest)
		arm(context, request);
	return request ? 0 : -ENOMEM;
}

/* A request under way cannot be changed without a race: another one takes its place. */
static int change_watch(void *context, struct loop_watch *watch, unsigned interest)
{
	struct poll_request *request = watch->handle, *old = request;

	if (interest == watch->interest)
		return 0;
	if (old->armed) {
		request = make_request(context, watch);
		if (!request)
			return -ENOMEM;
		leave(context, old);
	}
	watch->interest = interest;
	if (interest && !request->calls)
		arm(context, request);
	return 0;
}

static void stop_watch(void *context, struct loop_watch *watch)
{
	leave(context, watch->handle);
}

/* A failure, too, is the owner's to find out about. */
static unsigned told_of(const struct loop_watch *watch, int result)
{
	if (result < 0 || result & (POLLERR | POLLHUP | POLLNVAL))
		return watch->interest;
	return watch->interest &
	       (((result & POLLIN) ? LOOP_IN : 0u) | ((result & POLLOUT) ? LOOP_OUT : 0u));
}

void watches_told(struct loop *loop, const struct io_uring_cqe *cqe)
{
	struct poll_request *request =
		(struct poll_request *)(uintptr_t)(cqe->user_data & ~(uint64_t)OPERATION_MASK);
	unsigned events = request->watch ? told_of(request->watch, cqe->res) : 0;

	request->armed = false;
	request->calls = true;
	if (events)
		request->watch->ready(request->watch, events);
	request->calls = false;
	if (!request->watch)
		free_request(request);
	else if (request->watch->interest)
		arm(loop, request);
}

static int start_timer(void *context, struct loop_timer *timer)
{
	return timers_start(&((struct loop *)context)->timers, timer);
}

static void stop_timer(void *context, struct loop_timer *timer)
{
	timers_stop(&((struct loop *)context)->timers, timer);
}

const struct loop_services io_uring_services = {
	.timer_start = start_timer,
	.timer_stop = stop_timer,
	.watch_start = start_watch,
	.watch_change = change_watch,
	.watch_stop = stop_watch,
};

void watches_destroy(struct loop *loop)
{
	while (!LIST_EMPTY(&loop->watches))
		free_request(LIST_FIRST(&loop->watches));
}
