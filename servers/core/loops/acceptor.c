#include "servers/core/loops/acceptor.h"

#include "lib/clock.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <time.h>

/* 0 or -errno. */
static int look(struct acceptor *a)
{
	int result = a->services->watch_start(a->loop, &a->watch);

	a->looks = result == 0;
	return result;
}

static void look_away(struct acceptor *a)
{
	if (a->looks)
		a->services->watch_stop(a->loop, &a->watch);
	a->looks = false;
}

static bool wait_and_look(struct acceptor *a);

/* Without memory even for a timer: now, and here. */
static void wait_a_moment(void)
{
	static const struct timespec moment = {.tv_nsec = NS_PER_MS};

	nanosleep(&moment, NULL);
}

static void look_again(struct loop_timer *timer)
{
	struct acceptor *a = (struct acceptor *)((char *)timer - offsetof(struct acceptor, again));

	a->waits = false;
	while (look(a) < 0 && !wait_and_look(a))
		wait_a_moment();
}

/* False: there is no timer, and it still looks. */
static bool wait_and_look(struct acceptor *a)
{
	a->again.fire = look_again;
	a->again.due_ns = clock_now_ns() + LISTENER_RETRY_NS;
	if (a->services->timer_start(a->loop, &a->again) < 0)
		return false;
	a->waits = true;
	look_away(a);
	return true;
}

void acceptor_look_later(struct acceptor *a)
{
	while (!a->waits && !a->stopped && !wait_and_look(a))
		wait_a_moment();
}

/* Some of those who wait: others are to have their turn, too. */
static void connections_wait(struct loop_watch *watch, unsigned events)
{
	struct acceptor *a = (struct acceptor *)((char *)watch - offsetof(struct acceptor, watch));

	(void)events;
	for (unsigned i = 0; i < a->listener->terms->accepts_per_turn; i++) {
		int fd = listener_accept(a->listener, SOCK_NONBLOCK);

		if (fd == -ECONNREFUSED)
			continue;
		if (fd < 0) {
			if (listener_is_shortage(fd))
				wait_and_look(a);
			return;
		}
		a->admit(a, fd);
	}
}

int acceptor_start(struct acceptor *a)
{
	a->watch = (struct loop_watch){.fd = a->listener->fd,
				       .interest = LOOP_IN |
						   (a->listener->shared ? LOOP_EXCLUSIVE : 0),
				       .ready = connections_wait};
	return look(a);
}

void acceptor_stop(struct acceptor *a)
{
	if (a->stopped)
		return;
	a->stopped = true;
	look_away(a);
	if (a->waits)
		a->services->timer_stop(a->loop, &a->again);
	a->waits = false;
	listener_close(a->listener);
}
