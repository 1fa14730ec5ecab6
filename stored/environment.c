#include "stored/environment.h"

#include "lib/text_buffer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A value as a person writes it; of a list, its items one after the other. */
static void append_value(struct text_buffer *out, const json_t *value)
{
	size_t i;
	json_t *item;

	if (json_is_string(value))
		text_append(out, json_string_value(value));
	else if (json_is_number(value))
		text_append_format(out, "%.15g", json_number_value(value));
	else if (json_is_boolean(value))
		text_append(out, json_is_true(value) ? "yes" : "no");
	else if (!json_is_array(value))
		text_append(out, "none");
	json_array_foreach(value, i, item)
	{
		text_append(out, i ? " " : "");
		append_value(out, item);
	}
}

/* Whether a key is no condition of its own: a hash of the others, or what was only seen. */
static bool is_aside(const char *key)
{
	return strcmp(key, "fingerprint") == 0 || strcmp(key, ENVIRONMENT_OBSERVED) == 0;
}

/* What a kernel keeps of the memory for itself differs a little from version to version, which is no other machine. */
static bool is_alike(const char *key, const json_t *a, const json_t *b)
{
	static const double memory_alike = 0.01;
	double one = json_number_value(a), other = json_number_value(b);

	return json_equal(a, b) ||
	       (strcmp(key, "memory_bytes") == 0 && json_is_number(a) && json_is_number(b) &&
		fabs(one - other) < memory_alike * fmax(one, other));
}

/* Libraries and settings of the kernel are objects in the environment: of these, each by itself. */
static void append_differences(struct text_buffer *out, const json_t *a, const json_t *b)
{
	const char *key;
	const json_t *value, *other;

	json_object_foreach((json_t *)b, key, value)
	{
		other = json_object_get(a, key);
		if (!other || is_aside(key) || is_alike(key, value, other))
			continue;
		if (json_is_object(value) && json_is_object(other)) {
			append_differences(out, other, value);
			continue;
		}
		text_append_format(out, "%s%s ", out->length ? ", " : "", key);
		append_value(out, other);
		text_append(out, " -> ");
		append_value(out, value);
	}
}

bool environments_differ(const json_t *a, const json_t *b, char *list, size_t size)
{
	static const char more[] = "...";
	struct text_buffer out = {0};
	bool differ;

	append_differences(&out, a, b);
	differ = out.length > 0 || text_failed(&out);
	snprintf(list, size, "%s", text_string(&out));
	if (out.length >= size && size > sizeof more)
		memcpy(list + size - sizeof more, more, sizeof more);
	text_destroy(&out);
	return differ;
}
