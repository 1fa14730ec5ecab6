/*
 * What the kernel tells in small files: /proc, /sys and its own configuration.
 *
 * Every path is looked up under a root, "" on a real machine, a folder of made-up files in tests.
 */
#ifndef TENK_MACHINE_FILES_H
#define TENK_MACHINE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MACHINE_TEXT_BYTES = 65536 }; /* of /proc files that are read whole */

/*
 * Reads a file from its beginning, at most size - 1 bytes, NUL terminated, without the last
 * newline. Returns the bytes read or -errno.
 */
long machine_read_text(const char *root, const char *path, char *text, size_t size);

/* Reads a file that holds one unsigned decimal number. False if it cannot be read or is none. */
bool machine_read_number(const char *root, const char *path, uint64_t *value);

/* Reads a file that holds several numbers; returns how many of at most `count` it found. */
size_t machine_read_numbers(const char *root, const char *path, uint64_t *values, size_t count);

/* Counts the cores in a file that lists them, "0-3,8,10-11"; false if it is empty or no such list. */
bool machine_read_list_count(const char *root, const char *path, uint64_t *count);

/*
 * Finds the line of a "key: value", "key value" or KEY="value" file that begins with the key, and
 * copies what follows, without separators, blanks and quotes. False if there is no such line.
 */
bool machine_read_field(const char *root, const char *path, const char *key, char *value,
			size_t size);

/* The same in a text that was read before. */
bool machine_find_field(const char *text, const char *key, char *value, size_t size);

/* How many threads exist, of all processes; 0 if the kernel does not say. */
uint64_t machine_count_threads(const char *root);

/*
 * The options that this kernel was built with, from /proc/config.gz or /boot/config-RELEASE,
 * malloc'ed; the caller frees it. NULL when neither can be read.
 */
char *machine_kernel_options(const char *root);

/* The value of an option ("y", "250") in that text; false if it is not set. */
bool machine_kernel_option(const char *options, const char *name, char *value, size_t size);

/* Reads an unsigned decimal at the beginning of `text`; *end is set behind it. */
bool machine_parse_number(const char *text, uint64_t *value, const char **end);

/* Ticks that the host took, of all, since boot. False if /proc/stat does not say. */
bool machine_read_steal(const char *root, uint64_t *steal, uint64_t *total);

#endif
