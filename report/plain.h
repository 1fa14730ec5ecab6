/* What is written for pages, shown on a terminal: with its signs where the locale has UTF-8, else in ASCII. */
#ifndef TENK_REPORT_PLAIN_H
#define TENK_REPORT_PLAIN_H

#include <stdbool.h>
#include <stdio.h>

/* How wide a terminal is thought to be. */
enum { PLAIN_COLUMNS = 80 };

/* Prints it, or with NULL nothing; no-break spaces become spaces. Returns how many columns it took. */
int plain_print(const char *text, bool utf8, FILE *out);

/* The same with spaces behind it up to a width, and one at least. */
void plain_print_padded(const char *text, int width, bool utf8, FILE *out);

/*
 * The same in lines of at most `width` columns, each after `indent` spaces, broken at spaces only (so a value
 * stays with its unit), and a newline at the end.
 */
void plain_print_wrapped(const char *text, int indent, int width, bool utf8, FILE *out);

#endif
