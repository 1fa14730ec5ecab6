/*
 * What one thread of the generator counted, and how such counts become one.
 *
 * result_merge is associative and has the initial result as its neutral element, so threads, and
 * machines, can be merged in any grouping. Not thread-safe: one per thread, merged afterwards.
 */
#ifndef TENK_RESULT_H
#define TENK_RESULT_H

#include "lib/histogram.h"
#include "loadgen/failure.h"
#include "loadgen/fairness.h"
#include "loadgen/tally.h"

#include <stdint.h>

/* Statuses have three digits. */
enum { RESULT_STATUS_LOWEST = 100, RESULT_STATUSES = 900 };

/* Of the whole run, with TLS. */
struct handshakes {
	struct histogram full, resumed; /* how long they took, from when TCP had connected */
	uint64_t kernel_sends, kernel_receives; /* after so many of them: kTLS */
	char name[64];				/* what was agreed on: version and cipher */
};

struct result {
	/* Of the requests that were due in the measured window (closed loop: sent). */
	uint64_t due;	   /* in a closed loop as many as were sent */
	uint64_t unopened; /* of `due`: a burst's connections that were not open, so they failed */
	uint64_t sent, good;
	uint64_t statuses[RESULT_STATUSES]; /* answers by status, from the lowest on, good or not */
	uint64_t resent; /* once more: a server closed the connection while they were sent */
	uint64_t waited; /* of `due`: no connection was free for them, at first or to the end */
	/*
	 * The shortest of the latencies, and service times, that are no more than a lower bound: of
	 * what timed out, or had no answer when nobody waited any more. Longer percentiles are "at
	 * least". UINT64_MAX: there is none.
	 */
	uint64_t latency_bound_ns, service_bound_ns;

	uint64_t fastest_ns; /* the shortest service time of an answer; UINT64_MAX: none */

	/* Of what happened in the window. */
	uint64_t bytes_sent, bytes_received;
	uint64_t errors[ERROR_CLASSES];
	uint64_t cpu_ns, user_ns, system_ns; /* of all threads */
	uint64_t busiest_cpu_ns;	     /* of the thread that used most, without spinning */
	uint64_t spin_ns;		     /* of cpu_ns, what --spin waited away */
	uint64_t run_delay_ns;		     /* of all threads: they could run and had no core */
	uint64_t run_delay_unknown;	     /* threads of which the kernel does not tell it */
	uint64_t busiest_occupied_ns;	     /* likewise, with that thread's run delay */
	uint64_t threads;
	uint64_t unstamped;	       /* threads that were too fast to be told when answers came */
	struct histogram latency;      /* from when it was due or, in a closed loop, sent */
	struct histogram first_byte;   /* of good answers, from when it was sent; if asked for */
	struct histogram service_time; /* from when it was sent; open loop only */
	struct histogram read_lateness; /* from when an answer was there to be read */
	struct histogram send_lateness; /* open loop only */
	struct histogram early, late; /* of the latencies, those due in the first and last tenth */
	struct histogram
		unanswered_age; /* of those that had no answer when nobody waited any more */
	struct fairness fairness;
	uint64_t crowd_open;	     /* idle connections that were still open at its end */
	uint64_t crowd_slow_answers; /* good ones, of slow readers and writers */
	uint64_t crowd_slow_cut;     /* slow ones that the server hung up on, or answered badly */

	/* Of the whole run. */
	uint64_t errors_outside[ERROR_CLASSES]; /* before and after the window */
	uint64_t good_outside;
	uint64_t unanswered_outside; /* sent before the window, without an answer to its end */
	uint64_t crowd_answered;     /* idle connections that were opened and had their answer */
	struct histogram connect;
	struct handshakes handshakes;
	struct failures failures, failures_outside;

	uint64_t tally_count;
	struct tally tally[]; /* of each request of a mix, then of each stage */
};

/* malloc'ed and empty (histograms are large); NULL when out of memory. free() it. */
struct result *result_create(size_t tallies);

/* into += from; both have as many tallies. */
void result_merge(struct result *into, const struct result *from);

/* The lower of both. */
static inline void result_bound(uint64_t *bound_ns, uint64_t value_ns)
{
	if (value_ns < *bound_ns)
		*bound_ns = value_ns;
}

/* The sum over all classes. */
uint64_t result_count_errors(const uint64_t errors[ERROR_CLASSES]);

#endif
