#include "servers/models/libuv/accepting.h"

#include "lib/clock.h"

#include <errno.h>
#include <sys/socket.h>

enum { ACCEPTS_PER_TURN = 64 };

static void accept_waiting(uv_poll_t *readable, int status, int events);

/* Cannot fail: the descriptor is known to libuv's epoll, which takes it up when it next waits. */
static void look(uv_timer_t *again)
{
	struct accepting *a = again->data;

	uv_poll_start(&a->readable, UV_READABLE, accept_waiting);
}

static void look_away(struct accepting *a)
{
	uv_poll_stop(&a->readable);
	uv_timer_start(&a->again, look, LISTENER_RETRY_NS / NS_PER_MS, 0);
}

static void accept_waiting(uv_poll_t *readable, int status, int events)
{
	struct accepting *a = readable->data;

	(void)status, (void)events;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		int fd = listener_accept(a->listener, SOCK_NONBLOCK);

		if (fd >= 0) {
			a->admit(a, fd);
		} else if (fd != -ECONNREFUSED) {
			if (listener_is_shortage(fd))
				look_away(a);
			return;
		}
	}
}

int accepting_start(struct accepting *a, uv_loop_t *uv)
{
	int result = uv_poll_init(uv, &a->readable, a->listener->fd);

	if (result < 0)
		return result;
	uv_timer_init(uv, &a->again);
	a->readable.data = a->again.data = a;
	return uv_poll_start(&a->readable, UV_READABLE, accept_waiting);
}

void accepting_stop(struct accepting *a)
{
	if (!a->readable.data || uv_is_closing((uv_handle_t *)&a->readable))
		return;
	uv_close((uv_handle_t *)&a->readable, NULL);
	uv_close((uv_handle_t *)&a->again, NULL);
	listener_close(a->listener);
}
