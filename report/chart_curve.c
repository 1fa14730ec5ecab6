#include "report/chart_curve.h"

#include "lib/text_buffer.h"
#include "report/kinds.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const keys[CURVE_STORED] = {"latency_p50_ns", "latency_p90_ns", "latency_p99_ns",
					       "latency_p99_9_ns"};
static const double places[CURVE_STORED] = {2, 10, 100, 1000};

double curve_stored_place(size_t index)
{
	return index < CURVE_STORED ? places[index] : NAN;
}

const char *curve_stored_key(double place)
{
	for (size_t i = 0; i < CURVE_STORED; i++)
		if (place == places[i])
			return keys[i];
	return NULL;
}

void curve_destroy(struct curve *curve)
{
	free(curve->value_ns);
	free(curve->cumulative);
	*curve = (struct curve){0};
}

static bool path_is_inside(const char *path)
{
	return *path && *path != '/' && !strstr(path, "..");
}

/* The "histogram" of the trial's load report, NULL if there is none. New reference to the report. */
static json_t *load_report_read(const struct part *part, const json_t *trial)
{
	const char *name = json_string_of(trial, "load_report");
	struct text_buffer path = {0};
	json_t *report = NULL;

	if (!path_is_inside(name))
		return NULL;
	text_append_format(&path, "%s/%s", part->results->directory, name);
	if (!text_failed(&path))
		report = json_load_file(text_string(&path), 0, NULL);
	text_destroy(&path);
	return report;
}

static int curve_from_slots(struct curve *curve, const json_t *slots)
{
	size_t count = json_array_size(slots);
	double total = 0;

	curve->value_ns = calloc(count + 1, sizeof *curve->value_ns);
	curve->cumulative = calloc(count + 1, sizeof *curve->cumulative);
	if (!curve->value_ns || !curve->cumulative)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const json_t *slot = json_array_get(slots, i);

		total += json_number_value(json_array_get(slot, 1));
		curve->value_ns[i] = json_number_value(json_array_get(slot, 0));
		curve->cumulative[i] = total;
	}
	curve->count = count;
	return 0;
}

static int curve_from_points(struct curve *curve, const json_t *points)
{
	size_t count = json_array_size(points);

	curve->value_ns = calloc(count + 1, sizeof *curve->value_ns);
	if (!curve->value_ns)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		curve->value_ns[i] = json_number_value(json_array_get(points, i));
	curve->points = true;
	curve->count = count;
	return 0;
}

/* The key of a metric, of the requests that the chart is of. */
static const char *key_of(const char *metric, const char *kind, char key[KINDS_KEY_SIZE])
{
	return kind ? kinds_key(key, metric, kind) : metric;
}

/* The percentiles that the trial stores, which are all that is known of it without a histogram. */
static void stored_read(struct curve *curve, const json_t *trial, const char *kind)
{
	char key[KINDS_KEY_SIZE];
	const json_t *metrics = json_object_get(trial, "metrics");

	for (size_t i = 0; i < CURVE_STORED; i++)
		curve->stored[i] = json_number_of(metrics, key_of(keys[i], kind, key));
}

/* Where a percentile is null, the generator was late there, and above it. */
static double trusted_percentile(const json_t *trial, const char *kind)
{
	char key[KINDS_KEY_SIZE];
	const json_t *metrics = json_object_get(trial, "metrics");
	double below = 0;

	for (size_t i = 0; i < CURVE_STORED; i++) {
		if (json_is_null(json_object_get(metrics, key_of(keys[i], kind, key))))
			return below;
		below = 1 - 1 / places[i];
	}
	return json_is_null(json_object_get(metrics, key_of("latency_max_ns", kind, key))) ? below
											   : 1;
}

int curve_read(struct curve *curve, const struct part *part, const json_t *trial, const char *kind,
	       bool *sparse)
{
	const json_t *points = json_object_get(json_object_get(trial, "curves"), kind ? kind : "");
	const json_t *of, *slots;
	json_t *report;
	int code;

	curve->trusted = trusted_percentile(trial, kind);
	stored_read(curve, trial, kind);
	if (points)
		return curve_from_points(curve, points);
	report = load_report_read(part, trial);
	of = kind ? json_find(json_object_get(report, "mix"), "name", kind) : report;
	slots = json_object_get(of, "histogram");
	*sparse = *sparse || json_array_size(slots) == 0;
	code = curve_from_slots(curve, slots);
	json_decref(report);
	return code;
}

/* Of the points that are kept the one at this very place; NAN: none is. */
static double point_at(const struct curve *curve, double place)
{
	double index = round(CURVE_PER_DECADE * log10(place));

	if (!(index >= 0 && index < (double)curve->count) ||
	    fabs(place / pow(10, index / CURVE_PER_DECADE) - 1) > 1e-9)
		return NAN;
	return curve->value_ns[(size_t)index];
}

double curve_at(const struct curve *curve, double total, double place)
{
	double percentile = 1 - 1 / place, rank = fmax(1, floor(total * percentile + 0.5));

	if (percentile > curve->trusted + 1e-9)
		return NAN;
	for (size_t i = 0; i < CURVE_STORED; i++)
		if (fabs(place / places[i] - 1) < 1e-9 && !isnan(curve->stored[i]))
			return curve->stored[i];
	if (curve->points)
		return point_at(curve, place);
	for (size_t i = 0; i < curve->count; i++)
		if (curve->cumulative[i] >= rank)
			return curve->value_ns[i];
	return NAN;
}
