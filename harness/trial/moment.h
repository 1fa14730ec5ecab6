/* What a trial is doing, for those who wait. */
#ifndef TENK_TRIAL_MOMENT_H
#define TENK_TRIAL_MOMENT_H

#include <stdint.h>

enum trial_step {
	TRIAL_IS_STARTING,
	TRIAL_AWAITS_HOST,
	TRIAL_IS_CONNECTING,
	TRIAL_IS_WARMING_UP,
	TRIAL_IS_MEASURING,
	TRIAL_IS_DRAINING,
	TRIAL_IS_COUNTING,
	TRIAL_IS_OBSERVING,
};

/* What is counted: nothing, connections, nanoseconds, rounds of slices. */
enum moment_unit { MOMENT_UNCOUNTED, MOMENT_CONNECTIONS, MOMENT_NS, MOMENT_ROUNDS };

struct trial_moment {
	enum trial_step step;
	enum moment_unit unit;
	uint64_t done, total; /* of the step; total 0: not known */
};

#endif
