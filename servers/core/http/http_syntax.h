/*
 * The grammar of what core looks into itself (RFC 9110, RFC 3986). What may come in pieces is read
 * byte by byte, so that a split changes nothing.
 */
#ifndef TENK_HTTP_SYNTAX_H
#define TENK_HTTP_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 9110 section 5.6.2. */
bool http_is_token_character(char c);

static inline bool http_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* How far a host and port have been read (RFC 9110 section 7.2). Begin with 0. */
enum http_host {
	HOST_BEGINS,
	HOST_NAME,
	HOST_PERCENT, /* one hexadecimal digit is to follow, and another */
	HOST_PERCENT_DIGIT,
	HOST_ADDRESS_BEGINS, /* in brackets */
	HOST_ADDRESS,
	HOST_ADDRESS_ENDED,
	HOST_PORT,
	HOST_BLANK, /* behind it nothing but blanks */
	HOST_WRONG,
};

/* Reads on; returns where that leads. */
enum http_host http_host_read(enum http_host state, const char *at, size_t length);

/* Whether it may end here. An empty one may: it is what a target without authority asks for. */
bool http_host_is_whole(enum http_host state);

/*
 * Whether it is an absolute http or https URI with a host and no user (RFC 9110 sections 4.2.1 and
 * 4.2.4). Of one that is longer only the beginning need be there: `cut`.
 */
bool http_is_absolute(const char *target, size_t length, bool cut);

#endif
