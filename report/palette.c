#include "report/palette.h"

#include "report/part.h"

#include <stdlib.h>
#include <string.h>

enum { SHADES = 6 };

static const struct {
	const char *family;
	const char *shades[SHADES];
} families[] = {
	{"threads", {"#d55e00", "#a87400", "#c2474b", "#8f6a3a", "#e0653a", "#b0552a"}},
	{"loops", {"#0072b2", "#2f8fd0", "#6a70d8", "#14889a", "#4a86e8", "#5a7fa8"}},
	{"hybrids", {"#00936b", "#5f8f1f", "#2f8a3d", "#7a8a2a", "#3f9a8a", "#6a8f5a"}},
	{"reference", {"#b65c94", "#8f63c9", "#c4528a", "#a06ab4", "#9a5fb0", "#b5607a"}},
	{"floor", {"#808080", "#7a838c", "#8a8078", "#808a80", "#86808a", "#7f7f72"}},
};

/* Dashes and marks go round within a family, so that shades are never the only difference. */
static const struct {
	const char *dash;
	int mark;
} strokes[] = {
	{"solid", 7}, {"(9,4)", 5}, {"(2,4)", 9}, {"(12,4,2,4)", 13}, {"(5,3)", 11},
};

/* Families start with marks of their own: a reader who sees no colours can tell them apart. */
static size_t family_index(const char *family)
{
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		if (strcmp(families[i].family, family) == 0)
			return i;
	return sizeof families / sizeof families[0] - 1;
}

struct palette_entry palette_find(const json_t *servers, const char *server)
{
	size_t count = json_array_size(servers), stroke_count = sizeof strokes / sizeof strokes[0];
	const char *family = "floor";
	size_t nth = 0, index;

	for (size_t i = 0; i < count; i++) {
		const json_t *entry = json_array_get(servers, i);

		if (strcmp(json_string_of(entry, "name"), server) == 0) {
			family = json_string_of(entry, "family");
			break;
		}
	}
	index = family_index(family);
	for (size_t i = 0; i < count; i++) {
		const json_t *entry = json_array_get(servers, i);

		if (strcmp(json_string_of(entry, "name"), server) == 0)
			break;
		nth += family_index(json_string_of(entry, "family")) == index;
	}
	return (struct palette_entry){
		.colour = families[index].shades[nth % SHADES],
		.dash = strokes[nth % stroke_count].dash,
		.mark = strokes[(nth + index) % stroke_count].mark,
	};
}

unsigned long palette_colour_number(const struct palette_entry *entry)
{
	return strtoul(entry->colour + 1, NULL, 16);
}
