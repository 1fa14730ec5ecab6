/*
 * What is counted: requests, answers, errors, times; where the window begins and ends; how late we
 * were. It is told what happened and when, and knows no connection, no thread and no clock.
 */
#ifndef TENK_ACCOUNT_H
#define TENK_ACCOUNT_H

#include "lib/clock.h"
#include "loadgen/options.h"
#include "loadgen/parts.h"
#include "loadgen/result.h"
#include "loadgen/tls.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A request belongs to the window if it was due in it (closed loop: sent), whenever its answer
 * comes: behind the window's end the load goes on until all that belong to it have an answer or a
 * timeout, or nobody wants to wait any more. What belongs to no request (bytes, CPU time, failing
 * connections) belongs to the window if it happens in it; to a slice also if it happens behind it, when
 * nothing else is under way.
 */
enum window {
	WINDOW_BEFORE, /* nothing counts: connecting, warming up, at rest between slices, a lead */
	WINDOW_INSIDE,
	WINDOW_DRAINING, /* its time is over, what belongs to it may still be answered */
	WINDOW_AFTER,	 /* nothing may be done any more */
};

/* Where nothing is stamped, a pause of the generator that is shorter than this is not seen. */
#define ACCOUNT_PAUSE_NS (10 * NS_PER_MS)

struct account {
	const struct options *options;
	struct interval_counters *intervals;
	struct recent *recent;
	struct result *result;
	uint64_t now_ns;     /* as last told */
	uint64_t arrived_ns; /* when what is read now was there to be read; 0: not known */
	enum window window;
	bool counting; /* what happens now, and belongs to no request, counts */
	uint64_t start_ns, end_ns, edge_ns; /* edge: of these the next; UINT64_MAX: not known yet */
	bool open_loop;
	struct parts parts;   /* with figures of their own */
	bool is_steady;	      /* and the rate is the same all the time */
	uint64_t under_way;   /* requests sent that belong to the window */
	uint64_t due_outside; /* requests that belong to none, sent or not */

	/* Of lateness: see account_send_late. */
	uint64_t free_since_ns;	  /* since when some connection has been free */
	uint64_t behind_ns;	  /* the most that we were late since we last kept up */
	uint64_t behind_until_ns; /* what has waited longer than this has not waited for us */
};

/* How many tallies a load has: of each request of a mix, then of each stage. */
size_t account_tallies(const struct options *options, size_t requests);

/* 0 or -ENOMEM; account_destroy in any case. `requests` are how many the mix has. */
int account_init(struct account *account, const struct options *options, size_t requests,
		 struct interval_counters *intervals, struct recent *recent, struct kinds *kinds);
void account_destroy(struct account *account);

/* When the window is, of which the end may still change. One that ends as it begins counts nothing. */
void account_set_window(struct account *account, uint64_t start_ns, uint64_t end_ns);

/* The edge has been reached. */
void account_begin_window(struct account *account);
void account_end_window(struct account *account);

/* All that belongs to the window has come to its end: another one may follow. */
void account_rest(struct account *account);

/* Nothing more may be done. */
void account_close(struct account *account);

/* Whether there is a window, now or before, that counts what is due in it. */
static inline bool account_has_window(const struct account *account)
{
	return account->start_ns < account->end_ns;
}

/* Whether what is due then belongs to the window. */
static inline bool account_counts(const struct account *account, uint64_t due_ns)
{
	return account->start_ns > 0 && due_ns >= account->start_ns && due_ns < account->end_ns;
}

static inline bool account_is_counting(const struct account *account)
{
	return account->counting;
}

/* A request of the load was sent; fills in whether it counts, and its stage. */
void account_send(struct account *account, struct exchange *exchange);

/*
 * How late we are with what is sent now and was due then: counted from when it was due or, while
 * all connections were busy and the server was late, from when one was free. But after we were
 * away, what had become due takes up the connections at once, and the rest finds them busy for our
 * sake. So until the schedule is kept up with again (account_keep_up), each may have waited for us
 * as long as the one that we were latest with. It is no more than that: to hold a queue up delays
 * what is in it by the time that it was held up. If the queue does not shrink but doubles, the
 * server does not keep up with the rate, whatever we did.
 */
void account_send_late(struct account *account, uint64_t due_ns);

/* Nothing is due at this moment. */
static inline void account_keep_up(struct account *account)
{
	account->behind_ns = 0;
}

/*
 * None of the connections had been free, and now one is: since its answer was there to be read, not
 * since we read it.
 */
static inline void account_note_free(struct account *account)
{
	account->free_since_ns = account->arrived_ns ? account->arrived_ns : account->now_ns;
}

/* The answer to a request of the load is complete, good or not: it has a status. */
void account_status(struct account *account, const struct exchange *exchange);

/* So many requests are sent once more. */
void account_resend(struct account *account, uint64_t count);

/* What comes is not stamped any more: of how late it was read only pauses are told. */
void account_give_up_read_lateness(struct account *account);

void account_bytes_sent(struct account *account, uint64_t bytes);
void account_bytes_received(struct account *account, uint64_t bytes);

/*
 * A request of the load had a good answer now, or had none in time, or the connection ended on which
 * it waited for another that had none in time. If it counts that was a sample of account_latency_ns;
 * or more, where it had no answer.
 */
void account_answer(struct account *account, const struct exchange *exchange,
		    uint64_t received_bytes);
void account_time_out(struct account *account, const struct exchange *exchange);

static inline uint64_t account_latency_ns(const struct account *account,
					  const struct exchange *exchange)
{
	return account->now_ns - exchange->due_ns;
}

/* TLS has agreed on another connection. */
void account_handshake(struct account *account, const struct tls_handshake *handshake,
		       uint64_t took_ns);

/* Something failed now, `count` times, that was no request; `example` may be NULL. */
void account_fail(struct account *account, uint64_t count, enum error_class class,
		  enum error_phase phase, int problem, const char *example);

/* One of those in result->unopened, which have failed: it would have been that one of the mix. */
void account_fail_unopened(struct account *account, size_t request);

/* A request of the load failed. */
void account_fail_request(struct account *account, const struct exchange *exchange,
			  enum error_class class, enum error_phase phase, int problem,
			  const char *example);

/* The crowd: an idle or a slow connection had a good answer; a slow one was cut off or refused. */
void account_answer_crowd(struct account *account, bool idle);
void account_cut_slow(struct account *account);

/* Nobody waits any more for the answer to a request of the load that was sent. */
void account_leave_unanswered(struct account *account, const struct exchange *exchange);

/*
 * Nor for one that was due then, in the window or before it, and that no connection was free for: it would
 * have been that one of the mix.
 */
void account_leave_unsent(struct account *account, size_t request, uint64_t due_ns);

#endif
