#include "lib/json.h"

#include <math.h>
#include <string.h>

double json_number_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *json_string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

const json_t *json_find(const json_t *array, const char *key, const char *text)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *item = json_array_get(array, i);
		const char *own = json_string_value(json_object_get(item, key));

		if (own && strcmp(own, text) == 0)
			return item;
	}
	return NULL;
}
