#include "lib/sparkline.h"

#include <criterion/criterion.h>
#include <math.h>

TestSuite(sparkline, .timeout = 10);

Test(sparkline, bars_rise_with_the_share_and_stop_at_the_ends)
{
	static const struct {
		double share;
		const char *bar, *ascii;
	} cases[] = {
		{-1, "▁", "_"}, {0, "▁", "_"}, {0.15, "▂", "."}, {0.5, "▄", "-"},
		{1, "█", "#"},	{7, "█", "#"}, {NAN, " ", " "},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cr_expect_str_eq(sparkline_bar(cases[i].share), cases[i].bar);
		cr_expect_str_eq(sparkline_bar_ascii(cases[i].share), cases[i].ascii);
	}
}
