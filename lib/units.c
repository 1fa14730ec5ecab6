#include "lib/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	long double factor;
};

enum { UNIT_MAX = 12, NUMBER_MAX = 64 };

/* What may be typed. The first entry is the bare number, where the kind has one. */
struct unit_kind_rules {
	const char *what;
	bool bare_allowed;
	struct unit units[UNIT_MAX];
};

static const struct unit_kind_rules rules[] = {
	[UNIT_COUNT] = {"count", true, {{"k", 1e3L}, {"M", 1e6L}, {"G", 1e9L}}},
	[UNIT_DURATION] = {"duration",
			   false,
			   {{"ns", 1},
			    {"us", 1e3L},
			    {"ms", 1e6L},
			    {"s", 1e9L},
			    {"m", 60e9L},
			    {"min", 60e9L},
			    {"h", 3600e9L}}},
	[UNIT_BYTES] = {"size",
			true,
			{{"B", 1},
			 {"k", 1e3L},
			 {"M", 1e6L},
			 {"G", 1e9L},
			 {"kB", 1e3L},
			 {"KB", 1e3L},
			 {"MB", 1e6L},
			 {"GB", 1e9L},
			 {"KiB", 1024.0L},
			 {"MiB", 1048576.0L},
			 {"GiB", 1073741824.0L}}},
	[UNIT_RATE] = {"rate",
		       true,
		       {{"/s", 1}, {"k", 1e3L}, {"k/s", 1e3L}, {"M", 1e6L}, {"M/s", 1e6L}}},
	[UNIT_RATIO] = {"ratio", true, {{"%", 0.01L}}},
};

/* How values are shown: ascending, each unit used up to the next one's factor. */
struct unit_scale {
	struct unit units[UNIT_MAX];
	bool whole_below_second; /* integers in the first unit are shown without decimals */
};

static const struct unit_scale scales[] = {
	[UNIT_COUNT] = {{{"", 1}, {"k", 1e3L}, {"M", 1e6L}, {"G", 1e9L}}, true},
	[UNIT_DURATION] = {{{" ns", 1},
			    {" us", 1e3L},
			    {" ms", 1e6L},
			    {" s", 1e9L},
			    {" min", 60e9L},
			    {" h", 3600e9L}},
			   true},
	[UNIT_BYTES] =
		{{{" B", 1}, {" KiB", 1024.0L}, {" MiB", 1048576.0L}, {" GiB", 1073741824.0L}},
		 true},
	[UNIT_RATE] = {{{"/s", 1}, {"k/s", 1e3L}, {"M/s", 1e6L}}, true},
	[UNIT_RATIO] = {{{" %", 0.01L}}, false},
};

/* "k, M, G": what the person could have typed instead. */
static void units_list_known(const struct unit_kind_rules *rule, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < UNIT_MAX && rule->units[i].name; i++) {
		int n = snprintf(out + used, size - used, "%s%s", i ? ", " : "",
				 rule->units[i].name);

		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

static int units_fail(const struct unit_kind_rules *rule, const char *text, const char *why,
		      struct error *error)
{
	char known[160];

	units_list_known(rule, known, sizeof(known));
	return error_set(error, "\"%.60s\" is not a %s: %s; known are %s", text, rule->what, why,
			 known);
}

/* The length of the number that starts `text`: digits with at most one point; 0 if none. */
static size_t units_number_length(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (text[digits] == '.') {
		size_t fraction = strspn(text + digits + 1, "0123456789");

		if (digits + fraction)
			return digits + 1 + fraction;
	}
	return digits;
}

static int units_parse(enum unit_kind kind, const char *text, long double *value,
		       struct error *error)
{
	const struct unit_kind_rules *rule = &rules[kind];
	size_t length = units_number_length(text);
	char number[NUMBER_MAX], why[96];
	const char *unit;
	long double parsed;

	if (text[0] == '-')
		return error_set(error, "\"%.60s\" is not a %s: it must not be negative", text,
				 rule->what);
	if (length == 0)
		return error_set(error, "\"%.60s\" is not a %s: it must begin with a number", text,
				 rule->what);
	if (length >= sizeof(number))
		return error_set(error, "\"%.60s\" is not a %s: too many digits", text, rule->what);
	memcpy(number, text, length);
	number[length] = '\0';
	parsed = strtold(number, NULL);
	unit = text + length + strspn(text + length, " \t");
	if (*unit == '\0') {
		if (text[length] != '\0')
			return units_fail(rule, text, "nothing follows the blank", error);
		if (!rule->bare_allowed && parsed != 0)
			return units_fail(rule, text, "it needs a unit", error);
		*value = parsed;
		return 0;
	}
	for (size_t i = 0; i < UNIT_MAX && rule->units[i].name; i++) {
		if (strcmp(unit, rule->units[i].name) == 0) {
			*value = parsed * rule->units[i].factor;
			return 0;
		}
	}
	snprintf(why, sizeof(why), "unknown unit \"%.40s\"", unit);
	return units_fail(rule, text, why, error);
}

int units_parse_integer(enum unit_kind kind, const char *text, uint64_t *value, struct error *error)
{
	long double parsed;
	int result = units_parse(kind, text, &parsed, error);

	if (result < 0)
		return result;
	/* 2^63 itself, which a long double holds exactly, is the first value that is too large. */
	if (roundl(parsed) >= 9223372036854775808.0L)
		return error_set(error, "\"%.60s\" is not a %s: it is too large", text,
				 rules[kind].what);
	*value = (uint64_t)roundl(parsed);
	return 0;
}

int units_parse_real(enum unit_kind kind, const char *text, double *value, struct error *error)
{
	long double parsed;
	int result = units_parse(kind, text, &parsed, error);

	if (result < 0)
		return result;
	*value = (double)parsed;
	return 0;
}

static int units_decimals(double magnitude)
{
	/* The limits are where rounding to three digits carries into one more. */
	return magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
}

/* What `value` becomes when it is shown with three significant digits. */
static double units_round_shown(double value)
{
	static const double powers[] = {1, 10, 100};
	double power = powers[units_decimals(fabs(value))];

	return round(value * power) / power;
}

char *units_format(enum unit_kind kind, double value, char *out, size_t size)
{
	const struct unit_scale *scale = &scales[kind];
	double shown;
	size_t i = 0;
	int decimals;

	if (!isfinite(value)) {
		snprintf(out, size, "-");
		return out;
	}
	shown = (double)(value / scale->units[0].factor);
	while (i + 1 < UNIT_MAX && scale->units[i + 1].name) {
		double next = (double)(scale->units[i + 1].factor / scale->units[i].factor);

		if (fabs(units_round_shown(shown)) < next)
			break;
		i++;
		shown = (double)(value / scale->units[i].factor);
	}
	decimals = units_decimals(fabs(shown));
	if (shown == 0 || (i == 0 && scale->whole_below_second && shown == round(shown)))
		decimals = 0;
	snprintf(out, size, "%.*f%s", decimals, shown, scale->units[i].name);
	return out;
}

enum unit_kind units_kind_named(const char *name)
{
	static const struct {
		const char *name;
		enum unit_kind kind;
	} names[] = {{"per_s", UNIT_RATE},
		     {"ns", UNIT_DURATION},
		     {"bytes", UNIT_BYTES},
		     {"ratio", UNIT_RATIO}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].kind;
	return UNIT_COUNT;
}

char *units_group_digits(const char *digits, char *out, size_t size)
{
	size_t length = strlen(digits), used = 0;

	for (size_t i = 0; i < length && used + 2 < size; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = digits[i];
	}
	out[used] = '\0';
	return out;
}

char *units_format_count(uint64_t count, char *text)
{
	enum { TEXT_BYTES = 32 };
	char digits[24];

	snprintf(digits, sizeof digits, "%" PRIu64, count);
	if (count == UINT64_MAX)
		snprintf(text, TEXT_BYTES, "no limit");
	else
		units_group_digits(digits, text, TEXT_BYTES);
	return text;
}
