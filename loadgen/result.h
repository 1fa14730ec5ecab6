/*
 * What one thread of the generator counted, and how such counts become one.
 *
 * result_merge is associative and has the initial result as its neutral element, so threads can
 * be merged in any grouping. Not thread-safe: one per thread, merged afterwards.
 */
#ifndef TENK_RESULT_H
#define TENK_RESULT_H

#include "lib/histogram.h"

#include <stdint.h>

enum error_class {
	ERROR_CONNECT, /* could not connect, or not in time */
	ERROR_RESET,   /* reset or closed before the answer was complete, or while held */
	ERROR_TIMEOUT, /* no complete answer within the timeout */
	ERROR_STATUS,  /* another status than expected */
	ERROR_LENGTH,  /* another length than expected */
	ERROR_PARSE,   /* not HTTP/1.x, or bytes that nobody asked for */
	ERROR_BODY,    /* the right length, other bytes */
	ERROR_CLASSES,
	ERROR_NONE = ERROR_CLASSES,
};

/* As in results/SCHEMA.md. */
extern const char *const error_class_names[ERROR_CLASSES];

#define RESULT_NO_LENGTH UINT64_MAX

struct result {
	/* In the measured window. */
	uint64_t due; /* open loop only */
	uint64_t sent, good;
	uint64_t unanswered; /* due or sent, and without an answer when the window ended */
	uint64_t bytes_sent, bytes_received;
	uint64_t errors[ERROR_CLASSES];
	uint64_t cpu_ns, user_ns, system_ns; /* of all threads */
	uint64_t busiest_cpu_ns;	     /* of the thread that used most */
	unsigned threads;
	struct histogram latency;	/* from when it was due or, in a closed loop, sent */
	struct histogram service_time;	/* from when it was sent; open loop only */
	struct histogram send_lateness; /* open loop only */

	/* Of the whole run. */
	uint64_t errors_outside[ERROR_CLASSES]; /* before and after the window */
	uint64_t good_outside;
	uint64_t crowd_answered; /* idle connections that were opened and had their answer */
	struct histogram connect;

	/* One example of what went wrong, for people; the first one that is there survives. */
	int connect_errno;    /* 0: none */
	uint16_t status_seen; /* 0: none */
	uint64_t length_seen; /* RESULT_NO_LENGTH: none */
};

/* malloc'ed and empty (histograms are large); NULL when out of memory. free() it. */
struct result *result_create(void);

/* into += from. */
void result_merge(struct result *into, const struct result *from);

/* The sum over all classes. */
uint64_t result_count_errors(const uint64_t errors[ERROR_CLASSES]);

#endif
