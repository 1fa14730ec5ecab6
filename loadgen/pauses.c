#include "loadgen/pauses.h"

#include <errno.h>
#include <stdlib.h>

int pauses_init(struct pauses *pauses, size_t most, const struct options *options, uint64_t seed)
{
	*pauses = (struct pauses){.mean_ns = options->think_time_ns,
				  .at_random = options->think_at_random};
	random_seed(&pauses->random, seed);
	if (options->think_time_ns == 0 || most == 0)
		return 0;
	pauses->heap = calloc(most, sizeof(*pauses->heap));
	return pauses->heap ? 0 : -ENOMEM;
}

void pauses_destroy(struct pauses *pauses)
{
	free(pauses->heap);
}

static void put(struct pauses *pauses, size_t at, struct pause pause)
{
	pauses->heap[at] = pause;
	pause.connection->pause = (uint32_t)at;
}

/* Puts it there or, while others end later, above them. */
static void rise(struct pauses *pauses, size_t at, struct pause pause)
{
	for (; at > 0 && pauses->heap[(at - 1) / 2].until_ns > pause.until_ns; at = (at - 1) / 2)
		put(pauses, at, pauses->heap[(at - 1) / 2]);
	put(pauses, at, pause);
}

/* Puts it there or, while others end sooner, below them. */
static void sink(struct pauses *pauses, size_t at, struct pause pause)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < pauses->count &&
		    pauses->heap[child + 1].until_ns < pauses->heap[child].until_ns)
			child++;
		if (child >= pauses->count || pauses->heap[child].until_ns >= pause.until_ns)
			break;
		put(pauses, at, pauses->heap[child]);
		at = child;
	}
	put(pauses, at, pause);
}

static uint64_t choose_ns(struct pauses *pauses)
{
	if (!pauses->at_random)
		return pauses->mean_ns;
	return (uint64_t)((double)pauses->mean_ns * random_exponential(&pauses->random));
}

void pauses_begin(struct pauses *pauses, struct connection *connection, uint64_t now_ns, bool again)
{
	struct pause pause = {.until_ns = now_ns + choose_ns(pauses), .connection = connection};
	size_t at = connection->pause;

	if (!again)
		rise(pauses, pauses->count++, pause);
	else if (at > 0 && pauses->heap[(at - 1) / 2].until_ns > pause.until_ns)
		rise(pauses, at, pause);
	else
		sink(pauses, at, pause);
}

struct connection *pauses_end(struct pauses *pauses)
{
	struct connection *connection = pauses->heap[0].connection;

	pauses->count--;
	if (pauses->count > 0)
		sink(pauses, 0, pauses->heap[pauses->count]);
	return connection;
}
