#include "loadgen/stages.h"
#include "lib/clock.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct stages stages;
static struct error error;

Test(stages, are_read_with_units_and_ramps)
{
	cr_assert_eq(stages_parse(&stages, "10s:1k,500ms:1k-10k,1m:0", &error), 0, "%s",
		     error.text);
	cr_assert_eq(stages.count, 3);
	cr_assert_not(stages.of_connections);
	cr_assert_eq(stages_duration_ns(&stages), 70500 * NS_PER_MS);
	cr_assert_float_eq(stages_peak(&stages), 10000, 1e-9);
	cr_assert_float_eq(stages_arrivals(&stages), 10000 + 2750, 1e-6);
	cr_assert_eq(stages_at(&stages, 0), 0);
	cr_assert_eq(stages_at(&stages, 10 * NS_PER_S), 1);
	cr_assert_eq(stages_at(&stages, 99 * NS_PER_S), 2, "the last goes on");
	cr_assert_float_eq(stages_level(&stages, 10250 * NS_PER_MS), 5500, 1e-6);
}

Test(stages, may_be_of_connections)
{
	cr_assert_eq(stages_parse(&stages, "1s:10c,1s:10c-100c", &error), 0, "%s", error.text);
	cr_assert(stages.of_connections);
	cr_assert_float_eq(stages_level(&stages, 1500 * NS_PER_MS), 55, 1e-6);
}

Test(stages, arrivals_come_when_the_area_under_the_rate_says)
{
	cr_assert_eq(stages_parse(&stages, "2s:0-1k,1s:0,1s:100", &error), 0, "%s", error.text);
	cr_assert_float_eq(stages_when(&stages, 0), 0, 1);
	/* A rate that grows from 0 has a quarter of its arrivals in the first half. */
	cr_assert_float_eq(stages_when(&stages, 250), 1e9, 1);
	cr_assert_float_eq(stages_when(&stages, 1000), 3e9, 10, "after the second without any");
	cr_assert_float_eq(stages_when(&stages, 1050), 3.5e9, 10);
	cr_assert(isinf(stages_when(&stages, 1101)));
	cr_assert_eq(stages_parse(&stages, "1s:1000-1001", &error), 0, "%s", error.text);
	cr_assert_float_eq(stages_when(&stages, 500), 499875062.4, 10, "hardly a slope");
}

static void check_refused(const char *text, const char *because)
{
	cr_assert_lt(stages_parse(&stages, text, &error), 0, "%s", text);
	cr_assert(strstr(error.text, because), "%s: %s", text, error.text);
}

Test(stages, that_make_no_sense_are_refused)
{
	check_refused("", "TIME:RATE");
	check_refused("10s", "TIME:RATE");
	check_refused("10:1k", "10");
	check_refused("0s:1k", "too short");
	check_refused("10s:1k,", "TIME:RATE");
	check_refused("10s:1k,1s:10c", "either");
	check_refused("10s:1k-10c", "either");
	check_refused("10s:0", "nothing at all");
	check_refused("10s:1q", "1q");
	check_refused("10s:99M", "outside");
}
