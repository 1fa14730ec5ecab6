#include "lib/process_stat.h"
#include "tests/unit/emulated.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(process_stat, .timeout = 30);

Test(process_stat, our_own_says_what_system_calls_say)
{
	struct process_stat stat;

	skip_if_emulated("a process's own stat is made up");
	cr_assert(process_stat_read(getpid(), &stat));
	cr_expect_eq(stat.parent, getppid());
	cr_expect_eq(stat.group, getpgrp());
	cr_expect_eq(stat.session, getsid(0));
}

Test(process_stat, a_name_may_look_like_the_rest_of_the_line)
{
	int ready[2], ended;
	struct process_stat stat;
	char byte = 0;
	pid_t pid;

	cr_assert_eq(pipe(ready), 0);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_NAME, "a) S 1\n(b) R 2");
		if (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	cr_expect(process_stat_read(pid, &stat));
	cr_expect_eq(stat.parent, getpid());
	kill(pid, SIGKILL);
	cr_assert_eq(waitpid(pid, &ended, 0), pid);
	cr_expect_not(process_stat_read(pid, &stat));
}

Test(process_stat, time_of_a_child_counts_for_who_waited_for_it)
{
	struct process_stat before, after;
	pid_t pid;

	skip_if_emulated("a process's own stat is made up");
	cr_assert(process_stat_read(getpid(), &before));
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0) {
		struct process_stat own = {0};

		while (own.own_ticks < 3)
			process_stat_read(getpid(), &own);
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	cr_assert(process_stat_read(getpid(), &after));
	cr_expect_geq(after.children_ticks, before.children_ticks + 3);
}
