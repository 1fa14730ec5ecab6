#include "harness/trial/calls.h"

#include <criterion/criterion.h>
#include <math.h>

/* Half a second from 1 s on; 1,000 requests that take two calls each. */
static double count(double looked_s, double seen_calls)
{
	const struct calls_window window = {
		.began_ns = 1000000000,
		.ended_ns = 1500000000,
		.looked_ns = (uint64_t)(looked_s * 1e9),
		.calls = seen_calls,
		.good = 1000,
	};

	return calls_per_request(&window);
}

Test(trial_calls, are_those_of_the_window)
{
	cr_expect_float_eq(count(1.0, 2000), 2, 1e-9);
}

Test(trial_calls, are_scaled_to_the_part_that_was_seen)
{
	cr_expect_float_eq(count(1.1, 1600), 2, 1e-9);
	cr_expect_float_eq(count(1.25, 1000), 2, 1e-9);
}

Test(trial_calls, are_unknown_if_too_little_was_seen)
{
	const struct calls_window never = {.good = 10}, open = {.began_ns = 5, .good = 10};
	const struct calls_window bad = {.began_ns = 5, .looked_ns = 5, .ended_ns = 9};

	cr_expect(isnan(count(1.3, 800)));
	cr_expect(isnan(count(1.5, 0)));
	cr_expect(isnan(count(3, 0)));
	cr_expect(isnan(calls_per_request(&never)));
	cr_expect(isnan(calls_per_request(&open)));
	cr_expect(isnan(calls_per_request(&bad)));
}
