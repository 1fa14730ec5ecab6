#include "lib/json_differences.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 256, SHOWN_BYTES = 120 };

struct comparison {
	double alike;
	void (*tell)(void *context, const char *path, const char *a, const char *b);
	void *context;
	size_t count;
};

static const char *show(const json_t *value, char text[SHOWN_BYTES])
{
	size_t length = value ? json_dumpb(value, text, SHOWN_BYTES - 4,
					   JSON_ENCODE_ANY | JSON_COMPACT)
			      : 0;

	if (!value)
		return "nothing";
	if (length > SHOWN_BYTES - 4) {
		length = SHOWN_BYTES - 4;
		memcpy(text + length, "...", 4);
	} else {
		text[length] = '\0';
	}
	return text;
}

static void differ(struct comparison *comparison, const char *path, const json_t *a,
		   const json_t *b)
{
	char first[SHOWN_BYTES], second[SHOWN_BYTES];

	comparison->tell(comparison->context, path, show(a, first), show(b, second));
}

static bool are_alike(const struct comparison *comparison, const json_t *a, const json_t *b)
{
	double x = json_number_value(a), y = json_number_value(b);

	if (!json_is_number(a) || !json_is_number(b))
		return json_equal(a, b);
	return fabs(x - y) <= comparison->alike * fmax(fabs(x), fabs(y));
}

static void compare(struct comparison *comparison, const char *path, const json_t *a,
		    const json_t *b)
{
	char below[PATH_BYTES];
	const char *key;
	json_t *value;

	if (json_is_object(a) && json_is_object(b)) {
		json_object_foreach((json_t *)(uintptr_t)a, key, value)
		{
			snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", key);
			compare(comparison, below, value, json_object_get(b, key));
		}
		json_object_foreach((json_t *)(uintptr_t)b, key, value)
		{
			snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", key);
			if (!json_object_get(a, key))
				differ(comparison, below, NULL, value);
		}
	} else if (json_is_array(a) && json_is_array(b)) {
		const size_t sizes[] = {json_array_size(a), json_array_size(b)};

		for (size_t i = 0; i < sizes[0] || i < sizes[1]; i++) {
			snprintf(below, sizeof below, "%s[%zu]", path, i);
			compare(comparison, below, json_array_get(a, i), json_array_get(b, i));
		}
	} else {
		comparison->count++;
		if (!a || !b || !are_alike(comparison, a, b))
			differ(comparison, path, a, b);
	}
}

size_t json_compare(const json_t *a, const json_t *b, double alike,
		    void (*tell)(void *context, const char *path, const char *a, const char *b),
		    void *context)
{
	struct comparison comparison = {.alike = alike, .tell = tell, .context = context};

	compare(&comparison, "", a, b);
	return comparison.count;
}
