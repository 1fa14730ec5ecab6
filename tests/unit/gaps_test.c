#include "loadgen/gaps.h"

#include <criterion/criterion.h>

Test(gaps, a_window_counts_in_which_somebody_waited_and_nothing_came)
{
	struct gaps gaps = {0};

	gaps_note_wait(&gaps, 0, 0);
	gaps_note_answer(&gaps, 0);
	gaps_note_wait(&gaps, 1, 4); /* answered in the fourth of them */
	gaps_note_answer(&gaps, 4);
	gaps_note_answer(&gaps, 2);
	gaps_note_wait(&gaps, 7, 7);
	/* Of 1, 3, 7; nobody waited in 5 and 6. */
	cr_assert_eq(gaps_count(&gaps, 8), 3);
	cr_assert_eq(gaps_count(&gaps, 7), 2, "of the first so many");
	cr_assert_eq(gaps_count(&gaps, 1), 0);
	cr_assert_eq(gaps_count(&gaps, 1000000), 3);
	gaps_destroy(&gaps);
}

Test(gaps, windows_lie_beyond_a_word_and_far_away)
{
	struct gaps gaps = {0};

	gaps_note_wait(&gaps, 60, 70);
	gaps_note_answer(&gaps, 64);
	cr_assert_eq(gaps_count(&gaps, 71), 10);
	cr_assert_eq(gaps_count(&gaps, 64), 4);
	gaps_note_wait(&gaps, 864000, 864000);
	cr_assert_eq(gaps_count(&gaps, 864001), 11);
	gaps_destroy(&gaps);
}

/* Another thread's answer ends the silence, and its waiting begins it. */
Test(gaps, threads_are_put_together)
{
	struct gaps a = {0}, b = {0}, all = {0};

	gaps_note_wait(&a, 0, 200);
	gaps_note_answer(&a, 200);
	gaps_note_answer(&b, 3);
	gaps_note_wait(&b, 300, 300);
	gaps_merge(&all, &a);
	gaps_merge(&all, &b);
	cr_assert_eq(gaps_count(&all, 400), 200);
	gaps_destroy(&a);
	gaps_destroy(&b);
	gaps_destroy(&all);
}
