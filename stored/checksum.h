/* What tells that the raw trials of a run are those that something was made from. */
#ifndef TENK_CHECKSUM_H
#define TENK_CHECKSUM_H

#include "stored/results.h"

enum { CHECKSUM_SIZE = 65 };

/*
 * The SHA-256 (FIPS 180-4) of the run's trials.jsonl, unpacked if it is packed, as `sha256sum` prints it. "" if the file cannot be read or tenk
 * was built without libcrypto. Returns `text`.
 */
char *checksum_file(const char *path, char text[CHECKSUM_SIZE]); /* of any file, as it lies there */
char *results_checksum(const struct results *results, char text[CHECKSUM_SIZE]);

/* The version of libcrypto that makes them, "3.0.17"; NULL: tenk was built without it. */
const char *checksum_library(void);

#endif
