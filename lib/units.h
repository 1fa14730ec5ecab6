/*
 * Quantities as people write them: "10k", "30s", "1 MiB", "5000/s".
 *
 * A number (digits, at most one decimal point, optional blanks) and one unit from the kind's
 * table. Anything else is an error that names the unit it did not know and lists those it does.
 */
#ifndef TENK_UNITS_H
#define TENK_UNITS_H

#include "lib/error.h"

#include <stddef.h>
#include <stdint.h>

enum unit_kind {
	UNIT_COUNT,    /* none, k, M, G (powers of 1000) */
	UNIT_DURATION, /* ns, us, ms, s, m (or min), h; a bare number is an error unless 0 */
	UNIT_BYTES,    /* B, k M G, kB KB MB GB (powers of 1000), KiB MiB GiB (powers of 1024) */
	UNIT_RATE,     /* per second: none or "/s", with k, M before it ("5k", "5k/s") */
	UNIT_RATIO,    /* a plain decimal, or with % */
};

/*
 * Reads all of `text`. Integral kinds (count, duration in ns, bytes) go to *value rounded to the
 * nearest; fails on overflow of int64_t, negative numbers, trailing characters.
 * Returns 0 or -EINVAL with a message such as: "1q" is not a count: unknown unit "q"; known are
 * k, M, G.
 */
int units_parse_integer(enum unit_kind kind, const char *text, uint64_t *value,
			struct error *error);

/* The same for quantities that may have a fraction (rates per second, ratios). */
int units_parse_real(enum unit_kind kind, const char *text, double *value, struct error *error);

/*
 * Short human forms with three significant digits and a unit, for terminals and reports:
 * duration "12.3 us" (ASCII), count "131k", bytes "8.30 KiB" (binary), rate "131k/s",
 * ratio "34.0 %".
 * NAN gives "-". Returns `out`.
 */
char *units_format(enum unit_kind kind, double value, char *out, size_t size);

/* The kind of a unit of results/SCHEMA.md: "per_s", "ns", "bytes", "ratio"; else a count. */
enum unit_kind units_kind_named(const char *name);

/* Puts commas between the thousands of a number's digits: "12345" becomes "12,345". Returns `out`. */
char *units_group_digits(const char *digits, char *out, size_t size);

/* "20,000"; "no limit" for UINT64_MAX. Returns `text`, of at least 32 bytes. */
char *units_format_count(uint64_t count, char *text);

#endif
