/*
 * Which request of a mix is sent next: by a shuffled deck that holds each request as often as it weighs
 * (weights 99 and 1: a hundred cards), and is shuffled anew when it has been dealt. So of every deck the shares are
 * exact, and within it they come at random: at even distances slow ones would never meet, which flatters a server
 * that serves one after the other. Seeded; the same deck for the same seed on any machine.
 *
 * No card is kept, only how many are left of each: to draw one of what is left at random is to deal the next
 * of a shuffled deck, however large it is. Not thread-safe: each thread has its own.
 */
#ifndef TENK_DECK_H
#define TENK_DECK_H

#include "lib/random.h"
#include "loadgen/request.h"

struct deck {
	const struct mix *mix;
	uint64_t left[OPTIONS_REQUESTS_MAX]; /* of each request */
	uint64_t all_left;
	struct random random;
};

void deck_init(struct deck *deck, const struct mix *mix, uint64_t seed);

/* The index of the next request. */
size_t deck_deal(struct deck *deck);

#endif
