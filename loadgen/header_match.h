/*
 * Looks for one header field in a response that comes in pieces: without copies, apart from the
 * parser, so that who does not ask for it does not pay for it.
 */
#ifndef TENK_HEADER_MATCH_H
#define TENK_HEADER_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: nothing has been read. */
struct header_match {
	uint16_t matched; /* bytes of the field that fit, in this line */
	uint8_t state;
	bool found; /* the field is there, as wanted */
	bool named; /* the field is there, whatever its value */
};

/*
 * Reads `size` bytes of a response that are not of its body. `field` is "Name" or "Name: value";
 * names are compared without regard to case (RFC 9110, 5.1), values byte for byte without the
 * blanks around them.
 */
void header_match_read(struct header_match *match, const char *field, const char *bytes,
		       size_t size);

#endif
