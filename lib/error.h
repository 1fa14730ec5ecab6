/*
 * A message on its way to the person at the terminal.
 *
 * A function that can fail in a way a person must understand takes a `struct error *`, fills it
 * and returns -errno (or -EINVAL for wrong input). It never prints: whoever called it decides,
 * and only main exits.
 */
#ifndef TENK_ERROR_H
#define TENK_ERROR_H

struct error {
	char text[1024];
};

/* Formats the message (cut, never overrun). Returns -EINVAL, so that callers can return it. */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before a message that is already there. */
void error_prefix(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
