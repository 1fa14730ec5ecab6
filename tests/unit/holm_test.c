#include "lib/statistics/holm.h"

#include <criterion/criterion.h>
#include <math.h>

enum { MOST = 8 };

Test(holm, worked_examples)
{
	/*
	 * Adjusted p are what Holm's steps, the smallest times n, the next times n - 1, make of them, none less
	 * than one before. The first is in Wikipedia's article on the method; in the second a step has to be
	 * held up; of the third the manual of the R package HDLSSkST says that the procedure at .05 rejects
	 * the third and the last hypothesis (the second too, if "at most" is meant: 5 times .01).
	 */
	static const struct {
		size_t count;
		double p[MOST], adjusted[MOST];
	} examples[] = {
		{4, {0.01, 0.04, 0.03, 0.005}, {0.03, 0.06, 0.06, 0.02}},
		{3, {0.02, 0.021, 0.9}, {0.06, 0.06, 0.9}},
		{7,
		 {0.50, 0.01, 0.001, 0.69, 0.02, 0.05, 0.0025},
		 {1, 0.05, 0.007, 1, 0.08, 0.15, 0.015}},
		{3, {0.05, 0.05, 0.05}, {0.15, 0.15, 0.15}},
		{1, {0.04}, {0.04}},
	};

	for (size_t e = 0; e < sizeof examples / sizeof *examples; e++) {
		double p[MOST];

		for (size_t i = 0; i < examples[e].count; i++)
			p[i] = examples[e].p[i];
		holm_adjust(p, examples[e].count);
		for (size_t i = 0; i < examples[e].count; i++)
			cr_expect_float_eq(p[i], examples[e].adjusted[i], 1e-12,
					   "example %zu, p %zu: %g", e, i, p[i]);
	}
}

Test(holm, what_could_not_be_tested_counts_in_the_family)
{
	double p[] = {NAN, 0.01, NAN, 0};

	holm_adjust(p, 4);
	cr_expect(isnan(p[0]) && isnan(p[2]));
	cr_expect_float_eq(p[1], 0.03, 1e-12);
	cr_expect_eq(p[3], 0);
	cr_expect_not(signbit(p[3]));
	holm_adjust(p, 0);
	holm_adjust(NULL, 0);
}
