#include "harness/machine/settings.h"

#include "harness/machine/cgroup.h"
#include "harness/machine/machine_files.h"
#include "harness/machine/quota.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_BYTES = 256, PATH_BYTES = 640, COMMAND_LINE_BYTES = 4096 };

/*
 * Those that change what a request costs or how many connections there can be. Kernels differ in which
 * they have: before 6.6 the scheduler's were among them.
 */
static const char *const sysctls[] = {
	"kernel.numa_balancing",
	"kernel.randomize_va_space",
	"kernel.sched_autogroup_enabled",
	"kernel.sched_cfs_bandwidth_slice_us",
	"kernel.sched_latency_ns",
	"kernel.sched_migration_cost_ns",
	"kernel.sched_min_granularity_ns",
	"kernel.sched_rt_runtime_us",
	"kernel.sched_wakeup_granularity_ns",
	"net.core.busy_poll",
	"net.core.busy_read",
	"net.core.netdev_budget",
	"net.core.netdev_max_backlog",
	"net.core.rmem_max",
	"net.core.wmem_max",
	"net.ipv4.tcp_abort_on_overflow",
	"net.ipv4.tcp_congestion_control",
	"net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_max_syn_backlog",
	"net.ipv4.tcp_max_tw_buckets",
	"net.ipv4.tcp_rmem",
	"net.ipv4.tcp_syncookies",
	"net.ipv4.tcp_timestamps",
	"net.ipv4.tcp_tw_reuse",
	"net.ipv4.tcp_wmem",
	"vm.max_map_count",
	"vm.overcommit_memory",
	"vm.zone_reclaim_mode",
};

/* Numbers of one setting stand with tabs between them; one blank is as good. */
static void squeeze_blanks(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (!isspace((unsigned char)*from))
			*to++ = *from;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	*to = '\0';
}

static json_t *read_sysctls(const char *root)
{
	json_t *found = json_object();
	char path[PATH_BYTES], value[VALUE_BYTES];

	for (size_t i = 0; i < sizeof sysctls / sizeof *sysctls; i++) {
		snprintf(path, sizeof path, "/proc/sys/%s", sysctls[i]);
		for (char *dot = path; (dot = strchr(dot, '.')) != NULL;)
			*dot = '/';
		if (machine_read_text(root, path, value, sizeof value) <= 0)
			continue;
		squeeze_blanks(value);
		json_object_set_new(found, sysctls[i], json_string(value));
	}
	return found;
}

/* "madvise" of "always [madvise] never". */
static json_t *read_choice(const char *root, const char *path)
{
	char value[VALUE_BYTES];
	char *open, *close;

	if (machine_read_text(root, path, value, sizeof value) <= 0)
		return json_null();
	open = strchr(value, '[');
	close = open ? strchr(open, ']') : NULL;
	return close ? json_stringn(open + 1, (size_t)(close - open - 1)) : json_null();
}

/* Whether cores may go beyond their nominal frequency: a file that says so, or one that denies it. */
static json_t *read_boost(const char *root)
{
	uint64_t value;

	if (machine_read_number(root, "/sys/devices/system/cpu/cpufreq/boost", &value))
		return json_boolean(value != 0);
	if (machine_read_number(root, "/sys/devices/system/cpu/intel_pstate/no_turbo", &value))
		return json_boolean(value == 0);
	return json_null();
}

/*
 * What the kernel was told of the mitigations of processors' faults, by which a system call can cost
 * twice as much. Null: nothing, so it does what its version holds right.
 */
static json_t *read_mitigations(const char *root)
{
	static const char key[] = "mitigations=";
	char text[COMMAND_LINE_BYTES];
	const char *word = text;

	if (machine_read_text(root, "/proc/cmdline", text, sizeof text) <= 0)
		return json_null();
	while ((word = strstr(word, key)) != NULL) {
		if (word == text || word[-1] == ' ')
			return json_stringn(word + strlen(key), strcspn(word + strlen(key), " "));
		word++;
	}
	return json_null();
}

/* Takes the limit of a group over if it is lower. Version 1 says nearly 2^63 where there is none. */
static bool lower_memory(void *limit, const char *root, const char *directory)
{
	static const char *const names[] = {"memory.limit_in_bytes", "memory.max"};
	uint64_t *least = limit, found;
	char path[PATH_BYTES];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", directory, names[i]);
		if (machine_read_number(root, path, &found) && found < UINT64_C(1) << 62 &&
		    found < *least)
			*least = found;
	}
	return true;
}

static json_t *read_memory_limit(const char *root)
{
	uint64_t limit = UINT64_MAX;

	cgroup_visit(root, "memory", lower_memory, &limit);
	return limit < UINT64_MAX ? json_integer((json_int_t)limit) : json_null();
}

/* The cores of the nearest group that says; those above it have no fewer. */
static bool read_cpuset(void *count, const char *root, const char *directory)
{
	static const char *const names[] = {"cpuset.cpus.effective", "cpuset.effective_cpus",
					    "cpuset.cpus"};
	char path[PATH_BYTES];
	uint64_t *found = count;

	for (size_t i = 0; i < sizeof names / sizeof *names && *found == 0; i++) {
		snprintf(path, sizeof path, "%s/%s", directory, names[i]);
		if (!machine_read_list_count(root, path, found))
			*found = 0;
	}
	return *found == 0;
}

static json_t *read_cpuset_cores(const char *root)
{
	uint64_t count = 0;

	cgroup_visit(root, "cpuset", read_cpuset, &count);
	return count ? json_integer((json_int_t)count) : json_null();
}

static json_t *read_quota(const char *root)
{
	double cores = quota_cores(root);

	return isfinite(cores) ? json_real(cores) : json_null();
}

void settings_describe(json_t *environment, const char *root)
{
	json_object_set_new(environment, "cpu_boost", read_boost(root));
	json_object_set_new(environment, "mitigations", read_mitigations(root));
	json_object_set_new(environment, "transparent_hugepages",
			    read_choice(root, "/sys/kernel/mm/transparent_hugepage/enabled"));
	json_object_set_new(environment, "cpuset_cores", read_cpuset_cores(root));
	json_object_set_new(environment, "cpu_quota_cores", read_quota(root));
	json_object_set_new(environment, "memory_limit_bytes", read_memory_limit(root));
	json_object_set_new(environment, "sysctls", read_sysctls(root));
}

/* Over the last minute, five and fifteen: threads that ran, waited for a core, or for a disk. */
static json_t *read_load_average(const char *root)
{
	char text[VALUE_BYTES];
	double load[3];

	if (machine_read_text(root, "/proc/loadavg", text, sizeof text) <= 0 ||
	    sscanf(text, "%lf %lf %lf", &load[0], &load[1], &load[2]) != 3)
		return json_null();
	return json_pack("[f, f, f]", load[0], load[1], load[2]);
}

json_t *settings_observe(const char *root)
{
	uint64_t steal, total, pages[3];
	bool knows_steal = machine_read_steal(root, &steal, &total) && total > 0;
	bool knows_pages = machine_read_numbers(root, "/proc/sys/net/ipv4/tcp_mem", pages, 3) == 3;
	json_t *memory = knows_pages ? json_pack("[I, I, I]", (json_int_t)pages[0],
						 (json_int_t)pages[1], (json_int_t)pages[2])
				     : json_null();

	return json_pack("{s:o, s:o, s:o}", "steal_since_boot_ratio",
			 knows_steal ? json_real((double)steal / (double)total) : json_null(),
			 "load_average", read_load_average(root), "tcp_mem_pages", memory);
}
