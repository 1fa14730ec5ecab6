/*
 * The connections of a thread, and what comes next for each: which are free, which pause, which are
 * to be opened, now or after a rest, which are not wanted. It decides; others do.
 */
#ifndef TENK_POOL_H
#define TENK_POOL_H

#include "loadgen/pauses.h"
#include "loadgen/connection.h"
#include "loadgen/progress.h"
#include "loadgen/share.h"

/*
 * Attempts under way at once, of all threads together: few enough for any backlog, enough to open
 * ten thousand connections in a fraction of a second on loopback.
 */
enum { POOL_OPENING_MAX = 128 };

/* So many begin between two looks at which have ended, so that their time is taken soon. */
enum { POOL_OPENING_BATCH = 8 };

/* Of the connections that there are, a part like this may be opened at once when none is free. */
enum { POOL_GROWTH = 8 };

/* How long a connection that failed twice in a row rests. */
#define POOL_REST_NS (100 * NS_PER_MS)

struct pool {
	const struct options *options;
	struct share share;
	struct progress *progress;

	char *connections; /* active ones, then the crowd; see pool_connection */
	size_t connection_bytes, count, active_count;
	struct fairness_slots *latency_slots; /* of the active ones, with --fairness */
	/* Of connections: closed, resting, being opened, free, pausing, slow, not wanted. */
	struct list to_open, to_open_later, opening, idle, thinking, slow, parked;
	struct pauses pauses; /* of those in `thinking` */
	bool loading;	      /* the first attempt of each is over: what fails is tried again */
	size_t live, wanted;  /* active connections that are not parked, and should not be */

	size_t opening_max;
	uint64_t attempts;			       /* to connect */
	uint64_t connect_distance_ns, next_connect_ns; /* with --connect-rate */
	uint64_t connect_deadline_ns;		       /* for the first attempts */
	uint64_t slow_period_ns;		       /* between two portions of a slow one */
	size_t slow_portion_bytes;
};

/* What is to be done with a connection. */
enum pool_step {
	POOL_LEAVE,  /* nothing */
	POOL_USE,    /* another request may be sent on it */
	POOL_REOPEN, /* it has had its requests, or is not wanted: close it, then pool_return */
	POOL_OPEN,   /* it is to be opened again: pool_open_again */
};

/* 0 or -ENOMEM; pool_destroy in any case. It does not close connections. */
int pool_init(struct pool *pool, const struct options *options, struct share share,
	      struct progress *progress);
void pool_destroy(struct pool *pool);

static inline struct connection *pool_connection(const struct pool *pool, size_t index)
{
	return (struct connection *)(pool->connections + index * pool->connection_bytes);
}

/* A connection was established (+1) or is about to be closed (-1). */
void pool_count_open(struct pool *pool, const struct connection *connection, int change);

/* The window waits for its first answer or error; and does no more, if it did. */
void pool_await(struct pool *pool, struct connection *connection);
void pool_await_no_more(struct pool *pool, struct connection *connection);

/* What comes after answers: more requests, a pause, or another connection. */
enum pool_step pool_after_answers(struct pool *pool, struct connection *connection,
				  uint64_t now_ns);

/* It may be used, when something is due. True: before, there was none. */
bool pool_offer(struct pool *pool, struct connection *connection);

/*
 * A connection was closed. It is opened again, later if it failed before; not if it is of the idle
 * crowd, or there are more than wanted. With --think-time the pause comes first.
 */
void pool_return(struct pool *pool, struct connection *connection, bool failed, uint64_t now_ns);

/* An attempt to open it has failed. */
void pool_return_unopened(struct pool *pool, struct connection *connection, uint64_t now_ns);

/* Has one opened that is closed, after a rest or soon; or never, if there are more than wanted. */
void pool_open_again(struct pool *pool, struct connection *connection, bool rests);

/* The next one that has paused for long enough, and what to do with it; NULL: none. */
struct connection *pool_end_pause(struct pool *pool, uint64_t now_ns, enum pool_step *step);

/* The next slow one whose time has come; NULL: none. */
struct connection *pool_next_slow(struct pool *pool, uint64_t now_ns);

/* One that may be opened now; NULL: none, or not yet. */
struct connection *pool_next_to_open(struct pool *pool, uint64_t now_ns);

/* Which attempt this is, among those of all threads. */
uint64_t pool_number_attempt(struct pool *pool);

/* Whether there is one to open, and room for the attempt. */
static inline bool pool_has_to_open(const struct pool *pool)
{
	return pool->to_open.first && pool->opening.count < pool->opening_max;
}

/* Ends the rests that are over. */
void pool_end_rests(struct pool *pool, uint64_t now_ns);

/* The next one whose attempt takes too long; NULL: none. */
struct connection *pool_next_overdue(const struct pool *pool, uint64_t now_ns);

/*
 * Whether the first attempts are over: all have ended, or they have had their time. Active and slow
 * ones that were not tried until then are tried later; nothing has failed that was not tried.
 */
bool pool_is_settled(struct pool *pool, uint64_t now_ns);

/* Whether none is on its way to be opened; one that failed twice, and rests, may be missing. */
static inline bool pool_is_complete(const struct pool *pool)
{
	return !pool->to_open.first && !pool->opening.first;
}

/*
 * With --connections-max: whether another one may be opened for what is due. Some are on their way at
 * once, so that it does not take a round trip for each; none while one that failed rests.
 */
static inline bool pool_may_grow(const struct pool *pool)
{
	return pool->options->connections_max > 0 && pool->parked.first &&
	       !pool->to_open_later.first &&
	       pool->to_open.count + pool->opening.count <= pool->live / POOL_GROWTH;
}
void pool_grow(struct pool *pool);

/* So many active connections are wanted of the whole load. */
void pool_want(struct pool *pool, double level);

/* How all active ones fared. */
void pool_add_fairness(const struct pool *pool, struct fairness *fairness);

/* Idle connections of the crowd that are open. */
uint64_t pool_count_held(const struct pool *pool);

/* When there is something to do next; UINT64_MAX: never. */
uint64_t pool_deadline_ns(const struct pool *pool);

#endif
