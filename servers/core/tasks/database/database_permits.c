#include "servers/core/tasks/database/database_permits.h"

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

/* Of a process that is no more it is free, too. */
static bool is_free(pid_t holder)
{
	return holder == 0 || (kill(holder, 0) < 0 && errno == ESRCH);
}

static uint32_t count_free(const struct database_permits *permits)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < permits->count; i++)
		count += is_free(atomic_load(&permits->holders[i]));
	return count;
}

static bool take_some(struct database_permits *permits, pid_t self)
{
	for (uint32_t i = 0; i < permits->count; i++) {
		pid_t holder = atomic_load(&permits->holders[i]);

		if (is_free(holder) &&
		    atomic_compare_exchange_strong(&permits->holders[i], &holder, self))
			return true;
	}
	return false;
}

/* Until one is given back, but not for ever: a killed process gives nothing back. Who looks again waits last. */
static void wait_a_moment(struct database_permits *permits, uint32_t given_back, uint64_t left_ns)
{
	struct timespec most = clock_to_timespec(
		left_ns < DATABASE_PERMIT_LOOK_NS ? left_ns : DATABASE_PERMIT_LOOK_NS);

	syscall(SYS_futex, &permits->given_back, FUTEX_WAIT, given_back, &most, NULL, 0);
}

/* Who comes takes none that somebody who waits could have: the kernel wakes those in their order. */
bool database_permits_take(struct database_permits *permits, uint64_t due_ns)
{
	uint32_t given_back =
		atomic_load(&permits->given_back); /* before the look at what is free */
	bool taken = false, in_turn = count_free(permits) > atomic_load(&permits->waiting);
	pid_t self = getpid();

	if (in_turn && take_some(permits, self))
		return true;
	atomic_fetch_add(&permits->waiting, 1);
	for (;; in_turn = true, given_back = atomic_load(&permits->given_back)) {
		uint64_t now_ns = clock_now_ns();

		taken = in_turn && take_some(permits, self);
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
