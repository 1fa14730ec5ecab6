/* What is left of a machine's memory and of a group's, in trees that are made up. */
#include "harness/machine/free_memory.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

static char root[256];

static void put(const char *path, const char *text)
{
	char full[1024];
	FILE *file;

	snprintf(full, sizeof full, "%s%s", root, path);
	for (char *slash = strchr(full + strlen(root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		cr_assert(mkdir(full, 0755) == 0 || errno == EEXIST, "%s", full);
		*slash = '/';
	}
	file = fopen(full, "we");
	cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s", full);
}

/* A machine with 32 GiB, of which 1 GiB is free, and 20 GiB hold what was read from files. */
static void make_root(void)
{
	temporary_template(root, sizeof root, "tenk-free");
	cr_assert_not_null(mkdtemp(root));
	put("/proc/meminfo", "MemTotal:       33554432 kB\nMemFree:         1048576 kB\n"
			     "MemAvailable:   29000000 kB\nCached:         25165824 kB\n"
			     "Active(file):   10485760 kB\nInactive(file): 10485760 kB\n"
			     "Dirty:           1048576 kB\nWriteback:       1048576 kB\n"
			     "Mapped:          2097152 kB\nSReclaimable:    4194304 kB\n");
}

static void remove_root(void)
{
	char command[512];

	snprintf(command, sizeof command, "rm -rf '%s'", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(free_memory, .init = make_root, .fini = remove_root, .timeout = 30);

Test(free_memory, what_was_read_is_given_back_but_not_what_is_mapped_or_dirty)
{
	struct free_memory memory;

	free_memory_read(&memory, 0, root);
	cr_expect_eq(memory.bytes, 17 * GIB);
	cr_expect_eq(memory.kept_bytes, 1536 * MIB);
	cr_expect_eq(free_memory_to_take(&memory), 17 * GIB - 1536 * MIB);
}

Test(free_memory, a_small_machine_keeps_less)
{
	struct free_memory memory;

	put("/proc/meminfo", "MemTotal: 1048576 kB\nMemFree: 102400 kB\n");
	free_memory_read(&memory, 0, root);
	cr_expect_eq(memory.bytes, 100 * MIB);
	cr_expect_eq(memory.kept_bytes, 64 * MIB);
	free_memory_read(&memory, 200 * MIB, root);
	cr_expect_eq(memory.kept_bytes, 200 * MIB);
	cr_expect_eq(free_memory_to_take(&memory), 0);
}

Test(free_memory, what_cannot_be_read_does_not_limit)
{
	struct free_memory memory;

	free_memory_read(&memory, 0, "/nonexistent");
	cr_expect_eq(memory.bytes, UINT64_MAX);
	cr_expect_eq(free_memory_to_take(&memory), UINT64_MAX);
	cr_expect_geq(memory.bytes, memory.kept_bytes);
}

/* Our own group may have no limit, and one above it one that is nearly reached. */
Test(free_memory, the_fullest_group_above_us_counts)
{
	struct free_memory memory;

	put("/proc/self/cgroup", "4:memory:/a/b\n0::/\n");
	put("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n");
	put("/sys/fs/cgroup/memory/a/b/memory.usage_in_bytes", "1000000000\n");
	put("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "2147483648\n");
	put("/sys/fs/cgroup/memory/a/memory.usage_in_bytes", "2146435072\n"); /* 1 MiB under it */
	put("/sys/fs/cgroup/memory/a/memory.stat",
	    "active_file 7\ntotal_active_file 104857600\ntotal_inactive_file 104857600\n"
	    "total_mapped_file 1048576\ntotal_dirty 0\ntotal_writeback 0\n");
	free_memory_read(&memory, 0, root);
	cr_expect_eq(memory.bytes, 200 * MIB);
	cr_expect_eq(memory.kept_bytes, 128 * MIB);
	cr_expect(strstr(memory.whose, "group"), "%s", memory.whose);
}

Test(free_memory, a_limit_of_version_2_counts)
{
	struct free_memory memory;

	put("/proc/self/cgroup", "0::/user.slice/x.scope\n");
	put("/sys/fs/cgroup/user.slice/x.scope/memory.max", "max\n");
	put("/sys/fs/cgroup/user.slice/x.scope/memory.current", "1000\n");
	put("/sys/fs/cgroup/user.slice/memory.max", "1073741824\n");
	put("/sys/fs/cgroup/user.slice/memory.current", "1073741824\n");
	put("/sys/fs/cgroup/user.slice/memory.stat",
	    "active_file 10485760\ninactive_file 10485760\nfile_mapped 1048576\n"
	    "file_dirty 1048576\nfile_writeback 0\n");
	free_memory_read(&memory, 0, root);
	cr_expect_eq(memory.bytes, 18 * MIB);
	cr_expect_eq(free_memory_to_take(&memory), 0);
}

Test(free_memory, the_setting_is_a_size)
{
	struct error error;
	uint64_t kept = 1;

	unsetenv("TENK_KEEP_FREE");
	cr_expect_eq(free_memory_read_setting(&kept, &error), 0);
	cr_expect_eq(kept, 0);
	setenv("TENK_KEEP_FREE", "512 MiB", 1);
	cr_expect_eq(free_memory_read_setting(&kept, &error), 0);
	cr_expect_eq(kept, 512 * MIB);
	setenv("TENK_KEEP_FREE", "much", 1);
	cr_expect_eq(free_memory_read_setting(&kept, &error), -EINVAL);
	cr_expect(strstr(error.text, "TENK_KEEP_FREE"), "%s", error.text);
}
