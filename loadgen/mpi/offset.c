/*
 * What one machine's clock is ahead of another's: a question there and back, and the clock of the one asked is taken
 * to have been read in the middle. The quickest of many exchanges was delayed least, and half of what it took bounds
 * the error (Cristian, Probabilistic Clock Synchronization, 1989).
 */
#include "lib/clock.h"
#include "loadgen/mpi/ranks_mpi.h"

enum { EXCHANGES = 64 };

#define PING_PATIENCE_NS (5 * NS_PER_S)

void ranks_estimate_offset(int rank, int64_t *offset_ns, uint64_t *uncertain_ns)
{
	uint64_t quickest_ns = UINT64_MAX, there_ns;

	*offset_ns = 0;
	for (int i = 0; i < EXCHANGES; i++) {
		uint64_t sent_ns = clock_now_ns(), back_ns;

		if (!wire_send(rank, WIRE_PING, &sent_ns, sizeof(sent_ns),
			       sent_ns + PING_PATIENCE_NS))
			break;
		/* Without sleeping: that would be counted. */
		while (clock_now_ns() < sent_ns + PING_PATIENCE_NS) {
			MPI_Status status;

			if (wire_is_there(rank, WIRE_PING, &status))
				break;
		}
		if (!wire_receive(rank, WIRE_PING, &there_ns, sizeof(there_ns), 0))
			break;
		back_ns = clock_now_ns();
		if (back_ns - sent_ns < quickest_ns) {
			quickest_ns = back_ns - sent_ns;
			*offset_ns = (int64_t)there_ns - (int64_t)(sent_ns + quickest_ns / 2);
		}
	}
	*uncertain_ns = quickest_ns / 2;
}

void ranks_answer_pings(void)
{
	uint64_t until_ns = clock_now_ns() + RANKS_MOST_NS, now_ns, sent_ns;

	for (int i = 0; i < EXCHANGES; i++) {
		MPI_Status status;

		/* The first may be a while away, the others follow each other. */
		while (i > 0 && clock_now_ns() < until_ns && !wire_is_there(0, WIRE_PING, &status))
			;
		if (!wire_receive(0, WIRE_PING, &sent_ns, sizeof(sent_ns), until_ns))
			return;
		now_ns = clock_now_ns();
		until_ns = now_ns + PING_PATIENCE_NS;
		wire_send(0, WIRE_PING, &now_ns, sizeof(now_ns), until_ns);
	}
}
