/* Which features of the kernel are told, of made-up machines. */
#include "harness/doctor/features.h"

#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char root[256];

static void set_up(void)
{
	temporary_template(root, sizeof root, "tenk-features");
	cr_assert_not_null(mkdtemp(root));
}

static void tear_down(void)
{
	temporary_remove(root);
}

TestSuite(features, .init = set_up, .fini = tear_down, .timeout = 60);

static void write_file(const char *path, const char *text)
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
	cr_assert_not_null(file);
	fputs(text, file);
	fclose(file);
}

static struct doctor_finding look(const char *key)
{
	struct doctor_finding findings[FEATURES_MOST];
	size_t count = features_look(root, findings);

	for (size_t i = 0; i < count; i++)
		if (strcmp(findings[i].key, key) == 0)
			return findings[i];
	cr_assert_fail("no feature \"%s\"", key);
	return (struct doctor_finding){0};
}

Test(features, what_a_machine_does_not_tell_is_said_to_be_missing)
{
	cr_expect(strncmp(look("run_queue").value, "no: ", 4) == 0);
	cr_expect_eq(look("run_queue").verdict, DOCTOR_NOTE);
	cr_expect(strncmp(look("memory_groups").value, "no: ", 4) == 0);
	cr_expect(strncmp(look("counters").value, "no: ", 4) == 0, "%s", look("counters").value);
	cr_expect(strncmp(look("interrupts").value, "unknown", 7) == 0);
}

Test(features, what_it_tells_is_there)
{
	write_file("/proc/self/schedstat", "1000 20 3\n");
	write_file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
	cr_expect_str_eq(look("run_queue").value, "yes");
	cr_expect_eq(look("run_queue").verdict, DOCTOR_OK);
	cr_expect(strncmp(look("huge_pages").value, "madvise", 7) == 0);
	/* Every kernel that tenk runs on has these. */
	cr_expect_str_eq(look("accept4").value, "yes");
	cr_expect_str_eq(look("reuseport").value, "yes");
}

Test(features, of_version_2_the_fields_that_an_older_kernel_lacks_are_named)
{
	write_file("/proc/self/cgroup", "0::/mine\n");
	write_file("/sys/fs/cgroup/mine/memory.stat",
		   "anon 1\nkernel 5\nsock 1\nkernel_stack 2\npagetables 3\nslab 4\n");
	cr_expect_str_eq(look("memory_groups").value, "version 2");
	write_file("/sys/fs/cgroup/mine/memory.stat", "anon 1\nsock 1\nkernel_stack 2\nslab 4\n");
	cr_expect_str_eq(look("memory_groups").value,
			 "version 2; its memory.stat lacks kernel, pagetables");
}
