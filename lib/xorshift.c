#include "lib/xorshift.h"

#include <string.h>

enum { BITS = 32 };

/* What a round makes of each bit of a state alone; of a whole state, the sum (xor) over its bits. */
struct matrix {
	uint32_t of_bit[BITS];
};

static uint32_t step(uint32_t x)
{
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

uint32_t xorshift_run(uint64_t rounds)
{
	uint32_t x = XORSHIFT_START;

	while (rounds-- > 0)
		x = step(x);
	return x;
}

static uint32_t apply(const struct matrix *matrix, uint32_t x)
{
	uint32_t sum = 0;

	for (int bit = 0; bit < BITS; bit++)
		if (x >> bit & 1)
			sum ^= matrix->of_bit[bit];
	return sum;
}

uint32_t xorshift_foretell(uint64_t rounds)
{
	struct matrix power, twice;
	uint32_t x = XORSHIFT_START;

	for (int bit = 0; bit < BITS; bit++)
		power.of_bit[bit] = step(UINT32_C(1) << bit);
	for (; rounds > 0; rounds >>= 1) {
		if (rounds & 1)
			x = apply(&power, x);
		for (int bit = 0; bit < BITS; bit++)
			twice.of_bit[bit] = apply(&power, power.of_bit[bit]);
		memcpy(&power, &twice, sizeof power);
	}
	return x;
}
