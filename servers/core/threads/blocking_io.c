#include "servers/core/threads/blocking_io.h"

#include "lib/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>

bool blocking_await(int fd, short events, uint32_t due)
{
	struct pollfd ready = {.fd = fd, .events = events};

	for (;;) {
		uint64_t due_ns = due * TICK_NS, now_ns = clock_now_ns(), left_ms;
		int count;

		if (due != TICK_NEVER && now_ns >= due_ns)
			return false;
		left_ms = (due_ns - now_ns) / NS_PER_MS + 1;
		count = poll(&ready, 1,
			     due == TICK_NEVER	 ? -1
			     : left_ms < INT_MAX ? (int)left_ms
						 : INT_MAX);
		if (count > 0 ||
		    (count < 0 && errno != EINTR)) /* the next call tells what is wrong */
			return true;
	}
}

/* Since sendfile waits if the socket does: it has no flag that says otherwise. */
ssize_t blocking_transmit_file(int fd, struct http *http)
{
	ssize_t sent;

	if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return -errno;
	do
		sent = blocking_transmit(fd, http);
	while (sent >= 0 && http_sends_file(http));
	fcntl(fd, F_SETFL, O_RDWR);
	return sent;
}
