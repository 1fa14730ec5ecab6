#include "harness/process/guard.h"

#include "lib/libc.h"
#include "lib/temporary.h"
#include "lib/clock.h"
#include "lib/process_stat.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define REST_GRACE_NS (500 * NS_PER_MS) /* for what is left when the server itself has ended */

/* Sends a signal to each of our children, which orphans of the server's have become too. */
static void signal_children(int number)
{
	DIR *processes = opendir("/proc");
	struct process_stat stat;
	struct dirent *entry;

	while (processes && (entry = readdir(processes)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && process_stat_read(pid, &stat) && stat.parent == getpid())
			kill(pid, number);
	}
	if (processes)
		closedir(processes);
}

/* Waits for a signal of the set until the deadline (0: forever). The signal, or 0. */
static int await_signal(const sigset_t *signals, uint64_t deadline_ns)
{
	uint64_t now_ns = clock_now_ns();
	struct timespec left = clock_to_timespec(deadline_ns > now_ns ? deadline_ns - now_ns : 0);
	int number;

	do
		number = sigtimedwait(signals, NULL, deadline_ns ? &left : NULL);
	while (number < 0 && errno == EINTR);
	return number < 0 ? 0 : number;
}

/* Reaps all that have ended. Whether children are left; *status is set if the server was one. */
static bool reap(pid_t server, int *status, bool *ended)
{
	pid_t pid;
	int how;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0)
		if (pid == server) {
			*status = how;
			*ended = true;
		}
	return pid == 0;
}

/* The same way out as the server's. */
static _Noreturn void end_like(int status)
{
	static const struct rlimit none = {0, 0};
	sigset_t all;

	if (WIFSIGNALED(status)) {
		setrlimit(RLIMIT_CORE, &none);
		signal(WTERMSIG(status), SIG_DFL);
		sigfillset(&all);
		sigprocmask(SIG_UNBLOCK, &all, NULL);
		kill(getpid(), WTERMSIG(status));
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static _Noreturn void guard(const struct guard_options *options, const sigset_t *signals,
			    pid_t server)
{
	uint64_t deadline_ns = 0;
	bool ended = false, children = true;
	int status = 0;

	while (!ended) {
		int number = await_signal(signals, deadline_ns);

		children = reap(server, &status, &ended);
		if (ended)
			break;
		if (number == 0)
			kill(-server, SIGKILL);
		else if (number == SIGTERM && deadline_ns == 0)
			kill(server, options->stop_signal ? options->stop_signal : SIGTERM);
		if (number == 0 || (number == SIGTERM && deadline_ns == 0))
			deadline_ns = clock_now_ns() + options->grace_ns;
	}
	/* What is left when it was told to stop is told too; what it left by itself is not asked. */
	if (children && deadline_ns)
		signal_children(SIGTERM);
	if (deadline_ns)
		deadline_ns = clock_now_ns() + REST_GRACE_NS;
	while (deadline_ns && reap(server, &status, &ended) && await_signal(signals, deadline_ns))
		;
	/* Those killed leave their own children to us: until there is nobody. */
	while (reap(server, &status, &ended)) {
		kill(-server, SIGKILL);
		signal_children(SIGKILL);
		await_signal(signals, clock_now_ns() + 10 * NS_PER_MS);
	}
	temporary_remove(options->folder);
	end_like(status);
}

pid_t guard_start(const struct guard_options *options, int report_fd, pid_t parent)
{
	pid_t self = getpid(), server;
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_SETMASK, &signals, NULL);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent)
		_exit(127);
	server = fork();
	if (server == 0) {
		setsid();
		return self;
	}
	if (server < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ||
	    write(report_fd, &server, sizeof server) != sizeof server)
		_exit(127); /* which ends the server too, by its own PR_SET_PDEATHSIG */
	close_range(0, ~0U, 0);
	guard(options, &signals, server);
}
