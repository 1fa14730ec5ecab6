#include "report/compare/format.h"

#include <errno.h>
#include <string.h>

static const struct compare_format formats[] = {
	{"table", NULL, compare_write_table},
	{"json", "comparison.json", compare_write_json},
	{"markdown", "comparison.md", compare_write_markdown},
	{"junit", "junit.xml", compare_write_junit},
	{"annotations", NULL, compare_write_annotations},
	{"smaller", "smaller.json", compare_write_smaller},
	{"bigger", "bigger.json", compare_write_bigger},
	{"bencher", "bencher.json", compare_write_bencher},
	{"openmetrics", "comparison.om", compare_write_openmetrics},
};

enum { FORMATS = sizeof formats / sizeof *formats };

const struct compare_format *compare_format_find(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

int compare_finish(struct text_buffer *text, FILE *out)
{
	int result = text_failed(text) ? -ENOMEM : 0;

	if (result == 0 && fwrite(text_string(text), 1, text->length, out) != text->length)
		result = -EIO;
	text_destroy(text);
	return result;
}

int compare_finish_json(json_t *json, FILE *out)
{
	int result = -ENOMEM;

	if (json)
		result = json_dumpf(json, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) < 0 ||
					 fputc('\n', out) == EOF
				 ? -EIO
				 : 0;
	json_decref(json);
	return result;
}
