/* Rank 0's side of a run: it tells, hears, and gathers what was counted. */
#include "lib/clock.h"
#include "loadgen/mpi/counted.h"
#include "loadgen/mpi/ranks_mpi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What has not changed is told again so often: a rank that hears nothing takes itself for forsaken. */
#define HEARTBEAT_NS (500 * NS_PER_MS)

/* Messages that are taken in one go, of each rank. */
enum { HEARD_AT_ONCE = 4 };

static struct other *other_of(uint32_t rank)
{
	return &ranks_context.others[rank];
}

struct share ranks_open(struct ranks_plan *plan, uint32_t threads)
{
	uint32_t count = ranks_context.place.count, all = threads;
	uint64_t until_ns = clock_now_ns() + RANKS_MOST_NS;

	for (uint32_t i = 1; i < count; i++) {
		struct other *other = other_of(i);

		free(other->intervals);
		if (!other->is_lost)
			MPI_Wait(&other->sending, MPI_STATUS_IGNORE);
		*other = (struct other){.sending = other->sending, .is_lost = other->is_lost};
		if (!other->is_lost && !wire_receive((int)i, WIRE_THREADS, &other->threads,
						     sizeof(other->threads), until_ns))
			ranks_context.is_broken = other->is_lost = true;
		all += other->threads;
		ranks_context.reports[i].missing = false;
	}
	plan->run = ++ranks_context.run;
	plan->all_threads = all;
	plan->first_thread = threads;
	for (uint32_t i = 1; i < count; i++) {
		struct other *other = other_of(i);

		if (!other->is_lost)
			wire_send((int)i, WIRE_PLAN, plan, sizeof(*plan), until_ns);
		plan->first_thread += other->threads;
		other->heard_ns = clock_now_ns();
	}
	return (struct share){.count = threads, .total = all};
}

/* Unless the last is still on its way. */
static void tell(uint32_t rank)
{
	struct other *other = other_of(rank);
	int done = 1;

	MPI_Test(&other->sending, &done, MPI_STATUS_IGNORE);
	other->is_behind = !done;
	if (!done || other->is_lost)
		return;
	other->sent = ranks_context.orders;
	other->told_ns = clock_now_ns();
	MPI_Isend(&other->sent, sizeof(other->sent), MPI_BYTE, (int)rank, WIRE_ORDERS,
		  MPI_COMM_WORLD, &other->sending);
}

void ranks_tell(const struct ranks_orders *orders)
{
	if (ranks_context.place.rank > 0)
		return;
	ranks_context.orders = *orders;
	ranks_context.orders.run = ranks_context.run;
	for (uint32_t i = 1; i < ranks_context.place.count; i++)
		tell(i);
}

static void take_state(uint32_t rank, const MPI_Status *status)
{
	struct other *other = other_of(rank);
	struct ranks_state state;

	if (!wire_take(status, &state, sizeof(state)))
		return;
	if (state.slice.rested_ns)
		state.slice.rested_ns -= (uint64_t)ranks_context.reports[rank].clock_offset_ns;
	other->state = state;
	other->heard_ns = clock_now_ns();
}

static void take_intervals(uint32_t rank, const MPI_Status *status)
{
	struct other *other = other_of(rank);
	int size = 0;

	MPI_Get_count(status, MPI_BYTE, &size);
	if (!other->intervals) {
		other->intervals = malloc((size_t)size);
		other->interval_count = other->intervals ? (size_t)size / sizeof(*other->intervals)
							 : 0;
	}
	wire_take(status, other->intervals, other->interval_count * sizeof(*other->intervals));
}

/* What has come of a rank, the latest last. */
static void hear(uint32_t rank)
{
	MPI_Status status;

	for (int i = 0; i < HEARD_AT_ONCE && wire_is_there((int)rank, WIRE_STATE, &status); i++)
		take_state(rank, &status);
	for (int i = 0; i < HEARD_AT_ONCE && wire_is_there((int)rank, WIRE_INTERVALS, &status); i++)
		take_intervals(rank, &status);
}

int ranks_hear(uint64_t patience_ns, bool may_speak, struct error *error)
{
	int result = 0;

	for (uint32_t i = 1; i < ranks_context.place.count; i++) {
		struct other *other = other_of(i);
		uint64_t now_ns = clock_now_ns();

		if (other->is_lost)
			continue;
		hear(i);
		if (may_speak && (other->is_behind || now_ns >= other->told_ns + HEARTBEAT_NS))
			tell(i);
		if (now_ns < other->heard_ns + patience_ns)
			continue;
		other->is_lost = ranks_context.is_broken = true;
		ranks_context.reports[i].missing = true;
		result = -ETIMEDOUT;
		error_set(error, "rank %u on %s was lost: it has said nothing for %.1f s", i,
			  ranks_context.reports[i].host,
			  (double)(now_ns - other->heard_ns) / (double)NS_PER_S);
	}
	return result;
}

struct ranks_state ranks_state(void)
{
	struct ranks_state all = {0};

	for (uint32_t i = 1; i < ranks_context.place.count; i++) {
		struct ranks_state one = other_of(i)->state;

		if (other_of(i)->is_lost)
			continue;
		one.workers = other_of(i)->threads; /* also of one that has not been heard of yet */
		ranks_state_add(&all, &one);
	}
	return all;
}

void ranks_collect(struct interval_totals *totals, size_t kind)
{
	for (uint32_t i = 1; i < ranks_context.place.count; i++) {
		const struct other *other = other_of(i);

		if (kind < other->interval_count)
			interval_add_totals(totals, &other->intervals[kind]);
	}
}

/* What a rank says of itself; machine and clocks are known here. */
static void keep_report(uint32_t rank, const struct ranks_report *told, size_t bytes)
{
	struct ranks_report *report = &ranks_context.reports[rank], known = *report;

	*report = *told;
	memcpy(report->host, known.host, sizeof(known.host));
	report->clock_offset_ns = known.clock_offset_ns;
	report->clock_uncertain_ns = known.clock_uncertain_ns;
	report->sent_bytes = bytes;
}

static bool merge_counted(uint32_t rank, const void *bytes, size_t size, struct result *total,
			  struct gaps *gaps, size_t kinds)
{
	struct counted counted = {.total = result_create(total->tally_count), .kinds = kinds};
	bool good = counted.total && counted_unpack(&counted, bytes, size);

	if (good) {
		result_merge(total, counted.total);
		keep_report(rank, &counted.report, size);
	}
	for (size_t i = 0; i < kinds; i++) {
		if (good)
			gaps_merge(&gaps[i], &counted.gaps[i]);
		gaps_destroy(&counted.gaps[i]);
	}
	free(counted.total);
	return good;
}

/* Its clock is looked at once more, now that it has nothing else to do. */
static void look_at_drift(uint32_t rank)
{
	struct ranks_report *report = &ranks_context.reports[rank];
	uint64_t uncertain_ns;
	int64_t offset_ns;

	ranks_estimate_offset((int)rank, &offset_ns, &uncertain_ns);
	report->clock_drift_ns = offset_ns - report->clock_offset_ns;
}

static bool gather_one(uint32_t rank, struct result *total, struct gaps *gaps, size_t kinds,
		       uint64_t until_ns)
{
	MPI_Status status;
	bool good = false;
	void *bytes;
	int size = 0;

	if (!wire_await((int)rank, WIRE_COUNTED, until_ns, &status))
		return false;
	MPI_Get_count(&status, MPI_BYTE, &size);
	bytes = malloc((size_t)size);
	if (bytes && wire_take(&status, bytes, (size_t)size))
		good = merge_counted(rank, bytes, (size_t)size, total, gaps, kinds);
	free(bytes);
	/* What it said before that is of this run, and not to be heard in the next. */
	while (wire_is_there((int)rank, WIRE_STATE, &status) ||
	       wire_is_there((int)rank, WIRE_INTERVALS, &status))
		hear(rank);
	if (good)
		look_at_drift(rank);
	return good;
}

size_t ranks_gather(struct result *total, struct gaps *gaps, size_t kinds, uint64_t until_ns,
		    struct error *error)
{
	size_t missing = 0;

	for (uint32_t i = 1; i < ranks_context.place.count; i++) {
		struct other *other = other_of(i);

		if (other->is_behind)
			tell(i); /* that it is over */
		if (!other->is_lost && gather_one(i, total, gaps, kinds, until_ns))
			continue;
		missing++;
		other->is_lost = ranks_context.is_broken = true;
		ranks_context.reports[i].missing = true;
		if (error->text[0] == '\0')
			error_set(error, "rank %u on %s was lost", i,
				  ranks_context.reports[i].host);
	}
	return missing;
}

struct ranks_report *ranks_reports(void)
{
	return ranks_context.place.count > 1 ? ranks_context.reports : NULL;
}
