#include "servers/observed/shared/observed.h"

#include "lib/statistics/statistics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMES_WARM = 100, TIMES = 2000 };

void busy_for_ns(uint64_t ns)
{
	uint64_t end_ns = clock_now_ns() + ns;

	while (clock_now_ns() < end_ns)
		;
}

double median_time_ns(void (*call)(void *context), void *context)
{
	static double times_ns[TIMES];

	for (size_t i = 0; i < TIMES_WARM + TIMES; i++) {
		uint64_t begin_ns = clock_now_ns();

		call(context);
		if (i >= TIMES_WARM)
			times_ns[i - TIMES_WARM] = (double)(clock_now_ns() - begin_ns);
	}
	return statistics_median(times_ns, TIMES);
}

void orders_add(json_t *orders, const char *const *events, size_t count)
{
	char order[200] = "";
	size_t length = 0;

	for (size_t i = 0; i < count && length < sizeof order; i++)
		length += (size_t)snprintf(order + length, sizeof order - length, "%s%s",
					   i ? " " : "", events[i]);
	json_object_set_new(orders, order,
			    json_integer(json_integer_value(json_object_get(orders, order)) + 1));
}

int observation_tell(json_t *metrics, json_t *orders, json_t *versions)
{
	json_t *observation = json_pack("{s:o, s:o*, s:o*}", "metrics", metrics, "observed_order",
					orders, "versions", versions);
	int failed = json_dumpf(observation, stdout, JSON_REAL_PRECISION(15));

	putchar('\n');
	json_decref(observation);
	return failed || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

void observation_fail(const char *what, int error)
{
	fprintf(stderr, "%s: %s\n", what, strerror(error));
	exit(EXIT_FAILURE);
}
