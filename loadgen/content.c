#include "loadgen/content.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 65536 };

static int read_stream(FILE *file, char **data, size_t *size)
{
	for (;;) {
		char *larger = realloc(*data, *size + READ_BYTES);

		if (!larger)
			return -ENOMEM;
		*data = larger;
		errno = 0;
		*size += fread(*data + *size, 1, READ_BYTES, file);
		if (ferror(file))
			return errno ? -errno : -EIO;
		if (feof(file))
			return 0;
	}
}

static int read_file(const char *name, char **data, size_t *size)
{
	FILE *file = fopen(name, "re");
	int result = file ? read_stream(file, data, size) : -errno;

	if (file)
		fclose(file);
	return result;
}

int content_read(const char *text, char **data, size_t *size, struct error *error)
{
	*data = NULL;
	*size = 0;
	if (text[0] == '@' && text[1] != '@') {
		int result = read_file(text + 1, data, size);
		if (result < 0)
			error_set(error, "%s: %s", text + 1, strerror(-result));
		return result;
	}
	text += text[0] == '@';
	*data = strdup(text);
	*size = strlen(text);
	if (!*data) {
		error_set(error, "out of memory");
		return -ENOMEM;
	}
	return 0;
}
