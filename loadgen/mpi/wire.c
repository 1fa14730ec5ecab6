#include "loadgen/mpi/wire.h"
#include "lib/clock.h"

#include <limits.h>

/* Between two looks. At first shorter ones: an answer that is on its way comes soon. */
#define PAUSE_SHORTEST_NS (20 * NS_PER_US)
#define PAUSE_LONGEST_NS  (2 * NS_PER_MS)

static uint64_t pause_longer(uint64_t pause_ns)
{
	clock_pause(pause_ns);
	return pause_ns < PAUSE_LONGEST_NS ? 2 * pause_ns : PAUSE_LONGEST_NS;
}

bool wire_is_there(int source, enum wire_tag tag, MPI_Status *status)
{
	int there = 0;

	return MPI_Iprobe(source, (int)tag, MPI_COMM_WORLD, &there, status) == MPI_SUCCESS && there;
}

bool wire_await(int source, enum wire_tag tag, uint64_t until_ns, MPI_Status *status)
{
	uint64_t pause_ns = PAUSE_SHORTEST_NS;

	while (!wire_is_there(source, tag, status)) {
		if (clock_now_ns() >= until_ns)
			return false;
		pause_ns = pause_longer(pause_ns);
	}
	return true;
}

bool wire_take(const MPI_Status *status, void *bytes, size_t size)
{
	char nothing;
	int count = 0;

	MPI_Get_count(status, MPI_BYTE, &count);
	if ((size_t)count == size)
		return MPI_Recv(bytes, count, MPI_BYTE, status->MPI_SOURCE, status->MPI_TAG,
				MPI_COMM_WORLD, MPI_STATUS_IGNORE) == MPI_SUCCESS;
	/* Errors are returned: what is too long is cut, and gone. */
	MPI_Recv(&nothing, 1, MPI_BYTE, status->MPI_SOURCE, status->MPI_TAG, MPI_COMM_WORLD,
		 MPI_STATUS_IGNORE);
	return false;
}

bool wire_receive(int source, enum wire_tag tag, void *bytes, size_t size, uint64_t until_ns)
{
	MPI_Status status;

	return wire_await(source, tag, until_ns, &status) && wire_take(&status, bytes, size);
}

bool wire_send(int to, enum wire_tag tag, const void *bytes, size_t size, uint64_t until_ns)
{
	uint64_t pause_ns = PAUSE_SHORTEST_NS;
	MPI_Request request;
	int done = 0;

	if (size > INT_MAX || MPI_Isend(bytes, (int)size, MPI_BYTE, to, (int)tag, MPI_COMM_WORLD,
					&request) != MPI_SUCCESS)
		return false;
	while (MPI_Test(&request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && !done) {
		if (clock_now_ns() >= until_ns)
			break;
		pause_ns = pause_longer(pause_ns);
	}
	if (!done)
		MPI_Request_free(&request);
	return done;
}
