/* Ranges and tics: where the labels of a chart's axes stand, and what they say. */
#include "report/chart_plot.h"

#include <math.h>
#include <string.h>

/* Room that a label takes: about this much a character, and a line of text. */
static const double character_px = 7.5, line_px = 30;

/* Tics as gnuplot takes them: ('20k' 20000, ...). */
struct tics {
	struct text_buffer *out;
	size_t count;
};

static void tics_add(struct tics *tics, const char *label, double value)
{
	text_append(tics->out, tics->count++ ? ", " : "(");
	text_append_gnuplot(tics->out, label);
	text_append_format(tics->out, " %.12g", value);
}

static void tics_end(struct tics *tics)
{
	text_append(tics->out, tics->count ? ")\n" : "()\n");
}

/* A step of 1, 2 or 5 times a power of ten (of a power of two for bytes), at least `least`. */
static double nice_step(const char *unit, double least)
{
	double power, rest;

	if (strcmp(unit, "bytes") == 0)
		return exp2(ceil(log2(least)));
	power = pow(10, floor(log10(least)));
	rest = least / power;
	return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

/* An axis that shows a finding has so many tics at least, as long as its range has that many values. */
enum { TICS_LEAST = 3, HALVINGS_MAX = 4 };

static double tics_first(const struct chart_range *range, double step)
{
	return ceil(range->low / step - 1e-9);
}

static double tics_last(const struct chart_range *range, double step)
{
	return floor(range->high / step + 1e-9);
}

static void tics_linear(struct tics *tics, const struct chart_range *range, double room)
{
	double step = nice_step(range->unit, (range->high - range->low) / room);
	char label[FORMAT_SIZE];

	for (int i = 0; i < HALVINGS_MAX; i++)
		if (tics_last(range, step) - tics_first(range, step) + 1 < TICS_LEAST)
			step = nice_step(range->unit, step / 2.6);
	for (double i = tics_first(range, step); i <= tics_last(range, step); i++)
		tics_add(tics, format_tick(range->unit, i * step + 0.0, label), i * step);
}

/* Which multiples of a power of the base get a tic, from sparse to dense. */
struct tic_density {
	double base;
	long stride; /* every so many powers */
	size_t parts;
	double multiples[7];
};

static const struct tic_density binary_densities[] = {
	{4, 1, 1, {1}},
	{2, 1, 1, {1}},
	{2, 1, 2, {1, 1.5}},
};
static const struct tic_density decimal_densities[] = {
	{10, 1, 1, {1}},
	{10, 1, 3, {1, 2, 5}},
	{10, 1, 7, {1, 1.5, 2, 3, 4, 5, 7}},
};

enum { DENSITIES = sizeof decimal_densities / sizeof *decimal_densities };

/* How many tics there are; they are added where `tics` is given. */
static size_t tics_of_density(struct tics *tics, const struct chart_range *range,
			      const struct tic_density *density)
{
	long first = lround(floor(log(range->low) / log(density->base)));
	long last = lround(ceil(log(range->high) / log(density->base)));
	size_t count = 0;
	char label[FORMAT_SIZE];

	first = lround(floor((double)first / (double)density->stride)) * density->stride;
	for (long i = first; i <= last; i += density->stride) {
		for (size_t j = 0; j < density->parts; j++) {
			double value = pow(density->base, (double)i) * density->multiples[j];

			if (value < range->low * (1 - 1e-9) || value > range->high * (1 + 1e-9))
				continue;
			count++;
			if (tics)
				tics_add(tics, format_tick(range->unit, value, label), value);
		}
	}
	return count;
}

/*
 * The densest that has room; a sparse one that has too few gives way to the next, and a range so narrow
 * that none has enough is labelled like a linear one. Powers are left out only where enough are left.
 */
static void tics_log(struct tics *tics, const struct chart_range *range, double room)
{
	const struct tic_density *densities = strcmp(range->unit, "bytes") == 0 ? binary_densities
										: decimal_densities;
	struct tic_density chosen = densities[0];

	for (struct tic_density sparser = chosen;
	     (double)tics_of_density(NULL, range, &chosen) > fmax(room, TICS_LEAST);
	     chosen = sparser) {
		sparser.stride++;
		if (tics_of_density(NULL, range, &sparser) < TICS_LEAST)
			break;
	}
	for (size_t i = 1; i < DENSITIES && chosen.stride == 1; i++)
		if ((double)tics_of_density(NULL, range, &densities[i]) <= room ||
		    tics_of_density(NULL, range, &chosen) < TICS_LEAST)
			chosen = densities[i];
	if (tics_of_density(NULL, range, &chosen) < TICS_LEAST)
		tics_linear(tics, range, fmax(room, TICS_LEAST));
	else
		tics_of_density(tics, range, &chosen);
}

/* Space around the data, so that no dot sits on the frame. */
static struct chart_range range_widen(const struct chart_range *data, bool from_zero)
{
	struct chart_range range = *data;
	double span;

	if (range.bare)
		return range;
	if (range.log) {
		double ratio = pow(range.high / range.low, 0.04);

		ratio = ratio > 1.05 ? ratio : 1.05;
		range.low /= ratio;
		range.high *= ratio;
		return range;
	}
	if (from_zero) {
		range.low = fmin(0, range.low);
		range.high = range.high > 0 ? range.high * 1.08 : 1;
		return range;
	}
	span = range.high > range.low ? range.high - range.low : fmax(fabs(range.high), 1);
	range.low -= span * 0.04;
	range.high += span * 0.04;
	return range;
}

/* Where a value lies along the axis, 0 to 1. */
static double position(const struct chart_range *range, double value)
{
	if (range->log)
		return log(value / range->low) / log(range->high / range->low);
	return (value - range->low) / (range->high - range->low);
}

double chart_position(const struct chart_range *range, bool from_zero, double value)
{
	struct chart_range drawn = range_widen(range, from_zero);

	return position(&drawn, value);
}

/* Characters, not bytes: continuation bytes of UTF-8 take no room. */
static double label_width(const char *label)
{
	double width = 0;

	for (; *label; label++)
		width += ((unsigned char)*label & 0xc0) != 0x80 ? character_px : 0;
	return width;
}

/* The values that were measured, but for those whose labels would touch; the largest stays. */
static void tics_measured(struct tics *tics, const struct chart_range *range, double width)
{
	char label[FORMAT_SIZE];
	double end = INFINITY; /* where the label to the right begins */

	for (size_t i = range->tick_count; i > 0; i--) {
		double value = range->ticks[i - 1], middle = position(range, value) * width;
		double half;

		format_axis_value(range->axis, value, label);
		half = label_width(label) / 2;
		if (middle + half + character_px > end)
			continue;
		end = middle - half;
		tics_add(tics, label, value);
	}
}

static void scale_append(struct text_buffer *out, char which, const struct chart_range *range,
			 const char *tics_of)
{
	text_append_format(out, "set %crange [%.12g:%.12g] noextend\n", which, range->low,
			   range->high);
	text_append_format(out, "%c_low = %.12g\n%c_high = %.12g\n", which, range->low, which,
			   range->high);
	text_append_format(out, "%c_log = %d\n", which, range->log);
	if (range->log)
		text_append_format(out, "set logscale %c\n", which);
	text_append_format(out, "set %ctics %s", which, tics_of);
}

/* One axis at a length in pixels; `from_zero` for linear scales of quantities. */
static void axis_append(struct text_buffer *out, char which, const struct chart_range *data,
			bool from_zero, double length)
{
	struct chart_range range = range_widen(data, from_zero);
	struct text_buffer labels = {0};
	struct tics tics = {.out = &labels};

	if (range.axis)
		tics_measured(&tics, &range, length);
	else if (range.log)
		tics_log(&tics, &range, length / (which == 'x' ? 70 : line_px));
	else
		tics_linear(&tics, &range, fmax(2, length / (which == 'x' ? 70 : line_px * 1.6)));
	tics_end(&tics);
	scale_append(out, which, &range, text_string(&labels));
	out->failed = out->failed || text_failed(&labels);
	text_destroy(&labels);
}

void chart_append_scales(struct text_buffer *out, const struct chart_plot *plot)
{
	if (plot->x.low <= plot->x.high && plot->x.unit)
		axis_append(out, 'x', &plot->x, plot->definition->x == CHART_SCALE_LINEAR,
			    plot->plot_width_px);
	if (plot->y.low <= plot->y.high && plot->y.unit)
		axis_append(out, 'y', &plot->y, true, plot->plot_height_px);
}
