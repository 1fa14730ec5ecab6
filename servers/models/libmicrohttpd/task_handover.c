#include "servers/models/libmicrohttpd/task_handover.h"

#include "lib/clock.h"
#include "servers/core/tasks/task_life.h"

#include <errno.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 64 };

static int start_timer(void *handover, struct loop_timer *timer)
{
	return timers_start(&((struct task_handover *)handover)->timers, timer);
}

static void stop_timer(void *handover, struct loop_timer *timer)
{
	timers_stop(&((struct task_handover *)handover)->timers, timer);
}

static int start_watch(void *handover, struct loop_watch *watch)
{
	return epoll_watches_start(&((struct task_handover *)handover)->watches, watch);
}

static int change_watch(void *handover, struct loop_watch *watch, unsigned interest)
{
	return epoll_watches_change(&((struct task_handover *)handover)->watches, watch, interest);
}

static void stop_watch(void *handover, struct loop_watch *watch)
{
	epoll_watches_stop(&((struct task_handover *)handover)->watches, watch);
}

static const struct loop_services services = {
	.timer_start = start_timer,
	.timer_stop = stop_timer,
	.watch_start = start_watch,
	.watch_change = change_watch,
	.watch_stop = stop_watch,
};

static void enlist(struct handed_task **list, struct handed_task *handed)
{
	handed->previous = NULL;
	handed->next = *list;
	if (handed->next)
		handed->next->previous = handed;
	*list = handed;
}

static void unlist(struct handed_task **list, struct handed_task *handed)
{
	if (handed->previous)
		handed->previous->next = handed->next;
	else
		*list = handed->next;
	if (handed->next)
		handed->next->previous = handed->previous;
}

static void close_descriptors(struct task_handover *handover)
{
	if (handover->wake.fd >= 0)
		close(handover->wake.fd);
	if (handover->watches.epoll_fd >= 0)
		close(handover->watches.epoll_fd);
}

static int open_descriptors(struct task_handover *handover)
{
	handover->watches.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (handover->watches.epoll_fd < 0)
		return -errno;
	handover->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (handover->wake.fd < 0)
		return -errno;
	return start_watch(handover, &handover->wake);
}

static void woken(struct loop_watch *wake, unsigned events);

int task_handover_init(struct task_handover *handover)
{
	int result;

	*handover = (struct task_handover){.watches.epoll_fd = -1,
					   .wake = {.fd = -1, .interest = LOOP_IN, .ready = woken}};
	result = open_descriptors(handover);
	if (result < 0) {
		close_descriptors(handover);
		return result;
	}
	pthread_mutex_init(&handover->lock, NULL);
	task_tools_init(&handover->tools, &services, handover);
	return 0;
}

void task_handover_destroy(struct task_handover *handover)
{
	task_tools_close(&handover->tools);
	close_descriptors(handover);
	pthread_mutex_destroy(&handover->lock);
	timers_destroy(&handover->timers);
}

/* Cannot fail: the counter is far from its end. */
void task_handover_wake(struct task_handover *handover)
{
	eventfd_write(handover->wake.fd, 1);
}

int task_handover_submit(struct task_handover *handover, struct handed_task *handed)
{
	bool closed, first;

	handed->handover = handover;
	pthread_mutex_lock(&handover->lock);
	closed = handover->closed;
	first = !handover->submitted;
	if (!closed)
		enlist(&handover->submitted, handed);
	pthread_mutex_unlock(&handover->lock);
	if (!closed && first)
		task_handover_wake(handover);
	return closed ? -ECANCELED : 0;
}

/* A list by `next` alone; who came first is its first. */
static struct handed_task *take_submitted(struct task_handover *handover, bool closes)
{
	struct handed_task *latest, *earlier, *taken = NULL;

	pthread_mutex_lock(&handover->lock);
	latest = handover->submitted;
	handover->submitted = NULL;
	handover->closed |= closes;
	pthread_mutex_unlock(&handover->lock);
	for (; latest; latest = earlier) {
		earlier = latest->next;
		latest->next = taken;
		taken = latest;
	}
	return taken;
}

static void go_on(struct handed_task *handed);

static void task_ended(void *context)
{
	struct handed_task *handed = context;

	handed->task = NULL;
	go_on(handed);
}

/* Part by part (task_begin). */
static void go_on(struct handed_task *handed)
{
	struct task_handover *handover = handed->handover;

	while (!handed->task && handed->reply->task.kind)
		handed->task = task_begin(&handed->reply->task, handed->reply, &handover->tools,
					  task_ended, handed);
	if (handed->task)
		return;
	unlist(&handover->running, handed);
	handed->ended(handed, true);
}

static void woken(struct loop_watch *wake, unsigned events)
{
	struct task_handover *handover =
		(struct task_handover *)((char *)wake - offsetof(struct task_handover, wake));
	struct handed_task *handed, *next;
	eventfd_t count;

	(void)events;
	eventfd_read(wake->fd, &count); /* before looking: what comes now wakes again */
	for (handed = take_submitted(handover, false); handed; handed = next) {
		next = handed->next;
		enlist(&handover->running, handed);
		go_on(handed);
	}
}

int task_handover_descriptor(const struct task_handover *handover)
{
	return handover->watches.epoll_fd;
}

void task_handover_turn(struct task_handover *handover, bool is_ready)
{
	struct epoll_event events[EVENTS_PER_TURN];

	if (is_ready) {
		epoll_watches_told(
			&handover->watches, events,
			epoll_wait(handover->watches.epoll_fd, events, EVENTS_PER_TURN, 0));
		epoll_watches_deliver(&handover->watches);
	}
	if (handover->timers.count)
		timers_fire(&handover->timers, clock_now_ns(), timers_beside(0));
}

void task_handover_close(struct task_handover *handover)
{
	struct handed_task *handed, *next;

	for (handed = take_submitted(handover, true); handed; handed = next) {
		next = handed->next;
		handed->ended(handed, false);
	}
	while ((handed = handover->running) != NULL) {
		unlist(&handover->running, handed);
		task_cancel(handed->task);
		handed->task = NULL;
		handed->ended(handed, false);
	}
}
