#include "harness/process/interrupt.h"

#include "lib/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t seen, continued;
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

static void note_continued(int signal_number)
{
	(void)signal_number;
	continued = (sig_atomic_t)((unsigned)continued + 1);
}

void interrupt_watch(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = note};
	struct sigaction going_on = {.sa_handler = note_continued, .sa_flags = SA_RESTART};

	if (told[0] < 0 && pipe2(told, O_CLOEXEC | O_NONBLOCK) < 0)
		told[0] = told[1] = -1;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaction(numbers[i], &action, NULL);
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
