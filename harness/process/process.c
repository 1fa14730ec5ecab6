#include "harness/process/process.h"

#include "lib/clock.h"
#include "lib/libc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PASSED_FD = 3, EXEC_FAILED = 127 };

char *const process_environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
	"HOME=/", NULL};

/* What our own servers do for themselves (servers/core/server/main.c), done for another's. */
static void level_ground(void)
{
	struct rlimit limit;

	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* cgroups(7): "0" is whoever writes it. */
static bool enter_group(const char *entry)
{
	int fd = open(entry, O_WRONLY | O_CLOEXEC);
	bool entered = fd >= 0 && write(fd, "0", 1) == 1;

	if (fd >= 0)
		close(fd);
	return entered;
}

/* Of a change of user the kernel makes that it no longer dies with its parent, so that is asked for behind it. */
static bool become_user(const struct process_options *options, pid_t parent)
{
	return setgroups(0, NULL) == 0 && setgid(options->group) == 0 &&
	       setuid(options->user) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
	       getppid() == parent;
}

/* By its path, where `ps` has a name for it; or if another is there now, by the descriptor that is kept. */
static void execute(const struct process_options *options)
{
	char *const *environment = options->environment ? options->environment
							: process_environment;
	unsigned first = PASSED_FD + (options->pass_fd >= 0), kept;

	if (!options->kept || kept_program_look(options->kept) != KEPT_REPLACED) {
		close_range(first, ~0U, 0);
		execve(options->arguments[0], options->arguments, environment);
		return;
	}
	kept = (unsigned)options->kept->fd;
	close_range(first, kept - 1, 0);
	close_range(kept + 1, ~0U, 0);
	fexecve(options->kept->fd, options->arguments, environment);
}

/* In the child, before exec: only calls that are safe after fork. */
static void become(const struct process_options *options, const struct process *process,
		   pid_t parent)
{
	int null_fd = open("/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (options->guard)
		level_ground();
	else
		setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(EXEC_FAILED);
	if (options->place.cores &&
	    sched_setaffinity(0, sizeof *options->place.cores, options->place.cores) < 0)
		_exit(EXEC_FAILED);
	if (null_fd < 0 || dup2(null_fd, 0) < 0 ||
	    dup2(options->output_fd ? options->output_fd : null_fd, 1) < 0 ||
	    dup2(process->stderr_fd, 2) < 0)
		_exit(EXEC_FAILED);
	if (options->place.group_entry && !enter_group(options->place.group_entry)) {
		dprintf(2, "cannot enter the control group of %s: %s\n", options->place.group_entry,
			strerror(errno));
		_exit(EXEC_FAILED);
	}
	if (options->pass_fd == PASSED_FD)
		fcntl(PASSED_FD, F_SETFD, 0);
	else if (options->pass_fd >= 0 && dup2(options->pass_fd, PASSED_FD) < 0)
		_exit(EXEC_FAILED);
	if (options->user && !become_user(options, parent))
		_exit(EXEC_FAILED);
	execute(options);
	dprintf(2, "cannot start %s: %s\n", options->arguments[0], strerror(errno));
	_exit(EXEC_FAILED);
}

/* Which process the guard has started. 0 or -errno. */
static int read_report(struct process *process, int report_fd)
{
	ssize_t got;

	do
		got = read(report_fd, &process->main_pid, sizeof process->main_pid);
	while (got < 0 && errno == EINTR);
	return got == sizeof process->main_pid ? 0 : -ECHILD;
}

int process_spawn(struct process *process, const struct process_options *options,
		  struct error *error)
{
	pid_t parent = getpid();
	int report[2] = {-1, -1}, failure = 0;

	*process = (struct process){.pidfd = -1};
	process->stderr_fd = memfd_create("stderr", MFD_CLOEXEC);
	if (process->stderr_fd < 0 || pipe2(report, O_CLOEXEC) < 0) {
		failure = -errno;
	} else {
		process->pid = fork();
		if (process->pid == 0 && options->guard)
			become(options, process, guard_start(options->guard, report[1], parent));
		else if (process->pid == 0)
			become(options, process, parent);
		if (process->pid < 0)
			failure = -errno;
	}
	if (report[1] >= 0)
		close(report[1]);
	if (failure == 0) {
		process->main_pid = process->pid;
		process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
		failure = process->pidfd < 0 ? -errno : 0;
	}
	if (failure == 0 && options->guard)
		failure = read_report(process, report[0]);
	if (report[0] >= 0)
		close(report[0]);
	if (failure == 0)
		return 0;
	error_set(error, "cannot start %s: %s", options->arguments[0], strerror(-failure));
	if (process->pid > 0) {
		kill(process->pid, SIGKILL);
		waitpid(process->pid, NULL, 0);
	}
	process->pid = 0;
	process_destroy(process);
	return failure;
}

static void reap(struct process *process)
{
	int status = 0;

	while (wait4(process->pid, &status, 0, &process->usage) < 0 && errno == EINTR)
		;
	process->ended = true;
	process->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	process->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

void process_look_for_stop(struct process *process)
{
	siginfo_t info = {0};

	if (process->pid > 0 && !process->ended &&
	    waitid(P_PID, (id_t)process->pid, &info, WSTOPPED | WCONTINUED | WNOHANG) == 0 &&
	    info.si_pid != 0)
		process->was_stopped = true;
}

bool process_wait(struct process *process, uint64_t timeout_ns)
{
	uint64_t deadline_ns = clock_now_ns() + timeout_ns;

	if (process->pid <= 0)
		return true;
	while (!process->ended) {
		struct pollfd ended = {.fd = process->pidfd, .events = POLLIN};
		uint64_t now_ns = clock_now_ns();
		int left_ms = now_ns < deadline_ns ? (int)((deadline_ns - now_ns) / NS_PER_MS) + 1
						   : 0;

		process_look_for_stop(process);
		if (poll(&ended, 1, left_ms) > 0)
			reap(process);
		else if (clock_now_ns() >= deadline_ns)
			return false;
	}
	return true;
}

bool process_stop(struct process *process, uint64_t grace_ns)
{
	bool forced = false;

	if (process->pid <= 0)
		return false;
	if (!process->ended) {
		process_look_for_stop(process);
		kill(process->pid, SIGTERM);
		if (!process_wait(process, grace_ns)) {
			forced = true;
			kill(process->pid, SIGKILL);
			process_wait(process, 10 * NS_PER_S);
		}
	}
	kill(-process->pid, SIGKILL); /* what it started and did not end */
	if (forced && process->main_pid != process->pid)
		kill(-process->main_pid, SIGKILL); /* the guard itself was stuck */
	return forced;
}

void process_stderr(const struct process *process, char *text, size_t size)
{
	off_t end = process->stderr_fd >= 0 ? lseek(process->stderr_fd, 0, SEEK_END) : 0;
	off_t start = end > (off_t)size - 1 ? end - ((off_t)size - 1) : 0;
	ssize_t length = end > 0 ? pread(process->stderr_fd, text, size - 1, start) : 0;

	text[length > 0 ? length : 0] = '\0';
}

void process_destroy(struct process *process)
{
	if (process->pidfd >= 0)
		close(process->pidfd);
	if (process->stderr_fd >= 0)
		close(process->stderr_fd);
	process->pidfd = process->stderr_fd = -1;
	process->pid = process->main_pid = 0;
}
