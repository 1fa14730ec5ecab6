/* What there is of what servers and generator need, and whether a cell fits into it. */
#ifndef TENK_MACHINE_LIMITS_H
#define TENK_MACHINE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

/* Descriptors of a process that are not connections. */
enum { MACHINE_DESCRIPTORS_KEPT = 64 };

/* What no cell can go beyond here. */
struct machine_limits {
	uint64_t descriptors;	/* of one process: the hard limit */
	uint64_t ports;		/* connections from one address to one server */
	uint64_t threads;	/* that a server can still start */
	const char *threads_by; /* the setting that says so: "kernel.pid_max" */
	uint64_t cores;		/* that we may run on */
	uint64_t memory_bytes;	/* that may be taken now, of the machine and our control group */
	uint64_t files;		/* that can still be opened, by all processes together */
};

/* What cannot be read is UINT64_MAX: no limit known. `root` as in machine_files.h; NULL: "". */
void machine_limits_read(struct machine_limits *limits, const char *root);

/* What a cell needs; 0 where nothing. */
struct machine_demand {
	uint64_t connections;
	uint64_t server_threads;
	unsigned descriptor_tables; /* of the server, which deals connections out; 0: one */
	unsigned source_addresses;  /* of the generator; 0: one */
	uint64_t cores;
	uint64_t memory_bytes;
};

/* What is in the way of a cell. */
struct limit_reached {
	const char *name; /* "descriptors", borrowed */
	char text[400];	  /* how much is needed, and how much there is */
	char remedy[300]; /* what would lift it */
};

/* Whether it can be run here; if not, *reached (demand.c) says what is short. */
bool machine_limits_allow(const struct machine_limits *limits, const struct machine_demand *demand,
			  struct limit_reached *reached);

/* Descriptors of one process: the hard limit, or the soft one; UINT64_MAX: none. */
uint64_t machine_descriptor_limit(bool hard);

/* What lets more threads be started, by the setting that limits them. */
const char *machine_threads_remedy(const char *threads_by);

#endif
