/*
 * The words that the suite's tables (rows_*.c) are written in. A table defines GROUP before
 * the rows of a group.
 */
#ifndef TENK_CHECK_ROW_MACROS_H
#define TENK_CHECK_ROW_MACROS_H

#include "harness/check/rows.h"

/* clang-format off */
#define HOST "Host: tenk\r\n"
#define LINE(line) line "\r\n" HOST "\r\n"
#define GET(target) LINE("GET " target " HTTP/1.1")
#define HEAD(target) LINE("HEAD " target " HTTP/1.1")
#define GET_WITH(fields) "GET /plaintext HTTP/1.1\r\n" fields "\r\n"
#define GET_FIELD(field) GET_WITH(HOST field "\r\n")
#define OLD_GET(fields) "GET /plaintext HTTP/1.0\r\n" fields "\r\n"
#define ECHO_WITH(fields, body) "POST /echo HTTP/1.1\r\n" HOST fields "\r\n" body
#define LENGTH(value) ECHO_WITH("Content-Length: " value "\r\n", "hello")
#define CODING(value) ECHO_WITH("Transfer-Encoding: " value "\r\n", "0\r\n\r\n")
#define CHUNKED(body) ECHO_WITH("Transfer-Encoding: chunked\r\n", body)
/* A whole body whose one chunk begins with this line. */
#define CHUNK(line) CHUNKED(line "\r\nhello\r\n0\r\n\r\n")
#define TRAILERS(lines) CHUNKED("5\r\nhello\r\n0\r\n" lines "\r\n")

#define ROW(row_name, row_section, row_what) \
	.group = GROUP, .name = row_name, .section = row_section, .what = row_what

/* A request, which may hold NUL bytes. */
#define SEND(text) .request = text, .request_bytes = sizeof(text) - 1

#define TEXT(...) {.answer = "200 OK", .type = "text/plain", __VA_ARGS__}
#define HELLO(...) TEXT(.body = "Hello, World!", __VA_ARGS__)
#define JSON(...) {.answer = "200 OK", .type = "application/json", \
		   .body = "{\"message\":\"Hello, World!\"}", __VA_ARGS__}
#define OCTETS(...) {.answer = "200 OK", .type = "application/octet-stream", __VA_ARGS__}
#define STATUS(text, ...) {.answer = text, .type = "text/plain", __VA_ARGS__}

/*
 * What refuses a request ends the connection. MUST: as the standard demands it, close included.
 * MAY: the standard lets a server accept it too.
 */
#define REFUSED(text, ...) STATUS(text, .closes = true, __VA_ARGS__)
#define BAD_REQUEST(...) REFUSED("400 Bad Request", __VA_ARGS__)
#define MAY_ACCEPT .also = "200", .may_stay = true
#define NOT_IMPLEMENTED(...) REFUSED("501 Not Implemented", __VA_ARGS__)
#define TOO_LARGE(...) REFUSED("413 Content Too Large", __VA_ARGS__)
/* clang-format on */

#define TABLE(table_name, rows) \
	const struct check_table table_name = {rows, sizeof(rows) / sizeof *(rows)}

#endif
