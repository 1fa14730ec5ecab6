/*
 * A part of the whole load. The whole is cut into `total` equal parts, of which somebody has `count`
 * from `first` on: a process all of them, each of its threads one. Seeds, sources, the schedule and
 * stages read that, never how many threads there are here, so the whole may be larger than a process.
 */
#ifndef TENK_SHARE_H
#define TENK_SHARE_H

#include <stddef.h>
#include <stdint.h>

struct share {
	uint32_t first, count, total;
};

/* The n-th part of a share, n < share.count. */
static inline struct share share_part(struct share share, uint32_t n)
{
	return (struct share){.first = share.first + n, .count = 1, .total = share.total};
}

/* How many of `amount` things fall to it. All shares of a whole together have them all. */
static inline size_t share_of(struct share share, uint64_t amount)
{
	uint64_t rest = amount % share.total, past = (uint64_t)share.first + share.count;
	uint64_t before = share.first < rest ? share.first : rest;

	return (size_t)(amount / share.total * share.count + (past < rest ? past : rest) - before);
}

#endif
