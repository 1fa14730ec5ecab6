#include "servers/core/tasks/database/database_gate.h"

#include <criterion/criterion.h>

#define MS UINT64_C(1000000)

Test(database_gate, lets_everybody_through_until_one_fails)
{
	struct database_gate gate = {0};

	for (uint64_t now = 1; now < 100; now++)
		cr_expect(database_gate_pass(&gate, now));
	cr_expect(database_gate_failed(&gate, 100 * MS));
	cr_expect_not(database_gate_failed(&gate, 101 * MS), "only the first notices");
	cr_expect_not(database_gate_pass(&gate, 199 * MS));
	cr_expect(database_gate_pass(&gate, 200 * MS));
	cr_expect_not(database_gate_pass(&gate, 200 * MS), "one attempt at a time");
}

Test(database_gate, lets_fewer_and_fewer_attempts_through_but_one_a_second)
{
	struct database_gate gate = {0};
	unsigned attempts[10] = {0}, total = 0;

	cr_assert(database_gate_failed(&gate, 1));
	for (uint64_t now = 1; now < 10000 * MS; now += MS)
		if (database_gate_pass(&gate, now)) {
			cr_expect_not(database_gate_failed(&gate, now));
			attempts[now / (1000 * MS)]++;
			total++;
		}
	cr_expect_eq(attempts[0], 3, "%u", attempts[0]); /* after 100, 300 and 700 ms */
	for (unsigned second = 2; second < 10; second++)
		cr_expect_eq(attempts[second], 1, "%u in second %u", attempts[second], second);
	cr_expect_leq(total, 13);
}

Test(database_gate, opens_when_one_succeeds_and_begins_anew)
{
	struct database_gate gate = {0};

	database_gate_failed(&gate, 1);
	for (uint64_t now = 1; now < 5000 * MS; now += MS)
		database_gate_pass(&gate, now);
	cr_expect(database_gate_succeeded(&gate));
	cr_expect_not(database_gate_succeeded(&gate), "it was open");
	cr_expect(database_gate_pass(&gate, 5000 * MS));
	cr_expect(database_gate_pass(&gate, 5000 * MS));
	cr_expect(database_gate_failed(&gate, 5000 * MS));
	cr_expect_not(database_gate_pass(&gate, 5099 * MS));
	cr_expect(database_gate_pass(&gate, 5101 * MS));
}
