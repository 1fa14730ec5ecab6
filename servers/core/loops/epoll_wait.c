#include "servers/core/loops/epoll_wait.h"

#include "lib/clock.h"
#include "lib/libc.h"

#include <errno.h>

int epoll_wait_until(int epoll_fd, struct epoll_event *events, int most, uint64_t until_ns)
{
	struct timespec timeout;
	uint64_t now_ns;
	int count;

	if (until_ns == UINT64_MAX) {
		count = epoll_wait(epoll_fd, events, most, -1);
	} else {
		now_ns = clock_now_ns();
		timeout = clock_to_timespec(until_ns > now_ns ? until_ns - now_ns : 0);
		count = epoll_pwait2(epoll_fd, events, most, &timeout, NULL);
		if (count < 0 && errno == ENOSYS)
			count = epoll_wait(epoll_fd, events, most,
					   (int)(timeout.tv_sec * 1000 +
						 (timeout.tv_nsec + 999999) / 1000000));
	}
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	return count;
}
