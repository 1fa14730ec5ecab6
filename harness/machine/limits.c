#include "harness/machine/limits.h"

#include "harness/machine/cgroup.h"
#include "harness/machine/cores.h"
#include "harness/machine/free_memory.h"
#include "harness/machine/machine_files.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PATH_BYTES = 512 };

/* Two mappings a thread: its stack and the guard page below. */
enum { MAPPINGS_PER_THREAD = 2 };

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t machine_descriptor_limit(bool hard)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return UINT64_MAX;
	if (hard)
		return limit.rlim_max == RLIM_INFINITY ? UINT64_MAX : limit.rlim_max;
	return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

static uint64_t read_ports(const char *root)
{
	uint64_t range[2];

	if (machine_read_numbers(root, "/proc/sys/net/ipv4/ip_local_port_range", range, 2) != 2 ||
	    range[1] < range[0])
		return UINT64_MAX;
	return range[1] - range[0] + 1;
}

/* Of threads, in our control group and those above it. A file without a number says "max". */
static bool lower_to_group(void *context, const char *root, const char *directory)
{
	uint64_t *left = context;
	char path[PATH_BYTES];
	uint64_t most, taken = 0;

	snprintf(path, sizeof path, "%s/pids.max", directory);
	if (!machine_read_number(root, path, &most))
		return true;
	snprintf(path, sizeof path, "%s/pids.current", directory);
	machine_read_number(root, path, &taken);
	*left = least(*left, most > taken ? most - taken : 0);
	return true;
}

static uint64_t left_in_groups(const char *root)
{
	uint64_t left = UINT64_MAX;

	cgroup_visit(root, "pids", lower_to_group, &left);
	return left;
}

static void lower_threads(struct machine_limits *limits, uint64_t value, const char *by)
{
	if (value < limits->threads) {
		limits->threads = value;
		limits->threads_by = by;
	}
}

static void read_threads(struct machine_limits *limits, const char *root)
{
	static const struct {
		const char *path, *name;
	} system_wide[] = {
		{"/proc/sys/kernel/threads-max", "kernel.threads-max"},
		{"/proc/sys/kernel/pid_max", "kernel.pid_max"},
	};
	uint64_t taken = machine_count_threads(root), value;
	struct rlimit processes;

	limits->threads = UINT64_MAX;
	limits->threads_by = "";
	for (size_t i = 0; i < sizeof system_wide / sizeof *system_wide; i++)
		if (machine_read_number(root, system_wide[i].path, &value))
			lower_threads(limits, value > taken ? value - taken : 0,
				      system_wide[i].name);
	if (machine_read_number(root, "/proc/sys/vm/max_map_count", &value))
		lower_threads(limits, value / MAPPINGS_PER_THREAD, "vm.max_map_count");
	lower_threads(limits, left_in_groups(root), "pids.max");
	/* Root is not held to it. */
	if (geteuid() != 0 && getrlimit(RLIMIT_NPROC, &processes) == 0 &&
	    processes.rlim_cur != RLIM_INFINITY)
		lower_threads(limits, processes.rlim_cur, "ulimit -u");
}

static uint64_t read_memory(const char *root)
{
	struct free_memory memory;

	free_memory_read(&memory, 0, root);
	return free_memory_to_take(&memory);
}

/* "928\t0\t9223372036854775807": open, unused, at most. */
static uint64_t read_files(const char *root)
{
	uint64_t files[3];

	if (machine_read_numbers(root, "/proc/sys/fs/file-nr", files, 3) != 3)
		return UINT64_MAX;
	return files[2] > files[0] ? files[2] - files[0] : 0;
}

void machine_limits_read(struct machine_limits *limits, const char *root)
{
	cpu_set_t allowed;
	int first, last;

	root = root ? root : "";
	limits->descriptors = machine_descriptor_limit(true);
	limits->ports = read_ports(root);
	read_threads(limits, root);
	limits->cores = cores_allowed(&allowed, &first, &last);
	limits->memory_bytes = read_memory(root);
	limits->files = read_files(root);
}
