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

static void tics_linear(struct tics *tics, const struct chart_range *range, double room)
{
	double step = nice_step(range->unit, (range->high - range->low) / room);
	char label[FORMAT_SIZE];

	long first = lround(ceil(range->low / step - 1e-9));
	long last = lround(floor(range->high / step + 1e-9));

	for (long i = first; i <= last; i++)
		tics_add(tics, format_tick(range->unit, (double)i * step, label), (double)i * step);
}

static void tics_log(struct tics *tics, const struct chart_range *range, double room)
{
	bool binary = strcmp(range->unit, "bytes") == 0;
	double base = binary ? 4 : 10;
	long first = lround(floor(log(range->low) / log(base)));
	long last = lround(ceil(log(range->high) / log(base))), stride = 1;
	static const double between[] = {1, 2, 5};
	size_t parts = 1;
	char label[FORMAT_SIZE];

	while ((double)((last - first) / stride) > room)
		stride++;
	if (stride == 1 && !binary && (double)(last - first) * 3 <= room)
		parts = 3;
	first = lround(floor((double)first / (double)stride)) * stride;
	for (long i = first; i <= last; i += stride) {
		for (size_t j = 0; j < parts; j++) {
			double value = pow(base, (double)i) * between[j];

			if (value >= range->low * (1 - 1e-9) && value <= range->high * (1 + 1e-9))
				tics_add(tics, format_tick(range->unit, value, label), value);
		}
	}
}

/* Where a value lies along the axis, 0 to 1. */
static double position(const struct chart_range *range, double value)
{
	if (range->log)
		return log(value / range->low) / log(range->high / range->low);
	return (value - range->low) / (range->high - range->low);
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

/* Space around the data, so that no dot sits on the frame. */
static struct chart_range range_widen(const struct chart_range *data, bool from_zero)
{
	struct chart_range range = *data;
	double span;

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

static void scale_append(struct text_buffer *out, char which, const struct chart_range *range,
			 const char *tics_of)
{
	text_append_format(out, "set %crange [%.12g:%.12g] noextend\n", which, range->low,
			   range->high);
	text_append_format(out, "%c_low = %.12g\n%c_high = %.12g\n", which, range->low, which,
			   range->high);
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

void chart_append_scales(struct text_buffer *out, const struct chart_plot *plot, double width,
			 double height)
{
	if (plot->x.low <= plot->x.high && plot->x.unit)
		axis_append(out, 'x', &plot->x, plot->definition->x == CHART_SCALE_LINEAR, width);
	if (plot->y.low <= plot->y.high && plot->y.unit)
		axis_append(out, 'y', &plot->y, true, height);
}
