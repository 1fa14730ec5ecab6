#include "loadgen/arrival.h"
#include "lib/clock.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>

static uint64_t read_stamp(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct timespec time;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&time, CMSG_DATA(c), sizeof(time));
		return clock_from_timespec(&time);
	}
	return 0;
}

ssize_t arrival_receive(int descriptor, char *buffer, size_t size, uint64_t *stamp_ns)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} control;
	struct iovec into = {.iov_base = buffer, .iov_len = size};
	struct msghdr message = {.msg_iov = &into,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t received = recvmsg(descriptor, &message, 0);

	*stamp_ns = received > 0 ? read_stamp(&message) : 0;
	return received;
}
