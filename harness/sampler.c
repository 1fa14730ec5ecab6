#include "harness/sampler.h"

#include "harness/process_tree.h"
#include "lib/clock.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_counter(pid_t pid, uint64_t what)
{
	struct perf_event_attr attributes = {.size = sizeof attributes,
					     .type = PERF_TYPE_SOFTWARE,
					     .config = what,
					     .inherit = 1};

	return (int)syscall(SYS_perf_event_open, &attributes, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

void counters_open(struct counters *counters, pid_t pid)
{
	*counters =
		(struct counters){.pid = pid,
				  .cpu_fd = open_counter(pid, PERF_COUNT_SW_TASK_CLOCK),
				  .switches_fd = open_counter(pid, PERF_COUNT_SW_CONTEXT_SWITCHES)};
}

void counters_close(struct counters *counters)
{
	if (counters->cpu_fd >= 0)
		close(counters->cpu_fd);
	if (counters->switches_fd >= 0)
		close(counters->switches_fd);
	counters->cpu_fd = counters->switches_fd = -1;
}

static double read_counter(int fd)
{
	uint64_t value;

	return fd >= 0 && read(fd, &value, sizeof value) == sizeof value ? (double)value : NAN;
}

/* A process has a clock, a tree of them has none. */
static double process_cpu_ns(pid_t pid)
{
	clockid_t id;
	uint64_t cpu_ns = clock_getcpuclockid(pid, &id) == 0 ? clock_read_ns(id) : 0;
	pid_t *pids;
	ssize_t count = process_tree_list(pid, &pids);

	free(pids);
	return cpu_ns && count == 1 ? (double)cpu_ns : NAN;
}

static void add_core(struct core_times *times, const uint64_t *fields)
{
	enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, FIELDS };

	times->busy += fields[USER] + fields[NICE] + fields[SYSTEM] + fields[IRQ] + fields[SOFTIRQ];
	times->softirq += fields[SOFTIRQ];
	times->steal += fields[STEAL];
	for (int i = 0; i < FIELDS; i++)
		times->total += fields[i];
}

/* /proc/stat: "cpuN user nice system idle iowait irq softirq steal ...", proc(5). */
static void read_cores(struct sample *sample, const cpu_set_t *server_cores,
		       const cpu_set_t *load_cores)
{
	FILE *file = fopen("/proc/stat", "re");
	char line[512];

	sample->server_cores = sample->load_cores = (struct core_times){0};
	while (file && fgets(line, sizeof line, file)) {
		uint64_t f[8];
		unsigned core;

		if (sscanf(line, "cpu%u %lu %lu %lu %lu %lu %lu %lu %lu", &core, &f[0], &f[1],
			   &f[2], &f[3], &f[4], &f[5], &f[6], &f[7]) != 9)
			continue;
		if (CPU_ISSET(core, server_cores))
			add_core(&sample->server_cores, f);
		if (CPU_ISSET(core, load_cores))
			add_core(&sample->load_cores, f);
	}
	if (file)
		fclose(file);
}

void sample_take(struct sample *sample, const struct counters *counters,
		 const cpu_set_t *server_cores, const cpu_set_t *load_cores)
{
	sample->at_ns = clock_now_ns();
	sample->cpu_ns = read_counter(counters->cpu_fd);
	if (isnan(sample->cpu_ns))
		sample->cpu_ns = process_cpu_ns(counters->pid);
	sample->switches = read_counter(counters->switches_fd);
	read_cores(sample, server_cores, load_cores);
}

/*
 * Reads "Key:   value" lines of a file under /proc; values[i] stays NAN if keys[i] is not there.
 * 0 or -errno.
 */
static int read_fields(const char *path, const char *const *keys, double *values, size_t count)
{
	FILE *file = fopen(path, "re");
	char line[512];

	for (size_t i = 0; i < count; i++)
		values[i] = NAN;
	if (!file)
		return -errno;
	while (fgets(line, sizeof line, file))
		for (size_t i = 0; i < count; i++) {
			size_t length = strlen(keys[i]);

			if (strncmp(line, keys[i], length) == 0 && line[length] == ':')
				values[i] = strtod(line + length + 1, NULL);
		}
	fclose(file);
	return 0;
}

enum memory_result { MEMORY_ADDED, MEMORY_ENDED, MEMORY_FORBIDDEN };

/* Adds what one process has; one that has ended, or is about to, has nothing any more. */
static enum memory_result add_process(struct memory_sample *sample, pid_t pid)
{
	static const char *const status_keys[] = {"VmSize", "Threads"};
	static const char *const smaps_keys[] = {"Private_Clean", "Private_Dirty"};
	double status[2], smaps[2];
	char path[64];
	int result;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	if (read_fields(path, status_keys, status, 2) < 0 || isnan(status[0]))
		return MEMORY_ENDED;
	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	result = read_fields(path, smaps_keys, smaps, 2);
	if (result == -EACCES || result == -EPERM)
		sample->resident_bytes = NAN; /* a part would be a wrong sum */
	else if (result < 0 || isnan(smaps[0]))
		return MEMORY_ENDED;
	else
		sample->resident_bytes += (smaps[0] + smaps[1]) * 1024;
	sample->virtual_bytes += status[0] * 1024;
	sample->threads += status[1];
	return isnan(sample->resident_bytes) ? MEMORY_FORBIDDEN : MEMORY_ADDED;
}

bool memory_sample_take(struct memory_sample *sample, pid_t pid)
{
	bool complete = true;
	pid_t *pids;
	ssize_t count = process_tree_list(pid, &pids);

	*sample = (struct memory_sample){0};
	for (ssize_t i = 0; i < count; i++) {
		enum memory_result result = add_process(sample, pids[i]);

		if (result == MEMORY_FORBIDDEN || (result == MEMORY_ENDED && pids[i] == pid))
			complete = false;
	}
	free(pids);
	if (count < 0 || sample->threads == 0) {
		*sample = (struct memory_sample){NAN, NAN, NAN};
		return false;
	}
	return complete;
}

/*
 * Files such as /proc/net/netstat: a line of names, then a line of values, both with the same
 * prefix. Returns NAN if the name is not there.
 */
static double read_named(const char *path, const char *line_prefix, const char *name)
{
	char names[4096], values[4096], *rest_names, *rest_values, *key, *value;
	FILE *file = fopen(path, "re");
	double found = NAN;

	while (file && fgets(names, sizeof names, file) && fgets(values, sizeof values, file)) {
		if (strncmp(names, line_prefix, strlen(line_prefix)) != 0)
			continue;
		key = strtok_r(names, " \n", &rest_names);
		value = strtok_r(values, " \n", &rest_values);
		for (; key && value; key = strtok_r(NULL, " \n", &rest_names),
				     value = strtok_r(NULL, " \n", &rest_values))
			if (strcmp(key, name) == 0)
				found = strtod(value, NULL);
	}
	if (file)
		fclose(file);
	return found;
}

/* /proc/net/sockstat: "TCP: inuse 5 orphan 0 tw 0 alloc 6 mem 1". */
static void read_sockstat(struct network_counters *counters)
{
	FILE *file = fopen("/proc/net/sockstat", "re");
	unsigned used, orphans, waiting, allocated, pages;
	char line[256];

	counters->time_wait = counters->sockets = counters->memory_pages = NAN;
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "TCP: inuse %u orphan %u tw %u alloc %u mem %u", &used, &orphans,
			   &waiting, &allocated, &pages) == 5) {
			counters->time_wait = waiting;
			counters->sockets = allocated;
			counters->memory_pages = pages;
		}
	if (file)
		fclose(file);
}

void network_counters_read(struct network_counters *counters)
{
	static const char netstat[] = "/proc/net/netstat";

	counters->listen_overflows = read_named(netstat, "TcpExt:", "ListenOverflows");
	counters->listen_drops = read_named(netstat, "TcpExt:", "ListenDrops");
	counters->retransmissions = read_named("/proc/net/snmp", "Tcp:", "RetransSegs");
	read_sockstat(counters);
}
