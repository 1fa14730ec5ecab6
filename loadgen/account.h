/*
 * What is counted: requests, answers, errors, times; where the window begins and ends; how late we
 * were. It is told what happened and when, and knows no connection, no thread and no clock.
 */
#ifndef TENK_ACCOUNT_H
#define TENK_ACCOUNT_H

#include "loadgen/exchange.h"
#include "loadgen/interval.h"
#include "loadgen/options.h"
#include "loadgen/result.h"

#include <stdbool.h>
#include <stdint.h>

enum window { WINDOW_BEFORE, WINDOW_INSIDE, WINDOW_AFTER };

struct account {
	const struct options *options;
	struct interval_counters *intervals;
	struct result *result;
	uint64_t now_ns; /* as last told */
	enum window window;
	uint64_t start_ns, end_ns, edge_ns; /* edge: of these the next; UINT64_MAX: not known yet */
	bool open_loop;
	size_t stage_tallies;	   /* where the stages begin among the tallies; 0: no mix */
	uint64_t *errors;	   /* result->errors in the window, else errors_outside */
	struct failures *failures; /* likewise */
	uint64_t due_before;	   /* arrivals that were due before the window */

	/* Of lateness: see account_send_late. */
	uint64_t free_since_ns;	  /* since when some connection has been free */
	uint64_t behind_ns;	  /* the most that we were late since we last kept up */
	uint64_t behind_until_ns; /* what has waited longer than this has not waited for us */
};

/* How many tallies a load has: of each request of a mix, then of each stage. */
size_t account_tallies(const struct options *options, size_t requests);

/* 0 or -ENOMEM; account_destroy in any case. `requests` are how many the mix has. */
int account_init(struct account *account, const struct options *options, size_t requests,
		 struct interval_counters *intervals);
void account_destroy(struct account *account);

/* When the window is, of which the end may still change. */
void account_set_window(struct account *account, uint64_t start_ns, uint64_t end_ns);

/* The edge has been reached. */
void account_begin_window(struct account *account);
void account_end_window(struct account *account);

static inline bool account_is_counting(const struct account *account)
{
	return account->window == WINDOW_INSIDE;
}

/* A request of the load was sent; fills in its stage. */
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

/* None of the connections had been free, and now one is. */
static inline void account_note_free(struct account *account)
{
	account->free_since_ns = account->now_ns;
}

void account_bytes_sent(struct account *account, uint64_t bytes);
void account_bytes_received(struct account *account, uint64_t bytes);

/*
 * A request of the load had a good answer now, or had none in time. Whether that was a sample of the
 * window, which took account_latency_ns.
 */
bool account_answer(struct account *account, const struct exchange *exchange);
bool account_time_out(struct account *account, const struct exchange *exchange);

static inline uint64_t account_latency_ns(const struct account *account,
					  const struct exchange *exchange)
{
	return account->now_ns - exchange->due_ns;
}

/* Something failed, `count` times; `example` says more, and may be NULL. */
void account_fail_many(struct account *account, uint64_t count, enum error_class class,
		       enum error_phase phase, int problem, const char *example);
void account_fail(struct account *account, enum error_class class, enum error_phase phase,
		  int problem, const char *example);

/* A request of the load failed (account_fail is called too). */
void account_fail_request(struct account *account, const struct exchange *exchange);

/* The crowd: an idle or a slow connection had a good answer; a slow one was cut off or refused. */
void account_answer_crowd(struct account *account, bool idle);
void account_cut_slow(struct account *account);

/* At the end of the window a request had no answer. */
void account_leave_unanswered(struct account *account, uint64_t due_ns);

#endif
