#include "stored/json_lines.h"

#include "stored/packed_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One line, with its end. */
static int take_line(const char *text, size_t length,
		     int (*take)(void *context, json_t *line, struct error *error), void *context,
		     struct error *error, int *column)
{
	json_error_t problem;
	json_t *line;
	int code;

	*column = 0;
	if (strspn(text, " \t\r\n") == length)
		return 0;
	line = json_loadb(text, length, 0, &problem);
	if (!line) {
		*column = problem.column;
		return error_set(error, "%s", problem.text);
	}
	code = take(context, line, error);
	if (code < 0)
		json_decref(line);
	return code;
}

int json_lines_read(const char *path, int (*take)(void *context, json_t *line, struct error *error),
		    void *context, size_t *cut, struct error *error)
{
	FILE *file = packed_file_open(path);
	char *text = NULL;
	size_t size = 0, number = 0;
	ssize_t length;
	int code = 0, column;

	if (cut)
		*cut = 0;
	if (!file) {
		code = -errno;
		error_set(error, "%s: %s", path, strerror(-code));
		return code;
	}
	while (code == 0 && (length = getline(&text, &size, file)) >= 0) {
		number++;
		if (length > 0 && text[length - 1] == '\n') {
			code = take_line(text, (size_t)length, take, context, error, &column);
			if (code < 0 && column > 0)
				error_prefix(error, "%s:%zu:%d", path, number, column);
			else if (code < 0)
				error_prefix(error, "%s:%zu", path, number);
		} else if (cut) {
			*cut = number;
		}
	}
	if (code == 0 && ferror(file)) {
		error_set(error, "%s: cannot be read", path);
		code = -EIO;
	}
	free(text);
	fclose(file);
	return code;
}

off_t json_lines_end(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char byte;

	while (end > 0 && (pread(fd, &byte, 1, end - 1) != 1 || byte != '\n'))
		end--;
	return end;
}

int write_and_sync(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? -errno : -EIO;
		text += written;
		length -= (size_t)written;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int json_lines_append(int fd, const json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(15)), *whole = NULL;
	off_t before = lseek(fd, 0, SEEK_END);
	int length = text ? asprintf(&whole, "%s\n", text) : -1;
	int result = length < 0 ? -ENOMEM : write_and_sync(fd, whole, (size_t)length);

	free(text);
	if (length >= 0)
		free(whole);
	if (result < 0 && ftruncate(fd, before) < 0) /* half a line would be dropped by readers */
		result = -errno;
	return result;
}
