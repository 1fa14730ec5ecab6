#include "stored/packed_file.h"

#include <zlib.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

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

bool packed_file_is(const char *path)
{
	char packed_path[PATH_MAX];

	return access(path, F_OK) < 0 && errno == ENOENT &&
	       snprintf(packed_path, sizeof packed_path, "%s.gz", path) < (int)sizeof packed_path &&
	       access(packed_path, F_OK) == 0;
}

void *packed_file_pack(const char *bytes, size_t length, size_t *size)
{
	enum { GZIP = 16, MEMORY_USUAL = 8 };

	z_stream stream = {0};
	void *packed = NULL;

	if (length > UINT_MAX ||
	    deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZIP, MEMORY_USUAL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	*size = deflateBound(&stream, length);
	packed = malloc(*size);
	if (packed) {
		stream.next_in = (Bytef *)(uintptr_t)bytes;
		stream.avail_in = (uInt)length;
		stream.next_out = packed;
		stream.avail_out = (uInt)*size;
		deflate(&stream, Z_FINISH);
		*size = stream.total_out;
	}
	deflateEnd(&stream);
	return packed;
}
