/* How much work this processor does in a time, so that a scenario can name the time. */
#include "harness/run/parts.h"

#include "lib/clock.h"
#include "lib/xorshift.h"

#include <string.h>

enum { TRIES = 5 };
#define TRY_ROUNDS (UINT64_C(1) << 22) /* some ten milliseconds */

static bool wants_work(const struct run *run)
{
	for (size_t i = 0; i < run->scenario_count; i++)
		for (size_t j = 0; j < run->scenarios[i].part_count; j++) {
			const struct scenario_part *part = &run->scenarios[i].parts[j];

			if (scenario_part_names(part, "{cpu_rounds}"))
				return true;
		}
	return false;
}

/* By the fastest of several: what slows a processor is not its own. On a core of the server's. */
static uint64_t measure(const cpu_set_t *cores)
{
	uint64_t shortest_ns = UINT64_MAX;
	volatile uint32_t kept;
	cpu_set_t before;
	bool moved = sched_getaffinity(0, sizeof before, &before) == 0 &&
		     sched_setaffinity(0, sizeof *cores, cores) == 0;

	for (int i = 0; i < TRIES; i++) {
		uint64_t begin_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID), took_ns;

		kept = xorshift_run(TRY_ROUNDS);
		took_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
		shortest_ns = took_ns < shortest_ns ? took_ns : shortest_ns;
	}
	(void)kept;
	if (moved)
		sched_setaffinity(0, sizeof before, &before);
	return TRY_ROUNDS * NS_PER_S / (shortest_ns > 0 ? shortest_ns : 1);
}

void run_calibrate(struct run *run)
{
	json_int_t known = json_integer_value(json_object_get(run->json, "cpu_rounds_per_s"));
	uint64_t rounds_per_s = known > 0 ? (uint64_t)known : 0;

	if (!wants_work(run))
		return;
	if (rounds_per_s == 0)
		rounds_per_s = measure(&run->cores.server);
	json_object_set_new(run->json, "cpu_rounds_per_s", json_integer((json_int_t)rounds_per_s));
	for (size_t i = 0; i < run->scenario_count; i++)
		for (size_t j = 0; j < run->scenarios[i].part_count; j++)
			run->scenarios[i].parts[j].load.cpu_rounds_per_s = rounds_per_s;
}
