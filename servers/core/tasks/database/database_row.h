/* A row of the database as JSON. */
#ifndef TENK_DATABASE_ROW_H
#define TENK_DATABASE_ROW_H

#include <stddef.h>
#include <stdint.h>

/*
 * Writes {"id":ID,"message":"TEXT"}; NULL for `message` is null. Of the text of `length` bytes quotes,
 * backslashes and control characters are escaped (RFC 8259 section 7), all others stand as they are:
 * UTF-8, which the connection has asked for. Returns the bytes that it takes, of which at most `room`
 * were written, without a NUL at their end.
 */
size_t database_row_write(char *to, size_t room, int32_t id, const char *message, size_t length);

#endif
