/*
 * What is read of a server and of the machine, at the edges of the measured window only.
 *
 * CPU comes from the processes' own clocks, which count threads that have ended. Performance
 * events would tell the same and the context switches too, but a counter that follows a task is put
 * in and out at every switch, and takes a fifth off the rate of servers that switch for each request.
 */
#ifndef TENK_SAMPLER_H
#define TENK_SAMPLER_H

#include "harness/machine/quota.h"
#include "harness/measure/run_delay.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What is sampled. */
struct subject {
	pid_t pid;     /* 0: unknown */
	bool has_tree; /* it may have children: their CPU counts, and looking takes longer */
	bool is_idle;  /* nobody asks it anything: what its threads wait for a core is not read */
	int collect_signal; /* upon which its processes collect their garbage; 0: none */
};

/* Ticks since boot, summed over some cores. */
struct core_times {
	unsigned cores;
	uint64_t busy, softirq, steal, total;
	uint64_t interrupts; /* with softirq */
	/* With waiting for a disk. Counted exactly where a resting core has no tick, the others sampled. */
	uint64_t idle;
};

struct sample {
	uint64_t at_ns;
	double cpu_ns;	       /* of the server's tree so far; NAN: not available */
	double ended_ns;       /* of that, of children that have ended: known in ticks only */
	double own_cpu_ns;     /* of tenk itself */
	double backend_cpu_ns; /* of all backends' trees; NAN: not available */
	struct throttling throttling;
	struct run_delay delay;
	struct core_times server_cores, load_cores;
};

/*
 * Summed over the process and all its descendants. Resident are private pages, clean and dirty:
 * without shared libraries, and without what the processes of the tree share with each other since
 * the fork, which is none of any single connection's. Proportional are all, a page that several
 * share in equal parts (PSS). Written are the dirty ones among the private: whether a page of a file is
 * private depends on who else runs the same program just now, and these do not.
 */
struct memory_sample {
	double virtual_bytes; /* VmSize */
	double resident_bytes, proportional_bytes, written_bytes;
	double page_table_bytes; /* VmPTE: the kernel's, to map them */
	double threads, processes;
};

/* What of the kernel's objects for connections and threads is told apart. */
enum slab_kind {
	SLAB_SOCKETS, /* TCP's own part of a socket */
	SLAB_INODES,  /* what makes a file of it */
	SLAB_FILES,   /* open files and their directory entries */
	SLAB_EVENTS,  /* epoll's items */
	SLAB_TASKS,   /* threads, processes and their mappings */
	SLAB_KINDS
};

/* Of the whole machine. */
struct kernel_memory {
	double bytes;	    /* Slab, KernelStack and PageTables of /proc/meminfo */
	double stack_bytes; /* the kernel's stack of one thread */
	double slabs
		[SLAB_KINDS]; /* objects in use, of /proc/slabinfo; NAN: only root may read it */
};

/* Of the network namespace, since boot (times waiting: now). */
struct network_counters {
	double listen_overflows, listen_drops, retransmissions, time_wait;
	double memory_pressures;      /* how often TCP began to save memory */
	double sockets, memory_pages; /* TCP sockets allocated, pages of buffers */
};

/*
 * What a sample is an edge of. To find the processes of a server among a thousand takes some 20 ms. In a window that a
 * load passes through that is alike at both edges. Between two rests it would be time in which the server had
 * nothing to do: then what is told of the cores and of time is read last at the first edge, first at the last.
 */
enum sample_edge { SAMPLE_IN_LOAD, SAMPLE_BEFORE_LOAD, SAMPLE_BEHIND_LOAD };

void sample_take(struct sample *sample, enum sample_edge edge, const struct subject *subject,
		 const cpu_set_t *server_cores, const cpu_set_t *load_cores);

/*
 * Adds to *sum (of zeros before the first time) what lies between two samples, so that between nothing
 * and *sum are several windows together; at_ns is their length.
 */
void sample_add_between(struct sample *sum, const struct sample *begin, const struct sample *end);

/* CPU of the tree below `pid` so far, of children that have ended too. NAN: not available. */
double sample_tree_cpu_ns(pid_t pid);

/* CPU of these processes so far; those that have ended count for nothing, nor do their children. */
double sample_processes_cpu_ns(const pid_t *pids, size_t count);

/*
 * Of the tree below `pid`. False if that process is gone, or one of the tree is not ours to look
 * at; fields that could not be had of all are NAN. Descendants that end meanwhile count for nothing.
 */
bool memory_sample_take(struct memory_sample *sample, pid_t pid);

/* How many threads one process has; NAN if it is gone. */
double sample_threads(pid_t pid);

void kernel_memory_read(struct kernel_memory *memory);

/* All of it NAN: of two machines no sum of a whole machine's says anything of both ends. */
struct kernel_memory kernel_memory_unknown(void);

void network_counters_read(struct network_counters *counters);

/* Of two machines together. */
void network_counters_add(struct network_counters *sum, const struct network_counters *other);

/* Adds what was counted between two readings; what is told as it stands is as it was at the second. */
void network_counters_add_between(struct network_counters *sum,
				  const struct network_counters *begin,
				  const struct network_counters *end);

#endif
