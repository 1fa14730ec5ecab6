#include "report/compare/names.h"

#include "lib/utf8.h"
#include "report/compare/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *names_json(const char *text)
{
	char *copy = strdup(text ? text : "");
	json_t *json = copy ? json_string(utf8_mend(copy)) : NULL;

	free(copy);
	return json;
}

json_t *names_subject(const struct comparison *comparison, size_t most)
{
	struct text_buffer text = {0};
	json_t *json;
	size_t length;

	words_subject(&text, comparison);
	length = text.length < most ? text.length : most;
	while (length > 0 && length < text.length && (text_string(&text)[length] & 0xc0) == 0x80)
		length--;
	json = text_failed(&text) ? NULL : json_stringn(text_string(&text), length);
	text_destroy(&text);
	return json;
}

static double bound(const struct comparison *comparison, double of_change)
{
	double at;

	if (comparison->scale == COMPARISON_RATIO)
		at = comparison->b * (1 + of_change) / (1 + comparison->change);
	else
		at = comparison->b + of_change - comparison->change;
	return isfinite(at) ? at : NAN;
}

struct bounds names_bounds_of_b(const struct comparison *comparison)
{
	return (struct bounds){bound(comparison, comparison->low),
			       bound(comparison, comparison->high)};
}
