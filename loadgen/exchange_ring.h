/* The requests under way on a connection, from the oldest to the newest. For exchange.c, sending.c. */
#ifndef TENK_EXCHANGE_RING_H
#define TENK_EXCHANGE_RING_H

#include "loadgen/worker.h"

static inline const struct request *request_of(const struct worker *worker,
					       const struct exchange *exchange)
{
	return &worker->load->mix->request[exchange->request];
}

/* The n-th request under way, from the oldest. */
static inline struct exchange *exchange_at(const struct worker *worker,
					   struct connection *connection, uint32_t n)
{
	uint32_t depth = (uint32_t)worker->load->options->pipelining, i = connection->first + n;

	return &connection->ring[i < depth ? i : i - depth];
}

static inline bool exchange_may_begin(const struct worker *worker,
				      const struct connection *connection)
{
	const struct options *options = worker->load->options;

	return connection->count < options->pipelining &&
	       (options->requests_per_connection == 0 ||
		connection->begun < options->requests_per_connection);
}

/* One of the load's parts that keep counts of their own, if there are any. */
static inline struct tally *tally_of_request(const struct worker *worker,
					     const struct exchange *exchange)
{
	return worker->stage_tallies ? &worker->result->tally[exchange->request] : NULL;
}

static inline struct tally *tally_of_stage(const struct worker *worker,
					   const struct exchange *exchange)
{
	return worker->load->options->stages.count
		       ? &worker->result->tally[worker->stage_tallies + exchange->stage]
		       : NULL;
}

/* The next answer is that to the oldest request. */
void exchange_expect_answer(struct worker *worker, struct connection *connection);

/* Sends what is left of what was begun; usually all of it, with one call. */
void exchange_flush(struct worker *worker, struct connection *connection);

#endif
