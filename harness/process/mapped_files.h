/* The files that processes run: their libraries, or what interprets them. */
#ifndef TENK_MAPPED_FILES_H
#define TENK_MAPPED_FILES_H

#include "harness/process/kept_program.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct mapped_file {
	char *path;
	struct file_identity then; /* as it was when a process was first seen to run it */
};

struct mapped_files {
	struct mapped_file *files;
	size_t count;
};

/* Adds what the process has mapped to run it, its own program if that is wanted, but for what is there already. */
void mapped_files_note(struct mapped_files *files, pid_t pid, bool with_program);

/* The first that is another file now; NULL: none is. Borrowed. */
const char *mapped_files_find_other(const struct mapped_files *files);

void mapped_files_destroy(struct mapped_files *files);

#endif
