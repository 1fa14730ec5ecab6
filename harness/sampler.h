/*
 * What is read of a server and of the machine, at the edges of the measured window only.
 *
 * CPU and context switches come from inherited software perf events that are attached before
 * exec, so that threads and processes which have ended are counted and the warm-up is not
 * (perf_event_open(2)). Where perf is not permitted, CPU comes from the process's own clock
 * (all its threads, ended ones too), which says nothing of children: the CPU of servers with
 * several processes is then not available, and context switches never are.
 */
#ifndef TENK_SAMPLER_H
#define TENK_SAMPLER_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct counters {
	pid_t pid;
	int cpu_fd, switches_fd; /* -1: not permitted */
};

/* Ticks since boot, summed over some cores. */
struct core_times {
	uint64_t busy, softirq, steal, total;
};

struct sample {
	uint64_t at_ns;
	double cpu_ns;	 /* of the server's tree so far; NAN: not available */
	double switches; /* likewise */
	struct core_times server_cores, load_cores;
};

/*
 * Summed over the process and all its descendants. Resident are private pages, clean and dirty:
 * without shared libraries, and without what the processes of the tree share with each other since
 * the fork, which is none of any single connection's.
 */
struct memory_sample {
	double virtual_bytes; /* VmSize */
	double resident_bytes;
	double threads;
};

/* Of the network namespace, since boot (times waiting: now). */
struct network_counters {
	double listen_overflows, listen_drops, retransmissions, time_wait;
	double sockets, memory_pages; /* TCP sockets allocated, pages of buffers */
};

/* Attaches to a process that has not run exec yet. Never fails: see the fields. */
void counters_open(struct counters *counters, pid_t pid);
void counters_close(struct counters *counters);

void sample_take(struct sample *sample, const struct counters *counters,
		 const cpu_set_t *server_cores, const cpu_set_t *load_cores);

/*
 * Of the tree below `pid`. False if that process is gone, or one of the tree is not ours to look
 * at; fields that could not be had of all are NAN. Descendants that end meanwhile count for nothing.
 */
bool memory_sample_take(struct memory_sample *sample, pid_t pid);

void network_counters_read(struct network_counters *counters);

#endif
