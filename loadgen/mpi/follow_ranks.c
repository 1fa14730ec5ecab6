/* The other ranks' side of a run: they hear what to do, say how far they are, and give what they counted. */
#include "lib/clock.h"
#include "loadgen/mpi/counted.h"
#include "loadgen/mpi/ranks_mpi.h"

#include <stdlib.h>
#include <string.h>

/* Rank 0 takes what is given one after another. */
#define GIVE_PATIENCE_NS (30 * NS_PER_S)

bool ranks_await_plan(struct ranks_plan *plan, uint32_t threads)
{
	uint64_t until_ns = clock_now_ns() + RANKS_MOST_NS;

	ranks_context.last_news = 0;
	wire_send(0, WIRE_THREADS, &threads, sizeof(threads), until_ns);
	if (!wire_receive(0, WIRE_PLAN, plan, sizeof(*plan), until_ns)) {
		ranks_context.is_broken = true;
		return false;
	}
	ranks_context.heard_ns = clock_now_ns();
	ranks_context.run = plan->run;
	return plan->another;
}

bool ranks_have_orders(struct ranks_orders *orders)
{
	struct ranks_orders latest = {0}, one;
	MPI_Status status;

	while (wire_is_there(0, WIRE_ORDERS, &status)) {
		if (!wire_take(&status, &one, sizeof(one)))
			continue;
		ranks_context.heard_ns = clock_now_ns();
		if (one.run == ranks_context.run)
			latest = one;
	}
	if (latest.news == 0 || latest.news == ranks_context.last_news)
		return false;
	ranks_context.last_news = latest.news;
	latest.base_ns = ranks_to_own_ns(latest.base_ns);
	latest.start_ns = ranks_to_own_ns(latest.start_ns);
	latest.end_ns = ranks_to_own_ns(latest.end_ns);
	latest.origin_ns = ranks_to_own_ns(latest.origin_ns);
	*orders = latest;
	return true;
}

uint64_t ranks_heard_ns(void)
{
	return ranks_context.heard_ns;
}

void ranks_send_state(const struct ranks_state *state)
{
	int done = 1;

	MPI_Test(&ranks_context.state_sending, &done, MPI_STATUS_IGNORE);
	if (!done)
		return;
	ranks_context.state_sent = *state;
	MPI_Isend(&ranks_context.state_sent, sizeof(*state), MPI_BYTE, 0, WIRE_STATE,
		  MPI_COMM_WORLD, &ranks_context.state_sending);
}

void ranks_send_intervals(const struct interval_totals *totals, size_t count)
{
	wire_send(0, WIRE_INTERVALS, totals, count * sizeof(*totals), clock_now_ns() + NS_PER_S);
}

void ranks_give(const struct result *total, const struct gaps *gaps, size_t kinds,
		const struct ranks_report *report)
{
	struct counted counted = {
		.report = *report, .total = (struct result *)(uintptr_t)total, .kinds = kinds};
	uint64_t until_ns = clock_now_ns() + GIVE_PATIENCE_NS;
	size_t size = 0;
	void *bytes;

	memcpy(counted.gaps, gaps, kinds * sizeof(*gaps));
	bytes = counted_pack(&counted, &size);
	if (bytes && wire_send(0, WIRE_COUNTED, bytes, size, until_ns))
		ranks_answer_pings();
	else
		ranks_context.is_broken = true;
	free(bytes);
}
