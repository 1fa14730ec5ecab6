#include "lib/statistics/distributions.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* Terms that are smaller than this share of their sum no longer change it. */
static const double NEGLIGIBLE = 1e-18;

double normal_above(double z)
{
	return erfc(z / sqrt(2)) / 2;
}

static double normal_below(double z, const void *unused)
{
	(void)unused;
	return normal_above(-z);
}

double normal_quantile(double probability)
{
	assert(probability > 0 && probability < 1);
	/* The lower tail has the digits that 1 - p would lose. */
	if (probability > 0.5)
		return -normal_quantile(1 - probability);
	return solve_rising(normal_below, NULL, -40, 0, probability);
}

/* lgamma, which may not be called by two threads, without the sign that makes it so. */
static double log_factorial(uint64_t n)
{
	int sign;

	return lgamma_r((double)n + 1, &sign);
}

static double binomial_term(uint64_t successes, uint64_t trials, double chance)
{
	return exp(log_factorial(trials) - log_factorial(successes) -
		   log_factorial(trials - successes) + (double)successes * log(chance) +
		   (double)(trials - successes) * log1p(-chance));
}

/*
 * The tail that does not hold the mean is summed from its largest term outwards, so that a small
 * probability keeps all of its digits.
 */
double binomial_at_least(uint64_t least, uint64_t trials, double chance)
{
	double odds, term, sum;

	if (least == 0)
		return 1;
	if (least > trials || chance <= 0)
		return 0;
	if (chance >= 1)
		return 1;
	odds = chance / (1 - chance);
	if ((double)least > (double)trials * chance) {
		sum = term = binomial_term(least, trials, chance);
		for (uint64_t k = least; k < trials && term > NEGLIGIBLE * sum; k++) {
			term *= (double)(trials - k) / (double)(k + 1) * odds;
			sum += term;
		}
		return fmin(sum, 1);
	}
	sum = term = binomial_term(least - 1, trials, chance);
	for (uint64_t k = least - 1; k > 0 && term > NEGLIGIBLE * sum; k--) {
		term *= (double)k / (double)(trials - k + 1) / odds;
		sum += term;
	}
	return fmax(1 - sum, 0);
}

double poisson_term(uint64_t events, double mean)
{
	return exp((double)events * log(mean) - mean - log_factorial(events));
}

double poisson_at_least(uint64_t least, double mean)
{
	double term, sum;

	if (least == 0)
		return 1;
	if (mean <= 0)
		return 0;
	if ((double)least > mean) {
		sum = term = poisson_term(least, mean);
		for (uint64_t k = least; term > NEGLIGIBLE * sum; k++) {
			term *= mean / (double)(k + 1);
			sum += term;
		}
		return fmin(sum, 1);
	}
	sum = term = poisson_term(least - 1, mean);
	for (uint64_t k = least - 1; k > 0 && term > NEGLIGIBLE * sum; k--) {
		term *= (double)k / mean;
		sum += term;
	}
	return fmax(1 - sum, 0);
}

double solve_rising(double (*function)(double, const void *), const void *context, double low,
		    double high, double target)
{
	bool between = true;

	while (between) {
		double middle = low + (high - low) / 2;

		between = middle > low && middle < high &&
			  high - low > 1e-15 * fmax(fabs(low), fabs(high));
		if (between && function(middle, context) < target)
			low = middle;
		else if (between)
			high = middle;
	}
	return low + (high - low) / 2;
}

/*
 * P(T <= t) for t of zero and more: sums of powers of a cosine, finite as the degrees are whole (Zelen and
 * Severo in Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, 26.7.3 and 26.7.4).
 */
static double student_below(double t, const void *context)
{
	const unsigned degrees = *(const unsigned *)context;
	double angle = atan(t / sqrt(degrees)), cosine = cos(angle);
	bool odd = degrees % 2 == 1;
	double term = odd ? cosine : 1, sum = degrees > 1 ? term : 0, inside;

	for (unsigned k = odd ? 3 : 2; k + 1 < degrees; k += 2) {
		term *= cosine * cosine * (k - 1) / k;
		sum += term;
	}
	inside = odd ? 2 / M_PI * (angle + sin(angle) * sum) : sin(angle) * sum;
	return 0.5 + inside / 2;
}

double student_quantile(double probability, unsigned degrees_of_freedom)
{
	double high = 1;

	if (probability < 0.5)
		return -student_quantile(1 - probability, degrees_of_freedom);
	while (student_below(high, &degrees_of_freedom) < probability && high < 1e300)
		high *= 2;
	return solve_rising(student_below, &degrees_of_freedom, 0, high, probability);
}
