/*
 * Work for a processor, and how its answer is known without doing it.
 *
 * The generator is the first of 32 bits that Marsaglia gives (Xorshift RNGs, Journal of Statistical
 * Software 8(14), 2003): each step depends on the one before, so that nothing can be done side by side or
 * left out by a compiler, and every language has its operations.
 */
#ifndef TENK_XORSHIFT_H
#define TENK_XORSHIFT_H

#include <stdint.h>

/* His own seed, with which everybody begins. */
#define XORSHIFT_START UINT32_C(2463534242)

/* As many as anybody may ask for: some 20 seconds. */
#define XORSHIFT_MOST UINT64_C(10000000000)

/* The state after so many rounds, made one after another. */
uint32_t xorshift_run(uint64_t rounds);

/* The same without the work: a round is linear over the bits, so that many are a power of a matrix. */
uint32_t xorshift_foretell(uint64_t rounds);

#endif
