/*
 * The Date of answers, such as "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7): one a process,
 * made once a second.
 *
 * By arithmetic: gmtime_r takes the C library's lock of the time zone and reads /etc/localtime first,
 * a file that no answer depends on. Readers take no lock: they copy the text and look whether it was
 * changed meanwhile (a sequence lock, of which see Boehm, "Can seqlocks get along with programming
 * language memory models?", 2012); who finds it changing, makes one for itself.
 */
#ifndef TENK_DATE_H
#define TENK_DATE_H

#include <stdint.h>

enum { DATE_BYTES = 29 };

/* Puts the present one there, and returns its end. From any thread; it never waits. */
char *date_put(char *to);

/* That of a second since 1970, up to the year 9999. */
void date_write(char to[DATE_BYTES], int64_t second);

#endif
