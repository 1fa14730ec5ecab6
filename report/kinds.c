#include "report/kinds.h"

#include <stdio.h>

static const json_t *mix_of(const struct part *part)
{
	return json_object_get(json_object_get(part->json, "load"), "mix");
}

static const json_t *kind_at(const struct part *part, size_t index)
{
	return json_array_get(mix_of(part), index);
}

size_t kinds_count(const struct part *part)
{
	return json_array_size(mix_of(part));
}

const char *kinds_name(const struct part *part, size_t index)
{
	return json_string_of(kind_at(part, index), "name");
}

const char *kinds_request(const struct part *part, size_t index, char *text, size_t size)
{
	const json_t *kind = kind_at(part, index);

	snprintf(text, size, "%s %s", json_string_of(kind, "method"),
		 json_string_of(kind, "target"));
	return text;
}

double kinds_share(const struct part *part, size_t index)
{
	double all = 0;

	for (size_t i = 0; i < kinds_count(part); i++)
		all += json_number_of(kind_at(part, i), "weight");
	return json_number_of(kind_at(part, index), "weight") / all;
}

const char *kinds_key(char key[KINDS_KEY_SIZE], const char *metric, const char *kind)
{
	snprintf(key, KINDS_KEY_SIZE, "%s@%s", metric, kind);
	return key;
}

bool kinds_have(const struct part *part, const char *metric, double above)
{
	for (size_t i = 0; i < part->server_count; i++)
		for (size_t j = 0; j < part->point_count; j++) {
			struct summary summary = part_shown_summary(part, part->servers[i],
								    part->points[j], metric);

			if (summary.count > 0 && summary.median > above)
				return true;
		}
	return false;
}
