/* What a good answer to a request is. */
#ifndef TENK_EXPECTED_H
#define TENK_EXPECTED_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPECTED_ANY_LENGTH   UINT64_MAX
#define EXPECTED_LEARN_LENGTH (UINT64_MAX - 1) /* that of the first good one */

struct expected {
	unsigned status_low, status_high; /* both included */
	uint64_t length;		  /* of the body; or one of the values above */
	char *body;			  /* NULL: not compared; malloc'ed, as header */
	size_t body_bytes;
	char *header; /* NULL: none; "Name" or "Name: value" */
	bool has_crc32;
	uint32_t crc32; /* of the body */
};

/* Whether the bytes of answers are to be looked at, beside their status and length. */
static inline bool expected_looks_closely(const struct expected *expected)
{
	return expected->body || expected->has_crc32 || expected->header;
}

/* What "204" or "2xx", "3610a686", "Name: value" say. 0, or -errno with a message without a name. */
int expected_read_status(struct expected *expected, const char *text, struct error *error);
int expected_read_crc32(struct expected *expected, const char *text, struct error *error);
int expected_read_header(struct expected *expected, const char *text, struct error *error);

/* With bodies and header fields of its own. 0 or -ENOMEM; expected_destroy in any case. */
int expected_copy(struct expected *into, const struct expected *from);
void expected_destroy(struct expected *expected);

#endif
