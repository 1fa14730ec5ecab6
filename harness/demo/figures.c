#include "harness/demo/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

double demo_value(const struct demo_column *column, const struct demo_series *series)
{
	return *(const double *)(const void *)((const char *)column + series->offset);
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* NAN where nothing is known. */
static double figure_out(const struct demo_side *side, const struct demo_series *series)
{
	double values[DEMO_SECONDS_MOST];
	size_t count = 0;

	for (size_t i = 0; i < side->column_count; i++) {
		double value = demo_value(&side->columns[i], series);

		if (!isnan(value))
			values[count++] = value;
	}
	if (count == 0)
		return NAN;
	if (side->kind->last)
		return values[count - 1];
	qsort(values, count, sizeof *values, compare);
	return values[(count - 1) / 2];
}

static void format(const struct demo_series *series, double value, char *text)
{
	if (isnan(value))
		snprintf(text, DEMO_TEXT_BYTES, "not known");
	else
		units_format(series->unit, value, text, DEMO_TEXT_BYTES);
}

/* How many times as much; three digits are more than a demonstration knows. */
static void compare_sides(double more, double less, char *text)
{
	double times = more / less;

	*text = '\0';
	if (more > 0 && less > 0)
		snprintf(text, DEMO_TEXT_BYTES, times < 9.95 ? ": %.1f times" : ": %.0f times",
			 times);
}

bool demo_figures_make(struct demo_figures *figures, const struct demo_side *sides,
		       uint64_t connections)
{
	const struct demo_series *series = sides[0].kind->series;
	size_t columns = sides[0].column_count;

	*figures = (struct demo_figures){.columns = columns};
	units_format_count(connections, figures->connections);
	for (size_t i = 0; columns > 0 && i < DEMO_SERIES && series[i].name; i++) {
		double more = figure_out(&sides[0], &series[i]);
		double less = figure_out(&sides[1], &series[i]);

		format(&series[i], more, figures->value[i][0]);
		format(&series[i], less, figures->value[i][1]);
		compare_sides(more, less, figures->times[i]);
	}
	return columns > 0;
}
