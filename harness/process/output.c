#include "harness/process/output.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* A terminal that has hung up tells so by both, a pipe without a reader by the first. */
static bool is_lost(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};

	return poll(&poller, 1, 0) > 0 && (poller.revents & (POLLERR | POLLHUP));
}

static void write_heading(int file, bool output, bool errors)
{
	char when[40] = "";
	time_t now = time(NULL);
	struct tm utc;

	if (gmtime_r(&now, &utc))
		strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
	dprintf(file,
		"%s: nobody reads %s any more (its terminal was closed, say): what is written to it "
		"follows here.\nThe run goes on in process %d; kill -INT %d ends it, and all that was "
		"measured is kept.\n",
		when,
		output && errors ? "standard output and error"
		: output	 ? "standard output"
				 : "standard error",
		(int)getpid(), (int)getpid());
}

bool output_keep(const char *path)
{
	bool output = is_lost(STDOUT_FILENO), errors = is_lost(STDERR_FILENO);
	int file = output || errors ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)
				    : -1;

	if (file < 0)
		return false;
	write_heading(file, output, errors);
	if (output) {
		dup2(file, STDOUT_FILENO);
		clearerr(stdout);
	}
	if (errors) {
		dup2(file, STDERR_FILENO);
		clearerr(stderr);
	}
	close(file);
	return true;
}
