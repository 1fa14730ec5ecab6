#include "harness/process/kept_program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Above those that a child gets, so that none of these takes its place. */
enum { LOWEST_FD = 10 };

static struct file_identity identify(const struct stat *status)
{
	return (struct file_identity){status->st_dev, status->st_ino, status->st_size,
				      status->st_mtim};
}

int file_identity_read(const char *path, struct file_identity *identity)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return -errno;
	*identity = identify(&status);
	return 0;
}

int file_identity_differs(const struct file_identity *one, const struct file_identity *other)
{
	return one->device != other->device || one->number != other->number ||
	       one->size != other->size || one->changed.tv_sec != other->changed.tv_sec ||
	       one->changed.tv_nsec != other->changed.tv_nsec;
}

int kept_program_open(struct kept_program *program, const char *path)
{
	struct stat status;
	char begin[2];
	int fd = open(path, O_RDONLY | O_CLOEXEC), result = 0;

	*program = (struct kept_program){.path = path, .fd = -1};
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		result = -errno;
	else
		program->then = identify(&status);
	if (result == 0 && !(pread(fd, begin, 2, 0) == 2 && memcmp(begin, "#!", 2) == 0)) {
		program->fd = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD);
		result = program->fd < 0 ? -errno : 0;
	}
	close(fd);
	return result;
}

void kept_program_close(struct kept_program *program)
{
	if (program->fd >= 0)
		close(program->fd);
	program->fd = -1;
}

enum kept_state kept_program_look(const struct kept_program *program)
{
	struct file_identity now;
	struct stat status;

	if (file_identity_read(program->path, &now) == 0 &&
	    !file_identity_differs(&now, &program->then))
		return KEPT_IN_PLACE;
	if (program->fd < 0 || fstat(program->fd, &status) < 0)
		return KEPT_LOST;
	now = identify(&status);
	return file_identity_differs(&now, &program->then) ? KEPT_LOST : KEPT_REPLACED;
}
