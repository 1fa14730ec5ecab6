#include "report/points.h"

#include <stdint.h>
#include <stdlib.h>

static int compare_points(const void *left, const void *right)
{
	const json_t *a = *(const json_t *const *)left, *b = *(const json_t *const *)right;
	const char *axis;
	const json_t *value;

	json_object_foreach((json_t *)(uintptr_t)a, axis, value)
	{
		double x = json_number_value(value), y = json_number_of(b, axis);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

const json_t **points_sort(const struct part *part, size_t *count)
{
	const json_t **points = calloc(part->point_count + 1, sizeof *points);

	*count = 0;
	for (size_t i = 0; points && i < part->point_count; i++) {
		size_t any = 0;

		if (part_next_trial(part, NULL, part->points[i], &any))
			points[(*count)++] = part->points[i];
	}
	if (points)
		qsort(points, *count, sizeof *points, compare_points);
	return points;
}
