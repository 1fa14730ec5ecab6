/* What ranks counted, packed for the way to rank 0: merged there it is what threads of one process would have had. */
#include "loadgen/mpi/counted.h"

#include "lib/random.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(counted, .timeout = 20);

enum { TALLIES = 3, VALUES = 2000 };

static void record_some(struct result *result, struct random *random)
{
	for (int i = 0; i < VALUES; i++) {
		uint64_t value_ns = 1000 + random_below(random, 1000000000);

		result->due++;
		result->good++;
		histogram_record(&result->latency, value_ns);
		histogram_record(&result->tally[i % TALLIES].latency, value_ns);
		result_bound(&result->fastest_ns, value_ns);
	}
	failures_add(&result->failures, &(struct failure){.class = ERROR_RESET, .count = 3});
	result->fairness.requests += VALUES;
	result->busiest_cpu_ns = random_below(random, 1000000);
}

static void note_windows(struct gaps *gaps, size_t first)
{
	gaps_note_wait(gaps, 0, 199);
	gaps_note_answer(gaps, first);
	gaps_note_answer(gaps, first + 100);
}

static void destroy(struct counted *counted)
{
	for (size_t i = 0; i < counted->kinds; i++)
		gaps_destroy(&counted->gaps[i]);
	free(counted->total);
}

static void unpack(struct counted *into, const struct counted *from, size_t kinds)
{
	size_t size = 0;
	void *bytes = counted_pack(from, &size);

	cr_assert_not_null(bytes);
	*into = (struct counted){.total = result_create(TALLIES), .kinds = kinds};
	cr_assert(counted_unpack(into, bytes, size));
	cr_expect_lt(size, 200000, "a result of 3 MiB whose slots are mostly empty took %zu", size);
	free(bytes);
}

Test(counted, what_is_unpacked_is_what_was_packed)
{
	struct counted from = {.total = result_create(TALLIES), .kinds = 2}, into;
	struct random random;

	random_seed(&random, 17);
	record_some(from.total, &random);
	note_windows(&from.gaps[0], 3);
	from.gaps[1].lost = true;
	snprintf(from.report.host, sizeof from.report.host, "b");
	from.report.good = VALUES;
	unpack(&into, &from, 2);
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): what was packed comes back byte by byte */
	cr_expect_eq(memcmp(into.total, from.total,
			    sizeof *from.total + TALLIES * sizeof from.total->tally[0]),
		     0);
	cr_expect_str_eq(into.report.host, "b");
	cr_expect_eq(into.report.good, VALUES);
	cr_expect_eq(gaps_count(&into.gaps[0], 200), 198);
	cr_expect_not(into.gaps[0].lost);
	cr_expect(into.gaps[1].lost);
	destroy(&from);
	destroy(&into);
}

/* Percentiles of all are those of one histogram with all values, and sums are sums. */
Test(counted, merged_it_is_what_one_process_would_have_had)
{
	struct result *whole = result_create(TALLIES), *gathered = result_create(TALLIES);
	struct gaps gaps = {0};
	struct random random;

	for (int rank = 0; rank < 5; rank++) {
		struct counted from = {.total = result_create(TALLIES), .kinds = 1}, into;

		random_seed(&random, (uint64_t)rank);
		record_some(from.total, &random);
		note_windows(&from.gaps[0], (size_t)rank);
		random_seed(&random, (uint64_t)rank);
		record_some(whole, &random);
		unpack(&into, &from, 1);
		result_merge(gathered, into.total);
		gaps_merge(&gaps, &into.gaps[0]);
		destroy(&from);
		destroy(&into);
	}
	cr_expect_eq(gathered->good, 5 * VALUES);
	for (double p = 1; p < 100; p++)
		cr_expect_eq(histogram_percentile_ns(&gathered->latency, p),
			     histogram_percentile_ns(&whole->latency, p));
	cr_expect_eq(gathered->fastest_ns, whole->fastest_ns);
	cr_expect_eq(gathered->failures.kind[0].count, 15);
	cr_expect_eq(gathered->tally[1].latency.total, whole->tally[1].latency.total);
	/* A window is silent only where no rank had an answer. */
	cr_expect_eq(gaps_count(&gaps, 200), 190);
	gaps_destroy(&gaps);
	free(whole);
	free(gathered);
}

Test(counted, what_is_cut_off_is_refused)
{
	struct counted from = {.total = result_create(TALLIES), .kinds = 1},
		       into = {.total = result_create(TALLIES), .kinds = 1};
	size_t size = 0;
	char *bytes;

	note_windows(&from.gaps[0], 3);
	bytes = counted_pack(&from, &size);
	for (size_t cut = 1; cut < size; cut += 1 + size / 50)
		cr_expect_not(counted_unpack(&into, bytes, size - cut), "%zu of %zu bytes",
			      size - cut, size);
	/* Of another program: a run that reaches beyond what there is. */
	memset(bytes, 0xff, size);
	cr_expect_not(counted_unpack(&into, bytes, size));
	memset(bytes, 0, size);
	cr_expect_not(counted_unpack(&into, bytes, size));
	free(bytes);
	destroy(&from);
	destroy(&into);
}
