/* The tables of a history. */
#include "report/history/history.h"

#include "lib/statistics/change_points.h"
#include "lib/json.h"
#include "lib/sparkline.h"
#include "report/format.h"
#include "report/history/words.h"
#include "report/plain.h"
#include "stored/environment.h"

#include <math.h>
#include <string.h>

enum { RUNS_SHOWN = 40, SERVER_COLUMNS = 24, TITLE_COLUMNS = 32, NAME_BYTES = 160 };

/* So that what is steady looks steady: a sparkline is at least so high, as a share of its middle. */
static const double height_least = 0.10;

/* A value in its metric's unit. */
static void print_value(const struct history_series *series, double value, FILE *out)
{
	char text[FORMAT_SIZE];

	plain_print(format_value(json_string_of(series->descriptor, "unit"), value, text), false,
		    out);
}

/* "a run", "3 runs". */
static void print_runs(size_t count, FILE *out)
{
	fprintf(out, "%zu run%s", count, count == 1 ? "" : "s");
}

static const struct history_change *change_at(const struct history_series *series, size_t point)
{
	for (size_t i = 0; i < series->change_count; i++)
		if (series->changes[i].at == point)
			return &series->changes[i];
	return NULL;
}

/* The last values, with a bar before one at which they changed. */
static void print_sparkline(const struct history_series *series, bool utf8, FILE *out)
{
	size_t first = series->count > RUNS_SHOWN ? series->count - RUNS_SHOWN : 0;
	double low = INFINITY, high = -INFINITY, least;

	for (size_t i = first; i < series->count; i++) {
		low = fmin(low, series->points[i].median);
		high = fmax(high, series->points[i].median);
	}
	least = height_least * fabs(low + high) / 2;
	if (high - low < least) {
		low -= (least - (high - low)) / 2;
		high = low + least;
	}
	for (size_t i = first; i < series->count; i++) {
		double share = high > low ? (series->points[i].median - low) / (high - low) : 0;

		if (change_at(series, i))
			fputs(utf8 ? "│" : "|", out);
		fputs(utf8 ? sparkline_bar(share) : sparkline_bar_ascii(share), out);
	}
}

static void print_size(const struct history_series *series, const struct history_change *change,
		       FILE *out)
{
	struct text_buffer size = {0};

	history_append_size(&size, series, change);
	plain_print(text_string(&size), false, out);
	text_destroy(&size);
}

static void print_series(const struct history_series *series, bool utf8, FILE *out)
{
	const struct history_point *last = &series->points[series->count - 1];

	fputs("    ", out);
	plain_print_padded(series->server, SERVER_COLUMNS + 1, false, out);
	plain_print_padded(history_metric_title(series), TITLE_COLUMNS + 1, false, out);
	print_sparkline(series, utf8, out);
	fputs(last->at_least ? "  >=" : "  ", out);
	print_value(series, last->median, out);
	for (size_t i = 0; i < series->change_count; i++) {
		fputs(i ? ", " : "   ", out);
		print_size(series, &series->changes[i], out);
	}
	fputc('\n', out);
}

static void print_cell(const struct history_series *series, FILE *out)
{
	struct text_buffer cell = {0};

	history_append_cell(&cell, series);
	plain_print(text_string(&cell), false, out);
	text_destroy(&cell);
}

/* A machine's runs, and in what it differs from the machine before. */
static void print_machine(const struct history_analysis *analysis,
			  const struct history_series *series, const struct history_series *before,
			  FILE *out)
{
	const struct history *history = analysis->history;
	const json_t *environment = json_object_get(history->lines[series->points[0].line],
						    "environment");
	char list[400];
	size_t runs = 0;

	for (size_t i = 0; i < history->count; i++)
		runs += strcmp(history_fingerprint(history->lines[i]), series->fingerprint) == 0;
	fprintf(out, "\nmachine %s: %s, kernel %s, ", series->fingerprint,
		json_string_of(environment, "cpu_model"), json_string_of(environment, "kernel"));
	print_runs(runs, out);
	fputc('\n', out);
	if (before && environments_differ(json_object_get(history->lines[before->points[0].line],
							  "environment"),
					  environment, list, sizeof list))
		fprintf(out, "  not the one before: %s\n", list);
}

static void print_change(const struct history_series *series, const struct history_change *change,
			 FILE *out)
{
	fprintf(out, "    %s  ", change->worse ? "worse " : "better");
	plain_print_padded(series->server, SERVER_COLUMNS + 1, false, out);
	plain_print_padded(history_metric_title(series), TITLE_COLUMNS + 1, false, out);
	print_size(series, change, out);
	fputs("  ", out);
	print_value(series, change->before, out);
	fputs(" -> ", out);
	print_value(series, change->after, out);
	fputs("   ", out);
	print_cell(series, out);
	fputc('\n', out);
}

/* All that came together, under the run near which it came. */
static void print_shift(const struct history_analysis *analysis, size_t shift, FILE *out)
{
	bool headed = false;
	char name[NAME_BYTES];

	for (size_t i = 0; i < analysis->count; i++) {
		const struct history_series *series = &analysis->items[i];

		for (size_t j = 0; j < series->change_count; j++) {
			const struct history_change *change = &series->changes[j];

			if (change->shift != shift)
				continue;
			if (!headed)
				fprintf(out, "  near %s\n",
					history_name(
						analysis->history
							->lines[series->points[change->at].line],
						name, sizeof name));
			headed = true;
			print_change(series, change, out);
		}
	}
}

void history_print(const struct history_analysis *analysis, bool utf8, FILE *out)
{
	const struct history_series *before = NULL;

	for (size_t i = 0; i < analysis->count; i++) {
		const struct history_series *series = &analysis->items[i];
		bool new_machine = !before || strcmp(before->fingerprint, series->fingerprint) != 0;

		if (new_machine)
			print_machine(analysis, series, before, out);
		if (new_machine || !history_same_cell(before, series)) {
			fputs("  ", out);
			print_cell(series, out);
			fputc('\n', out);
		}
		print_series(series, utf8, out);
		before = series;
	}
	if (analysis->shift_count == 0) {
		fprintf(out,
			"\nno change is seen; one needs %d runs of a machine on either side of it\n",
			CHANGE_POINTS_SEGMENT);
		return;
	}
	fprintf(out,
		"\nchanges, each near the run that is named (of %zu series; noise that comes and goes "
		"from run to run\nmakes at most about one of a hundred look like that, a machine that "
		"drifts more)\n",
		analysis->count);
	for (size_t shift = 0; shift < analysis->shift_count; shift++)
		print_shift(analysis, shift, out);
}
