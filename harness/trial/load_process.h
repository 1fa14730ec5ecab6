/* tenk-load, started for one trial, and the events it tells. */
#ifndef TENK_LOAD_PROCESS_H
#define TENK_LOAD_PROCESS_H

#include "harness/process/process.h"
#include "harness/scenario/scenario.h"

#include <jansson.h>
#include <limits.h>

/* Where what it writes goes; a histogram and intervals with an empty name are not wanted. */
struct load_files {
	char report[PATH_MAX], histogram[PATH_MAX], intervals[PATH_MAX], body[PATH_MAX];
};

/* What came of a lead or a slice; times of CLOCK_MONOTONIC. */
struct load_slice {
	uint64_t begin_ns, end_ns;
	uint64_t drained_ns;   /* when the last of it had been answered or had timed out */
	uint64_t good, errors; /* of requests that belong to it */
};

/* What was answered, or failed, since the interval before; the p99 of these answers, 0 if there was none. */
struct load_interval {
	uint64_t completed, errors, p99_ns;
};

struct load_process {
	struct process process;
	int events_fd;		       /* a socket: events come from there, orders go there */
	uint64_t event_at_ns;	       /* when what the last event tells of happened */
	struct load_slice slice;       /* of the last LOAD_EVENT_SLICE */
	struct load_interval interval; /* of the last LOAD_EVENT_INTERVAL */
	uint64_t done, total; /* connections: open while it connects, answered while it warms up */
	/* The longest by which a wait for an event was longer than it was to be, without what a core was waited for. */
	uint64_t overslept_ns;
	size_t length;
	char buffer[16384];
};

/* Against whom. */
struct load_target {
	const char *host; /* "127.0.0.1" or "::1" */
	uint16_t port;
	bool many_sources; /* from many addresses, for more connections than one has ports */
	bool in_slices;	   /* only when it is ordered, and at rest in between */
};

/* How many addresses that is. */
enum { LOAD_SOURCES = 254 };

/* 0 or -errno with a message. */
int load_process_start(struct load_process *load_process, const struct kept_program *program,
		       const struct load *load, const struct load_target *target,
		       const struct load_files *files, const struct process_place *place,
		       struct error *error);

enum load_event {
	LOAD_EVENT_CONNECTING,
	LOAD_EVENT_CONNECTED,
	LOAD_EVENT_WARMING,
	LOAD_EVENT_WARM,
	LOAD_EVENT_INTERVAL,
	LOAD_EVENT_SLICE, /* a lead or a slice is over, and all at rest */
	LOAD_EVENT_DONE,
	LOAD_EVENT_END,
	LOAD_EVENT_OTHER,
	LOAD_EVENT_CLOSED, /* it has ended, or will tell no more */
	LOAD_EVENT_NONE,   /* nothing came in this time */
};

/* Waits for the next event, timeout_ms at most. */
enum load_event load_process_next(struct load_process *load_process, int timeout_ms);

/* Ends the window at once, as if its time were up. */
void load_process_enough(struct load_process *load_process);

/*
 * Of a load in slices: offers it for so long, as a slice that counts or as a lead that does not; and has it
 * end and report. It reads one order after the other, the first when it is warm. False: it has ended.
 */
bool load_process_order(struct load_process *load_process, bool counts, uint64_t length_ns);
bool load_process_finish(struct load_process *load_process);

void load_process_destroy(struct load_process *load_process);

#endif
