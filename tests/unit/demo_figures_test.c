/* The figures of a demonstration's closing sentence are values that were drawn. */
#include "harness/demo/figures.h"

#include <criterion/criterion.h>
#include <math.h>

static void conclude(const struct demo_figures *figures, struct text_buffer *out)
{
	(void)figures;
	(void)out;
}

static struct demonstration kind = {
	.name = "made",
	.series = {{"slowest", UNIT_DURATION, offsetof(struct demo_column, slowest_ns)},
		   {"kernel", UNIT_BYTES, offsetof(struct demo_column, kernel_bytes)}},
	.conclude = conclude,
};

static struct demo_side sides[DEMO_SIDES];

static void make_sides(const double *more, const double *less, size_t count)
{
	for (size_t side = 0; side < DEMO_SIDES; side++) {
		sides[side] = (struct demo_side){.kind = &kind, .column_count = count};
		for (size_t i = 0; i < count; i++)
			sides[side].columns[i] =
				(struct demo_column){.slowest_ns = (side ? less : more)[i],
						     .kernel_bytes = side ? 1024 : NAN};
	}
}

Test(demo_figures, there_are_none_before_anything_was_drawn)
{
	struct demo_figures figures;

	make_sides(NULL, NULL, 0);
	cr_assert_not(demo_figures_make(&figures, sides, 2000));
}

Test(demo_figures, the_middle_is_a_value_that_was_drawn_and_of_two_the_lower)
{
	const double more[] = {90e6, 10e6, 30e6, 50e6}, less[] = {4e6, 2e6, 1e6, 3e6};
	struct demo_figures figures;

	make_sides(more, less, 4);
	cr_assert(demo_figures_make(&figures, sides, 2000));
	cr_assert_str_eq(figures.value[0][0], "30.0 ms");
	cr_assert_str_eq(figures.value[0][1], "2.00 ms");
	cr_assert_str_eq(figures.times[0], ": 15 times");
	cr_assert_str_eq(figures.connections, "2,000");
	cr_assert_eq(figures.columns, 4);
}

Test(demo_figures, of_what_grows_the_last_counts)
{
	const double more[] = {90e6, 10e6, 30e6}, less[] = {4e6, 2e6, 20e6};
	struct demo_figures figures;

	kind.last = true;
	make_sides(more, less, 3);
	cr_assert(demo_figures_make(&figures, sides, 10));
	kind.last = false;
	cr_assert_str_eq(figures.value[0][0], "30.0 ms");
	cr_assert_str_eq(figures.times[0], ": 1.5 times");
}

Test(demo_figures, what_is_not_known_is_no_figure_and_has_no_ratio)
{
	const double more[] = {NAN, 8e6, NAN}, less[] = {1e6, 2e6, 0};
	struct demo_figures figures;

	make_sides(more, less, 3);
	cr_assert(demo_figures_make(&figures, sides, 10));
	cr_assert_str_eq(figures.value[0][0], "8.00 ms");
	cr_assert_str_eq(figures.value[0][1], "1.00 ms");
	cr_assert_str_eq(figures.value[1][0], "not known");
	cr_assert_str_eq(figures.value[1][1], "1.00 KiB");
	cr_assert_str_eq(figures.times[1], "");
}
