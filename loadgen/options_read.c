#include "loadgen/content.h"
#include "loadgen/options_rows.h"

#include "lib/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* What --spin means without a value: longer than a sleeping core takes to wake up. */
/* The control thread looks as often as that. */
#define LOG_INTERVAL_LEAST_NS (100 * NS_PER_MS)

#define SPIN_DEFAULT_NS (100 * NS_PER_US)

static void *member_of(struct options *options, const struct option_row *row)
{
	return (char *)options + row->offset;
}

static int read_integer(enum unit_kind kind, const char *text, double low, double high,
			uint64_t *value, struct error *error)
{
	if (units_parse_integer(kind, text, value, error) < 0)
		return -EINVAL;
	if ((double)*value < low)
		return error_set(error, "%s is too little", text);
	return (double)*value > high ? error_set(error, "%s is too much", text) : 0;
}

int read_quantity(struct options *options, const struct option_row *row, const char *text,
		  struct error *error)
{
	return read_integer(row->kind, text, row->low, row->high, member_of(options, row), error);
}

int read_real(struct options *options, const struct option_row *row, const char *text,
	      struct error *error)
{
	double *value = member_of(options, row);

	if (units_parse_real(row->kind, text, value, error) < 0)
		return -EINVAL;
	return *value >= row->low && *value <= row->high
		       ? 0
		       : error_set(error, "%s is outside %g/s to %.0f/s", text, row->low,
				   row->high);
}

int read_text(struct options *options, const struct option_row *row, const char *text,
	      struct error *error)
{
	(void)error;
	*(const char **)member_of(options, row) = text;
	return 0;
}

int read_flag(struct options *options, const struct option_row *row, const char *text,
	      struct error *error)
{
	(void)text;
	(void)error;
	*(bool *)member_of(options, row) = true;
	return 0;
}

int read_arrivals(struct options *options, const struct option_row *row, const char *text,
		  struct error *error)
{
	(void)row;
	for (enum arrivals i = ARRIVALS_CONSTANT; i <= ARRIVALS_POISSON; i++)
		if (strcmp(text, arrivals_names[i]) == 0) {
			options->arrivals = i;
			return 0;
		}
	return error_set(error, "\"%s\" is neither constant nor poisson", text);
}

int read_condition(struct options *options, const struct option_row *row, const char *text,
		   struct error *error)
{
	(void)row;
	if (options->condition_count == OPTIONS_CONDITIONS_MAX)
		return error_set(error, "more than %d", OPTIONS_CONDITIONS_MAX);
	return condition_parse(&options->conditions[options->condition_count++], text, error);
}

int read_percentiles(struct options *options, const struct option_row *row, const char *text,
		     struct error *error)
{
	const char *at = text;

	(void)row;
	options->percentile_count = 0;
	for (;;) {
		size_t digits = strspn(at, "0123456789.");
		char *end;
		double value = strtod(at, &end);

		if (digits == 0 || end != at + digits || (*end != ',' && *end != '\0') ||
		    value <= 0 || value >= 100)
			return error_set(error,
					 "\"%s\" is not a list of numbers between 0 and 100, such "
					 "as 50,95,99.9 (the maximum is always shown)",
					 text);
		if (options->percentile_count == OPTIONS_PERCENTILES_MAX)
			return error_set(error, "\"%s\" are more than %d", text,
					 OPTIONS_PERCENTILES_MAX);
		options->percentiles[options->percentile_count++] = value;
		if (*end == '\0')
			return 0;
		at = end + 1;
	}
}

int read_closing(struct options *options, const struct option_row *row, const char *text,
		 struct error *error)
{
	(void)row;
	for (enum closing i = 0; i < CLOSING_COUNT; i++)
		if (strcmp(text, closing_names[i]) == 0) {
			options->closing = i;
			return 0;
		}
	return error_set(error, "\"%s\" is neither fin nor reset", text);
}

int read_stages(struct options *options, const struct option_row *row, const char *text,
		struct error *error)
{
	(void)row;
	return stages_parse(&options->stages, text, error);
}

int read_switch(struct options *options, const struct option_row *row, const char *text,
		struct error *error)
{
	bool on = strcmp(text, "on") == 0;

	if (!on && strcmp(text, "off") != 0)
		return error_set(error, "\"%s\" is neither on nor off", text);
	*(bool *)member_of(options, row) = on;
	return 0;
}

int read_spin(struct options *options, const struct option_row *row, const char *text,
	      struct error *error)
{
	(void)row;
	options->spin_ns = SPIN_DEFAULT_NS;
	return text ? read_integer(UNIT_DURATION, text, 0, 1e9, &options->spin_ns, error) : 0;
}

int read_log_interval(struct options *options, const struct option_row *row, const char *text,
		      struct error *error)
{
	(void)row;
	options->log_interval_ns = NS_PER_S;
	return text ? read_integer(UNIT_DURATION, text, (double)LOG_INTERVAL_LEAST_NS, 24 * 3600e9,
				   &options->log_interval_ns, error)
		    : 0;
}

int read_think_time(struct options *options, const struct option_row *row, const char *text,
		    struct error *error)
{
	static const char at_random[] = "exp:";
	size_t kind = strcspn(text, ":") + 1;

	(void)row;
	options->think_at_random = strncmp(text, at_random, sizeof(at_random) - 1) == 0;
	if (options->think_at_random)
		text += sizeof(at_random) - 1;
	else if (strchr(text, ':'))
		return error_set(error, "\"%.*s\" is no distribution: it is exp:50ms or 50ms",
				 (int)kind, text);
	return read_integer(UNIT_DURATION, text, options->think_at_random ? 1 : 0, 24 * 3600e9,
			    &options->think_time_ns, error);
}

/* One more of what may be repeated. */
static int add_text(const char **texts, size_t *count, size_t most, const char *text,
		    struct error *error)
{
	if (*count == most)
		return error_set(error, "more than %zu", most);
	texts[(*count)++] = text;
	return 0;
}

int read_header(struct options *options, const struct option_row *row, const char *text,
		struct error *error)
{
	(void)row;
	return add_text(options->headers, &options->header_count, OPTIONS_HEADERS_MAX, text, error);
}

/* What the options of answers are about: the request of the last --request, or all. */
static struct expected *expected_of(struct options *options)
{
	return options->request_count > 0 ? &options->request_expect[options->request_count - 1]
					  : &options->expect;
}

int read_request(struct options *options, const struct option_row *row, const char *text,
		 struct error *error)
{
	(void)row;
	if (add_text(options->requests, &options->request_count, OPTIONS_REQUESTS_MAX, text,
		     error) < 0)
		return -EINVAL;
	/* What was said of all before holds for it, unless it is said otherwise behind it. */
	if (expected_copy(expected_of(options), &options->expect) == 0)
		return 0;
	error_set(error, "out of memory");
	return -ENOMEM;
}

int read_body(struct options *options, const struct option_row *row, const char *text,
	      struct error *error)
{
	(void)row;
	free(options->body);
	return content_read(text, &options->body, &options->body_bytes, error);
}

int read_status(struct options *options, const struct option_row *row, const char *text,
		struct error *error)
{
	(void)row;
	return expected_read_status(expected_of(options), text, error);
}

int read_length(struct options *options, const struct option_row *row, const char *text,
		struct error *error)
{
	(void)row;
	if (strcmp(text, "any") == 0) {
		expected_of(options)->length = EXPECTED_ANY_LENGTH;
		return 0;
	}
	return read_integer(UNIT_BYTES, text, 0, 9e18, &expected_of(options)->length, error);
}

int read_expect_body(struct options *options, const struct option_row *row, const char *text,
		     struct error *error)
{
	struct expected *expected = expected_of(options);

	(void)row;
	free(expected->body);
	return content_read(text, &expected->body, &expected->body_bytes, error);
}

int read_crc32(struct options *options, const struct option_row *row, const char *text,
	       struct error *error)
{
	(void)row;
	return expected_read_crc32(expected_of(options), text, error);
}

int read_expect_header(struct options *options, const struct option_row *row, const char *text,
		       struct error *error)
{
	(void)row;
	return expected_read_header(expected_of(options), text, error);
}

int read_descriptor(struct options *options, const struct option_row *row, const char *text,
		    struct error *error)
{
	uint64_t descriptor = 0;
	int result = read_integer(UNIT_COUNT, text, 0, 1 << 20, &descriptor, error);

	*(int *)member_of(options, row) = (int)descriptor;
	return result;
}

int read_readable_descriptor(struct options *options, const struct option_row *row,
			     const char *text, struct error *error)
{
	int result = read_descriptor(options, row, text, error), flags;

	if (result < 0)
		return result;
	flags = fcntl(*(int *)member_of(options, row), F_GETFL);
	return flags >= 0 && (flags & O_ACCMODE) != O_WRONLY
		       ? 0
		       : error_set(error, "nothing is open there that could be read: %s", text);
}
