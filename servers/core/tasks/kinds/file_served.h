/*
 * A file that is sent. The task "file" (file.c) opens it; then it is either sent by whoever can send from
 * a descriptor, or read by the same task, a piece at a time.
 *
 * It belongs to whoever holds the pointer: the task while it runs, from then on the request that is left
 * in the reply. The descriptor is one of the thread that has opened it, a worker's if need be: whose
 * table of descriptors may be another (loop_group.h), so that only workers read and close it.
 */
#ifndef TENK_FILE_SERVED_H
#define TENK_FILE_SERVED_H

#include "servers/core/tasks/task.h"

struct error;

enum { FILE_PIECE_BYTES = 65536, FILE_NAME_MOST = 64 };

struct served_file {
	int fd;		   /* -1: read to its end, or somebody else's */
	bool in_pieces;	   /* it is read; `piece` is there */
	bool is_asked_for; /* by the request that has it: no task's any more */
	uint64_t length;   /* when it was opened: what is promised */
	uint64_t read;	   /* of that, with the piece */
	size_t piece_length;
	struct task_tools
		*workers; /* of the loop for which workers have opened it; NULL: they have not */
	struct offload_job closing;
	char piece[];
};

extern const struct task_kind task_file;

/*
 * The folder of the files that may be asked for, opened once, at the start: what is moved or linked
 * there later leads nowhere else. 0, or -errno and what is wrong.
 */
int file_folder_open(const char *path, struct error *error);

/* -1: there is none. */
int file_folder_descriptor(void);

/* Whether a file may have that name: letters, digits, '.', '-' and '_', and no '.' in front. */
bool served_file_may_be(const char *name, size_t length);

/*
 * Opens a file of the folder. Only regular files, and no links. `in_pieces`: it will be read. NULL with
 * -errno in `failure`: -ENOENT for whatever is not to be had, -EMFILE, -ENFILE or -ENOMEM for what may be
 * had later.
 */
struct served_file *served_file_open(const char *name, bool in_pieces, int *failure);

/*
 * Reads the next piece; blocks. 0, or -errno: -ENODATA if the file has become shorter than promised. One
 * that has grown is read no further than promised.
 */
int served_file_read(struct served_file *file);

/* Whether there is more to be read after this piece. */
static inline bool served_file_goes_on(const struct served_file *file)
{
	return file->in_pieces && file->read < file->length;
}

/* Closes it, in a worker if it is theirs. NULL: nothing. */
void served_file_free(struct served_file *file);

#endif
