/*
 * Differences of pairs, without a belief about their distribution but that it is symmetric: Wilcoxon's
 * signed rank test, and the estimate and interval that belong to it (Wilcoxon, Individual Comparisons by
 * Ranking Methods, 1945; Hodges and Lehmann, Estimates of Location Based on Rank Tests, 1963; Hollander,
 * Wolfe and Chicken, Nonparametric Statistical Methods, 2014, chapter 3).
 *
 * All values must be finite. Where there is no memory the answer is NAN.
 */
#ifndef TENK_SIGNED_RANK_H
#define TENK_SIGNED_RANK_H

#include "lib/statistics/interval.h"

#include <stddef.h>

/* The exact distribution is counted up to so many pairs; the normal one stands in beyond. */
enum { SIGNED_RANK_EXACT_MOST = 200 };

/* The median of all (d[i] + d[j]) / 2 with i <= j; NAN of none. */
double hodges_lehmann(const double *d, size_t n);

/*
 * One-sided p of "the centre of d is at most `than`": the probability, if every difference from `than`
 * might as well have had the other sign, of positive ranks as large as these or larger. Ties share their
 * ranks; zeros are ranked and then left out (Pratt, Remarks on Zeros and Ties in the Wilcoxon Signed Rank
 * Procedures, 1959). Exact with ties and zeros too, up to SIGNED_RANK_EXACT_MOST. 1 of none.
 */
double signed_rank_p_greater(const double *d, size_t n, double than);

/*
 * Of the centre: the k-th smallest and the k-th largest of (d[i] + d[j]) / 2, both included, k as large as
 * the confidence allows. Each end alone is a bound with half of what it leaves uncovered. With ties it
 * covers at least what it says.
 */
struct interval signed_rank_interval(const double *d, size_t n, double confidence);

/*
 * One-sided p of "the median of d is at most `than`" by signs alone, for which not even symmetry is
 * needed. Those that equal `than` are left out (Dixon and Mood 1946). 1 of none.
 */
double sign_test_p_greater(const double *d, size_t n, double than);

#endif
