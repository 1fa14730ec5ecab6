#include "lib/random.h"

#include <math.h>

static uint64_t rotate_left(uint64_t value, unsigned bits)
{
	return (value << bits) | (value >> (64 - bits));
}

void random_seed(struct random *random, uint64_t seed)
{
	for (size_t i = 0; i < 4; i++) {
		uint64_t mixed = seed += UINT64_C(0x9e3779b97f4a7c15);

		mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
		random->state[i] = mixed ^ (mixed >> 31);
	}
}

uint64_t random_derive(uint64_t seed, uint64_t number)
{
	struct random random;

	random_seed(&random, seed);
	random_seed(&random, random_next(&random) ^ number);
	return random_next(&random);
}

uint64_t random_next(struct random *random)
{
	uint64_t *s = random->state;
	uint64_t result = rotate_left(s[1] * 5, 7) * 9, shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate_left(s[3], 45);
	return result;
}

/* What would make the low numbers likelier is thrown away. */
size_t random_below(struct random *random, size_t limit)
{
	uint64_t surplus = -(uint64_t)limit % limit, value;

	do {
		value = random_next(random);
	} while (value < surplus);
	return (size_t)(value % limit);
}

double random_unit(struct random *random)
{
	return (double)(random_next(random) >> 11) * 0x1p-53;
}

double random_exponential(struct random *random)
{
	/* The unit may be 0, never 1: its complement has a logarithm. */
	return -log1p(-random_unit(random));
}

void random_shuffle(struct random *random, size_t *numbers, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t j = random_below(random, i), last = numbers[i - 1];

		numbers[i - 1] = numbers[j];
		numbers[j] = last;
	}
}
