#include "loadgen/pool.h"
#include "lib/clock.h"

#include <errno.h>
#include <stdlib.h>

/* How much of a --connect-rate is made up for when it could not be kept. */
#define CATCH_UP_NS (10 * NS_PER_MS)

/* A slow one moves not more often than this, unless a byte at a time would still be too much. */
#define SLOW_PERIOD_NS (100 * NS_PER_MS)

/* What each connection may add to the time that opening all of them may take. */
#define CONNECT_ALLOWANCE_NS NS_PER_MS
#define TLS_ALLOWANCE_NS     (4 * NS_PER_MS)
#define CONNECT_SHARED_NS    (200 * NS_PER_US)

static void set_slow_pace(struct pool *pool, uint64_t bytes_per_s)
{
	uint64_t portion = bytes_per_s * SLOW_PERIOD_NS / NS_PER_S;

	if (portion == 0)
		portion = 1;
	if (portion > WIRE_BUFFER_BYTES)
		portion = WIRE_BUFFER_BYTES;
	pool->slow_portion_bytes = (size_t)portion;
	pool->slow_period_ns = portion * NS_PER_S / bytes_per_s;
}

/* Active connections first, then the crowd's kinds. */
static enum connection_role role_of(const struct pool *pool, size_t index)
{
	size_t idle = share_of(pool->share, pool->options->idle);
	size_t readers = share_of(pool->share, pool->options->slow_readers);

	if (index < pool->active_count)
		return ROLE_ACTIVE;
	if (index < pool->active_count + idle)
		return ROLE_IDLE;
	return index < pool->active_count + idle + readers ? ROLE_SLOW_READER : ROLE_SLOW_WRITER;
}

/* For all connections of a thread; it may share its core with all the others. */
static uint64_t connect_allowance_ns(const struct pool *pool)
{
	const struct options *options = pool->options;
	uint64_t everyone = options->connections + options_crowd(options);
	uint64_t own = pool->count * (CONNECT_ALLOWANCE_NS + pool->connect_distance_ns);
	uint64_t all = everyone * CONNECT_SHARED_NS;

	/* Both ends compute, the server mostly, and threads share it. */
	if (options_is_https(options))
		all += everyone * TLS_ALLOWANCE_NS;
	return own > all ? own : all;
}

static int init_connections(struct pool *pool)
{
	const struct options *options = pool->options;
	int result = pauses_init(&pool->pauses, pool->active_count, options,
				 options->seed * UINT64_C(15485863) + pool->share.first);

	if (result < 0)
		return result;
	pool->connections = calloc(pool->count, pool->connection_bytes);
	if (options->fairness)
		pool->latency_slots = calloc(pool->active_count, sizeof(*pool->latency_slots));
	if (!pool->connections || (options->fairness && !pool->latency_slots))
		return -ENOMEM;
	for (size_t i = 0; i < pool->count; i++) {
		struct connection *connection = pool_connection(pool, i);

		connection->descriptor = -1;
		connection->role = (uint8_t)role_of(pool, i);
		connection->awaited = connection->role == ROLE_IDLE;
		if (pool->latency_slots && connection->role == ROLE_ACTIVE)
			connection->latency = &pool->latency_slots[i];
		connection_move(connection, connection->role == ROLE_ACTIVE && i >= pool->live
						    ? &pool->parked
						    : &pool->to_open);
	}
	return 0;
}

int pool_init(struct pool *pool, const struct options *options, struct share share,
	      struct progress *progress)
{
	uint64_t crowd = share_of(share, options->idle) + share_of(share, options->slow_readers) +
			 share_of(share, options->slow_writers);

	*pool = (struct pool){
		.options = options,
		.share = share,
		.progress = progress,
		.active_count = share_of(share, options_most(options)),
		.connection_bytes = sizeof(struct connection) +
				    options->pipelining * sizeof(struct slot),
		.opening_max = share_of(share, POOL_OPENING_MAX),
	};
	pool->count = pool->active_count + crowd;
	pool->live = pool->wanted = share_of(share, options->connections);
	if (options->stages.of_connections)
		pool->live = pool->wanted = share_of(share,
						     (uint64_t)stages_level(&options->stages, 0));
	if (pool->opening_max == 0)
		pool->opening_max = 1;
	if (options->connect_rate_per_s > 0)
		pool->connect_distance_ns =
			(uint64_t)(1e9 * share.total / options->connect_rate_per_s);
	pool->connect_deadline_ns = connect_allowance_ns(pool);
	atomic_store(&progress->crowd_awaited, share_of(share, options->idle));
	set_slow_pace(pool, options->slow_bytes_per_s);
	return init_connections(pool);
}

void pool_destroy(struct pool *pool)
{
	free(pool->connections);
	pauses_destroy(&pool->pauses);
	free(pool->latency_slots);
}

void pool_count_open(struct pool *pool, const struct connection *connection, int change)
{
	progress_count(&pool->progress->open_count, change);
	if (connection->role != ROLE_ACTIVE)
		progress_count(&pool->progress->crowd_open_count, change);
	if (change > 0)
		progress_count(&pool->progress->opened_count, 1);
}

void pool_await(struct pool *pool, struct connection *connection)
{
	connection->awaited = true;
	progress_count(&pool->progress->awaited, 1);
}

void pool_await_no_more(struct pool *pool, struct connection *connection)
{
	_Atomic uint64_t *count = connection->role == ROLE_IDLE ? &pool->progress->crowd_awaited
								: &pool->progress->awaited;

	if (!connection->awaited)
		return;
	connection->awaited = false;
	progress_count(count, -1);
	if (atomic_load_explicit(count, memory_order_relaxed) == 0)
		progress_notify(pool->progress);
}

static void begin_pause(struct pool *pool, struct connection *connection, uint64_t now_ns)
{
	pauses_begin(&pool->pauses, connection, now_ns, connection->list == &pool->thinking);
	connection_move(connection, &pool->thinking);
}

enum pool_step pool_after_answers(struct pool *pool, struct connection *connection, uint64_t now_ns)
{
	bool has_room = connection_has_room(connection, pool->options);
	bool surplus = pool->live > pool->wanted;

	if (connection->role == ROLE_IDLE)
		return POOL_LEAVE; /* held from now on */
	if (connection->role != ROLE_ACTIVE)
		return POOL_USE;
	if (connection->count == 0 && (surplus || !has_room))
		return POOL_REOPEN;
	if (pool->options->think_time_ns > 0) {
		begin_pause(pool, connection, now_ns);
		return POOL_LEAVE;
	}
	return !surplus && has_room && connection->list != &pool->idle ? POOL_USE : POOL_LEAVE;
}

bool pool_offer(struct pool *pool, struct connection *connection)
{
	bool first = !pool->idle.first;

	connection_move(connection, &pool->idle);
	return first;
}

void pool_open_again(struct pool *pool, struct connection *connection, bool rests)
{
	if (connection->role == ROLE_ACTIVE && pool->live > pool->wanted) {
		pool->live--;
		connection_move(connection, &pool->parked);
	} else {
		connection_move(connection, rests ? &pool->to_open_later : &pool->to_open);
	}
}

/* A pause follows a request, whatever became of its connection. If it is long enough, it is a rest. */
static bool pauses(const struct pool *pool, const struct connection *connection, bool rests)
{
	uint64_t think_time_ns = pool->options->think_time_ns;

	return connection->role == ROLE_ACTIVE && connection->begun > 0 && think_time_ns > 0 &&
	       pool->live <= pool->wanted && (!rests || think_time_ns >= POOL_REST_NS);
}

void pool_return(struct pool *pool, struct connection *connection, bool failed, uint64_t now_ns)
{
	bool rests = (failed && connection->failed_last) || !pool->loading;

	connection->failed_last |= failed;
	if (connection->list == &pool->thinking)
		return; /* its pause goes on */
	connection->since_ns = now_ns;
	if (connection->role == ROLE_IDLE)
		connection_move(connection, NULL);
	else if (connection->count == 0 && pauses(pool, connection, rests))
		begin_pause(pool, connection, now_ns);
	else
		pool_open_again(pool, connection, rests);
}

void pool_return_unopened(struct pool *pool, struct connection *connection, uint64_t now_ns)
{
	connection->failed_last = true;
	connection->since_ns = now_ns;
	connection_move(connection, connection->role == ROLE_IDLE ? NULL : &pool->to_open_later);
	if (connection->role == ROLE_IDLE)
		pool_await_no_more(pool, connection);
}

struct connection *pool_end_pause(struct pool *pool, uint64_t now_ns, enum pool_step *step)
{
	struct connection *connection;

	if (pauses_end_ns(&pool->pauses) > now_ns)
		return NULL;
	connection = pauses_end(&pool->pauses);
	connection_move(connection, NULL);
	if (connection->state == CONNECTION_CLOSED)
		*step = POOL_OPEN;
	else if (pool->live > pool->wanted && connection->count == 0)
		*step = POOL_REOPEN;
	else
		*step = POOL_USE;
	return connection;
}

struct connection *pool_next_slow(struct pool *pool, uint64_t now_ns)
{
	struct connection *connection = connection_first(&pool->slow);

	if (!connection || connection->since_ns + pool->slow_period_ns > now_ns)
		return NULL;
	connection->since_ns = now_ns;
	connection_move(connection, &pool->slow);
	return connection;
}

void pool_end_rests(struct pool *pool, uint64_t now_ns)
{
	struct connection *connection;

	/* While connecting for the first time nothing is tried twice. */
	while (pool->loading && (connection = connection_first(&pool->to_open_later)) &&
	       connection->since_ns + POOL_REST_NS <= now_ns)
		connection_move(connection, &pool->to_open);
}

/* With --connect-rate: whether it is time, and when it is next. What is missed is not made up for. */
static bool may_connect(struct pool *pool, uint64_t now_ns)
{
	if (pool->connect_distance_ns == 0)
		return true;
	if (now_ns < pool->next_connect_ns)
		return false;
	if (pool->next_connect_ns + CATCH_UP_NS < now_ns)
		pool->next_connect_ns = now_ns;
	pool->next_connect_ns += pool->connect_distance_ns;
	return true;
}

struct connection *pool_next_to_open(struct pool *pool, uint64_t now_ns)
{
	struct connection *connection;

	if (!pool_has_to_open(pool) || !may_connect(pool, now_ns))
		return NULL;
	connection = connection_first(&pool->to_open);
	connection->since_ns = now_ns;
	return connection;
}

uint64_t pool_number_attempt(struct pool *pool)
{
	return pool->share.first + pool->attempts++ * pool->share.total;
}

struct connection *pool_next_overdue(const struct pool *pool, uint64_t now_ns)
{
	struct connection *connection = connection_first(&pool->opening);

	return connection && connection->since_ns + pool->options->timeout_ns <= now_ns ? connection
											: NULL;
}

bool pool_is_settled(struct pool *pool, uint64_t now_ns)
{
	struct connection *connection, *next;

	if (pool_is_complete(pool))
		return true;
	if (now_ns < pool->connect_deadline_ns)
		return false;
	pool->connect_deadline_ns = UINT64_MAX;
	/* Of the idle crowd nobody is opened any more, so nobody waits for its answers either. */
	for (connection = connection_first(&pool->to_open); connection; connection = next) {
		next = connection->node.next
			       ? LIST_ENTRY(connection->node.next, struct connection, node)
			       : NULL;
		if (connection->role != ROLE_IDLE)
			continue;
		connection_move(connection, NULL);
		pool_await_no_more(pool, connection);
	}
	return true;
}

void pool_grow(struct pool *pool)
{
	connection_move(connection_first(&pool->parked), &pool->to_open);
	pool->live++;
	pool->wanted++;
}

void pool_want(struct pool *pool, double level)
{
	struct connection *connection;

	pool->wanted = share_of(pool->share, (uint64_t)level);
	while (pool->live < pool->wanted && (connection = connection_first(&pool->parked))) {
		connection_move(connection, &pool->to_open);
		pool->live++;
	}
	/* Those that are busy follow when they have their answers. */
	while (pool->live > pool->wanted && (connection = connection_first(&pool->to_open))) {
		connection_move(connection, &pool->parked);
		pool->live--;
	}
}

void pool_add_fairness(const struct pool *pool, struct fairness *fairness)
{
	for (size_t i = 0; i < pool->active_count; i++) {
		const struct connection *connection = pool_connection(pool, i);

		if (connection->list != &pool->parked)
			fairness_add(fairness, connection->good, connection->latency);
	}
}

uint64_t pool_count_held(const struct pool *pool)
{
	uint64_t held = 0;

	/* Active connections come first, then these, then slow ones. */
	for (size_t i = pool->active_count; i < pool->count; i++) {
		const struct connection *connection = pool_connection(pool, i);

		if (connection->role != ROLE_IDLE)
			break;
		held += connection->state == CONNECTION_OPEN;
	}
	return held;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t after_first(const struct list *list, uint64_t wait_ns)
{
	return list->first ? connection_first(list)->since_ns + wait_ns : UINT64_MAX;
}

uint64_t pool_deadline_ns(const struct pool *pool)
{
	uint64_t deadline_ns = pool_has_to_open(pool) ? pool->next_connect_ns : UINT64_MAX;

	if (pool->loading)
		deadline_ns = least(deadline_ns, after_first(&pool->to_open_later, POOL_REST_NS));
	else if (pool->opening.first)
		deadline_ns = least(deadline_ns, pool->connect_deadline_ns);
	deadline_ns = least(deadline_ns, after_first(&pool->opening, pool->options->timeout_ns));
	deadline_ns = least(deadline_ns, pauses_end_ns(&pool->pauses));
	return least(deadline_ns, after_first(&pool->slow, pool->slow_period_ns));
}
