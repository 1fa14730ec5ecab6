#include "harness/measure/sampler.h"

#include "harness/machine/machine_files.h"
#include "harness/measure/process_tree.h"
#include "lib/clock.h"
#include "lib/process_stat.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TREE_PATIENCE_NS NS_PER_S

/* What its children had used when it waited for them. */
static double ended_children_ns(pid_t pid)
{
	struct process_stat stat;

	if (!process_stat_read(pid, &stat))
		return 0;
	return (double)stat.children_ticks * (double)NS_PER_S / (double)sysconf(_SC_CLK_TCK);
}

/* False if it has ended. */
static bool add_process_cpu(pid_t pid, double *sum_ns)
{
	clockid_t id;
	struct timespec used;

	if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &used) < 0)
		return false;
	*sum_ns += (double)used.tv_sec * (double)NS_PER_S + (double)used.tv_nsec;
	return true;
}

static double all_ended_children_ns(const pid_t *pids, ssize_t count)
{
	double sum = 0;

	for (ssize_t i = 0; i < count; i++)
		sum += ended_children_ns(pids[i]);
	return sum;
}

/*
 * What the processes and their ended children have used. False: while they were read, one has ended
 * or was waited for, which could have been counted twice or not at all.
 */
static bool add_cpu(const pid_t *pids, ssize_t count, bool has_tree, double *sum_ns,
		    double *ended_ns)
{
	double before = has_tree ? all_ended_children_ns(pids, count) : 0;
	bool whole = true;

	*sum_ns = *ended_ns = before;
	for (ssize_t i = 0; i < count; i++)
		whole &= add_process_cpu(pids[i], sum_ns);
	return !has_tree || (whole && all_ended_children_ns(pids, count) == before);
}

/* A tree is read again when it has changed meanwhile: at the end of a window, processes may end. */
static void read_processes(struct sample *sample, const struct subject *subject)
{
	pid_t alone = subject->pid, *tree = NULL, *pids = &alone;
	ssize_t count = subject->pid > 0;
	bool has_tree = count && subject->has_tree, whole;
	uint64_t deadline_ns = clock_now_ns() + TREE_PATIENCE_NS;
	double sum = 0;

	do {
		free(tree);
		tree = NULL;
		if (has_tree) {
			count = process_tree_list(subject->pid, &tree);
			pids = tree;
		}
		whole = add_cpu(pids, count, has_tree, &sum, &sample->ended_ns);
	} while (!whole && clock_now_ns() < deadline_ns);
	sample->cpu_ns = whole && sum > 0 ? sum : NAN;
	run_delay_read(&sample->delay, pids, count > 0 && !subject->is_idle ? (size_t)count : 0);
	free(tree);
}

static void add_core(struct core_times *times, const uint64_t *fields)
{
	enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, FIELDS };

	times->cores++;
	times->busy += fields[USER] + fields[NICE] + fields[SYSTEM] + fields[IRQ] + fields[SOFTIRQ];
	times->softirq += fields[SOFTIRQ];
	times->interrupts += fields[IRQ] + fields[SOFTIRQ];
	times->idle += fields[IDLE] + fields[IOWAIT];
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

double sample_tree_cpu_ns(pid_t pid)
{
	const struct subject tree = {.pid = pid, .has_tree = true, .is_idle = true};
	struct sample sample;

	read_processes(&sample, &tree);
	return sample.cpu_ns;
}

double sample_processes_cpu_ns(const pid_t *pids, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		add_process_cpu(pids[i], &sum);
	return sum;
}

/* What is of the moment, and read at once. */
static void read_moment(struct sample *sample, const cpu_set_t *server_cores,
			const cpu_set_t *load_cores)
{
	struct timespec own;

	sample->at_ns = clock_now_ns();
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
	sample->own_cpu_ns = (double)own.tv_sec * (double)NS_PER_S + (double)own.tv_nsec;
	throttling_read(&sample->throttling, "");
	read_cores(sample, server_cores, load_cores);
}

void sample_take(struct sample *sample, enum sample_edge edge, const struct subject *subject,
		 const cpu_set_t *server_cores, const cpu_set_t *load_cores)
{
	sample->backend_cpu_ns = 0;
	if (edge == SAMPLE_BEFORE_LOAD)
		read_processes(sample, subject);
	read_moment(sample, server_cores, load_cores);
	if (edge != SAMPLE_BEFORE_LOAD)
		read_processes(sample, subject);
}

static void add_cores(struct core_times *sum, const struct core_times *begin,
		      const struct core_times *end)
{
	sum->cores = end->cores;
	sum->busy += end->busy - begin->busy;
	sum->softirq += end->softirq - begin->softirq;
	sum->steal += end->steal - begin->steal;
	sum->total += end->total - begin->total;
	sum->interrupts += end->interrupts - begin->interrupts;
	sum->idle += end->idle - begin->idle;
}

void sample_add_between(struct sample *sum, const struct sample *begin, const struct sample *end)
{
	sum->at_ns += end->at_ns - begin->at_ns;
	sum->cpu_ns += end->cpu_ns - begin->cpu_ns;
	sum->ended_ns += end->ended_ns - begin->ended_ns;
	sum->backend_cpu_ns += end->backend_cpu_ns - begin->backend_cpu_ns;
	sum->own_cpu_ns += end->own_cpu_ns - begin->own_cpu_ns;
	sum->throttling.periods += end->throttling.periods - begin->throttling.periods;
	sum->throttling.stopped_ns += end->throttling.stopped_ns - begin->throttling.stopped_ns;
	run_delay_add_between(&sum->delay, &begin->delay, &end->delay);
	add_cores(&sum->server_cores, &begin->server_cores, &end->server_cores);
	add_cores(&sum->load_cores, &begin->load_cores, &end->load_cores);
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
	static const char *const status_keys[] = {"VmSize", "Threads", "VmPTE"};
	static const char *const smaps_keys[] = {"Private_Clean", "Private_Dirty", "Pss"};
	double status[3], smaps[3];
	char path[64];
	int result;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	if (read_fields(path, status_keys, status, 3) < 0 || isnan(status[0]))
		return MEMORY_ENDED;
	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	result = read_fields(path, smaps_keys, smaps, 3);
	if (result != -EACCES && result != -EPERM && isnan(smaps[0]))
		return MEMORY_ENDED;
	/* Where it is forbidden, these are NAN, and so are the sums: a part would be wrong. */
	sample->resident_bytes += (smaps[0] + smaps[1]) * 1024;
	sample->written_bytes += smaps[1] * 1024;
	sample->proportional_bytes += smaps[2] * 1024;
	sample->virtual_bytes += status[0] * 1024;
	sample->threads += status[1];
	sample->page_table_bytes += status[2] * 1024;
	sample->processes++;
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
		*sample = (struct memory_sample){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
		return false;
	}
	return complete;
}

double sample_threads(pid_t pid)
{
	static const char *const key = "Threads";
	char path[64];
	double threads;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	read_fields(path, &key, &threads, 1);
	return threads;
}

/* /proc/slabinfo: "name active_objects objects object_bytes ...", slabinfo(5). */
static void read_slabs(double *slabs)
{
	static const struct {
		const char *name;
		enum slab_kind kind;
	} caches[] = {
		{"TCP", SLAB_SOCKETS},
		{"TCPv6", SLAB_SOCKETS},
		{"sock_inode_cache", SLAB_INODES},
		{"filp", SLAB_FILES},
		{"dentry", SLAB_FILES},
		{"eventpoll_epi", SLAB_EVENTS},
		{"eventpoll_pwq", SLAB_EVENTS},
		{"task_struct", SLAB_TASKS},
		{"vm_area_struct", SLAB_TASKS},
		{"pid", SLAB_TASKS},
	};
	FILE *file = fopen("/proc/slabinfo", "re");
	char line[512], name[64];
	uint64_t active, objects, bytes;

	for (size_t i = 0; i < SLAB_KINDS; i++)
		slabs[i] = file ? 0 : NAN;
	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, "%63s %lu %lu %lu", name, &active, &objects, &bytes) != 4)
			continue;
		for (size_t i = 0; i < sizeof caches / sizeof *caches; i++)
			if (strcmp(name, caches[i].name) == 0)
				slabs[caches[i].kind] += (double)active * (double)bytes;
	}
	if (file)
		fclose(file);
}

void kernel_memory_read(struct kernel_memory *memory)
{
	static const char *const keys[] = {"Slab", "KernelStack", "PageTables"};
	double values[3];
	uint64_t threads = machine_count_threads("");

	read_fields("/proc/meminfo", keys, values, 3);
	memory->bytes = (values[0] + values[1] + values[2]) * 1024;
	read_slabs(memory->slabs);
	/* A power of two, and the kernel keeps a few more than there are threads. */
	memory->stack_bytes = threads ? exp2(floor(log2(values[1] * 1024 / (double)threads * 1.2)))
				      : NAN;
}

struct kernel_memory kernel_memory_unknown(void)
{
	struct kernel_memory unknown = {.bytes = NAN, .stack_bytes = NAN};

	for (size_t i = 0; i < SLAB_KINDS; i++)
		unknown.slabs[i] = NAN;
	return unknown;
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
	counters->memory_pressures = read_named(netstat, "TcpExt:", "TCPMemoryPressures");
	counters->retransmissions = read_named("/proc/net/snmp", "Tcp:", "RetransSegs");
	read_sockstat(counters);
}

void network_counters_add(struct network_counters *sum, const struct network_counters *other)
{
	sum->listen_overflows += other->listen_overflows;
	sum->listen_drops += other->listen_drops;
	sum->retransmissions += other->retransmissions;
	sum->memory_pressures += other->memory_pressures;
	sum->time_wait += other->time_wait;
	sum->sockets += other->sockets;
	sum->memory_pages += other->memory_pages;
}

void network_counters_add_between(struct network_counters *sum,
				  const struct network_counters *begin,
				  const struct network_counters *end)
{
	sum->listen_overflows += end->listen_overflows - begin->listen_overflows;
	sum->listen_drops += end->listen_drops - begin->listen_drops;
	sum->retransmissions += end->retransmissions - begin->retransmissions;
	sum->memory_pressures += end->memory_pressures - begin->memory_pressures;
	sum->time_wait = end->time_wait;
	sum->sockets = end->sockets;
	sum->memory_pages = end->memory_pages;
}
