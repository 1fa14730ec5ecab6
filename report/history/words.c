#include "report/history/words.h"

#include "lib/json.h"
#include "report/format.h"

#include <math.h>
#include <string.h>

void history_append_cell(struct text_buffer *out, const struct history_series *series)
{
	struct text_buffer point = {0};

	if (strcmp(series->scenario, series->part) != 0)
		text_append_format(out, "%s/", series->scenario);
	format_point(&point, series->point, NULL);
	text_append_format(out, "%s%s%s", series->part, point.length ? ", " : "",
			   text_string(&point));
	text_destroy(&point);
}

bool history_same_cell(const struct history_series *a, const struct history_series *b)
{
	return strcmp(a->scenario, b->scenario) == 0 && strcmp(a->part, b->part) == 0 &&
	       json_equal(a->point, b->point);
}

const char *history_metric_title(const struct history_series *series)
{
	const char *title = json_string_of(series->descriptor, "title");

	return *title ? title : series->metric;
}

void history_append_size(struct text_buffer *out, const struct history_series *series,
			 const struct history_change *change)
{
	char text[FORMAT_SIZE];

	if (change->is_ratio)
		text_append_format(out, "%+.1f" TEXT_NBSP "%%", 100 * change->size);
	else
		text_append_format(out, "%s%s", change->size < 0 ? "-" : "+",
				   format_value(json_string_of(series->descriptor, "unit"),
						fabs(change->size), text));
}

const json_t *history_change_line(const struct history_analysis *analysis,
				  const struct history_series *series,
				  const struct history_change *change)
{
	return analysis->history->lines[series->points[change->at].line];
}
