#include "servers/core/tasks/database_permits.h"

#include "lib/clock.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

size_t database_permits_bytes(unsigned count)
{
	return sizeof(struct database_permits) + count * sizeof(pid_t);
}

/* A free one, or one whose holder is no more. */
static bool take_some(struct database_permits *permits, pid_t self)
{
	for (uint32_t i = 0; i < permits->count; i++) {
		pid_t holder = atomic_load(&permits->holders[i]);

		if (holder != 0 && (kill(holder, 0) == 0 || errno != ESRCH))
			continue;
		if (atomic_compare_exchange_strong(&permits->holders[i], &holder, self))
			return true;
	}
	return false;
}

/* Until one is given back, but not for long: a killed process gives nothing back. */
static void wait_a_moment(struct database_permits *permits, uint32_t given_back, uint64_t left_ns)
{
	struct timespec most = clock_to_timespec(
		left_ns < DATABASE_PERMIT_LOOK_NS ? left_ns : DATABASE_PERMIT_LOOK_NS);

	syscall(SYS_futex, &permits->given_back, FUTEX_WAIT, given_back, &most, NULL, 0);
}

bool database_permits_take(struct database_permits *permits, uint64_t due_ns)
{
	pid_t self = getpid();
	bool taken = take_some(permits, self);

	if (taken)
		return true;
	atomic_fetch_add(&permits->waiting, 1);
	for (;;) {
		uint32_t given_back = atomic_load(&permits->given_back);
		uint64_t now_ns = clock_now_ns();

		taken = take_some(permits, self);
		if (taken || now_ns >= due_ns)
			break;
		wait_a_moment(permits, given_back, due_ns - now_ns);
	}
	atomic_fetch_sub(&permits->waiting, 1);
	return taken;
}

void database_permits_give_back(struct database_permits *permits)
{
	pid_t self = getpid();

	for (uint32_t i = 0; i < permits->count; i++) {
		pid_t holder = self;

		if (atomic_compare_exchange_strong(&permits->holders[i], &holder, 0))
			break;
	}
	atomic_fetch_add(&permits->given_back, 1);
	if (atomic_load(&permits->waiting) > 0)
		syscall(SYS_futex, &permits->given_back, FUTEX_WAKE, 1, NULL, NULL, 0);
}
