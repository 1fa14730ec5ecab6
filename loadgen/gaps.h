/*
 * In which tenths of a second a kind of request had no good answer though somebody waited for one: what a
 * percentile does not tell is how long nobody at all was served.
 *
 * The windows are whole ones of 100 ms from the beginning of the measured window, or of each slice, by the
 * clock: not the moments at which somebody looked. Two bits are kept of each, which grow as time goes on.
 * Not thread-safe: each thread has its own, put together afterwards.
 */
#ifndef TENK_GAPS_H
#define TENK_GAPS_H

#include "lib/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GAPS_WINDOW_NS (100 * NS_PER_MS)

/* Zeroed: nothing has come, nobody has waited. */
struct gaps {
	uint64_t *answered, *waited; /* bits, a window each */
	size_t words;
	bool lost; /* there was no memory for it: nothing is known */
};

void gaps_destroy(struct gaps *gaps);

/* A good answer came in that window; somebody waited in those of `first` to `last`. */
void gaps_note_answer(struct gaps *gaps, size_t window);
void gaps_note_wait(struct gaps *gaps, size_t first, size_t last);

/* into += from. */
void gaps_merge(struct gaps *into, const struct gaps *from);

/* Of the first so many windows, those in which somebody waited and nothing came. */
uint64_t gaps_count(const struct gaps *gaps, size_t windows);

#endif
