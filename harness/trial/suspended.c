/* Whether the world stood still while a trial ran, which outweighs all else that is to be said of it. */
#include "harness/trial/parts.h"

#include "lib/clock.h"
#include "lib/units.h"

#include <stdio.h>

/* What a machine slept is told from what is between the readings of two clocks. */
#define SLEPT_LEAST_NS (50 * NS_PER_MS)
/* Who wakes up so long after its time did not just wait for a core. */
#define OVERSLEPT_NS NS_PER_S

static void spoil(struct trial *trial, const char *what)
{
	trial_verdict_spoil(&trial->verdict, TRIAL_CODE_SUSPENDED,
			    "%s while it ran, so that nothing of it counts", what);
}

void trial_judge_standstill(struct trial *trial)
{
	struct standstill now;
	char length[32], text[80];

	standstill_read(&now);
	if (now.slept_ns > trial->still.slept_ns + SLEPT_LEAST_NS) {
		snprintf(text, sizeof text, "the machine slept for %s",
			 units_format(UNIT_DURATION, (double)(now.slept_ns - trial->still.slept_ns),
				      length, sizeof length));
		spoil(trial, text);
	} else if (now.continued != trial->still.continued) {
		spoil(trial, "tenk was stopped, and went on,");
	} else if (trial->server.process.was_stopped) {
		spoil(trial, "the server was stopped");
	} else if (trial->load.process.was_stopped) {
		spoil(trial, "the generator was stopped");
	} else if (trial->load.overslept_ns > OVERSLEPT_NS) {
		snprintf(text, sizeof text, "tenk did not run for %s",
			 units_format(UNIT_DURATION, (double)trial->load.overslept_ns, length,
				      sizeof length));
		spoil(trial, text);
	}
}
