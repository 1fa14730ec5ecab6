/*
 * Random numbers that are the same on every machine for one seed, which random(3)'s are not:
 * xoshiro256** of Blackman and Vigna (prng.di.unimi.it), seeded by their splitmix64.
 *
 * Not thread-safe: one generator per thread. Not for secrets.
 */
#ifndef TENK_RANDOM_H
#define TENK_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state[4];
};

void random_seed(struct random *random, uint64_t seed);

/*
 * The seed of one of many generators, each for a thing with a number: what is drawn for one does not hang
 * on what was drawn for others, or on whether it was.
 */
uint64_t random_derive(uint64_t seed, uint64_t number);

uint64_t random_next(struct random *random);

/* A number below `limit` (at least 1), each as likely. */
size_t random_below(struct random *random, size_t limit);

/* From 0, included, to 1, not included; a multiple of 2^-53. */
double random_unit(struct random *random);

/* Exponentially distributed with mean 1: the gaps of a Poisson process of rate 1. */
double random_exponential(struct random *random);

/* Fisher and Yates's shuffle. */
void random_shuffle(struct random *random, size_t *numbers, size_t count);

#endif
