#include "stored/checksum.h"

#include "stored/packed_file.h"

#include <openssl/evp.h>

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

enum { CHUNK = 65536 };

static bool digest(FILE *file, EVP_MD_CTX *context, unsigned char *sum, unsigned *length)
{
	unsigned char chunk[CHUNK];
	size_t got;

	if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		return false;
	while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
		if (EVP_DigestUpdate(context, chunk, got) != 1)
			return false;
	return !ferror(file) && EVP_DigestFinal_ex(context, sum, length) == 1;
}

/* Of what can still be read of a file (NULL: it is not there), which is closed then. */
static char *checksum_stream(FILE *file, char text[CHECKSUM_SIZE])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned length = 0;

	text[0] = '\0';
	if (file && !digest(file, context, sum, &length))
		length = 0;
	for (unsigned i = 0; i < length && 2 * i + 2 < CHECKSUM_SIZE; i++)
		snprintf(text + (size_t)2 * i, 3, "%02x", sum[i]);
	if (file)
		fclose(file);
	EVP_MD_CTX_free(context);
	return text;
}

char *checksum_file(const char *path, char text[CHECKSUM_SIZE])
{
	return checksum_stream(fopen(path, "re"), text);
}

char *results_checksum(const struct results *results, char text[CHECKSUM_SIZE])
{
	char path[PATH_MAX];
	FILE *file = NULL;

	if (results->directory &&
	    snprintf(path, sizeof path, "%s/trials.jsonl", results->directory) < (int)sizeof path)
		file = packed_file_open(path);
	return checksum_stream(file, text);
}

const char *checksum_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}
