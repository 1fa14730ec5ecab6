/*
 * What on this machine limits or distorts a measurement, and what can be done about it.
 */
#ifndef TENK_DOCTOR_H
#define TENK_DOCTOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum doctor_verdict {
	DOCTOR_OK,
	DOCTOR_NOTE,	/* worth knowing when results are read */
	DOCTOR_WARNING, /* results suffer, or some cannot be had */
};

struct doctor_finding {
	const char *key;   /* for JSON: "descriptors" */
	const char *title; /* for people */
	enum doctor_verdict verdict;
	char value[192];  /* what was found */
	char effect[384]; /* what it limits or distorts */
	char remedy[384]; /* what can be done; empty when ok or when nothing can */
};

struct doctor_options {
	const char *server; /* path of a server, best of server-epoll, to calibrate against */
	const char *load;   /* path of tenk-load; either NULL: no calibration */
	int server_core, load_core; /* where they are pinned; -1: first and last core allowed */
	bool json;
	const char *root; /* of /proc and /sys, "" or NULL for the real ones */
};

/*
 * Makes every check, which takes about five seconds with calibration, and prints the findings as
 * text or, with options->json, as {"schema":1,"findings":[{"key","title","verdict","value",
 * "effect","remedy"}],"warnings","limits"}, the latter as in struct doctor_limits below, null where no
 * limit is known. *warnings (may be NULL) is set. 0 or -errno.
 */
int doctor_run(FILE *out, const struct doctor_options *options, size_t *warnings);

/* "2 cores, 23.5 GiB, Linux 6.18; steal 0.1 % since boot; 20,000 descriptors". Returns `text`. */
char *doctor_summary(char *text, size_t size);

/* "20,000"; "no limit" for UINT64_MAX. Returns `text`, of at least 32 bytes. */
char *doctor_count(uint64_t count, char *text);

/* What no cell can go beyond here. */
struct doctor_limits {
	uint64_t descriptors;	/* of one process: the hard limit */
	uint64_t ports;		/* connections from one address to one server */
	uint64_t threads;	/* that a server can still start */
	const char *threads_by; /* the setting that says so: "kernel.pid_max" */
	uint64_t cores;		/* that we may run on */
	uint64_t memory_bytes;	/* that may be taken now, of the machine and our control group */
	uint64_t files;		/* that can still be opened, by all processes together */
};

/* What cannot be read is UINT64_MAX: no limit known. `root` as in doctor_options. */
void doctor_limits_read(struct doctor_limits *limits, const char *root);

/* What a cell needs; 0 where nothing. */
struct doctor_demand {
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

/* Whether it can be run here; if not, *reached (doctor_demand.c) says what is short. */
bool doctor_limits_allow(const struct doctor_limits *limits, const struct doctor_demand *demand,
			 struct limit_reached *reached);

/* What the generator can do with the core it is given, found by loading a server. */
struct doctor_calibration {
	double requests_per_s; /* reached */
	double cpu_per_request_ns;
	double utilisation_ratio; /* of the generator's busiest thread */
	double good_for_per_s; /* what one core can do: reached if it was full, else by its CPU */
	bool shared;	       /* there is one core only, server and generator shared it */
};

/* 64 connections, about 2.5 s. 0, or -errno with a message of one line in `why`. */
int doctor_calibrate(const struct doctor_options *options, struct doctor_calibration *calibration,
		     char *why, size_t size);

/*
 * What handing over from one thread to another on the same core costs: two threads and two pipes,
 * against one thread with a pipe that makes the same system calls without a switch. Medians of
 * repeats. After lmbench's lat_ctx (McVoy and Staelin, USENIX 1996).
 */
struct doctor_switch_cost {
	double handover_ns; /* write, switch, read */
	double calls_ns;    /* write, read */
	double switch_ns;   /* the difference */
};

/* core -1: any one that we may run on. 0 or -errno. */
int doctor_measure_switch(int core, struct doctor_switch_cost *cost);

#endif
