#include "servers/core/tasks/database/database_permits.h"

#include "lib/clock.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct database_permits *make(unsigned count)
{
	struct database_permits *permits = mmap(NULL, database_permits_bytes(count),
						PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
						-1, 0);

	cr_assert_neq(permits, MAP_FAILED);
	permits->count = count;
	return permits;
}

static bool take_within(struct database_permits *permits, uint64_t ns)
{
	return database_permits_take(permits, clock_now_ns() + ns);
}

/* A process that takes one, says so, and stays. */
static pid_t start_holder(struct database_permits *permits)
{
	int said[2];
	char byte;
	pid_t pid;

	cr_assert_eq(pipe(said), 0);
	pid = fork();
	if (pid == 0) {
		if (take_within(permits, NS_PER_S) && write(said[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	cr_assert_eq(read(said[0], &byte, 1), 1);
	close(said[0]);
	close(said[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

Test(database_permits, no_more_processes_have_one_than_there_are)
{
	struct database_permits *permits = make(2);
	pid_t first = start_holder(permits);

	cr_expect(take_within(permits, 0));
	cr_expect_not(take_within(permits, 20 * NS_PER_MS));
	database_permits_give_back(permits);
	cr_expect(take_within(permits, 0));
	end(first);
}

Test(database_permits, that_of_a_killed_process_is_found)
{
	struct database_permits *permits = make(1);
	pid_t holder = start_holder(permits);

	cr_expect_not(take_within(permits, 0));
	end(holder);
	cr_expect(take_within(permits, NS_PER_S));
}

Test(database_permits, who_waits_is_woken)
{
	struct database_permits *permits = make(1);
	pid_t waiting;
	int status;

	cr_assert(take_within(permits, 0));
	waiting = fork();
	if (waiting == 0)
		_exit(take_within(permits, 5 * NS_PER_S) ? 0 : 1);
	while (!permits->waiting)
		clock_pause(NS_PER_MS);
	database_permits_give_back(permits);
	waitpid(waiting, &status, 0);
	cr_expect_eq(status, 0);
	cr_expect_eq(permits->waiting, 0);
}
