#include "harness/machine/quota.h"

#include "harness/machine/cgroup.h"
#include "harness/machine/machine_files.h"
#include "lib/clock.h"

#include <math.h>
#include <stdio.h>

enum { PATH_BYTES = 640, VALUE_BYTES = 64 };

const char quota_remedy[] =
	"run outside of the container, or without its limit of CPU (docker run without --cpus, "
	"resources without limits.cpu, systemd without CPUQuota)";

/* "50000 100000" in version 2; "-1" and "max": none. In cores; INFINITY. */
static double group_quota(const char *root, const char *directory)
{
	char path[PATH_BYTES];
	uint64_t values[2] = {0, 0};

	snprintf(path, sizeof path, "%s/cpu.max", directory);
	if (machine_read_numbers(root, path, values, 2) != 2) {
		snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", directory);
		if (!machine_read_number(root, path, &values[0]))
			return INFINITY;
		snprintf(path, sizeof path, "%s/cpu.cfs_period_us", directory);
		if (!machine_read_number(root, path, &values[1]))
			return INFINITY;
	}
	return values[1] > 0 ? (double)values[0] / (double)values[1] : INFINITY;
}

static bool lower(void *cores, const char *root, const char *directory)
{
	double *least = cores;

	*least = fmin(*least, group_quota(root, directory));
	return true;
}

double quota_cores(const char *root)
{
	double cores = INFINITY;

	cgroup_visit(root, "cpu", lower, &cores);
	return cores;
}

static bool read_stat(const char *root, const char *path, const char *key, uint64_t *number)
{
	char value[VALUE_BYTES];

	return machine_read_field(root, path, key, value, sizeof value) &&
	       machine_parse_number(value, number, NULL);
}

/* Version 1 has nanoseconds, version 2 microseconds, and another name for them. */
static bool add(void *context, const char *root, const char *directory)
{
	struct throttling *sum = context;
	char path[PATH_BYTES];
	uint64_t number;

	if (isinf(group_quota(root, directory)))
		return true;
	snprintf(path, sizeof path, "%s/cpu.stat", directory);
	if (read_stat(root, path, "nr_throttled", &number))
		sum->periods += number;
	if (read_stat(root, path, "throttled_usec", &number))
		sum->stopped_ns += (double)number * (double)NS_PER_US;
	else if (read_stat(root, path, "throttled_time", &number))
		sum->stopped_ns += (double)number;
	return true;
}

void throttling_read(struct throttling *throttling, const char *root)
{
	*throttling = (struct throttling){0};
	cgroup_visit(root, "cpu", add, throttling);
}
