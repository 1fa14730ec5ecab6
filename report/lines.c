#include "report/lines.h"

#include "lib/json.h"
#include "stored/blocks/blocks.h"

#include <math.h>
#include <string.h>

static double off_line(const struct part *part, const char *server, const char *metric)
{
	const struct cell cell = part_cell(part, server, NULL);

	return blocks_off_line(part->results, &cell, metric);
}

bool lines_is_none(const struct part *part, const char *server, const char *metric)
{
	return off_line(part, server, metric) > BLOCKS_OFF_MOST;
}

/* Where nothing has a group of its own, what others do is in the figures. */
static const char *remedy(const struct results *results)
{
	const json_t *source = json_object_get(results->run, "memory_source");
	const char *name = json_string_of(source, "name");

	if (strncmp(name, "cgroup-", 7) == 0)
		return "more connections or a quieter moment would help";
	return "other work took and gave memory meanwhile, and all of it is counted: give tenk a memory "
	       "cgroup of its own (run it as root, or with systemd-run --user --scope -p Delegate=yes)";
}

void lines_describe(struct text_buffer *out, const struct part *part, const char *const *metrics,
		    size_t count)
{
	double worst = NAN;
	size_t none = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < part->server_count; j++) {
			double off = off_line(part, part->servers[j], metrics[i]);

			none += off > BLOCKS_OFF_MOST;
			if (off <= BLOCKS_OFF_MOST)
				worst = fmax(worst, off);
		}
	if (!isnan(worst))
		text_append_format(
			out,
			"The points of these slopes lie within %.1f %% of what the line rises "
			"by (of %.1f MiB, where that is less).",
			100 * worst, BLOCKS_FLAT_BYTES / BLOCKS_OFF_MOST / (1 << 20));
	if (none > 0)
		text_append_format(
			out,
			"%sWhere there is \"no line\" they lie over %.0f %% off, and there is no "
			"slope: %s.",
			isnan(worst) ? "" : " ", 100 * BLOCKS_OFF_MOST, remedy(part->results));
}
