#include "harness/process/interrupt.h"

#include "lib/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t seen, continued;
/* A terminal that is lost sends SIGCONT behind SIGHUP, to processes that were not stopped. */
static volatile sig_atomic_t outlives, awaits_continue;
/* Readable from the first signal on, which wakes every thread that waits, and who was about to. */
static int told[2] = {-1, -1};

static void note(int signal_number)
{
	int before = errno;

	(void)signal_number;
	if (!seen && write(told[1], "", 1) < 0) /* it is not there: who waits finds out in time */
		errno = before;
	seen = 1;
}

/* open(2) may be called in a handler. */
static bool has_terminal(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void note_hang_up(int signal_number)
{
	int before = errno;

	if (outlives && !has_terminal())
		awaits_continue = 1;
	else
		note(signal_number);
	errno = before;
}

void interrupt_outlive_terminal(void)
{
	outlives = has_terminal();
}

static void note_continued(int signal_number)
{
	(void)signal_number;
	if (awaits_continue) {
		awaits_continue = 0;
		return;
	}
	continued = (sig_atomic_t)((unsigned)continued + 1);
}

void interrupt_watch(void)
{
	static const int numbers[] = {SIGINT, SIGTERM};
	struct sigaction action = {.sa_handler = note}, before;
	struct sigaction going_on = {.sa_handler = note_continued, .sa_flags = SA_RESTART};

	if (told[0] < 0 && pipe2(told, O_CLOEXEC | O_NONBLOCK) < 0)
		told[0] = told[1] = -1;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaction(numbers[i], &action, NULL);
	action.sa_handler = note_hang_up;
	sigaddset(&action.sa_mask, SIGCONT); /* is noted behind it */
	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &action, NULL);
	sigemptyset(&going_on.sa_mask);
	sigaction(SIGCONT, &going_on, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that becomes too large is an error like another */
}

bool interrupt_seen(void)
{
	return seen != 0;
}

unsigned interrupt_continued(void)
{
	return (unsigned)continued;
}

int interrupt_wait(struct pollfd *poller, uint64_t deadline_ns)
{
	struct pollfd both[] = {{.fd = told[0], .events = POLLIN},
				poller ? *poller : (struct pollfd){.fd = -1}};

	for (;;) {
		uint64_t now_ns = clock_now_ns();
		struct timespec left = clock_to_timespec(deadline_ns > now_ns ? deadline_ns - now_ns
									      : 0);
		int ready = ppoll(both, 2, &left, NULL);

		if (interrupt_seen() || (ready > 0 && both[0].revents))
			return -EINTR;
		if (ready > 0) {
			poller->revents = both[1].revents;
			return 0;
		}
		if (ready == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}
