#include "servers/core/threads/children.h"

#include "lib/clock.h"
#include "servers/core/tasks/inject.h"
#include "servers/core/threads/blocking.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BITS = 64 };

/* In a child, for its signal handler. */
static atomic_bool stopping;
static atomic_int served_fd = -1;
static struct blocking_connection served = {.fd = -1};
static uint32_t idle_limit;
static volatile sig_atomic_t timer_runs;

/* Its connection has no more input: a recv that waits, or that is about to, returns at once. */
static void on_stop(int number)
{
	int fd = atomic_load(&served_fd);

	(void)number;
	atomic_store(&stopping, true);
	if (fd >= 0)
		shutdown(fd, SHUT_RD);
}

/* Sends SIGALRM when the connection could be idle for too long, at the earliest. */
static void start_timer(uint32_t due)
{
	uint32_t now = tick_now();
	struct timespec left = clock_to_timespec((due > now ? due - now : 1) * TICK_NS);
	struct itimerval once = {
		.it_value = {.tv_sec = left.tv_sec, .tv_usec = left.tv_nsec / 1000}};

	timer_runs = due != TICK_NEVER && setitimer(ITIMER_REAL, &once, NULL) == 0;
}

/* While there is a connection it looks again and again; else children_serve starts it. */
static void on_alarm(int number)
{
	int saved = errno;
	uint32_t now = tick_now(), due = blocking_due(&served, idle_limit, now);

	(void)number;
	timer_runs = false;
	if (atomic_load(&served_fd) >= 0 && (due > now || !blocking_expire(&served)))
		start_timer(due);
	errno = saved;
}

/* The bit of a process, in a word of such bits. */
static uint64_t bit_of(pid_t pid)
{
	return UINT64_C(1) << pid % BITS;
}

void children_serve(const struct children *children, int fd, const struct http_limits *limits)
{
	static struct task_tools tools = {.sends_files = true,
					  .lock = PTHREAD_MUTEX_INITIALIZER}; /* the child's */
	const struct blocking_terms terms = {
		.draining = &stopping, .limits = limits, .tools = &tools};
	pid_t self = getpid();

	atomic_fetch_or(&children->serving[self / BITS], bit_of(self));
	served = (struct blocking_connection){.fd = fd};
	idle_limit = limits->ticks[HTTP_IDLE];
	atomic_store(&served_fd, fd);
	if (!timer_runs)
		start_timer(blocking_due(&served, idle_limit, tick_now()));
	if (atomic_load(&stopping)) /* the handler has run, and may not have seen the descriptor */
		shutdown(fd, SHUT_RD);
	inject_connection_begins();
	blocking_serve(&served, BLOCKING_UNTIL_CLOSED, &terms);
	inject_connection_ends();
	atomic_store(&served_fd, -1);
	atomic_fetch_and(&children->serving[self / BITS], ~bit_of(self));
	close(fd);
}

bool children_must_stop(void)
{
	return atomic_load(&stopping);
}

int children_open(struct children *children)
{
	sigset_t signals;
	void *shared = mmap(NULL, sizeof children->running, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (shared == MAP_FAILED)
		return -errno;
	children->serving = shared;
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	children->ended_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return children->ended_fd < 0 ? -errno : 0;
}

/*
 * The signals are blocked until the child's own handler stands, so that one which the parent sends at
 * once is not lost.
 */
static void become_child(const struct children *children, const struct listener *listener,
			 pid_t parent)
{
	struct sigaction stop = {.sa_handler = on_stop};
	struct sigaction alarm = {.sa_handler = on_alarm};
	sigset_t none;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	close(children->ended_fd);
	close(listener->stop_fd);
	sigemptyset(&stop.sa_mask);
	sigemptyset(&alarm.sa_mask);
	sigemptyset(&none);
	if (sigaction(SIGALRM, &alarm, NULL) < 0 || sigaction(SIGTERM, &stop, NULL) < 0 ||
	    sigaction(SIGINT, &stop, NULL) < 0 || sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		_exit(1);
}

static void remember(struct children *children, pid_t pid)
{
	children->running[pid / BITS] |= bit_of(pid);
	children->count++;
	if ((unsigned)pid > children->highest)
		children->highest = (unsigned)pid;
}

pid_t children_fork(struct children *children, const struct listener *listener)
{
	sigset_t all, before;
	pid_t parent = getpid(), pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0) {
		become_child(children, listener, parent);
		return 0;
	}
	if (pid < 0)
		pid = -errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid > 0)
		remember(children, pid);
	return pid;
}

/* What a child that died could not count itself. */
static void forget(struct children *children, pid_t pid)
{
	children->running[pid / BITS] &= ~bit_of(pid);
	children->count--;
	if (atomic_fetch_and(&children->serving[pid / BITS], ~bit_of(pid)) & bit_of(pid))
		counters_add(CLOSED_KILLED);
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
		forget(children, pid);
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
