/* Programs and libraries whose files are replaced while they are in use. */
#include "harness/process/kept_program.h"
#include "harness/process/mapped_files.h"
#include "harness/process/process.h"

#include "lib/clock.h"
#include "lib/temporary.h"
#include "tests/unit/emulated.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256], path[300], other[300];

static void copy(const char *from, const char *to)
{
	char command[800];

	snprintf(command, sizeof command, "cp '%s' '%s' && chmod 755 '%s'", from, to, to);
	cr_assert_eq(system(command), 0);
}

static void set_up(void)
{
	temporary_template(folder, sizeof folder, "tenk-kept");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/program", folder);
	snprintf(other, sizeof other, "%s/other", folder);
	copy("/bin/true", path);
	copy("/bin/false", other);
}

static void tear_down(void)
{
	temporary_remove(folder);
}

TestSuite(kept_program, .init = set_up, .fini = tear_down, .timeout = 60);

static int run(const struct kept_program *program)
{
	char *arguments[] = {path, NULL};
	struct process_options options = {.arguments = arguments, .kept = program, .pass_fd = -1};
	struct process process;
	struct error error;
	int code;

	cr_assert_eq(process_spawn(&process, &options, &error), 0);
	cr_assert(process_wait(&process, 30 * NS_PER_S));
	code = process.exit_code;
	process_destroy(&process);
	return code;
}

Test(kept_program, what_was_there_is_started_also_when_another_has_its_place)
{
	struct kept_program program;

	skip_if_emulated("a program that is named by its descriptor is opened by a name again");
	cr_assert_eq(kept_program_open(&program, path), 0);
	cr_assert_eq(kept_program_look(&program), KEPT_IN_PLACE);
	cr_assert_eq(run(&program), 0);
	cr_assert_eq(rename(other, path), 0);
	cr_assert_eq(kept_program_look(&program), KEPT_REPLACED);
	cr_assert_eq(run(&program), 0);
	cr_assert_eq(run(NULL), 1);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(kept_program_look(&program), KEPT_REPLACED);
	cr_assert_eq(run(&program), 0);
	kept_program_close(&program);
}

Test(kept_program, one_that_is_written_over_is_lost)
{
	struct kept_program program;
	FILE *file;

	cr_assert_eq(kept_program_open(&program, path), 0);
	file = fopen(path, "ae");
	cr_assert_not_null(file);
	fputc('x', file);
	fclose(file);
	cr_assert_eq(kept_program_look(&program), KEPT_LOST);
	kept_program_close(&program);
}

Test(kept_program, a_script_is_found_out_and_not_kept)
{
	struct kept_program program;
	FILE *file = fopen(path, "we");

	cr_assert_not_null(file);
	fputs("#!/bin/sh\n", file);
	fclose(file);
	cr_assert_eq(kept_program_open(&program, path), 0);
	cr_assert_eq(kept_program_look(&program), KEPT_IN_PLACE);
	cr_assert_eq(rename(other, path), 0);
	cr_assert_eq(kept_program_look(&program), KEPT_LOST);
	kept_program_close(&program);
}

Test(kept_program, a_library_that_is_replaced_is_found_out)
{
	struct mapped_files files = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *mapped = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	cr_assert_neq(mapped, MAP_FAILED);
	mapped_files_note(&files, getpid(), true);
	cr_assert_gt(files.count, 1); /* the C library, too */
	cr_assert_null(mapped_files_find_other(&files));
	cr_assert_eq(rename(other, path), 0);
	mapped_files_note(&files, getpid(), true); /* which does not make it the right one */
	cr_assert_str_eq(mapped_files_find_other(&files), path);
	mapped_files_destroy(&files);
	munmap(mapped, 4096);
	close(fd);
}

Test(kept_program, what_is_kept_is_no_library)
{
	struct mapped_files files = {0};
	char self[PATH_MAX] = "";

	cr_assert_gt(readlink("/proc/self/exe", self, sizeof self - 1), 0);
	mapped_files_note(&files, getpid(), false);
	for (size_t i = 0; i < files.count; i++)
		cr_assert_str_neq(files.files[i].path, self);
	mapped_files_destroy(&files);
}
