#include "harness/trial/server_host_wire.h"

#include "lib/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* 0 when it is ready. */
static int await(int wire, short events, uint64_t deadline_ns)
{
	struct pollfd poller = {.fd = wire, .events = events};

	for (;;) {
		uint64_t now_ns = clock_now_ns();
		int ready;

		if (now_ns >= deadline_ns)
			return -ETIMEDOUT;
		ready = poll(&poller, 1, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1);
		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return -errno;
	}
}

int host_send(int wire, const void *bytes, size_t size, uint64_t deadline_ns)
{
	const char *at = bytes;

	while (size > 0) {
		int result = await(wire, POLLOUT, deadline_ns);
		ssize_t sent;

		if (result < 0)
			return result;
		sent = write(wire, at, size);
		if (sent < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (sent > 0) {
			at += sent;
			size -= (size_t)sent;
		}
	}
	return 0;
}

int host_receive(int wire, void *bytes, size_t size, uint64_t deadline_ns)
{
	char *at = bytes;

	while (size > 0) {
		int result = await(wire, POLLIN, deadline_ns);
		ssize_t got;

		if (result < 0)
			return result;
		got = read(wire, at, size);
		if (got == 0)
			return -EPIPE;
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (got > 0) {
			at += got;
			size -= (size_t)got;
		}
	}
	return 0;
}
