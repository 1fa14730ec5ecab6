#include "servers/models/libmicrohttpd/task_handover.h"

#include "lib/clock.h"
#include "servers/core/tasks/task_life.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int start_timer(void *handover, struct loop_timer *timer)
{
	return timers_start(&((struct task_handover *)handover)->timers, timer);
}

static void stop_timer(void *handover, struct loop_timer *timer)
{
	timers_stop(&((struct task_handover *)handover)->timers, timer);
}

static const struct loop_services services = {.timer_start = start_timer, .timer_stop = stop_timer};

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

int task_handover_init(struct task_handover *handover)
{
	*handover = (struct task_handover){.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	if (handover->wake_fd < 0)
		return -errno;
	pthread_mutex_init(&handover->lock, NULL);
	task_tools_init(&handover->tools, &services, handover);
	return 0;
}

void task_handover_destroy(struct task_handover *handover)
{
	task_tools_close(&handover->tools);
	close(handover->wake_fd);
	pthread_mutex_destroy(&handover->lock);
	timers_destroy(&handover->timers);
}

/* Cannot fail: the counter is far from its end. */
void task_handover_wake(struct task_handover *handover)
{
	eventfd_write(handover->wake_fd, 1);
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

static struct handed_task *take_submitted(struct task_handover *handover, bool closes)
{
	struct handed_task *taken;

	pthread_mutex_lock(&handover->lock);
	taken = handover->submitted;
	handover->submitted = NULL;
	handover->closed |= closes;
	pthread_mutex_unlock(&handover->lock);
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

static void begin_submitted(struct task_handover *handover)
{
	struct handed_task *handed, *next;
	eventfd_t count;

	eventfd_read(handover->wake_fd, &count); /* before looking: what comes now wakes again */
	for (handed = take_submitted(handover, false); handed; handed = next) {
		next = handed->next;
		enlist(&handover->running, handed);
		go_on(handed);
	}
}

void task_handover_turn(struct task_handover *handover, bool woken)
{
	if (woken)
		begin_submitted(handover);
	if (handover->timers.count)
		timers_fire(&handover->timers, clock_now_ns());
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
