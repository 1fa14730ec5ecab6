#include "loadgen/arrival.h"
#include "lib/clock.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

void arrival_ask(int descriptor, bool stamps)
{
	int flags = stamps ? SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE : 0;

	(void)setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags));
}

uint64_t arrival_age_ns(int descriptor)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		return 0;
	return info.tcpi_last_data_recv * NS_PER_MS;
}

/* Of three stamps the first is the kernel's, the others are those of hardware. */
static uint64_t read_stamp(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct scm_timestamping stamps;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING)
			continue;
		memcpy(&stamps, CMSG_DATA(c), sizeof(stamps));
		return clock_from_timespec(&stamps.ts[0]);
	}
	return 0;
}

ssize_t arrival_receive(int descriptor, char *buffer, size_t size, uint64_t *stamp_ns)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct scm_timestamping))];
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
