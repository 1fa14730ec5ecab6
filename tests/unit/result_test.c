#include "loadgen/result.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One kind that all seeds have, one of each. */
static void add_failure(struct failures *failures, uint64_t seed)
{
	struct failure failure = {.class = ERROR_RESET,
				  .phase = PHASE_WAIT,
				  .count = seed,
				  .first_ns = 100 - (int64_t)seed,
				  .last_ns = (int64_t)seed};

	snprintf(failure.example, sizeof(failure.example), "%d", (int)seed);
	failures_add(failures, &failure);
	failure.problem = (int)seed;
	failures_add(failures, &failure);
}

/* A result with something different in every member. */
static struct result *make(uint64_t seed)
{
	struct result *result = result_create(2);

	cr_assert(result);
	result->due = seed * 3;
	result->latency_bound_ns = 900 + seed;
	result->fastest_ns = 700 + seed;
	result->service_bound_ns = 800 + seed;
	result->unanswered_outside = seed * 2;
	result->sent = seed * 5;
	result->good = seed * 7;
	result->waited = seed * 8;
	result->resent = seed * 9;
	result->statuses[104] = seed * 10;
	result->spin_ns = seed * 11;
	result->crowd_slow_answers = seed * 61;
	result->crowd_slow_cut = seed * 67;
	result->unopened = seed * 73;
	result->crowd_open = seed * 79;
	result->tally[1].good = seed * 71;
	result->tally[1].due = seed * 73;
	result->tally[1].unanswered = seed * 79;
	result->tally[1].errors[ERROR_RESET] = seed * 83;
	result->tally[1].bytes_received = seed * 89;
	result->tally[1].windows = seed * 97;
	result->tally[1].silent_windows = seed * 101;
	result->tally[0].latency_bound_ns = 500 + seed;
	result->tally[0].service_bound_ns = 400 + seed;
	result->tally[0].fastest_ns = 300 + seed;
	histogram_record(&result->tally[0].service_time, seed * 7000);
	histogram_record(&result->tally[0].latency, seed * 6000);
	fairness_add(&result->fairness, seed, NULL);
	result->bytes_sent = seed * 13;
	result->bytes_received = seed * 17;
	for (size_t i = 0; i < ERROR_CLASSES; i++) {
		result->errors[i] = seed * (19 + i);
		result->errors_outside[i] = seed * (29 + i);
	}
	result->cpu_ns = seed * 41;
	result->user_ns = seed * 43;
	result->system_ns = seed * 47;
	result->busiest_cpu_ns = seed * 41;
	result->busiest_occupied_ns = seed * 73;
	result->run_delay_ns = seed * 79;
	result->run_delay_unknown = seed;
	result->threads = seed;
	result->unstamped = seed * 3;
	result->good_outside = seed * 53;
	result->crowd_answered = seed * 59;
	histogram_record(&result->latency, seed * 1000);
	histogram_record(&result->service_time, seed * 2000);
	histogram_record(&result->send_lateness, seed * 3000);
	histogram_record(&result->read_lateness, seed * 3500);
	histogram_record(&result->connect, seed * 4000);
	histogram_record(&result->handshakes.full, seed * 4100);
	histogram_record(&result->handshakes.resumed, seed * 4200);
	result->handshakes.kernel_sends = seed;
	result->handshakes.kernel_receives = seed + 1;
	histogram_record(&result->unanswered_age, seed * 5000);
	add_failure(&result->failures, seed);
	add_failure(&result->failures_outside, seed + 1);
	return result;
}

static size_t result_bytes(const struct result *result)
{
	return sizeof(*result) + result->tally_count * sizeof(result->tally[0]);
}

static bool equal(const struct result *a, const struct result *b)
{
	return result_bytes(a) == result_bytes(b) && memcmp(a, b, result_bytes(a)) == 0;
}

static struct result *copy(const struct result *result)
{
	struct result *new = result_create(2);

	cr_assert(new);
	memcpy(new, result, result_bytes(new));
	return new;
}

Test(result, merging_is_associative)
{
	struct result *a = make(2), *b = make(3), *c = make(5);
	struct result *left = copy(a), *right = copy(b), *all = copy(a);

	result_merge(left, b);
	result_merge(left, c);
	result_merge(right, c);
	result_merge(all, right);
	cr_assert(equal(left, all));
	cr_assert_eq(all->good, 70);
	cr_assert_eq(all->waited, 80);
	cr_assert_eq(all->resent, 90);
	cr_assert_eq(all->statuses[104], 100);
	cr_assert_eq(all->latency_bound_ns, 902, "the shortest is not a sum");
	cr_assert_eq(all->unanswered_outside, 20);
	cr_assert_eq(all->tally[1].unanswered, 790);
	cr_assert_eq(all->tally[1].errors[ERROR_RESET], 830);
	cr_assert_eq(all->tally[1].silent_windows, 1010);
	cr_assert_eq(all->tally[0].latency_bound_ns, 502);
	cr_assert_eq(all->errors[ERROR_BODY], 10 * (19 + ERROR_BODY));
	cr_assert_eq(all->threads, 10);
	cr_assert_eq(all->unstamped, 30);
	cr_assert_eq(all->busiest_cpu_ns, 5 * 41, "the busiest is not a sum");
	cr_assert_eq(all->busiest_occupied_ns, 5 * 73);
	cr_assert_eq(all->run_delay_ns, 790);
	cr_assert_eq(all->run_delay_unknown, 10);
	cr_assert_eq(all->latency.total, 3);
	cr_assert_eq(all->connect.max_ns, 20000);
	cr_assert_eq(all->handshakes.resumed.max_ns, 21000);
	cr_assert_eq(all->failures.count, 4);
	cr_assert_eq(all->failures.kind[0].count, 10);
	cr_assert_str_eq(all->failures.kind[0].example, "5", "the first example survives");
	cr_assert_eq(all->tally[1].good, 710);
	cr_assert_eq(all->tally[0].latency.total, 3);
	cr_assert_eq(all->fairness.fewest, 2);
	free(a), free(b), free(c), free(left), free(right), free(all);
}

Test(result, the_empty_result_is_neutral)
{
	struct result *a = make(4), *before = copy(a), *empty = result_create(2);

	cr_assert(empty);
	result_merge(a, empty);
	cr_assert(equal(a, before), "from the right");
	result_merge(empty, a);
	cr_assert(equal(empty, before), "from the left");
	free(a), free(before), free(empty);
}

Test(result, errors_are_counted_over_all_classes)
{
	uint64_t errors[ERROR_CLASSES] = {0};

	cr_assert_eq(result_count_errors(errors), 0);
	errors[ERROR_CONNECT] = 1;
	errors[ERROR_BODY] = 2;
	cr_assert_eq(result_count_errors(errors), 3);
}
