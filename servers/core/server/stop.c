#include "servers/core/server/stop.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int stop_fd = -1; /* for the handler */

static void on_stop(int number)
{
	static const uint64_t one = 1;
	int saved = errno;

	(void)number;
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	if (write(stop_fd, &one, sizeof one) < 0)
		_exit(1); /* nobody would ever stop */
	errno = saved;
}

static int handle(int number)
{
	struct sigaction stop = {.sa_handler = on_stop, .sa_flags = SA_RESTART | SA_ONSTACK}, old;

	sigemptyset(&stop.sa_mask);
	sigaddset(&stop.sa_mask, SIGTERM);
	sigaddset(&stop.sa_mask, SIGINT);
	if (sigaction(number, NULL, &old) < 0)
		return -errno;
	if (old.sa_handler == SIG_IGN)
		return 0;
	return sigaction(number, &stop, NULL) < 0 ? -errno : 0;
}

int stop_open(void)
{
	sigset_t both;
	int result;

	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0)
		return -errno;
	sigemptyset(&both);
	sigaddset(&both, SIGTERM);
	sigaddset(&both, SIGINT);
	result = handle(SIGTERM);
	if (result == 0)
		result = handle(SIGINT);
	if (result == 0 && sigprocmask(SIG_UNBLOCK, &both, NULL) < 0)
		result = -errno;
	if (result == 0)
		return stop_fd;
	close(stop_fd);
	return result;
}
