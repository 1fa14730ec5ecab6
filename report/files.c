#include "report/files.h"

#include "lib/libc.h"
#include "stored/packed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct error *error, const char *folder, const char *name, int code)
{
	error_set(error, "%s%s%s: %s", folder, *name ? "/" : "", name, strerror(-code));
	return code;
}

static int write_bytes(const char *folder, const char *name, const char *text, size_t length,
		       struct error *error)
{
	int code = 0, descriptor;
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return fail(error, folder, name, -ENOMEM);
	descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	free(path);
	if (descriptor < 0)
		return fail(error, folder, name, -errno);
	while (length > 0 && code == 0) {
		ssize_t written = write(descriptor, text, length);

		if (written >= 0) {
			text += written;
			length -= (size_t)written;
		} else if (errno != EINTR) {
			code = -errno;
		}
	}
	if (code == 0 && fsync(descriptor) < 0)
		code = -errno;
	if (close(descriptor) < 0 && code == 0)
		code = -errno;
	return code < 0 ? fail(error, folder, name, code) : 0;
}

int file_write(const char *folder, const char *name, const char *text, size_t length,
	       struct error *error)
{
	static const char ending[] = ".gz";
	size_t size = 0;
	char *packed;
	int code;

	if (strlen(name) < sizeof ending ||
	    strcmp(name + strlen(name) - strlen(ending), ending) != 0)
		return write_bytes(folder, name, text, length, error);
	packed = packed_file_pack(text, length, &size);
	if (!packed)
		return fail(error, folder, name, -ENOMEM);
	code = write_bytes(folder, name, packed, size, error);
	free(packed);
	return code;
}

int file_read(struct text_buffer *out, const char *folder, const char *name, struct error *error)
{
	char bytes[16384], *path;
	size_t length;
	FILE *file;
	int code = 0;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return fail(error, folder, name, -ENOMEM);
	file = packed_file_open(path);
	free(path);
	if (!file)
		return fail(error, folder, name, -errno);
	while ((length = fread(bytes, 1, sizeof bytes, file)) > 0)
		text_append_bytes(out, bytes, length);
	if (ferror(file))
		code = -EIO;
	fclose(file);
	if (code == 0 && text_failed(out))
		code = -ENOMEM;
	return code < 0 ? fail(error, folder, name, code) : 0;
}

int folder_make(const char *folder, const char *name, struct error *error)
{
	int code = 0;
	char *path;

	if (asprintf(&path, "%s%s%s", folder, *name ? "/" : "", name) < 0)
		return fail(error, folder, name, -ENOMEM);
	if (mkdir(path, 0777) < 0)
		code = fail(error, folder, name, -errno);
	free(path);
	return code;
}

static int entry_remove(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

int folder_remove(const char *folder)
{
	if (nftw(folder, entry_remove, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

/* Two renames, for file systems that cannot exchange two names. */
static int replace_in_steps(const char *fresh, const char *old)
{
	char *aside;
	int code = 0;

	if (asprintf(&aside, "%s.old", fresh) < 0)
		return -ENOMEM;
	if (rename(old, aside) < 0) {
		code = -errno;
	} else if (rename(fresh, old) < 0) {
		code = -errno;
		(void)rename(aside, old); /* the first failure is the one to report */
	} else {
		folder_remove(aside);
	}
	free(aside);
	return code;
}

int folder_replace(const char *fresh, const char *old, struct error *error)
{
	int code;

	if (renameat2(AT_FDCWD, fresh, AT_FDCWD, old, RENAME_EXCHANGE) == 0) {
		folder_remove(fresh); /* the old one bears this name now */
		return 0;
	}
	code = -errno;
	if (code == -ENOENT)
		code = rename(fresh, old) < 0 ? -errno : 0;
	else if (code == -EINVAL || code == -ENOSYS)
		code = replace_in_steps(fresh, old);
	return code < 0 ? fail(error, old, "", code) : 0;
}
