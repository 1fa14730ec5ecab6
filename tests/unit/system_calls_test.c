#include "harness/measure/system_calls.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Calls that a child makes, as many in a child of its own, while they are counted. */
enum { CALLS = 10000 };

static struct system_calls calls, others;

TestSuite(system_calls, .timeout = 20);

static void make_calls(void)
{
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
}

/* Waits for a byte, makes its calls itself and in a child, which ends, and waits to be killed. */
static pid_t start(int *go)
{
	int start[2], done[2];
	char byte = 0;
	pid_t pid;

	cr_assert_eq(pipe(start), 0);
	cr_assert_eq(pipe(done), 0);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0) {
		pid_t child;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (read(start[0], &byte, 1) != 1)
			_exit(1);
		make_calls();
		child = fork();
		if (child == 0) {
			make_calls();
			_exit(0);
		}
		waitpid(child, NULL, 0);
		if (write(done[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	go[0] = done[0];
	go[1] = start[1];
	return pid;
}

Test(system_calls, are_those_of_a_process_and_of_what_it_starts)
{
	char byte = 0;
	double before;
	int go[2];
	pid_t pid = start(go);

	system_calls_open(&calls, pid, SYSTEM_CALLS_ALL, "");
	if (*calls.why) {
		kill(pid, SIGKILL);
		cr_assert(strstr(calls.why, "mount") || strstr(calls.why, "root"), "%s", calls.why);
		cr_skip_test("%s", calls.why);
	}
	system_calls_open(&others, pid, SYS_getuid, ""); /* which nobody calls */
	before = system_calls_read(&calls);
	cr_assert_eq(write(go[1], &byte, 1), 1);
	cr_assert_eq(read(go[0], &byte, 1), 1);
	cr_expect_geq(system_calls_read(&calls) - before, 2 * CALLS);
	cr_expect_leq(system_calls_read(&calls) - before, 2 * CALLS + 100);
	cr_expect_eq(system_calls_read(&others), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	system_calls_close(&others);
	system_calls_close(&calls);
	cr_expect(isnan(system_calls_read(&calls)));
}

Test(system_calls, of_one_number_are_told_from_all_others)
{
	char byte = 0;
	int go[2];
	pid_t pid = start(go);

	system_calls_open(&calls, pid, SYS_getppid, "");
	if (!*calls.why) {
		cr_assert_eq(write(go[1], &byte, 1), 1);
		cr_assert_eq(read(go[0], &byte, 1), 1);
		cr_expect_eq(system_calls_read(&calls), 2 * CALLS);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	system_calls_close(&calls);
	if (*calls.why)
		cr_skip_test("%s", calls.why);
}

Test(system_calls, it_is_said_what_would_help_where_they_cannot_be_counted)
{
	char root[256], path[512];
	static const char *const folders[] = {"/sys",
					      "/sys/kernel",
					      "/sys/kernel/tracing",
					      "/sys/kernel/tracing/events",
					      "/sys/kernel/tracing/events/raw_syscalls",
					      "/sys/kernel/tracing/events/raw_syscalls/sys_enter"};
	FILE *file;

	temporary_template(root, sizeof root, "tenk-calls");
	cr_assert_not_null(mkdtemp(root));
	system_calls_open(&calls, getpid(), SYSTEM_CALLS_ALL, root);
	cr_expect(strstr(calls.why, "mount -t tracefs"), "%s", calls.why);
	cr_expect(isnan(system_calls_read(&calls)));
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s%s", root, folders[i]);
		cr_assert_eq(mkdir(path, 0700), 0);
	}
	snprintf(path, sizeof path, "%s%s/id", root, folders[5]);
	file = fopen(path, "we");
	cr_assert_not_null(file);
	fputs("4000000000\n", file); /* no such tracepoint */
	fclose(file);
	system_calls_open(&calls, getpid(), SYSTEM_CALLS_ALL, root);
	cr_expect_neq(calls.why[0], '\0');
	cr_expect_eq(calls.count, 0);
	unlink(path);
	for (size_t i = sizeof folders / sizeof *folders; i-- > 0;) {
		snprintf(path, sizeof path, "%s%s", root, folders[i]);
		rmdir(path);
	}
	rmdir(root);
}
