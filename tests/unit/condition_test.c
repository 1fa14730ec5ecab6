#include "loadgen/condition.h"
#include "loadgen/run.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct options options;
static struct run run = {.options = &options};

static void setup(void)
{
	run.total = result_create(0);
	cr_assert(run.total);
	run.window_ns = 1000000000;
	run.total->due = 100;
	run.total->good = 98;
	run.total->errors[ERROR_RESET] = 2;
	for (uint64_t i = 1; i <= 100; i++)
		histogram_record(&run.total->latency, i * 1000000);
}

static void teardown(void)
{
	free(run.total);
}

TestSuite(condition, .init = setup, .fini = teardown);

static bool holds(const char *text)
{
	struct condition condition;
	struct error error = {""};

	cr_assert_eq(condition_parse(&condition, text, &error), 0, "%s: %s", text, error.text);
	return run_meets_condition(&run, &condition);
}

Test(condition, holds_beyond_its_limit)
{
	cr_assert(holds("p99>98ms"));
	cr_assert_not(holds("p99>100ms"));
	cr_assert(holds("p50<51ms"));
	cr_assert(holds("max>99ms"));
	cr_assert_not(holds("p100>101ms"));
	cr_assert(holds("mean>50ms"));
	cr_assert(holds("errors>0"));
	cr_assert_not(holds("errors>2"));
	cr_assert(holds("answered<99%"));
	cr_assert_not(holds("answered<0.98"));
	cr_assert(holds("rate<100"));
	cr_assert_not(holds("rate<98/s"));
}

Test(condition, is_of_all_requests_or_of_a_kind)
{
	static struct mix mix = {.count = 2, .weight = 10};

	free(run.total);
	run.total = result_create(2);
	run.mix = &mix;
	run.window_ns = 2000000000;
	snprintf(mix.request[0].name, sizeof mix.request[0].name, "quick");
	snprintf(mix.request[1].name, sizeof mix.request[1].name, "slow");
	run.total->tally[0].due = run.total->tally[0].good = 100;
	run.total->tally[1].due = 10;
	run.total->tally[1].errors[ERROR_TIMEOUT] = 4;
	run.total->tally[1].windows = 20;
	run.total->tally[1].silent_windows = 5;
	for (uint64_t i = 1; i <= 100; i++)
		histogram_record(&run.total->tally[0].latency, i * 1000);
	histogram_record(&run.total->tally[1].latency, 50000000);
	cr_assert_not(holds("p99@quick>100us"));
	cr_assert(holds("p99@quick>98us"));
	cr_assert(holds("p50@slow>49ms"));
	cr_assert(holds("mean@slow>49ms"));
	cr_assert(holds("errors@slow>3"));
	cr_assert_not(holds("errors@quick>0"));
	cr_assert(holds("answered@slow<1%"));
	cr_assert(holds("rate@quick<51"));
	cr_assert_not(holds("rate@quick<50"));
	cr_assert(holds("silent@slow>24%"));
	cr_assert_not(holds("silent@slow>25%"));
	cr_assert(holds("silent@quick>1"), "there were no windows: it is not known");
	cr_assert(holds("p99@none>1h"));
}

Test(condition, on_what_is_not_known_holds)
{
	histogram_init(&run.total->latency);
	run.total->due = 0;
	cr_assert(holds("p99>1h"));
	cr_assert(holds("mean<1h"));
	cr_assert(holds("answered<1%"));
}

Test(condition, says_what_one_is_like)
{
	static const char *const wrong[] = {
		"p99", "p99=20ms", "q99>20ms",		"p101>1ms", "p>1ms",	"p9x>1ms",
		"",    ">1ms",	   "errors_and_more>1", "p99@>1ms", "silent>5%"};
	struct condition condition;
	struct error error;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_assert_lt(condition_parse(&condition, wrong[i], &error), 0, "%s", wrong[i]);
		cr_assert(strstr(error.text, "p99>20ms"), "%s", error.text);
	}
	cr_assert_lt(condition_parse(&condition, "p99>20", &error), 0, "a time needs its unit");
	cr_assert_lt(condition_parse(&condition, "errors>1ms", &error), 0);
}
