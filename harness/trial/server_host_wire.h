/*
 * What is said between a tenk and its agent on another machine: a line by which both know that they are of one build,
 * so that structures may go as they are, then request and answer in turn.
 */
#ifndef TENK_SERVER_HOST_WIRE_H
#define TENK_SERVER_HOST_WIRE_H

#include "harness/catalogue/settings.h"
#include "harness/machine/limits.h"
#include "harness/measure/kernel_threads.h"
#include "harness/measure/memory_group.h"
#include "harness/measure/sampler.h"
#include "lib/error.h"

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

/* The agent's first line, behind whatever a login shell prints: this, and the hash of its program. */
#define HOST_GREETING "tenk agent "

/* An agent that hears nothing for so long ends its server and itself. */
#define HOST_SILENCE_NS (30 * UINT64_C(1000000000))

enum { HOST_TEXT_BYTES = 400, HOST_SAID_BYTES = 2048, HOST_ENVIRONMENT_BYTES = 16384 };
enum { SERVER_HOST_LOST_BYTES = 600 };

enum host_order {
	HOST_DESCRIBE, /* the machine */
	HOST_START,    /* a server, with what is looked at of memory */
	HOST_LOOK, /* whether it lives and how it is with the machine; also a sign of life from here */
	HOST_SAMPLE,
	HOST_MEMORY, /* reads all there is of the server */
	HOST_STOP,
	HOST_GROUPS, /* where the kernel's share of memory is known from there */
};

struct host_request {
	enum host_order order;
	/* HOST_START */
	char server[128]; /* its name */
	struct server_settings settings;
	char build[17];		     /* of its program here, of which that one must be */
	cpu_set_t cores;	     /* of that machine, and of these: */
	uint64_t server_cores;	     /* the first so many; 0: all */
	uint64_t start_timeout_ns;   /* as --start-timeout has it; 0: as the entry says */
	uint64_t memory_limit_bytes; /* 0: none */
	uint64_t keep_free_bytes;
	unsigned trial; /* which names its control group */
	bool looks_at_memory, idle;
	/* HOST_LOOK: outside of a measured window, so that there is time for all of it */
	bool at_leisure;
};

struct host_machine {
	char address[SETTING_ADDRESS_BYTES];
	struct machine_limits limits; /* whose pointer means nothing here: */
	char threads_by[64];
	cpu_set_t cores; /* that may be used */
	bool interrupts_apart;
	uint16_t open_port; /* to be tried; closed when something else is asked */
	char environment[HOST_ENVIRONMENT_BYTES]; /* as JSON */
};

struct host_started {
	uint64_t took_ns;
	uint16_t port;
	pid_t pid;
	cpu_set_t cores; /* that it has got */
};

struct host_look {
	bool ended;			 /* the server */
	unsigned kills;			 /* of its processes, for want of memory */
	double threads;			 /* that it has, if it is one process; NAN */
	uint64_t free_bytes, kept_bytes; /* of memory; UINT64_MAX: not known */
	struct network_counters network;
	struct kernel_threads kernel_threads; /* at leisure only */
};

struct host_sample {
	struct sample sample;
	char no_delay
		[HOST_TEXT_BYTES]; /* as sample.delay.missing, which means nothing here; "": it is known */
};

struct host_memory {
	bool has_memory, collects;
	char no_groups[HOST_TEXT_BYTES]; /* "": they are known */
	struct memory_sample memory, collected;
	struct group_memory group, collected_group;
};

/* Of the server that was stopped, or had ended. */
struct host_stopped {
	bool ended, forced;
	int exit_code, signal;
	struct rusage usage;
	char said[HOST_SAID_BYTES];
};

struct host_groups {
	enum memory_source source;
	char why[HOST_TEXT_BYTES]; /* there are none; "": there are */
};

struct host_answer {
	int result; /* 0, or -errno with: */
	struct error error;
	bool is_refused; /* by the machine, before there was a server */
	unsigned kills;	 /* for want of memory, of a server that did not start */
	union {
		struct host_machine machine;
		struct host_started started;
		struct host_look look;
		struct host_sample sample;
		struct host_memory memory;
		struct host_stopped stopped;
		struct host_groups groups;
	};
};

/*
 * All of it or nothing, by a time of CLOCK_MONOTONIC. 0; -EPIPE: the other end is closed; -ETIMEDOUT; another -errno.
 * Signals do not end it: a stop that the person asks for has to be told too.
 */
int host_send(int wire, const void *bytes, size_t size, uint64_t deadline_ns);
int host_receive(int wire, void *bytes, size_t size, uint64_t deadline_ns);

#endif
