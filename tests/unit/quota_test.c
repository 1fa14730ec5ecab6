/* A CPU quota and what it stopped, in made-up trees of control groups of both versions. */
#include "harness/machine/quota.h"

#include "harness/doctor/checks.h"
#include "lib/clock.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char root[256];

static void set_up(void)
{
	temporary_template(root, sizeof root, "tenk-quota");
	cr_assert_not_null(mkdtemp(root));
}

static void tear_down(void)
{
	temporary_remove(root);
}

TestSuite(quota, .init = set_up, .fini = tear_down);

/* A file with all the folders above it. */
static void put(const char *path, const char *content)
{
	char full[512];
	FILE *file;

	snprintf(full, sizeof full, "%s%s", root, path);
	for (char *slash = strchr(full + strlen(root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	file = fopen(full, "we");
	cr_assert_not_null(file, "%s", full);
	fputs(content, file);
	fclose(file);
}

static void check(double cores, uint64_t periods, double stopped_ns)
{
	struct throttling throttling;

	throttling_read(&throttling, root);
	cr_expect_eq(quota_cores(root), cores, "%g cores", quota_cores(root));
	cr_expect_eq(throttling.periods, periods);
	cr_expect_eq(throttling.stopped_ns, stopped_ns, "%g ns", throttling.stopped_ns);
}

Test(quota, there_is_none)
{
	check(INFINITY, 0, 0);
	put("/proc/self/cgroup", "4:cpu,cpuacct:/a\n0::/\n");
	put("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n");
	put("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
	put("/sys/fs/cgroup/cpu/a/cpu.stat", "nr_periods 7\nnr_throttled 7\nthrottled_time 9\n");
	check(INFINITY, 0, 0);
}

Test(quota, of_version_1_is_the_least_of_ours_and_those_above)
{
	put("/proc/self/cgroup", "4:cpu,cpuacct:/a/b\n");
	put("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "150000\n");
	put("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
	put("/sys/fs/cgroup/cpu/a/cpu.stat",
	    "nr_periods 90\nnr_throttled 3\nthrottled_time 4000000\n");
	put("/sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us", "50000\n");
	put("/sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us", "100000\n");
	put("/sys/fs/cgroup/cpu/a/b/cpu.stat",
	    "nr_periods 20\nnr_throttled 9\nthrottled_time 450000000\n");
	check(0.5, 12, 454.0 * NS_PER_MS);
}

Test(quota, of_version_2)
{
	put("/proc/self/cgroup", "0::/a\n");
	put("/sys/fs/cgroup/a/cpu.max", "250000 100000\n");
	put("/sys/fs/cgroup/a/cpu.stat",
	    "usage_usec 1\nnr_periods 20\nnr_throttled 5\nthrottled_usec 2000\n");
	check(2.5, 5, 2.0 * NS_PER_MS);
	put("/sys/fs/cgroup/a/cpu.max", "max 100000\n");
	check(INFINITY, 0, 0);
}

/* The path is the host's, and what is mounted begins with the container's own group. */
Test(quota, of_a_container_that_does_not_see_the_beginning_of_its_path)
{
	put("/proc/self/cgroup", "0::/docker/0123\n");
	put("/sys/fs/cgroup/cpu.max", "50000 100000\n");
	put("/sys/fs/cgroup/cpu.stat", "nr_periods 20\nnr_throttled 5\nthrottled_usec 2000\n");
	check(0.5, 5, 2.0 * NS_PER_MS);
}

static void check_doctor(uint64_t cores, enum doctor_verdict verdict)
{
	struct doctor_context context = {.root = root, .limits = {.cores = cores}};
	struct doctor_finding finding = {.key = "cores"};

	doctor_check_cores(&context, &finding);
	cr_expect_eq(finding.verdict, verdict, "%lu cores: %s", cores, finding.value);
}

/* As containers have it that were promised as many cores as there are, and are never stopped. */
Test(quota, of_all_cores_is_none)
{
	put("/proc/self/cgroup", "0::/\n");
	put("/sys/fs/cgroup/cpu.max", "400000 100000\n");
	check_doctor(4, DOCTOR_OK);
	check_doctor(2, DOCTOR_OK);
	check_doctor(8, DOCTOR_WARNING);
}
