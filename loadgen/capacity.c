#include "loadgen/capacity.h"

/* How close the rates that bracket the capacity have to come. */
static const double resolution = 0.02;

static const double achieved_least = 0.99, lowest_per_s = 1;

/* A closed loop's rate is usually more than a Poisson load can have, but not always. */
static const double headroom = 1.25;

enum { SPOILED_REPEATS = 2, UPPER_TESTS = 3, REOPENED_MAX = 3, LONGEST_TIMES = 4 };

enum test { TEST_RUNS, TEST_PASSED, TEST_FAILED };

void capacity_init(struct capacity *capacity, uint64_t limit_ns, double guess_per_s)
{
	*capacity = (struct capacity){.limit_ns = limit_ns, .guess = guess_per_s * headroom};
}

uint64_t capacity_duration_ns(double rate_per_s, uint64_t asked_ns)
{
	double wanted_ns = rate_per_s > 0 ? CAPACITY_SAMPLES / rate_per_s * 1e9 : 0;
	double most_ns = LONGEST_TIMES * (double)asked_ns;

	if (wanted_ns <= (double)asked_ns)
		return asked_ns;
	return (uint64_t)(wanted_ns < most_ns ? wanted_ns : most_ns);
}

static bool is_rate_of(const struct capacity_trial *trial, double rate_per_s)
{
	return trial->rate_per_s >= rate_per_s && trial->rate_per_s <= rate_per_s;
}

static void add_to_bracket(struct capacity *capacity, const struct capacity_trial *trial)
{
	if (trial->held && trial->rate_per_s > capacity->low)
		capacity->low = trial->rate_per_s;
	/* What was spoiled again and again has had its second chance. */
	if (trial->held || capacity->doubted > 0 || trial->spoiled) {
		capacity->doubted = 0;
		if (!trial->held)
			capacity->high = trial->rate_per_s;
	} else {
		capacity->doubted = trial->rate_per_s;
	}
}

void capacity_add(struct capacity *capacity, struct capacity_trial trial)
{
	trial.held = trial.p99_ns <= capacity->limit_ns && trial.errors == 0 &&
		     trial.achieved_ratio >= achieved_least;
	trial.confirms = capacity->stage != CAPACITY_SEARCHING;
	trial.repeated = trial.spoiled && !trial.held && capacity->spoiled_in_row < SPOILED_REPEATS;
	capacity->spoiled_in_row = trial.repeated ? capacity->spoiled_in_row + 1 : 0;
	if (capacity->count < CAPACITY_TRIALS_MAX)
		capacity->trial[capacity->count++] = trial;
	if (!trial.repeated && capacity->stage == CAPACITY_SEARCHING)
		add_to_bracket(capacity, &trial);
}

/* The lowest rate above this one that was not held; 0: none. */
static double find_failed(const struct capacity *capacity, double rate_per_s)
{
	double lowest = 0;

	for (size_t i = 0; i < capacity->count; i++) {
		const struct capacity_trial *trial = &capacity->trial[i];

		if (!trial->held && !trial->repeated && trial->rate_per_s > rate_per_s &&
		    (lowest <= 0 || trial->rate_per_s < lowest))
			lowest = trial->rate_per_s;
	}
	return lowest;
}

/* What kept that rate from being held, if anything but the server did. */
static void find_limit(struct capacity *capacity)
{
	bool failed = false, by_server = false;

	for (size_t i = 0; i < capacity->count; i++) {
		const struct capacity_trial *trial = &capacity->trial[i];

		if (trial->held || trial->repeated || !is_rate_of(trial, capacity->failed_per_s))
			continue;
		failed = true;
		by_server |= trial->spoiled == 0;
		capacity->of_connections |= trial->short_of_connections;
	}
	capacity->at_least = failed && !by_server;
}

static void count_trials(const struct capacity *capacity, size_t first, double rate_per_s,
			 unsigned *held, unsigned *of)
{
	*held = *of = 0;
	for (size_t i = first; i < capacity->count; i++) {
		const struct capacity_trial *trial = &capacity->trial[i];

		if (!trial->confirms || trial->repeated || !is_rate_of(trial, rate_per_s))
			continue;
		(*of)++;
		*held += trial->held;
	}
}

static enum test look_at_test(const struct capacity *capacity)
{
	unsigned held, of;

	count_trials(capacity, capacity->test_first, capacity->tested, &held, &of);
	if (held >= CAPACITY_HELD)
		return TEST_PASSED;
	return of - held > CAPACITY_OF - CAPACITY_HELD ? TEST_FAILED : TEST_RUNS;
}

static void begin_test(struct capacity *capacity, enum capacity_stage stage, double rate_per_s)
{
	capacity->stage = stage;
	capacity->tested = rate_per_s;
	capacity->test_first = capacity->count;
}

/* What was found is the result, unless what was not held clearly above it passes the test. */
static void reopen(struct capacity *capacity)
{
	double above = capacity->held_per_s * (1 + resolution / 2);

	capacity->failed_tests = 0;
	begin_test(capacity, CAPACITY_REOPENING, find_failed(capacity, above));
	if (capacity->tested <= 0 || capacity->reopened == REOPENED_MAX)
		capacity->stage = CAPACITY_DONE;
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
	return next >= lowest_per_s ? next : 0;
}

/* The rate passed: that is the result, or where the search goes on. */
static void accept(struct capacity *capacity)
{
	bool searched = capacity->stage == CAPACITY_CONFIRMING;

	capacity->held_per_s = capacity->tested;
	capacity->low = capacity->tested;
	capacity->high = find_failed(capacity, capacity->held_per_s);
	capacity->doubted = 0;
	if (searched) {
		reopen(capacity);
		return;
	}
	capacity->reopened++;
	capacity->stage = CAPACITY_SEARCHING;
}

static void refuse(struct capacity *capacity)
{
	if (capacity->stage == CAPACITY_REOPENING) {
		if (++capacity->failed_tests == UPPER_TESTS)
			capacity->stage = CAPACITY_DONE;
		else
			capacity->test_first = capacity->count;
		return;
	}
	begin_test(capacity, CAPACITY_CONFIRMING, capacity->tested * (1 - resolution));
	if (capacity->tested < lowest_per_s)
		capacity->stage = CAPACITY_DONE;
	else if (capacity->tested <= capacity->held_per_s) /* which has passed before */
		reopen(capacity);
}

static double finish(struct capacity *capacity)
{
	capacity->stage = CAPACITY_DONE;
	count_trials(capacity, 0, capacity->held_per_s, &capacity->held, &capacity->of);
	capacity->failed_per_s = find_failed(capacity, capacity->held_per_s);
	find_limit(capacity);
	return 0;
}

/* Where there is nothing left to search: what was held is tested, if it is more than what passed. */
static void end_search(struct capacity *capacity)
{
	if (capacity->low < lowest_per_s)
		capacity->stage = CAPACITY_DONE;
	else if (capacity->low > capacity->held_per_s)
		begin_test(capacity, CAPACITY_CONFIRMING, capacity->low);
	else
		reopen(capacity);
}

double capacity_next(struct capacity *capacity)
{
	double next;

	if (capacity->spoiled_in_row > 0 && capacity->count < CAPACITY_TRIALS_MAX)
		return capacity->trial[capacity->count - 1].rate_per_s;
	while (capacity->stage != CAPACITY_DONE) {
		enum test test;

		if (capacity->stage == CAPACITY_SEARCHING) {
			next = search(capacity);
			if (next > 0 && capacity->count < CAPACITY_TRIALS_MAX)
				return next;
			end_search(capacity);
			continue;
		}
		test = look_at_test(capacity);
		if (test == TEST_RUNS && capacity->count < CAPACITY_TRIALS_MAX)
			return capacity->tested;
		if (test == TEST_RUNS)
			break;
		if (test == TEST_PASSED)
			accept(capacity);
		else
			refuse(capacity);
		if (capacity->count == CAPACITY_TRIALS_MAX)
			break;
	}
	return finish(capacity);
}

bool capacity_shows_last(const struct capacity *capacity)
{
	if (capacity->count == 0 || !capacity->trial[capacity->count - 1].held)
		return false;
	/* Once a rate has passed, only one that passes too takes its place. */
	return capacity->held_per_s <= 0 ||
	       (capacity->stage != CAPACITY_SEARCHING && look_at_test(capacity) == TEST_PASSED);
}

const char *capacity_limit_name(const struct capacity *capacity)
{
	if (capacity->held_per_s <= 0 || capacity->failed_per_s <= 0)
		return NULL;
	if (capacity->at_least)
		return "generator";
	return capacity->of_connections ? "connections" : "server";
}
