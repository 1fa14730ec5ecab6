/* An interval about an estimate, and how often it is right. */
#ifndef TENK_INTERVAL_H
#define TENK_INTERVAL_H

/*
 * `coverage` is what it truly covers, 0 to 1: at least the confidence that was asked for, or less where
 * there are too few values for that, which the caller has to look at. Without any value low and high are
 * NAN and coverage is 0.
 */
struct interval {
	double low, high, coverage;
};

#endif
