/* Pauses of random length end in their order, whatever becomes of them meanwhile. */
#include "loadgen/pauses.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { CONNECTIONS = 200 };

static struct connection connections[CONNECTIONS];

static const struct options at_random = {.think_time_ns = 1000000, .think_at_random = true};

static void begin_all(struct pauses *pauses, uint64_t seed)
{
	cr_assert_eq(pauses_init(pauses, CONNECTIONS, &at_random, seed), 0);
	for (size_t i = 0; i < CONNECTIONS; i++)
		pauses_begin(pauses, &connections[i], 5000, false);
}

Test(pauses, those_that_end_first_are_taken_first_and_each_once)
{
	struct pauses pauses;
	bool taken[CONNECTIONS] = {false};
	uint64_t last_ns = 0;

	begin_all(&pauses, 1);
	for (size_t i = 0; i < CONNECTIONS; i += 3)
		pauses_begin(&pauses, &connections[i], 900000, true); /* begins anew */
	cr_assert_eq(pauses.count, CONNECTIONS);
	while (pauses.count > 0) {
		uint64_t end_ns = pauses_end_ns(&pauses);
		size_t i = (size_t)(pauses_end(&pauses) - connections);

		cr_assert_geq(end_ns, last_ns);
		cr_assert_geq(end_ns, i % 3 == 0 ? 900000 : 5000);
		cr_assert_not(taken[i]);
		taken[i] = true;
		last_ns = end_ns;
	}
	cr_assert_eq(pauses_end_ns(&pauses), UINT64_MAX);
	pauses_destroy(&pauses);
}

Test(pauses, the_same_seed_gives_the_same_pauses)
{
	struct pauses first, second, other;

	begin_all(&first, 7);
	begin_all(&second, 7);
	begin_all(&other, 8);
	cr_assert_eq(pauses_end_ns(&first), pauses_end_ns(&second));
	cr_assert_neq(pauses_end_ns(&first), pauses_end_ns(&other));
	pauses_destroy(&first);
	pauses_destroy(&second);
	pauses_destroy(&other);
}
