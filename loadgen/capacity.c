#include "loadgen/capacity.h"

/* How close the rates that bracket the capacity have to come. */
static const double resolution = 0.02;

static const double achieved_least = 0.99, lowest_per_s = 1;

/* A closed loop's rate is usually more than a Poisson load can have, but not always. */
static const double headroom = 1.25;

void capacity_init(struct capacity *capacity, uint64_t limit_ns, double guess_per_s)
{
	*capacity = (struct capacity){.limit_ns = limit_ns, .guess = guess_per_s * headroom};
}

bool capacity_add(struct capacity *capacity, struct capacity_trial trial)
{
	trial.held = trial.p99_ns <= capacity->limit_ns && trial.errors == 0 &&
		     trial.achieved_ratio >= achieved_least;
	trial.confirms = capacity->confirming;
	if (capacity->count < CAPACITY_TRIALS_MAX)
		capacity->trial[capacity->count++] = trial;
	if (trial.held && trial.rate_per_s > capacity->low)
		capacity->low = trial.rate_per_s;
	if (capacity->confirming)
		return trial.held;
	if (trial.held || capacity->doubted > 0) {
		capacity->doubted = 0;
		if (!trial.held)
			capacity->high = trial.rate_per_s;
	} else {
		capacity->doubted = trial.rate_per_s;
	}
	return trial.held;
}

static bool is_rate_of(const struct capacity_trial *trial, double rate_per_s)
{
	return trial->rate_per_s >= rate_per_s && trial->rate_per_s <= rate_per_s;
}

/* The lowest rate above this one that was not held, and whether the server is to blame for it. */
static void find_failed(struct capacity *capacity, double rate_per_s)
{
	capacity->failed_per_s = 0;
	capacity->at_least = false;
	for (size_t i = 0; i < capacity->count; i++) {
		const struct capacity_trial *trial = &capacity->trial[i];

		if (trial->held || trial->rate_per_s <= rate_per_s)
			continue;
		if (capacity->failed_per_s <= 0 || trial->rate_per_s < capacity->failed_per_s) {
			capacity->failed_per_s = trial->rate_per_s;
			capacity->at_least = false;
		}
		if (is_rate_of(trial, capacity->failed_per_s))
			capacity->at_least |= trial->spoiled != 0;
	}
}

static void count_trials(struct capacity *capacity, double rate_per_s)
{
	capacity->held = capacity->of = 0;
	for (size_t i = 0; i < capacity->count; i++) {
		const struct capacity_trial *trial = &capacity->trial[i];

		if (!trial->confirms || !is_rate_of(trial, rate_per_s))
			continue;
		capacity->of++;
		capacity->held += trial->held;
	}
}

/* Tries the same rate again until it is decided; then that is the result, or a lower one is tried. */
static double confirm(struct capacity *capacity)
{
	while (capacity->low >= lowest_per_s) {
		count_trials(capacity, capacity->low);
		if (capacity->held >= CAPACITY_HELD) {
			capacity->held_per_s = capacity->low;
			find_failed(capacity, capacity->low);
			return 0;
		}
		if (capacity->of - capacity->held <= CAPACITY_OF - CAPACITY_HELD)
			return capacity->low;
		capacity->low *= 1 - resolution;
	}
	count_trials(capacity, 0);
	find_failed(capacity, 0);
	return 0;
}

static double search(struct capacity *capacity)
{
	double next;

	if (capacity->doubted > 0)
		return capacity->doubted;
	/* No rate was too high yet: further up. */
	if (capacity->high <= 0)
		next = capacity->low > 0 ? capacity->low * 2 : capacity->guess / 2;
	else if (capacity->high - capacity->low <= resolution * capacity->high)
		next = 0;
	else
		next = (capacity->low + capacity->high) / 2;
	if (capacity->high <= 0 && capacity->low > 0 && capacity->guess > capacity->low &&
	    next > capacity->guess)
		next = capacity->guess;
	if (next >= lowest_per_s)
		return next;
	capacity->confirming = true;
	return confirm(capacity);
}

double capacity_next(struct capacity *capacity)
{
	double next = capacity->confirming ? confirm(capacity) : search(capacity);

	return capacity->count < CAPACITY_TRIALS_MAX ? next : 0;
}
