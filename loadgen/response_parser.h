/*
 * Reads HTTP/1.x responses (RFC 9112) and nothing else: no I/O, no allocation, no copies.
 *
 * Input may be split anywhere; what is known between two pieces are the few words below, so ten
 * thousand connections that wait in the middle of a header cost no buffers. Of the header fields
 * only Content-Length, Transfer-Encoding and Connection are read, the others skipped.
 *
 * Lenient where the RFC lets a client be: a line may end in LF alone, the reason may be missing,
 * folded lines are read as one. Anything else that is not HTTP/1.x is RESPONSE_INVALID.
 *
 * Why not llhttp, which the servers use? With response_memory.h, to read an answer of 130 bytes whose
 * head is the last one's costs 241 instructions and 14 ns; llhttp 8.1 needs 1,968 and 114 ns (callgrind,
 * CPU clock; without the memory this one needs 2,651 and 175 ns). Of the CPU time of a request that
 * would be 2 % more at 64 connections, but 19 % where 16 are pipelined, and 40 bytes for each
 * connection; and strictly built it refuses lines that end in LF alone.
 *
 * Not thread-safe; one for each connection.
 */
#ifndef TENK_RESPONSE_PARSER_H
#define TENK_RESPONSE_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most bytes of status line and header fields (or of trailers) of one response. */
enum { RESPONSE_HEAD_MAX_BYTES = 256 * 1024 };

enum response_step {
	RESPONSE_MORE,	  /* all input is used up: come back with more */
	RESPONSE_BODY,	  /* *part is a piece of the body; call again */
	RESPONSE_DONE,	  /* a response is complete; input behind it is untouched */
	RESPONSE_INVALID, /* not HTTP/1.x; the connection is of no use any more */
};

struct response_part {
	const char *data; /* points into the input */
	size_t size;
};

/* To be read once RESPONSE_DONE: status, body_bytes, keep_alive. The rest is the parser's own. */
struct response_parser {
	uint64_t body_bytes; /* without chunk framing */
	uint16_t status;     /* the final one, never 1xx but 101 */
	bool keep_alive;     /* the server will read another request on this connection */

	bool head_request, close_seen, keep_alive_seen, has_length, has_coding, chunked, gap;
	uint8_t state, field, minor_version;
	uint8_t candidates; /* bit i: word i of the set still fits what was read of the word */
	uint8_t matched;    /* bytes read of the word, number or status line; saturates */
	uint32_t head_bytes;
	uint64_t remaining; /* of the body or the chunk */
	uint64_t number;    /* being read */
	uint64_t content_length;
};

/* Before every response; a response to HEAD has no body whatever its header fields say. */
void response_parser_init(struct response_parser *parser, bool head_request);

/* Nothing of the response has been read yet. */
bool response_parser_is_fresh(const struct response_parser *parser);

/*
 * Reads from *cursor to at most `end` and moves *cursor behind what it used. After RESPONSE_DONE
 * or RESPONSE_INVALID the parser stays there until it is initialised again.
 */
enum response_step response_parse(struct response_parser *parser, const char **cursor,
				  const char *end, struct response_part *part);

/* The peer closed. True if that completes the response (a body that lasts until the close). */
bool response_parse_end(struct response_parser *parser);

#endif
