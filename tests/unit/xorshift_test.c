#include "lib/xorshift.h"

#include <criterion/criterion.h>

Test(xorshift, the_first_steps_are_marsaglias)
{
	/* 2463534242 leads to 723471715, 2497366906, 2064144800: as his program prints them. */
	cr_expect_eq(xorshift_run(0), UINT32_C(2463534242));
	cr_expect_eq(xorshift_run(1), UINT32_C(723471715));
	cr_expect_eq(xorshift_run(2), UINT32_C(2497366906));
	cr_expect_eq(xorshift_run(3), UINT32_C(2064144800));
}

Test(xorshift, what_is_foretold_is_what_comes)
{
	static const uint64_t rounds[] = {0, 1, 2, 3, 31, 32, 33, 1000, 65535, 65536, 1234567};

	for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++)
		cr_expect_eq(xorshift_foretell(rounds[i]), xorshift_run(rounds[i]), "%llu",
			     (unsigned long long)rounds[i]);
	/* Its period is 2^32 - 1. */
	cr_expect_eq(xorshift_foretell(UINT64_C(4294967295) * 2 + 7), xorshift_run(7));
}
