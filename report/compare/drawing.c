#include "report/compare/drawing.h"

#include "report/compare/words.h"

#include <math.h>
#include <string.h>

enum mark {
	MARK_NONE,
	MARK_ZERO,
	MARK_SMALLEST,
	MARK_LINE,
	MARK_LINE_CROSSED, /* a mark lies beneath it */
	MARK_LOW,
	MARK_HIGH,
	MARK_BEYOND_LEFT,
	MARK_BEYOND_RIGHT,
	MARK_CHANGE,
	MARKS,
};

static const char *const ascii[MARKS] = {" ", "|", ":", "-", "+", "[", "]", "<", ">", "*"};
static const char *const utf8[MARKS] = {" ",	  "\u2502", "\u250a", "\u2500", "\u253c",
					"\u251c", "\u2524", "\u25c2", "\u25b8", "\u25cf"};

/* A scale that is wider than this shows nothing of what is near 0. */
static const double reach_least = 1.5, reach_most = 3;

struct drawing drawing_scale(const struct comparisons *comparisons, int width, bool with_utf8)
{
	struct drawing drawing = {.width = width, .reach = reach_least, .utf8 = with_utf8};

	if (drawing.width > DRAWING_MOST)
		drawing.width = DRAWING_MOST;
	drawing.width -= drawing.width % 2 == 0;
	for (size_t i = 0; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];
		const double values[] = {one->low, one->change, one->high};

		for (size_t j = 0; j < sizeof values / sizeof *values; j++) {
			double far = fabs(words_badness(one, values[j]));

			if (isfinite(far) && far > drawing.reach)
				drawing.reach = far;
		}
	}
	drawing.reach = fmin(drawing.reach, reach_most);
	return drawing;
}

/* Where a value stands; -1 and the width are beyond the ends. */
static int column(const struct drawing *drawing, double value)
{
	double middle = drawing->width / 2;

	if (value < -drawing->reach * (1 + 1e-9))
		return -1;
	if (value > drawing->reach * (1 + 1e-9))
		return drawing->width;
	return (int)lround(middle + value / drawing->reach * middle);
}

/* Beyond the ends there is an arrow. */
static void put(const struct drawing *drawing, unsigned char marks[], int at, enum mark mark)
{
	if (at < 0)
		marks[0] = MARK_BEYOND_LEFT;
	else if (at >= drawing->width)
		marks[drawing->width - 1] = MARK_BEYOND_RIGHT;
	else
		marks[at] = (unsigned char)mark;
}

static void put_interval(const struct drawing *drawing, unsigned char marks[], double low,
			 double high)
{
	int from = column(drawing, low), to = column(drawing, high);

	for (int i = from < 0 ? 0 : from; i <= to && i < drawing->width; i++)
		marks[i] = marks[i] == MARK_NONE ? MARK_LINE : MARK_LINE_CROSSED;
	put(drawing, marks, from, MARK_LOW);
	put(drawing, marks, to, MARK_HIGH);
}

void drawing_append(struct text_buffer *out, const struct drawing *drawing,
		    const struct comparison *comparison)
{
	double change = words_badness(comparison, comparison->change);
	double low = words_badness(comparison, comparison->low);
	double high = words_badness(comparison, comparison->high);
	unsigned char marks[DRAWING_MOST] = {0};
	int last = drawing->width;

	put(drawing, marks, column(drawing, -1), MARK_SMALLEST);
	put(drawing, marks, column(drawing, 1), MARK_SMALLEST);
	put(drawing, marks, drawing->width / 2, MARK_ZERO);
	if (!isnan(low) && !isnan(high))
		put_interval(drawing, marks, fmin(low, high), fmax(low, high));
	if (!isnan(change))
		put(drawing, marks, column(drawing, change), MARK_CHANGE);
	while (marks[last - 1] == MARK_NONE)
		last--;
	for (int i = 0; i < last; i++)
		text_append(out, (drawing->utf8 ? utf8 : ascii)[marks[i]]);
}

void drawing_append_head(struct text_buffer *out, const struct drawing *drawing)
{
	int half = drawing->width / 2;

	text_append_format(out, "%-*s0%*s", half, "better", half, "worse");
}

void drawing_append_legend(struct text_buffer *out, const struct drawing *drawing)
{
	const char *const *marks = drawing->utf8 ? utf8 : ascii;

	text_append_format(
		out,
		"%s%s%s%s%s the change and its interval   %s none   %s the smallest that matters",
		marks[MARK_LOW], marks[MARK_LINE], marks[MARK_CHANGE], marks[MARK_LINE],
		marks[MARK_HIGH], marks[MARK_ZERO], marks[MARK_SMALLEST]);
}
