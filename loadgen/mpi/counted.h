/*
 * What a rank counted, on its way to rank 0: its report, its result and the windows of each kind of request, as
 * one row of words of which runs of zeros are only told by their length. A result is 3 MiB, most of it slots of
 * histograms that nothing fell into; of what is sent there are some tens of KiB.
 */
#ifndef TENK_MPI_COUNTED_H
#define TENK_MPI_COUNTED_H

#include "loadgen/ranks.h"

struct counted {
	struct ranks_report report;
	struct result *total;
	struct gaps gaps[OPTIONS_REQUESTS_MAX];
	size_t kinds;
};

/* malloc'ed, *size bytes; NULL: out of memory. */
void *counted_pack(const struct counted *counted, size_t *size);

/*
 * The opposite, into counted->total, which has as many tallies as what was packed, and counted->gaps, which are the
 * caller's to destroy. False: that is no such thing, or there is no memory.
 */
bool counted_unpack(struct counted *counted, const void *bytes, size_t size);

#endif
