#include "servers/core/loops/epoll_watches.h"

#include <errno.h>
#include <stddef.h>

/* What was told of a watch that has been stopped. */
enum { NOBODYS = 1 };

static int control(const struct epoll_watches *watches, int operation, struct loop_watch *watch,
		   unsigned interest)
{
	struct epoll_event event = {.data.u64 = (uintptr_t)watch | 1};

	event.events = (interest & LOOP_IN ? EPOLLIN : 0u) | (interest & LOOP_OUT ? EPOLLOUT : 0u) |
		       (interest & LOOP_EXCLUSIVE ? EPOLLEXCLUSIVE : 0u);
	return epoll_ctl(watches->epoll_fd, operation, watch->fd, &event) < 0 ? -errno : 0;
}

int epoll_watches_start(struct epoll_watches *watches, struct loop_watch *watch)
{
	return watch->interest ? control(watches, EPOLL_CTL_ADD, watch, watch->interest) : 0;
}

/* Who watches for nothing is not in the list: errors and hang-ups are told in any case. */
int epoll_watches_change(struct epoll_watches *watches, struct loop_watch *watch, unsigned interest)
{
	int operation = !watch->interest ? EPOLL_CTL_ADD : interest ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;
	int result = interest == watch->interest ? 0 : control(watches, operation, watch, interest);

	if (result == 0)
		watch->interest = interest;
	return result;
}

void epoll_watches_stop(struct epoll_watches *watches, struct loop_watch *watch)
{
	if (watch->interest)
		control(watches, EPOLL_CTL_DEL, watch, 0);
	for (int i = 0; i < watches->told_count; i++)
		if (watches->told[i].data.u64 == ((uintptr_t)watch | 1))
			watches->told[i].data.u64 = NOBODYS; /* still no connection's */
}

static unsigned told_of(const struct loop_watch *watch, unsigned events)
{
	if (events & (EPOLLERR | EPOLLHUP))
		return watch->interest & (LOOP_IN | LOOP_OUT);
	return watch->interest &
	       (((events & EPOLLIN) ? LOOP_IN : 0u) | ((events & EPOLLOUT) ? LOOP_OUT : 0u));
}

void epoll_watches_deliver(struct epoll_watches *watches)
{
	for (int i = 0; i < watches->told_count; i++) {
		const struct epoll_event *event = &watches->told[i];
		struct loop_watch *watch = (struct loop_watch *)(uintptr_t)(event->data.u64 &
									    ~UINT64_C(1));
		unsigned events = epoll_is_watch(event) && watch ? told_of(watch, event->events)
								 : 0;

		if (events)
			watch->ready(watch, events);
	}
	watches->told_count = 0;
}
