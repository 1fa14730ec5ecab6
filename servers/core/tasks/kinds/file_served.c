#include "servers/core/tasks/kinds/file_served.h"

#include "lib/error.h"
#include "servers/core/tasks/tools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int folder_fd = -1;

int file_folder_open(const char *path, struct error *error)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), failure = errno;

	if (fd < 0) {
		error_set(error, "--files %s: %s", path, strerror(failure));
		return -failure;
	}
	folder_fd = fd;
	return 0;
}

int file_folder_descriptor(void)
{
	return folder_fd;
}

static bool is_of_names(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-' || c == '_';
}

bool served_file_may_be(const char *name, size_t length)
{
	if (length == 0 || length > FILE_NAME_MOST || *name == '.')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_of_names(name[i]))
			return false;
	return true;
}

static struct served_file *describe(int fd, bool in_pieces, int *failure)
{
	struct served_file *file;
	struct stat status;
	size_t most;

	if (fstat(fd, &status) < 0) {
		*failure = -errno;
		return NULL;
	}
	*failure = S_ISREG(status.st_mode) ? -ENOMEM : -ENOENT;
	if (!S_ISREG(status.st_mode))
		return NULL;
	most = status.st_size < FILE_PIECE_BYTES ? (size_t)status.st_size : FILE_PIECE_BYTES;
	file = malloc(sizeof *file + (in_pieces ? most : 0));
	if (file)
		*file = (struct served_file){
			.fd = fd, .in_pieces = in_pieces, .length = (uint64_t)status.st_size};
	return file;
}

/* Whoever opens a pipe, or some devices, would wait for the other side. */
struct served_file *served_file_open(const char *name, bool in_pieces, int *failure)
{
	int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct served_file *file;

	*failure = -errno;
	if (fd < 0) {
		if (errno != EMFILE && errno != ENFILE && errno != ENOMEM)
			*failure = -ENOENT;
		return NULL;
	}
	file = describe(fd, in_pieces, failure);
	if (!file)
		close(fd);
	return file;
}

static void close_file(struct served_file *file)
{
	close(file->fd);
	file->fd = -1;
}

/* With the last piece a worker closes it, who is there anyway. */
int served_file_read(struct served_file *file)
{
	uint64_t left = file->length - file->read;
	size_t most = left < FILE_PIECE_BYTES ? (size_t)left : FILE_PIECE_BYTES;
	ssize_t length = 0;

	do
		length = most ? pread(file->fd, file->piece, most, (off_t)file->read) : 0;
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	if (length == 0 && most)
		return -ENODATA;
	file->piece_length = (size_t)length;
	file->read += (uint64_t)length;
	if (file->read == file->length && file->workers)
		close_file(file);
	return 0;
}

static struct served_file *file_of(struct offload_job *closing)
{
	return (struct served_file *)((char *)closing - offsetof(struct served_file, closing));
}

static void close_by_worker(struct offload_job *closing)
{
	close_file(file_of(closing));
}

static void closed(struct offload_job *closing)
{
	free(file_of(closing));
}

/* Where no worker can be had any more. */
static bool is_left_to_worker(struct served_file *file)
{
	if (file->fd < 0 || !file->workers)
		return false;
	file->closing.run = close_by_worker;
	file->closing.ended = closed;
	return task_tools_submit(file->workers, &file->closing) == 0;
}

void served_file_free(struct served_file *file)
{
	if (!file || is_left_to_worker(file))
		return;
	/* Workers with descriptors of their own have ended then, and theirs with them. */
	if (file->fd >= 0 && (!file->workers || file->workers->services->offload))
		close_file(file);
	free(file);
}
