#include "servers/core/children.h"

#include "lib/clock.h"
#include "servers/core/blocking.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BITS = 64 };

/* In a child, for its signal handler. */
static atomic_bool stopping;
static atomic_int served_fd = -1;

/* Its connection has no more input: a recv that waits, or that is about to, returns at once. */
static void on_stop(int number)
{
	int fd = atomic_load(&served_fd);

	(void)number;
	atomic_store(&stopping, true);
	if (fd >= 0)
		shutdown(fd, SHUT_RD);
}

void children_serve(int fd)
{
	atomic_store(&served_fd, fd);
	if (atomic_load(&stopping)) /* the handler has run, and may not have seen the descriptor */
		shutdown(fd, SHUT_RD);
	blocking_serve(fd, BLOCKING_UNTIL_CLOSED, &stopping);
	atomic_store(&served_fd, -1);
	close(fd);
}

bool children_must_stop(void)
{
	return atomic_load(&stopping);
}

int children_open(struct children *children)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	children->ended_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return children->ended_fd < 0 ? -errno : 0;
}

/*
 * What the parent has turned into descriptors is a handler here. The signals are blocked until it
 * stands, so that one which the parent sends at once is not lost.
 */
static void become_child(const struct children *children, const struct listener *listener,
			 pid_t parent)
{
	struct sigaction stop = {.sa_handler = on_stop};
	sigset_t none;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	close(children->ended_fd);
	close(listener->stop_fd);
	sigemptyset(&stop.sa_mask);
	sigemptyset(&none);
	if (sigaction(SIGTERM, &stop, NULL) < 0 || sigaction(SIGINT, &stop, NULL) < 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		_exit(1);
}

static void remember(struct children *children, pid_t pid)
{
	children->running[pid / BITS] |= UINT64_C(1) << pid % BITS;
	children->count++;
	if ((unsigned)pid > children->highest)
		children->highest = (unsigned)pid;
}

pid_t children_fork(struct children *children, const struct listener *listener)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		become_child(children, listener, parent);
	else
		remember(children, pid);
	return pid;
}

unsigned children_reap(struct children *children)
{
	struct signalfd_siginfo said;
	unsigned ended = 0;
	pid_t pid;

	/* One signal may stand for many ends: it is taken first, then all that have ended. */
	while (read(children->ended_fd, &said, sizeof said) > 0)
		;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		children->running[pid / BITS] &= ~(UINT64_C(1) << pid % BITS);
		children->count--;
		ended++;
	}
	return ended;
}

/* A number stays a child's until it is reaped, so that no stranger can be hit. */
static void tell_all(const struct children *children, int number)
{
	for (unsigned word = 0; word <= children->highest / BITS; word++)
		for (uint64_t left = children->running[word]; left; left &= left - 1)
			kill((pid_t)(word * BITS) + __builtin_ctzll(left), number);
}

/* Until no child is left or the time has come. */
static void await_ends(struct children *children, uint64_t until_ns)
{
	struct pollfd ended = {.fd = children->ended_fd, .events = POLLIN};
	uint64_t now_ns = clock_now_ns();

	children_reap(children);
	for (; children->count && now_ns < until_ns; now_ns = clock_now_ns()) {
		poll(&ended, 1, (int)((until_ns - now_ns) / NS_PER_MS) + 1);
		children_reap(children);
	}
}

void children_drain(struct children *children)
{
	tell_all(children, SIGTERM);
	await_ends(children, clock_now_ns() + DRAIN_NS);
	if (!children->count)
		return;
	tell_all(children, SIGKILL);
	await_ends(children, clock_now_ns() + NS_PER_S);
}
