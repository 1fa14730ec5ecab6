/*
 * The part of the response parser that reads header fields: internal to the parser.
 *
 * Handlers take the bytes from `at` to before `end`, at least one, and return behind those they
 * used; they change the parser's state when what they read is complete.
 */
#ifndef TENK_RESPONSE_FIELDS_H
#define TENK_RESPONSE_FIELDS_H

#include "loadgen/response_parser.h"

enum response_state {
	STATE_STATUS_LINE,
	STATE_REASON,
	STATE_LINE_START,
	STATE_NAME,
	STATE_VALUE_IGNORED,
	STATE_VALUE_LENGTH,
	STATE_VALUE_LIST,
	STATE_VALUE_LF,
	STATE_HEAD_LF,
	STATE_CHUNK_SIZE,
	STATE_CHUNK_EXTENSION,
	STATE_CHUNK_LF,
	STATE_CHUNK_END,
	STATE_CHUNK_END_LF,
	STATE_TRAILER_START,
	STATE_TRAILER,
	STATE_TRAILER_LF,
	/* States below this line read no syntax. */
	STATE_BODY_FIXED,
	STATE_BODY_CHUNK,
	STATE_BODY_UNTIL_CLOSE,
	STATE_DONE,
	STATE_INVALID,
	STATE_COUNT,
};

/* The field that a parser is in before it has read any. */
#define RESPONSE_FIELD_NONE UINT8_MAX

bool response_byte_is_digit(char byte);
bool response_byte_is_blank(char byte);

/* The digit of a decimal or hexadecimal number, 16 if it is none. */
unsigned response_digit(char byte);

/* Adds a digit to the number that is being read; false when it grows beyond INT64_MAX. */
bool response_number_add(struct response_parser *p, unsigned base, unsigned digit);

/* The response is broken: sets the state, returns `at`. */
const char *response_invalid(struct response_parser *p, const char *at);

/* A name begins. */
void response_field_begin(struct response_parser *p);

/* The line after a field has begun: a continuation of its value (obsolete folding). */
void response_field_continue(struct response_parser *p);

/* ... or not: now the value is complete. False if it makes no sense. */
bool response_field_end(struct response_parser *p);

const char *response_parse_name(struct response_parser *p, const char *at, const char *end);
const char *response_parse_length(struct response_parser *p, const char *at, const char *end);
const char *response_parse_list(struct response_parser *p, const char *at, const char *end);

#endif
