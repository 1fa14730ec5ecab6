#include "harness/catalogue/foreign.h"
#include "harness/catalogue/manifest.h"
#include "harness/machine/paths.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder for a manifest, with one that it can share; its name is a server's. */
static void make_folders(char *base, size_t size, char folder[PATH_MAX])
{
	char path[PATH_MAX];

	temporary_template(base, size, "tenk-manifest");
	cr_assert_not_null(mkdtemp(base));
	cr_assert_eq(paths_join(folder, base, "mine", ""), 0);
	cr_assert_eq(mkdir(folder, 0700), 0);
	cr_assert_eq(paths_join(path, base, "other", ""), 0);
	cr_assert_eq(mkdir(path, 0700), 0);
}

/* Writes a file beside a manifest that is built in `folder`. */
static void write_beside(const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	cr_assert_eq(paths_join(path, folder, name, ""), 0);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	fputs(text, file);
	fclose(file);
}

/* As if it had last been changed at that second. */
static void set_date(const char *folder, const char *name, time_t seconds)
{
	const struct timespec times[] = {{seconds, 0}, {seconds, 0}};
	char path[PATH_MAX];

	cr_assert_eq(paths_join(path, folder, name, ""), 0);
	cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

Test(manifest_install, what_is_to_be_built_is_missing_until_it_is_newer_than_its_source)
{
	static const struct {
		time_t source, shared, built; /* 0: nothing is built */
		const char *missing;
	} rows[] = {
		{1000, 1000, 0, "it is not built (make reference builds it)"},
		{1000, 1000, 2000, NULL},
		{1000, 1000, 1000, NULL},
		{3000, 1000, 2000,
		 "its source has changed since it was built (make reference builds it)"},
		{1000, 3000, 2000,
		 "its source has changed since it was built (make reference builds it)"},
	};
	char base[PATH_MAX], folder[PATH_MAX], other[PATH_MAX], path[PATH_MAX];
	struct manifest manifest;
	struct error error = {""};

	make_folders(base, sizeof base, folder);
	write_beside(folder, "manifest.yaml",
		     "shared: ../other\ninstall: {build: [make, it]}\n"
		     "command: [sh, \"{shared}/x\", \"{port}\"]\n");
	write_beside(folder, "main.go", "package main\n");
	cr_assert_eq(paths_join(other, base, "other", ""), 0);
	write_beside(other, "more.go", "package main\n");
	write_beside(other, "known.yaml", "[]\n"); /* newer than all, and no source */
	cr_assert_eq(paths_join(path, folder, "manifest.yaml", ""), 0);
	cr_assert_eq(manifest_read(&manifest, path, &error), 0, "%s", error.text);
	cr_expect_eq(manifest.build_count, 2);
	cr_assert_eq(paths_join(path, folder, "built", ""), 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *missing;

		set_date(folder, "main.go", rows[i].source);
		set_date(other, "more.go", rows[i].shared);
		if (rows[i].built) {
			mkdir(path, 0700);
			set_date(folder, "built", rows[i].built);
		}
		missing = foreign_missing(&manifest, &manifest.profiles[0]);
		cr_expect_eq(!missing, !rows[i].missing, "row %zu: %s", i, missing ? missing : "");
		if (missing && rows[i].missing)
			cr_expect_str_eq(missing, rows[i].missing);
		free(missing);
	}
	manifest_destroy(&manifest);
	temporary_remove(base);
}

Test(manifest_install, files_that_it_shares_are_of_its_build_and_its_command)
{
	char base[PATH_MAX], folder[PATH_MAX], path[PATH_MAX], expected[PATH_MAX], before[17],
		after[17];
	struct manifest manifest;
	const struct server_settings settings = {.values = {[SETTING_WORKERS] = "1"}};
	struct foreign_launch launch;
	struct error error = {""};

	make_folders(base, sizeof base, folder);
	cr_assert_eq(paths_join(path, base, "other", ""), 0);
	write_beside(path, "work.js", "1");
	write_beside(folder, "manifest.yaml",
		     "shared: ../other\ncommand: [sh, \"{shared}/work.js\", \"{port}\"]\n");
	cr_assert_eq(paths_join(path, folder, "manifest.yaml", ""), 0);
	cr_assert_eq(manifest_read(&manifest, path, &error), 0, "%s", error.text);
	foreign_build(&manifest, &manifest.profiles[0], before);
	cr_assert_eq(paths_join(path, base, "other", ""), 0);
	write_beside(path, "work.js", "2");
	foreign_build(&manifest, &manifest.profiles[0], after);
	cr_expect_str_neq(before, after);
	cr_assert_eq(
		foreign_prepare(&launch, &manifest, &manifest.profiles[0], 1, &settings, &error), 0,
		"%s", error.text);
	cr_assert_eq(paths_join(expected, manifest.shared, "work.js", ""), 0);
	cr_expect_str_eq(launch.arguments[1], expected);
	foreign_launch_destroy(&launch);
	manifest_destroy(&manifest);
	temporary_remove(base);
}

Test(manifest_install, a_script_that_starts_a_program_does_not_stand_for_it)
{
	char base[PATH_MAX], folder[PATH_MAX], path[PATH_MAX];
	struct manifest manifest;
	struct error error = {""};
	char *missing;

	make_folders(base, sizeof base, folder);
	write_beside(folder, "manifest.yaml",
		     "install: {debian: [mine]}\nversion: {command: [tenk-no-such-program, -v]}\n"
		     "command: [sh, start, \"{port}\"]\n");
	cr_assert_eq(paths_join(path, folder, "manifest.yaml", ""), 0);
	cr_assert_eq(manifest_read(&manifest, path, &error), 0, "%s", error.text);
	missing = foreign_missing(&manifest, &manifest.profiles[0]);
	cr_assert_not_null(missing);
	cr_expect_str_eq(missing, "tenk-no-such-program is not installed (apt-get install mine)");
	free(missing);
	manifest_destroy(&manifest);
	temporary_remove(base);
}

Test(manifest_install, what_servers_have_in_common_is_known_from_a_file)
{
	char base[PATH_MAX], folder[PATH_MAX], other[PATH_MAX], path[PATH_MAX];
	struct manifest manifest;
	struct error error = {""};

	make_folders(base, sizeof base, folder);
	cr_assert_eq(paths_join(other, base, "other", ""), 0);
	write_beside(folder, "manifest.yaml",
		     "command: [sh, start, \"{port}\"]\n"
		     "known: [../other/known.yaml, {rows: [bare-cr], reason: so is it}]\n");
	write_beside(other, "known.yaml", "- {rows: [host-empty, bare-lf], reason: so it is}\n");
	cr_assert_eq(paths_join(path, folder, "manifest.yaml", ""), 0);
	cr_assert_eq(manifest_read(&manifest, path, &error), 0, "%s", error.text);
	cr_expect_eq(json_array_size(manifest.profiles[0].known), 3);
	manifest_destroy(&manifest);
	write_beside(other, "known.yaml", "- {rows: [host-vacant], reason: so it is}\n");
	cr_expect_eq(manifest_read(&manifest, path, &error), -EINVAL);
	cr_expect_not_null(strstr(error.text, "other/known.yaml:1:"), "%s", error.text);
	temporary_remove(base);
}
