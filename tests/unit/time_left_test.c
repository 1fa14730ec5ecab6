/* How well the time that is left is told, of runs whose true times are made up. */
#include "harness/run/time_left.h"

#include <criterion/criterion.h>
#include <math.h>

/* A cell as it is thought to be and as it is. */
struct made_up {
	struct trial_time thought;
	double takes_s;
};

static struct time_left start(const struct made_up *cells, size_t count, size_t blocks)
{
	struct time_left time;

	cr_assert(time_left_init(&time, count));
	for (size_t i = 0; i < blocks * count; i++)
		time_left_add(&time, i % count, cells[i % count].thought);
	return time;
}

static void make(struct time_left *time, const struct made_up *cells, size_t cell, double noise)
{
	time_left_drop(time, cell);
	time_left_learn(time, cell, cells[cell].takes_s * noise);
}

static double true_left(const struct made_up *cells, size_t count, size_t made, size_t blocks)
{
	double sum_s = 0;

	for (size_t i = made; i < blocks * count; i++)
		sum_s += cells[i % count].takes_s;
	return sum_s;
}

/* A million connections beside sixty-four, a server that takes long to start, one that fails at once, one that is skipped. */
static const struct made_up uneven[] = {
	{{1.5, 0.35}, 1.9},   {{10.5, 0.35}, 11.2}, {{0.5, 50.35}, 190}, {{1.5, 0.35}, 9.5},
	{{10.5, 0.35}, 0.05}, {{0, 0}, 0},	    {{3, 5.35}, 4.1},
};
enum { UNEVEN = sizeof uneven / sizeof *uneven };

Test(time_left, from_the_first_block_on_it_is_right_within_a_fifth)
{
	enum { BLOCKS = 5 };
	struct time_left time = start(uneven, UNEVEN, BLOCKS);

	for (size_t i = 0; i < BLOCKS * UNEVEN; i++) {
		double truth_s = true_left(uneven, UNEVEN, i, BLOCKS);

		if (i >= UNEVEN)
			cr_assert_lt(fabs(time_left_in_all(&time) - truth_s), 0.2 * truth_s,
				     "trial %zu: %g s, in truth %g s", i, time_left_in_all(&time),
				     truth_s);
		make(&time, uneven, i % UNEVEN, i % 2 ? 1.1 : 0.9);
	}
	cr_assert_eq(time_left_in_all(&time), 0);
	time_left_destroy(&time);
}

Test(time_left, what_starting_takes_is_learnt_from_cells_of_any_length)
{
	/* All start in 1.4 s where 0.35 s were thought; their loads differ by a hundred times. */
	const struct made_up cells[] = {{{0.5, 0.35}, 1.9}, {{50, 0.35}, 51.4}, {{5, 0.35}, 6.4}};
	struct time_left time = start(cells, 3, 1);

	make(&time, cells, 0, 1);
	cr_assert_float_eq(time_left_of(&time, 1), 51.4, 1e-9);
	cr_assert_float_eq(time_left_in_all(&time), 57.8, 1e-9);
	time_left_destroy(&time);
}

Test(time_left, a_cell_that_fails_at_once_does_not_make_others_short)
{
	const struct made_up cells[] = {{{10, 0.35}, 0.05}, {{10, 0.35}, 10.35}};
	struct time_left time = start(cells, 2, 2);

	make(&time, cells, 0, 1);
	cr_assert_float_eq(time_left_in_all(&time), 0.05 + 2 * 10.35, 1e-9);
	time_left_destroy(&time);
}

Test(time_left, a_trial_that_was_stopped_says_nothing_of_others)
{
	const struct made_up cells[] = {{{1, 1}, 2}};
	struct time_left time = start(cells, 1, 3);

	make(&time, cells, 0, 1);
	time_left_drop(&time, 0); /* without what it took, which was an hour */
	cr_assert_float_eq(time_left_in_all(&time), 2, 1e-9);
	time_left_add(&time, 0, cells[0].thought); /* it is made once more */
	cr_assert_float_eq(time_left_in_all(&time), 4, 1e-9);
	time_left_destroy(&time);
}
