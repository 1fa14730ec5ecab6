/*
 * Two samples that were not taken in pairs: the rank sum test of Wilcoxon (1945), Mann and Whitney (1947),
 * and the estimate and interval of the shift that belong to it (Hodges and Lehmann 1963; Hollander, Wolfe
 * and Chicken, Nonparametric Statistical Methods, 2014, chapter 4). Both samples are taken to have the same
 * shape. What drifts between them is in the shift: nothing here can know.
 *
 * All values must be finite. Where there is no memory the answer is NAN.
 */
#ifndef TENK_RANK_SUM_H
#define TENK_RANK_SUM_H

#include "lib/statistics/interval.h"

#include <stddef.h>

/* The exact distribution is counted up to so many values of both; the normal one stands in beyond. */
enum { RANK_SUM_EXACT_MOST = 100 };

/* How far b lies above a: the median of all b[j] - a[i]; NAN if a sample is empty. */
double rank_sum_shift(const double *a, size_t a_count, const double *b, size_t b_count);

/*
 * One-sided p of "b lies at most `than` above a": the probability, if every value might as well have been
 * of the other sample once `than` is taken from b, of ranks of b as large as these or larger. Exact with
 * ties too, which share their ranks, up to RANK_SUM_EXACT_MOST. 1 if a sample is empty.
 */
double rank_sum_p_greater(const double *a, size_t a_count, const double *b, size_t b_count,
			  double than);

/*
 * Of the shift: the k-th smallest and the k-th largest of b[j] - a[i], both included, k as large as the
 * confidence allows. With ties it covers at least what it says.
 */
struct interval rank_sum_interval(const double *a, size_t a_count, const double *b, size_t b_count,
				  double confidence);

#endif
