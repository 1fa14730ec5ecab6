/*
 * Reads responses that begin alike faster than one after the other.
 *
 * The answers to one request mostly have the same head, byte for byte, until the server's Date moves
 * on. What a parser knows behind a head depends on nothing but the head's bytes: where they are those
 * that were read last, it is copied, and they need not be read again.
 *
 * Not thread-safe; one for each thread and request.
 */
#ifndef TENK_RESPONSE_MEMORY_H
#define TENK_RESPONSE_MEMORY_H

#include "loadgen/response_parser.h"

enum { RESPONSE_MEMORY_BYTES = 512 };

struct response_memory {
	size_t size;		       /* of the head; 0: none is known */
	unsigned unknown;	       /* heads that were not the one that is known */
	struct response_parser behind; /* what a parser knows that has read it */
	char head[RESPONSE_MEMORY_BYTES];
};

/* As response_parse, which see. The memory begins zeroed, and is for answers to one request. */
enum response_step response_read(struct response_memory *memory, struct response_parser *parser,
				 const char **cursor, const char *end, struct response_part *part);

#endif
