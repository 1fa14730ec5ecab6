#include "loadgen/pacing.h"
#include "lib/clock.h"
#include "lib/libc.h"
#include "loadgen/round.h"

#include <errno.h>

enum { SLEEP_MOST_MS = 1000 };

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static int sleep_until(struct driver *driver, struct epoll_event *events, int most,
		       uint64_t deadline_ns)
{
	uint64_t now_ns = driver->account.open_loop ? driver->clock_ns() : driver->account.now_ns;
	uint64_t wait_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0, wait_ms;
	struct timespec wait = clock_to_timespec(wait_ns);
	int count = epoll_pwait2(driver->wire.epoll_fd, events, most,
				 deadline_ns == UINT64_MAX ? NULL : &wait, NULL);

	if (count >= 0 || errno != ENOSYS)
		return count;
	/* Linux before 5.11: milliseconds have to do. */
	wait_ms = (wait_ns + NS_PER_MS - 1) / NS_PER_MS;
	return epoll_wait(driver->wire.epoll_fd, events, most,
			  deadline_ns == UINT64_MAX ? -1 : (int)least(wait_ms, SLEEP_MOST_MS));
}

/* Polls until then, or until something happens. */
static int spin_until(struct driver *driver, struct epoll_event *events, int most,
		      uint64_t deadline_ns)
{
	/* Its CPU time, as what it is taken from: while others had the core nothing was spun. */
	uint64_t begun_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	int count = 0;

	while (count == 0 && driver->clock_ns() < deadline_ns)
		count = epoll_wait(driver->wire.epoll_fd, events, most, 0);
	if (account_is_counting(&driver->account))
		driver->account.result->spin_ns += clock_read_ns(CLOCK_THREAD_CPUTIME_ID) -
						   begun_ns;
	return count;
}

int pacing_wait(struct driver *driver, struct epoll_event *events, int most)
{
	uint64_t spin_ns = driver->options->spin_ns;
	uint64_t due_ns = round_next_due_ns(driver), deadline_ns = round_deadline_ns(driver);
	uint64_t sleep_ns = due_ns > spin_ns ? due_ns - spin_ns : 0;
	int count;

	if (due_ns == UINT64_MAX || spin_ns == 0 || deadline_ns < sleep_ns)
		return sleep_until(driver, events, most, least(deadline_ns, due_ns));
	if (driver->clock_ns() < sleep_ns) {
		count = sleep_until(driver, events, most, sleep_ns);
		if (count != 0)
			return count;
	}
	return spin_until(driver, events, most, least(deadline_ns, due_ns));
}
