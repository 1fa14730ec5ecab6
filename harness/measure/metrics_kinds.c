/* What a kind of request of a mix has of its own, beside times that stand where those of all requests do. */
#include "harness/measure/metrics_parts.h"

#include "lib/clock.h"
#include "lib/json.h"

/* Of the same time as the rate of all, but without a fit over the block's slices. */
double metrics_kind_rate(const struct observation *o, const json_t *entry)
{
	bool open_loop = o->planned->load.rate_per_s > 0;

	return json_number_of(entry, "good") * (double)NS_PER_S /
	       metrics_from_load(o, NULL, open_loop ? "window_ns" : "loaded_ns");
}

double metrics_kind_errors(const struct observation *o, const json_t *entry)
{
	(void)o;
	return json_number_of(entry, "errors");
}

static double kind_silent_windows(const struct observation *o, const json_t *entry)
{
	(void)o;
	return json_number_of(entry, "silent_windows");
}

static double kind_silence(const struct observation *o, const json_t *entry)
{
	return kind_silent_windows(o, entry) / json_number_of(entry, "windows");
}

/* clang-format off */
static const struct metric rows[] = {
	{"silent_window_count", "Tenths of a second without an answer", "count", "lower", "latency", false, TO_NOTHING,
	 .of_kinds = KINDS_HAVE_ONE, .kind_value = kind_silent_windows, .compared_by = "difference", .smallest_absolute = 1},
	{"silent_window_ratio", "Time without an answer", "ratio", "lower", "latency", false, TO_NOTHING,
	 .of_kinds = KINDS_HAVE_ONE, .kind_value = kind_silence, .compared_by = "difference", .smallest_absolute = 0.05},
};
/* clang-format on */

const struct metric_rows metrics_of_kinds = {rows, sizeof rows / sizeof *rows};
