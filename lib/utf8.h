/* Text of somebody else's, such as what a server wrote to stderr, made fit for JSON. */
#ifndef TENK_UTF8_H
#define TENK_UTF8_H

/*
 * Puts "?" in the place of each byte that belongs to no character of UTF-8 (RFC 3629), the beginning
 * of one that was cut off included. In place; returns `text`.
 */
char *utf8_mend(char *text);

#endif
