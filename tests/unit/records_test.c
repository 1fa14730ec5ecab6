#include "servers/models/io_uring/records.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MANY = 3000, BYTES = 88 };

Test(records, each_is_its_own_and_full_of_zeros)
{
	static const char zeros[BYTES];
	static char *taken[MANY];
	struct records records = {.bytes = BYTES};

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MANY; i++) {
			taken[i] = records_take(&records);
			cr_assert(taken[i] != NULL);
			cr_assert_eq(memcmp(taken[i], zeros, BYTES), 0);
			memset(taken[i], 1 + i % 100, BYTES);
		}
		for (int i = 0; i < MANY; i++) {
			cr_assert_eq(taken[i][0], 1 + i % 100);
			cr_assert_eq(taken[i][BYTES - 1], 1 + i % 100);
			records_give(&records, taken[i]);
		}
	}
	records_destroy(&records);
}

Test(records, what_was_given_back_is_taken_first)
{
	struct records records = {.bytes = BYTES};
	void *first = records_take(&records), *second = records_take(&records);

	records_give(&records, first);
	cr_expect(records_take(&records) == first);
	records_give(&records, second);
	cr_expect(records_take(&records) == second);
	records_destroy(&records);
}
