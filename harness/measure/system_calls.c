#include "harness/measure/system_calls.h"

#include "harness/machine/machine_files.h"
#include "harness/measure/process_tree.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where tracefs is mounted, and where it was before Linux 4.1. */
static const char *const usual_places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};

/* The tracepoint's number. 0 or -errno. */
static int read_id(const char *root, const char *place, uint64_t *id)
{
	char path[96], text[32];
	const char *end;
	long result;

	snprintf(path, sizeof path, "%s/events/raw_syscalls/sys_enter/id", place);
	result = machine_read_text(root, path, text, sizeof text);
	if (result < 0)
		return (int)result;
	return machine_parse_number(text, id, &end) ? 0 : -EIO;
}

static int find_id(const char *root, uint64_t *id)
{
	int code = read_id(root, usual_places[0], id);

	return code < 0 && read_id(root, usual_places[1], id) == 0 ? 0 : code;
}

static void explain_no_tracepoint(struct system_calls *calls, int code)
{
	if (code == -EACCES || code == -EPERM)
		snprintf(calls->why, sizeof calls->why,
			 "tracefs may be read by root only: run as root, or "
			 "`mount -o remount,mode=755 %s`",
			 usual_places[0]);
	else
		snprintf(calls->why, sizeof calls->why,
			 "the kernel's tracepoints are not there: `mount -t tracefs none %s` (it "
			 "needs CONFIG_FTRACE_SYSCALLS)",
			 usual_places[0]);
}

static void explain_no_counter(struct system_calls *calls, int code)
{
	if (code == -EACCES || code == -EPERM)
		snprintf(calls->why, sizeof calls->why,
			 "performance events are forbidden: run as root, give CAP_PERFMON, or "
			 "`sysctl kernel.perf_event_paranoid=1`");
	else
		snprintf(calls->why, sizeof calls->why, "perf_event_open: %s", strerror(-code));
}

/* Has a counter take heed of one call only; so do those that what its thread starts inherits. 0 or -errno. */
static int count_only(int fd, long number)
{
	char filter[32];

	if (number == SYSTEM_CALLS_ALL)
		return 0;
	snprintf(filter, sizeof filter, "id == %ld", number);
	return ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter) < 0 ? -errno : 0;
}

/* A counter for a thread, and for all that it starts. A descriptor or -errno. */
static int count_thread(uint64_t id, pid_t tid, long number)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof attributes,
		.config = id,
		.inherit = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attributes, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
	int result = fd < 0 ? -errno : count_only(fd, number);

	if (result < 0 && fd >= 0)
		close(fd);
	return result < 0 ? result : fd;
}

/* 0, also if some have ended meanwhile, or -errno. */
static int count_threads(struct system_calls *calls, uint64_t id, long number, const pid_t *tids,
			 ssize_t count)
{
	for (ssize_t i = 0; i < count; i++) {
		int fd = count_thread(id, tids[i], number);

		if (fd < 0 && fd != -ESRCH)
			return fd;
		if (fd >= 0)
			calls->counters[calls->count++] = fd;
	}
	return 0;
}

void system_calls_open(struct system_calls *calls, pid_t pid, long number, const char *root)
{
	pid_t tids[SYSTEM_CALLS_THREADS], *pids = NULL;
	uint64_t id = 0;
	int code = find_id(root, &id);
	ssize_t processes;

	calls->count = 0;
	calls->why[0] = '\0';
	if (code < 0) {
		explain_no_tracepoint(calls, code);
		return;
	}
	processes = process_tree_list(pid, &pids);
	for (ssize_t i = 0; i < processes && !*calls->why; i++) {
		ssize_t threads = process_threads_list(pids[i], tids,
						       SYSTEM_CALLS_THREADS - calls->count);

		if (threads < 0)
			snprintf(calls->why, sizeof calls->why,
				 "it has more than %d threads before it is asked for anything",
				 SYSTEM_CALLS_THREADS);
		else if ((code = count_threads(calls, id, number, tids, threads)) < 0)
			explain_no_counter(calls, code);
	}
	free(pids);
	if (!*calls->why && calls->count == 0)
		snprintf(calls->why, sizeof calls->why, "its processes are not known");
	if (*calls->why)
		system_calls_close(calls);
}

double system_calls_read(const struct system_calls *calls)
{
	double sum = 0;

	for (size_t i = 0; i < calls->count; i++) {
		uint64_t count;

		if (read(calls->counters[i], &count, sizeof count) != sizeof count)
			return NAN;
		sum += (double)count;
	}
	return calls->count ? sum : NAN;
}

void system_calls_close(struct system_calls *calls)
{
	for (size_t i = 0; i < calls->count; i++)
		close(calls->counters[i]);
	calls->count = 0;
}
