#include "report/palette.h"

#include "report/part.h"

#include <stdlib.h>
#include <string.h>

/*
 * Found by search: of any two of these and grey the difference is 10 or more by CIEDE2000, as seen by
 * most, without red cones, and without green ones (tests/unit/palette_test.c); and each has a contrast
 * of 3:1 against the light and the dark page.
 */
enum { SHADES = 3, EMPHASISED = 5 };

static const char grey[] = "#808080";

static const struct {
	const char *family, *title;
	const char *first; /* the server that takes the first shade, where the run has it */
	const char *shades[SHADES];
} families[] = {
	{"threads", "threads", "thread-per-connection", {"#c81a0f", "#d57900", "#b18760"}},
	{"loops", "loops", "epoll", {"#1d6cf5", "#179af1", "#2c709a"}},
	{"hybrids", "hybrids", "coroutines", {"#22785d", "#467337"}},
	{"reference", "other people's", "nginx", {"#c7038d", "#9f81b5"}},
	{"floor", "other people's", "", {NULL}}, /* yardsticks stand beside them, in grey */
};

enum { FAMILIES = sizeof families / sizeof families[0] };

/* Dashes and marks go round within a family, so that colours are never the only difference. */
static const struct {
	const char *dash;
	int mark;
} strokes[] = {
	{"solid", 7}, {"(9,4)", 5}, {"(2,4)", 9}, {"(12,4,2,4)", 13}, {"(5,3)", 11},
};

/* Families start with marks of their own: a reader who sees no colours can tell them apart. */
static size_t family_index(const char *family)
{
	for (size_t i = 0; i < FAMILIES; i++)
		if (strcmp(families[i].family, family) == 0)
			return i;
	return FAMILIES - 1;
}

static size_t family_of(const json_t *server)
{
	return family_index(json_string_of(server, "family"));
}

/* Which of its family a server is: 0 the one named above, the others in the run's order. */
static size_t place_in_family(const json_t *servers, const char *name, size_t family)
{
	const char *first = families[family].first;
	size_t before = 0;

	if (strcmp(name, first) == 0)
		return 0;
	for (size_t i = 0; i < json_array_size(servers); i++) {
		const json_t *server = json_array_get(servers, i);
		const char *other = json_string_of(server, "name");

		if (strcmp(other, name) == 0)
			break;
		before += family_of(server) == family && strcmp(other, first) != 0;
	}
	return before + (json_find(servers, "name", first) != NULL);
}

static size_t family_size(const json_t *servers, size_t family)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(servers); i++)
		count += family_of(json_array_get(servers, i)) == family;
	return count;
}

/* The families take turns: the first of each, then the second of each, until there are enough. */
static bool is_emphasised(const json_t *servers, size_t family, size_t place)
{
	size_t before = 0;

	if (place >= SHADES || !families[family].shades[place])
		return false;
	for (size_t turn = 0; turn <= place; turn++)
		for (size_t i = 0; i < (turn < place ? FAMILIES : family); i++)
			before += turn < SHADES && families[i].shades[turn] &&
				  turn < family_size(servers, i);
	return before < EMPHASISED;
}

struct palette_entry palette_find(const json_t *servers, const char *server)
{
	const json_t *entry = json_find(servers, "name", server);
	size_t family = family_of(entry);
	size_t place = place_in_family(servers, server, family);
	size_t count = sizeof strokes / sizeof strokes[0];
	bool emphasised = entry && is_emphasised(servers, family, place);

	return (struct palette_entry){
		.colour = emphasised ? families[family].shades[place] : grey,
		.dash = strokes[place % count].dash,
		.mark = strokes[(place + family) % count].mark,
		.emphasised = emphasised,
		.family = family,
		.group = families[family].title,
	};
}

unsigned long palette_colour_number(const struct palette_entry *entry)
{
	return strtoul(entry->colour + 1, NULL, 16);
}

size_t palette_colours(const char *colours[PALETTE_COLOURS_MAX])
{
	size_t count = 0;

	colours[count++] = grey;
	for (size_t i = 0; i < FAMILIES; i++)
		for (size_t j = 0; j < SHADES; j++)
			if (families[i].shades[j])
				colours[count++] = families[i].shades[j];
	return count;
}
