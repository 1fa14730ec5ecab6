/*
 * Memory groups in trees of both versions, with ourselves in the kernel's place: where a group is
 * made its files appear, and they go with it. On this machine's own tree, tests/cli/memory.bats.
 */
#include "harness/measure/memory_group.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int __real_mkdir(const char *path, mode_t mode);
int __real_rmdir(const char *path);
int __real_memory_group_write(const char *group, const char *file, const char *word);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_rmdir(const char *path);
int __wrap_memory_group_write(const char *group, const char *file, const char *word);

struct file {
	const char *name, *text;
};

static const struct file files_v1[] = {
	{"cgroup.procs", ""},
	{"memory.usage_in_bytes", "40529920\n"},
	{"memory.limit_in_bytes", "9223372036854771712\n"},
	{"memory.swappiness", "60\n"},
	{"memory.kmem.usage_in_bytes", "38748160\n"},
	{"memory.kmem.tcp.usage_in_bytes", "4096\n"},
	{"memory.kmem.tcp.limit_in_bytes", "9223372036854771712\n"},
	{"memory.stat", "cache 90112\nrss 1642496\nrss_huge 0\nshmem 8192\nmapped_file 81920\n"},
	{"memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"},
	{0}};

static const struct file files_v2[] = {
	{"cgroup.procs", ""},
	{"cgroup.controllers", "cpu memory pids\n"},
	{"cgroup.subtree_control", "\n"},
	{"memory.current", "41000000\n"},
	{"memory.max", "max\n"},
	{"memory.stat",
	 "anon 1000000\nfile 500000\nshmem 20000\nkernel 39000000\nkernel_stack 16384\n"
	 "pagetables 90112\nsec_pagetables 0\npercpu 2048\nsock 8192\nslab 38800000\n"},
	{"memory.events", "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\noom_group_kill 0\n"},
	{0}};

static char root[256], own[512];
static const struct file *files;
static bool forbidden; /* to make groups */
static int in_own;     /* processes in the group that we were started in */

static void put(const char *folder, const char *name, const char *text)
{
	char path[1024];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "we");
	cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s", path);
}

static bool says(const char *folder, const char *name, const char *text)
{
	char path[1024], found[256] = "";
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "re");
	if (file && !fgets(found, sizeof found, file))
		found[0] = '\0';
	if (file)
		fclose(file);
	return file && strncmp(found, text, strlen(text)) == 0;
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	int result = forbidden ? -1 : __real_mkdir(path, mode);

	if (forbidden)
		errno = EROFS;
	for (const struct file *file = files; result == 0 && file && file->name; file++)
		put(path, file->name, file->text);
	return result;
}

int __wrap_rmdir(const char *path)
{
	char file[1024];

	for (const struct file *one = files; one && one->name; one++) {
		snprintf(file, sizeof file, "%s/%s", path, one->name);
		unlink(file);
	}
	return __real_rmdir(path);
}

/* Version 2: no controllers for groups below one that has processes. */
int __wrap_memory_group_write(const char *group, const char *file, const char *word)
{
	bool ours = strcmp(group, own) == 0;

	if (strcmp(file, "cgroup.procs") == 0)
		in_own += ours ? 1 : -1;
	if (strcmp(file, "cgroup.subtree_control") == 0 && *word == '+' && ours && in_own > 0)
		return -EBUSY;
	if (strcmp(file, "cgroup.subtree_control") == 0) {
		put(group, file, *word == '+' ? word + 1 : "\n");
		return 0;
	}
	return __real_memory_group_write(group, file, word);
}

static void make_path(const char *path)
{
	char part[1024];

	for (const char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof part, "%.*s", slash ? (int)(slash - path) : (int)strlen(path),
			 path);
		cr_assert(__real_mkdir(part, 0755) == 0 || errno == EEXIST, "%s", part);
		if (!slash)
			return;
	}
}

static void make_tree(const char *line, const char *group, const struct file *kernel_files)
{
	char proc[512];

	temporary_template(root, sizeof root, "tenk-groups");
	cr_assert_not_null(mkdtemp(root));
	snprintf(proc, sizeof proc, "%s/proc/self", root);
	make_path(proc);
	put(proc, "cgroup", line);
	snprintf(own, sizeof own, "%s/sys/fs/cgroup%s", root, group);
	make_path(own);
	files = kernel_files;
	for (const struct file *file = files; file && file->name; file++)
		put(own, file->name, file->text);
}

static void make_version_1(void)
{
	make_tree("5:pids:/x\n4:memory:/a/b\n0::/\n", "/memory/a/b", files_v1);
}

static void make_version_2(int processes)
{
	in_own = processes;
	make_tree("0::/user.slice/tenk.scope\n", "/user.slice/tenk.scope", files_v2);
}

static void remove_tree(void)
{
	char command[512];

	if (!*root)
		return;
	snprintf(command, sizeof command, "rm -rf '%s'", root);
	cr_assert_eq(system(command), 0);
}

/* Folders in the group that we were started in. */
static int count_groups(void)
{
	DIR *directory = opendir(own);
	struct dirent *entry;
	int count = 0;

	while (directory && (entry = readdir(directory)) != NULL)
		count += entry->d_type == DT_DIR && entry->d_name[0] != '.';
	if (directory)
		closedir(directory);
	return count;
}

TestSuite(memory_group, .fini = remove_tree, .timeout = 30);

Test(memory_group, version_1_charges_sockets_before_anything_is_started)
{
	struct memory_groups groups;
	struct memory_group group;
	struct group_memory memory;
	struct error error;

	make_version_1();
	memory_groups_open(&groups, root);
	cr_assert_str_eq(groups.why, "");
	cr_assert_str_eq(memory_source_name(groups.source), "cgroup-v1");
	cr_assert_eq(memory_group_make(&group, &groups, "server", 1 << 29, &error), 0, "%s",
		     error.text);
	cr_expect(says(group.path, "memory.kmem.tcp.limit_in_bytes", "-1"));
	cr_expect(says(group.path, "memory.limit_in_bytes", "536870912"));
	cr_expect(says(group.path, "memory.swappiness", "0"));
	cr_expect_eq(access(group.entry, W_OK), 0);
	cr_assert(memory_group_read(&group, &memory));
	cr_expect_eq(memory.files, 90112 - 8192);
	cr_expect_eq(memory.total, 40529920 + 4096 - memory.files);
	cr_expect_eq(memory.kernel, 38748160 + 4096);
	cr_expect_eq(memory.sockets, 4096);
	cr_expect(isnan(memory.stacks) && isnan(memory.objects), "not told apart");
	cr_expect_eq(memory_group_kills(&group), 2);
	cr_expect_eq(count_groups(), 1);
	memory_group_remove(&group);
	cr_expect_not(memory_group_read(&group, &memory));
	memory_groups_close(&groups);
	cr_expect_eq(count_groups(), 0);
}

Test(memory_group, version_2_tells_the_kernels_share_apart)
{
	struct memory_groups groups;
	struct memory_group group;
	struct group_memory memory;
	struct error error;

	make_version_2(0);
	put(own, "cgroup.subtree_control", "cpu memory\n");
	memory_groups_open(&groups, root);
	cr_assert_str_eq(groups.why, "");
	cr_assert_str_eq(memory_source_name(groups.source), "cgroup-v2");
	cr_assert_eq(memory_group_make(&group, &groups, "server", 1 << 29, &error), 0, "%s",
		     error.text);
	cr_expect(says(group.path, "memory.max", "536870912"));
	cr_assert(memory_group_read(&group, &memory));
	cr_expect_eq(memory.total, 41000000 - (500000 - 20000));
	cr_expect_eq(memory.kernel, 39000000 + 8192);
	cr_expect_eq(memory.stacks, 16384);
	cr_expect_eq(memory.page_tables, 90112);
	cr_expect_eq(memory.sockets, 8192);
	cr_expect_eq(memory.objects, 38800000);
	cr_expect_eq(memory_group_kills(&group), 1);
	/* Kernels before 5.18 have no sum. */
	put(group.path, "memory.stat", "kernel_stack 1\npagetables 2\npercpu 4\nsock 8\nslab 16\n");
	cr_assert(memory_group_read(&group, &memory));
	cr_expect_eq(memory.kernel, 31);
	memory_groups_close(&groups);
	cr_expect_eq(count_groups(), 0, "with the trial's, which was left in it");
	cr_expect(says(own, "cgroup.subtree_control", "cpu memory"), "it was not ours to take");
}

Test(memory_group, version_2_makes_room_by_stepping_aside)
{
	struct memory_groups groups;
	struct memory_group group;
	struct error error;

	make_version_2(2); /* tenk and its warden */
	memory_groups_open(&groups, root);
	cr_assert_str_eq(groups.why, "");
	cr_expect_eq(in_own, 0);
	cr_expect(says(own, "cgroup.subtree_control", "memory"));
	cr_expect(says(groups.base, "cgroup.subtree_control", "memory"));
	cr_expect_eq(memory_group_make(&group, &groups, "server", 0, &error), 0);
	memory_groups_close(&groups);
	cr_expect_eq(in_own, 1, "the warden has ended");
	cr_expect_eq(count_groups(), 0);
	cr_expect_not(says(own, "cgroup.subtree_control", "memory"));
}

Test(memory_group, where_others_are_in_the_way_it_is_said)
{
	struct memory_groups groups;
	struct memory_group group;
	struct group_memory memory;
	struct error error;

	make_version_2(3); /* and a shell */
	memory_groups_open(&groups, root);
	cr_assert_str_eq(memory_source_name(groups.source), "our-cgroup-v2");
	cr_expect(strstr(groups.why, "systemd-run"), "%s", groups.why);
	cr_expect_eq(count_groups(), 0);
	/* And everything does nothing. */
	cr_expect_eq(memory_group_make(&group, &groups, "server", 0, &error), 0);
	cr_expect_not(memory_group_read(&group, &memory));
	cr_expect(isnan(memory.total) && isnan(memory.kernel));
	cr_expect_eq(memory_group_kills(&group), 0);
	memory_group_remove(&group);
	memory_groups_close(&groups);
}

Test(memory_group, without_a_controller_it_is_said)
{
	static const struct {
		const char *line, *group;
	} trees[] = {
		{"", "/none"},
		{"0::/\n", "/none"},
		{"4:memory:/gone\n", "/elsewhere"},
	};

	for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
		struct memory_groups groups;

		make_tree(trees[i].line, trees[i].group, NULL);
		memory_groups_open(&groups, root);
		cr_expect_str_eq(memory_source_name(groups.source), "meminfo");
		cr_expect_neq(*groups.why, '\0');
		memory_groups_close(&groups);
		remove_tree();
	}
}

/* A container sees only the end of the path that it is told. */
Test(memory_group, a_path_that_cannot_be_seen_begins_further_up)
{
	struct memory_groups groups;

	make_tree("4:memory:/docker/0123\n", "/memory", files_v1);
	memory_groups_open(&groups, root);
	cr_assert_str_eq(groups.why, "");
	cr_expect_str_eq(groups.own, own);
	memory_groups_close(&groups);
}

/* Without it sockets would not be charged, and with an error each memory trial would be spoiled. */
Test(memory_group, a_kernel_that_does_not_charge_sockets_is_told_before_any_trial)
{
	static const struct file less[] = {{"cgroup.procs", ""},
					   {"memory.usage_in_bytes", "40529920\n"},
					   {"memory.kmem.usage_in_bytes", "38748160\n"},
					   {0}};
	struct memory_groups groups;
	struct memory_group group;
	struct error error;

	make_tree("4:memory:/a/b\n", "/memory/a/b", less);
	memory_groups_open(&groups, root);
	cr_assert_str_eq(memory_source_name(groups.source), "meminfo");
	cr_expect(strstr(groups.why, "memory.kmem.tcp.limit_in_bytes"), "%s", groups.why);
	cr_expect_eq(count_groups(), 0);
	cr_expect_eq(memory_group_make(&group, &groups, "server", 0, &error), 0, "does nothing");
	memory_groups_close(&groups);
}

/* Where our own has no controller, one above it that has is not ours to make groups in. */
Test(memory_group, a_group_above_our_own_is_left_alone)
{
	char above[512];
	struct memory_groups groups;

	make_version_2(0);
	put(own, "cgroup.controllers", "cpu pids\n");
	snprintf(above, sizeof above, "%s/sys/fs/cgroup/user.slice", root);
	for (const struct file *file = files; file->name; file++)
		put(above, file->name, file->text);
	memory_groups_open(&groups, root);
	cr_expect_str_eq(memory_source_name(groups.source), "meminfo");
	cr_expect_neq(*groups.why, '\0');
	cr_expect(says(above, "cgroup.subtree_control", "\n"), "nothing was changed there");
	memory_groups_close(&groups);
}

/* The other hierarchy is looked at where one has no controller of memory. */
Test(memory_group, both_versions_side_by_side_are_told_apart)
{
	struct memory_groups groups;
	char unified[512];

	make_tree("0::/\n4:memory:/a\n", "/memory/a", files_v1);
	snprintf(unified, sizeof unified, "%s/sys/fs/cgroup/unified", root);
	make_path(unified);
	put(unified, "cgroup.controllers", "\n");
	memory_groups_open(&groups, root);
	cr_expect_str_eq(memory_source_name(groups.source), "cgroup-v1");
	cr_expect_str_eq(groups.own, own);
	memory_groups_close(&groups);
}

static bool eventually_no_groups(void)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	for (int tries = 0; tries < 500 && count_groups() > 0; tries++)
		nanosleep(&pause, NULL);
	return count_groups() == 0;
}

static void kill_in_the_middle(void)
{
	struct memory_groups groups;
	struct memory_group group;
	struct error error;
	pid_t pid = fork();

	cr_assert_geq(pid, 0);
	if (pid == 0) {
		memory_groups_open(&groups, root);
		memory_group_make(&group, &groups, "server", 0, &error);
		memory_group_make(&group, &groups, "load", 0, &error);
		kill(getpid(), SIGKILL);
	}
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	cr_expect(eventually_no_groups());
}

Test(memory_group, nothing_is_left_when_tenk_is_killed)
{
	make_version_1();
	kill_in_the_middle();
}

Test(memory_group, what_was_changed_is_put_back_when_tenk_is_killed)
{
	make_version_2(2);
	kill_in_the_middle();
	cr_expect_not(says(own, "cgroup.subtree_control", "memory"));
}

/* A container's groups are mostly read-only: none can be made. */
static void check_ours(const char *name, double kernel)
{
	struct memory_groups groups;
	struct memory_group group;
	struct group_memory memory;
	struct error error;

	forbidden = true;
	memory_groups_open(&groups, root);
	cr_assert_str_eq(memory_source_name(groups.source), name);
	cr_expect(strstr(groups.why, "no group can be made"), "%s", groups.why);
	cr_expect_eq(memory_group_make(&group, &groups, "server", 0, &error), 0);
	cr_expect_not(memory_group_read(&group, &memory), "it is in none of its own");
	cr_expect_eq(memory_groups_read_ours(&groups, &memory), kernel > 0);
	if (kernel > 0)
		cr_expect_eq(memory.kernel, kernel);
	memory_groups_close(&groups);
}

Test(memory_group, of_version_1_that_we_are_in_tells_where_none_can_be_made)
{
	make_version_1();
	check_ours("our-cgroup-v1", 38748160 + 4096);
}

Test(memory_group, of_version_2_that_we_are_in_tells_where_none_can_be_made)
{
	make_version_2(1);
	check_ours("our-cgroup-v2", 39000000 + 8192);
}

Test(memory_group, the_topmost_of_version_1_tells_nothing)
{
	make_version_1();
	put(own, "memory.kmem.usage_in_bytes", "0\n");
	put(own, "memory.kmem.tcp.usage_in_bytes", "0\n");
	check_ours("meminfo", 0);
}
