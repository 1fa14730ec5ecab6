#include "servers/models/io_uring/accepting.h"

#include "lib/clock.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

void accepting_start(struct accepting *a)
{
	struct io_uring_sqe *sqe = ring_next_submission(a->ring);

	io_uring_prep_multishot_accept(sqe, a->listener->fd, NULL, NULL, SOCK_CLOEXEC);
	io_uring_sqe_set_data64(sqe, a->user_data);
	a->armed = true;
}

void accepting_stop(struct accepting *a)
{
	a->stopped = true;
	ring_cancel(a->ring, a->user_data);
	listener_close(a->listener);
}

static void resume(struct loop_timer *timer)
{
	struct accepting *a =
		(struct accepting *)((char *)timer - offsetof(struct accepting, again));

	if (!a->stopped)
		accepting_start(a);
}

/* Without descriptors a waiting connection would end each accept at once: look away for a moment. */
static bool look_away(struct accepting *a)
{
	a->again = (struct loop_timer){.fire = resume,
				       .due_ns = clock_now_ns() + LISTENER_RETRY_NS};
	return timers_start(a->timers, &a->again) == 0;
}

/* What came too late has not been let in, and is not counted. */
static int admit(const struct accepting *a, int fd)
{
	if (a->stopped)
		close(fd);
	else if (admission_take(fd, a->listener->terms->max_connections))
		return fd;
	return -1;
}

int accepting_take(struct accepting *a, const struct io_uring_cqe *cqe)
{
	bool short_of = cqe->res < 0 && listener_is_shortage(cqe->res);

	a->armed = cqe->flags & IORING_CQE_F_MORE;
	if (short_of)
		counters_add(ACCEPT_SHORTAGE);
	else if (cqe->res < 0 && !a->stopped)
		counters_add(ACCEPT_ABORTED);
	if (!a->armed && !a->stopped && !(short_of && look_away(a)))
		accepting_start(a);
	return cqe->res < 0 ? -1 : admit(a, cqe->res);
}
