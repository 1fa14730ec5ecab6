#include "stored/packed_file.h"

#include <zlib.h>

#include <errno.h>
#include <limits.h>

static ssize_t unpack(void *packed, char *to, size_t size)
{
	int got = gzread(packed, to, size < INT_MAX ? (unsigned)size : INT_MAX), problem = Z_OK;

	if (got <= 0)
		gzerror(packed, &problem); /* of a file that is cut short only this tells */
	if (got >= 0 && problem == Z_OK)
		return got;
	errno = EIO;
	return -1;
}

static int end(void *packed)
{
	gzclose_r(packed);
	return 0;
}

FILE *packed_file_open(const char *path)
{
	FILE *file = fopen(path, "re");
	char packed_path[PATH_MAX];
	gzFile packed;

	if (file || errno != ENOENT ||
	    snprintf(packed_path, sizeof packed_path, "%s.gz", path) >= (int)sizeof packed_path)
		return file;
	errno = ENOENT; /* zlib leaves it alone where it has no memory */
	packed = gzopen(packed_path, "re");
	if (!packed)
		return NULL;
	file = fopencookie(packed, "r", (cookie_io_functions_t){.read = unpack, .close = end});
	if (!file)
		gzclose_r(packed);
	return file;
}
