#include "report/format.h"

#include "lib/units.h"
#include "stored/axis.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* One that this version does not know is called by its key. */
static struct axis_words words_of(const char *axis)
{
	enum axis_kind kind = axis_find(axis);

	return kind < AXIS_COUNT ? *axis_at(kind)
				 : (struct axis_words){axis, "count", axis, "", ""};
}

/* Where the number ends and its unit begins. */
static size_t number_length(const char *text)
{
	return strspn(text, "-0123456789.,");
}

/* Copies text with a no-break space for a space and the sign of micro for a u before seconds. */
static void set_type(const char *text, char out[FORMAT_SIZE])
{
	size_t used = 0;

	for (; *text && used + 3 < FORMAT_SIZE; text++) {
		if (*text == ' ') {
			memcpy(out + used, TEXT_NBSP, 2);
			used += 2;
		} else if (strcmp(text, "us") == 0) {
			memcpy(out + used, "\xc2\xb5", 2);
			used += 2;
		} else {
			out[used++] = *text;
		}
	}
	out[used] = '\0';
}

/* A rate per second in a sentence is a count with "/s"; on an axis the title says so. */
char *format_value(const char *unit, double value, char out[FORMAT_SIZE])
{
	char text[FORMAT_SIZE];

	if (!isfinite(value))
		snprintf(out, FORMAT_SIZE, FORMAT_NONE);
	else if (strcmp(unit, "count") == 0 && value == round(value) && fabs(value) < 1e15)
		format_integer(value, out);
	else
		set_type(units_format(units_kind_named(unit), value, text, sizeof text), out);
	return out;
}

char *format_tick(const char *unit, double value, char out[FORMAT_SIZE])
{
	char text[FORMAT_SIZE], shown[FORMAT_SIZE];
	enum unit_kind kind = units_kind_named(unit);
	size_t length, kept;

	units_format(kind == UNIT_RATE ? UNIT_COUNT : kind, value, text, sizeof text);
	length = number_length(text);
	kept = length;
	if (memchr(text, '.', length)) {
		while (text[kept - 1] == '0')
			kept--;
		if (text[kept - 1] == '.')
			kept--;
	}
	snprintf(shown, sizeof shown, "%.*s%s", (int)kept, text, value == 0 ? "" : text + length);
	set_type(shown, out);
	return out;
}

char *format_claimed(const char *unit, double value, char out[FORMAT_SIZE])
{
	static const char *const prefixes[] = {"B", "kB", "MB", "GB", "TB"};
	size_t i = 0;

	if (strcmp(unit, "bytes") != 0)
		return format_tick(unit, value, out);
	for (; i + 1 < sizeof prefixes / sizeof prefixes[0] && fabs(value) >= 1000; i++)
		value /= 1000;
	snprintf(out, FORMAT_SIZE, "%.3g" TEXT_NBSP "%s", value, prefixes[i]);
	return out;
}

char *format_integer(double value, char out[FORMAT_SIZE])
{
	char digits[40];
	size_t sign = value < 0;

	snprintf(digits, sizeof digits, "%.0f", fabs(value));
	out[0] = '-';
	units_group_digits(digits, out + sign, FORMAT_SIZE - sign);
	return out;
}

char *format_interval(const char *unit, const struct summary *summary, char out[FORMAT_SIZE])
{
	char middle[FORMAT_SIZE], low[FORMAT_SIZE], high[FORMAT_SIZE];
	const char *suffix;
	int keep_low, keep_high;

	format_value(unit, summary->median, middle);
	format_value(unit, summary->low, low);
	format_value(unit, summary->high, high);
	suffix = middle + number_length(middle);
	keep_low = (int)strlen(low);
	keep_high = (int)strlen(high);
	if (strcmp(low + number_length(low), suffix) == 0 &&
	    strcmp(high + number_length(high), suffix) == 0) {
		keep_low = (int)number_length(low);
		keep_high = (int)number_length(high);
	}
	snprintf(out, FORMAT_SIZE, "[%.*s," TEXT_NBSP "%.*s]", keep_low, low, keep_high, high);
	return out;
}

void format_summary(struct text_buffer *out, const char *unit, const struct summary *summary,
		    bool at_least)
{
	char text[FORMAT_SIZE];

	if (summary->count == 0) {
		text_append(out, FORMAT_NONE);
		return;
	}
	text_append_format(out, "%s%s", at_least ? "\xe2\x89\xa5" TEXT_NBSP : "",
			   format_value(unit, summary->median, text));
	text_append_format(out, " %s", format_interval(unit, summary, text));
}

char *format_ratio_number(double value, char out[FORMAT_SIZE])
{
	if (isfinite(value))
		snprintf(out, FORMAT_SIZE, "%.*f",
			 value < 0.9995	 ? 3
			 : value < 9.995 ? 2
			 : value < 99.95 ? 1
					 : 0,
			 value);
	else
		snprintf(out, FORMAT_SIZE, FORMAT_NONE);
	return out;
}

char *format_ratio_value(const struct block_ratio *ratio, char out[FORMAT_SIZE])
{
	char number[FORMAT_SIZE];

	format_ratio_number(ratio->summary.median, number);
	if (ratio->summary.count == 0)
		snprintf(out, FORMAT_SIZE, FORMAT_NONE);
	else
		snprintf(out, FORMAT_SIZE, "\xc3\x97" TEXT_NBSP "%s%.24s",
			 ratio->at_least  ? "\xe2\x89\xa5" TEXT_NBSP
			 : ratio->at_most ? "\xe2\x89\xa4" TEXT_NBSP
					  : "",
			 number);
	return out;
}

char *format_ratio_interval(const struct block_ratio *ratio, char out[FORMAT_SIZE])
{
	char low[FORMAT_SIZE], high[FORMAT_SIZE];

	format_ratio_number(ratio->summary.low, low);
	format_ratio_number(ratio->summary.high, high);
	snprintf(out, FORMAT_SIZE, "[%.24s," TEXT_NBSP "%.24s]", low, high);
	return out;
}

const char *format_metric_unit(const struct results *results, const char *metric)
{
	const json_t *descriptor = results_metric(results, metric);

	return descriptor ? json_string_of(descriptor, "unit") : "count";
}

const char *format_axis_title(const char *axis)
{
	return words_of(axis).title;
}

const char *format_axis_unit(const char *axis)
{
	return words_of(axis).unit;
}

char *format_axis_value(const char *axis, double value, char out[FORMAT_SIZE])
{
	const char *unit = words_of(axis).unit;
	size_t used;

	if (strcmp(unit, "count") == 0)
		return format_value(unit, value, out);
	format_tick(unit, value, out);
	used = strlen(out);
	if (strcmp(unit, "per_s") == 0)
		snprintf(out + used, FORMAT_SIZE - used, "/s");
	return out;
}

void format_axis(struct text_buffer *out, const char *axis, double value)
{
	static const char several[] = " connections";
	struct axis_words words = words_of(axis);
	char text[FORMAT_SIZE];

	format_axis_value(axis, value, text);
	if (value == 1 && strncmp(words.after, several, sizeof several - 1) == 0)
		text_append_format(out, "1 connection%s", words.after + sizeof several - 1);
	else
		text_append_format(out, "%s%s%s", words.before, text, words.after);
}

void format_point(struct text_buffer *out, const json_t *point, const char *but)
{
	const char *axis;
	json_t *value;
	bool first = true;

	json_object_foreach((json_t *)point, axis, value)
	{
		if (but && strcmp(axis, but) == 0)
			continue;
		if (!first)
			text_append(out, " and ");
		format_axis(out, axis, json_number_value(value));
		first = false;
	}
}

void format_count(struct text_buffer *out, size_t count, const char *thing)
{
	char text[FORMAT_SIZE];

	text_append_format(out, "%s %s%s", format_integer((double)count, text), thing,
			   count == 1 ? "" : "s");
}

char *format_count_word(size_t count, char out[FORMAT_SIZE])
{
	static const char *const words[] = {"no",   "one",    "two",   "three", "four",
					    "five", "six",    "seven", "eight", "nine",
					    "ten",  "eleven", "twelve"};

	if (count < sizeof words / sizeof *words)
		snprintf(out, FORMAT_SIZE, "%s", words[count]);
	else
		format_integer((double)count, out);
	return out;
}

void format_separator(struct text_buffer *out, size_t index, size_t count)
{
	if (index)
		text_append(out, index + 1 == count ? " and " : ", ");
}
