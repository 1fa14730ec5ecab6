#include "loadgen/result.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A result with something different in every member. */
static struct result *make(uint64_t seed)
{
	struct result *result = result_create();

	cr_assert(result);
	result->due = seed * 3;
	result->sent = seed * 5;
	result->good = seed * 7;
	result->unanswered = seed * 11;
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
	result->threads = (unsigned)seed;
	result->good_outside = seed * 53;
	result->crowd_answered = seed * 59;
	histogram_record(&result->latency, seed * 1000);
	histogram_record(&result->service_time, seed * 2000);
	histogram_record(&result->send_lateness, seed * 3000);
	histogram_record(&result->connect, seed * 4000);
	result->connect_errno = (int)seed;
	result->status_seen = (uint16_t)(500 + seed);
	result->length_seen = seed;
	return result;
}

static bool equal(const struct result *a, const struct result *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static struct result *copy(const struct result *result)
{
	struct result *new = result_create();

	cr_assert(new);
	memcpy(new, result, sizeof(*new));
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
	cr_assert_eq(all->errors[ERROR_BODY], 10 * (19 + ERROR_BODY));
	cr_assert_eq(all->threads, 10);
	cr_assert_eq(all->busiest_cpu_ns, 5 * 41, "the busiest is not a sum");
	cr_assert_eq(all->latency.total, 3);
	cr_assert_eq(all->connect.max_ns, 20000);
	cr_assert_eq(all->status_seen, 502, "the first example survives");
	free(a), free(b), free(c), free(left), free(right), free(all);
}

Test(result, the_empty_result_is_neutral)
{
	struct result *a = make(4), *before = copy(a), *empty = result_create();

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

Test(result, every_class_has_its_name)
{
	static const char *const expected[] = {"connect", "reset", "timeout", "status",
					       "length",  "parse", "body"};

	cr_assert_eq(sizeof(expected) / sizeof(expected[0]), ERROR_CLASSES);
	for (size_t i = 0; i < ERROR_CLASSES; i++)
		cr_assert_str_eq(error_class_names[i], expected[i]);
}
