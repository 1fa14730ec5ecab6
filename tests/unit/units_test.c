#include "lib/units.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

static void check_integer(enum unit_kind kind, const char *text, uint64_t expected)
{
	struct error error = {""};
	uint64_t value = 77;

	cr_assert_eq(units_parse_integer(kind, text, &value, &error), 0, "%s: %s", text,
		     error.text);
	cr_assert_eq(value, expected, "%s gave %lu", text, value);
}

static void check_refused(enum unit_kind kind, const char *text, const char *because)
{
	struct error error = {""};
	uint64_t value;
	double real;

	cr_assert_lt(units_parse_integer(kind, text, &value, &error), 0, "%s was taken", text);
	cr_assert(strstr(error.text, because), "%s: \"%s\" lacks \"%s\"", text, error.text,
		  because);
	cr_assert_lt(units_parse_real(kind, text, &real, &error), 0, "%s was taken", text);
}

static void check_shown(enum unit_kind kind, double value, const char *expected)
{
	char text[32];

	cr_assert_str_eq(units_format(kind, value, text, sizeof(text)), expected);
}

Test(units, reads_every_unit)
{
	check_integer(UNIT_COUNT, "64", 64);
	check_integer(UNIT_COUNT, "10k", 10000);
	check_integer(UNIT_COUNT, "1.5M", 1500000);
	check_integer(UNIT_COUNT, "2G", 2000000000);
	check_integer(UNIT_DURATION, "7ns", 7);
	check_integer(UNIT_DURATION, "1.5us", 1500);
	check_integer(UNIT_DURATION, "250ms", 250000000);
	check_integer(UNIT_DURATION, "30s", 30000000000);
	check_integer(UNIT_DURATION, "2m", 120000000000);
	check_integer(UNIT_DURATION, "2min", 120000000000);
	check_integer(UNIT_DURATION, "1h", 3600000000000);
	check_integer(UNIT_DURATION, "0", 0);
	check_integer(UNIT_BYTES, "512", 512);
	check_integer(UNIT_BYTES, "3B", 3);
	check_integer(UNIT_BYTES, "4kB", 4000);
	check_integer(UNIT_BYTES, "100k", 100000);
	check_integer(UNIT_BYTES, "2M", 2000000);
	check_integer(UNIT_BYTES, "4KB", 4000);
	check_integer(UNIT_BYTES, "5MB", 5000000);
	check_integer(UNIT_BYTES, "6GB", 6000000000);
	check_integer(UNIT_BYTES, "64KiB", 65536);
	check_integer(UNIT_BYTES, "1 MiB", 1048576);
	check_integer(UNIT_BYTES, "2GiB", 2147483648);
}

Test(units, reads_reals)
{
	struct error error;
	double value;

	cr_assert_eq(units_parse_real(UNIT_RATE, "5k/s", &value, &error), 0);
	cr_assert_float_eq(value, 5000, 1e-9);
	cr_assert_eq(units_parse_real(UNIT_RATE, "5000/s", &value, &error), 0);
	cr_assert_float_eq(value, 5000, 1e-9);
	cr_assert_eq(units_parse_real(UNIT_RATE, "1.25M", &value, &error), 0);
	cr_assert_float_eq(value, 1250000, 1e-6);
	cr_assert_eq(units_parse_real(UNIT_RATE, "0.5", &value, &error), 0);
	cr_assert_float_eq(value, 0.5, 1e-12);
	cr_assert_eq(units_parse_real(UNIT_RATIO, "5 %", &value, &error), 0);
	cr_assert_float_eq(value, 0.05, 1e-12);
	cr_assert_eq(units_parse_real(UNIT_RATIO, ".25", &value, &error), 0);
	cr_assert_float_eq(value, 0.25, 1e-12);
}

Test(units, rounds_integers_to_the_nearest)
{
	check_integer(UNIT_DURATION, "0.4ns", 0);
	check_integer(UNIT_DURATION, "0.5ns", 1);
	check_integer(UNIT_DURATION, "0.1s", 100000000);
	check_integer(UNIT_COUNT, "1.0005k", 1001);
}

Test(units, holds_up_to_the_largest_integer)
{
	check_integer(UNIT_BYTES, "9223372036854775807", INT64_MAX);
	struct error error;
	uint64_t value;

	cr_assert_lt(units_parse_integer(UNIT_BYTES, "9223372036854775808", &value, &error), 0);
	cr_assert_lt(units_parse_integer(UNIT_COUNT, "10000000000G", &value, &error), 0);
	cr_assert(strstr(error.text, "too large"));
}

Test(units, names_the_unknown_unit_and_those_it_knows)
{
	struct error error;
	uint64_t value;

	cr_assert_eq(units_parse_integer(UNIT_COUNT, "1q", &value, &error), -EINVAL);
	cr_assert_str_eq(error.text,
			 "\"1q\" is not a count: unknown unit \"q\"; known are k, M, G");
}

Test(units, refuses_what_is_no_quantity)
{
	check_refused(UNIT_COUNT, "", "number");
	check_refused(UNIT_COUNT, "k", "number");
	check_refused(UNIT_COUNT, ".", "number");
	check_refused(UNIT_COUNT, " 1", "number");
	check_refused(UNIT_COUNT, "+1", "number");
	check_refused(UNIT_COUNT, "-1", "negative");
	check_refused(UNIT_COUNT, "1 ", "blank");
	check_refused(UNIT_COUNT, "1.2.3", "unknown unit \".3\"");
	check_refused(UNIT_COUNT, "1e3", "unknown unit \"e3\"");
	check_refused(UNIT_COUNT, "0x10", "unknown unit \"x10\"");
	check_refused(UNIT_COUNT, "10k5", "unknown unit \"k5\"");
	check_refused(UNIT_COUNT, "10 k k", "unknown unit");
	check_refused(UNIT_DURATION, "30", "needs a unit");
	check_refused(UNIT_DURATION, "30S", "unknown unit \"S\"");
	check_refused(UNIT_BYTES, "1Mb", "unknown unit \"Mb\"");
	check_refused(UNIT_RATE, "5/min", "unknown unit \"/min\"");
	check_refused(UNIT_RATIO, "5k", "unknown unit \"k\"");
	check_refused(UNIT_COUNT,
		      "1111111111111111111111111111111111111111111111111111111111111111111111",
		      "too many digits");
}

Test(units, shows_three_digits_and_a_unit)
{
	check_shown(UNIT_DURATION, 12300, "12.3 us");
	check_shown(UNIT_DURATION, 0, "0 ns");
	check_shown(UNIT_DURATION, 5, "5 ns");
	check_shown(UNIT_DURATION, 1.5, "1.50 ns");
	check_shown(UNIT_DURATION, 250e6, "250 ms");
	check_shown(UNIT_DURATION, 30e9, "30.0 s");
	check_shown(UNIT_DURATION, 90e9, "1.50 min");
	check_shown(UNIT_DURATION, 3600e9, "1.00 h");
	check_shown(UNIT_COUNT, 64, "64");
	check_shown(UNIT_COUNT, 131000, "131k");
	check_shown(UNIT_COUNT, 1234567, "1.23M");
	check_shown(UNIT_BYTES, 8499, "8.30 KiB");
	check_shown(UNIT_BYTES, 100, "100 B");
	check_shown(UNIT_RATE, 131000, "131k/s");
	check_shown(UNIT_RATIO, 0.34, "34.0 %");
	check_shown(UNIT_RATIO, 1, "100 %");
	check_shown(UNIT_RATIO, NAN, "-");
	check_shown(UNIT_BYTES, -2048, "-2.00 KiB");
}

Test(units, rounding_carries_into_the_next_unit)
{
	check_shown(UNIT_DURATION, 999.6e3, "1.00 ms");
	check_shown(UNIT_DURATION, 999.4e3, "999 us");
	check_shown(UNIT_DURATION, 9.996e3, "10.0 us");
	check_shown(UNIT_BYTES, 1048575, "1.00 MiB");
	check_shown(UNIT_COUNT, 999999, "1.00M");
}

Test(units, what_is_shown_can_be_read_again)
{
	static const double values[] = {0, 1, 12300, 250e6, 30e9, 90e9, 7200e9};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char text[32];

		units_format(UNIT_DURATION, values[i], text, sizeof(text));
		check_integer(UNIT_DURATION, text, (uint64_t)values[i]);
	}
}
