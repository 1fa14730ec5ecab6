/*
 * A program as it was when it was opened, so that a run of hours goes on with that although another has taken its
 * place meanwhile, as a package upgrade does.
 */
#ifndef TENK_KEPT_PROGRAM_H
#define TENK_KEPT_PROGRAM_H

#include <sys/types.h>
#include <time.h>

/* Which file it is, and since when it has its content. */
struct file_identity {
	dev_t device;
	ino_t number;
	off_t size;
	struct timespec changed;
};

struct kept_program {
	const char *path; /* borrowed */
	int fd;		  /* -1: it is not kept, and started from its path whatever is there */
	struct file_identity then;
};

/* 0 or -errno. A script cannot be kept, since who runs it reads it by its path: then fd stays -1. */
int kept_program_open(struct kept_program *program, const char *path);
void kept_program_close(struct kept_program *program);

enum kept_state {
	KEPT_IN_PLACE, /* what is at its path is that program */
	KEPT_REPLACED, /* it is another one, or none, and that program can still be started */
	KEPT_LOST,     /* it is another one, or that program itself was written over */
};
enum kept_state kept_program_look(const struct kept_program *program);

/* Of any file. 0 or -errno. */
int file_identity_read(const char *path, struct file_identity *identity);
int file_identity_differs(const struct file_identity *one, const struct file_identity *other);

#endif
