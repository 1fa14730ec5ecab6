/* What a ladder found: how far each server came, by whose limit, and what would lift it. */
#include "report/ladder_answer.h"
#include "report/section.h"

#include "stored/ladder_end.h"
#include "report/format.h"
#include "report/section_pieces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_BRIEF = 3 };

static struct ladder_end end_of(const struct part *part, size_t server)
{
	struct cell cell = part_cell(part, part->servers[server], NULL);

	return ladder_find_end(part->results, &cell);
}

/* Whether two servers came to the same end, so that one sentence tells of both. */
static bool is_alike(const struct ladder_end *a, const struct ladder_end *b)
{
	bool same = a->next == b->next || (isnan(a->next) && isnan(b->next));

	return same && a->held == b->held && strcmp(a->limit, b->limit) == 0 &&
	       strcmp(a->remedy, b->remedy) == 0;
}

/* The names of those who are like the one at `first`: "epoll, libuv and 12 more". */
static void append_names(struct text_buffer *out, const struct ladder_end *ends, size_t count,
			 size_t first, bool brief)
{
	size_t alike = 0, index = 0, shown;

	for (size_t i = first; i < count; i++)
		alike += is_alike(&ends[first], &ends[i]);
	shown = brief && alike > NAMES_BRIEF + 1 ? NAMES_BRIEF : alike;
	for (size_t i = first; i < count && index < shown; i++) {
		if (!is_alike(&ends[first], &ends[i]))
			continue;
		format_separator(out, index++, shown < alike ? alike + 1 : alike);
		text_append(out, ends[i].server);
	}
	if (shown < alike)
		text_append_format(out, " and %zu more", alike - shown);
}

static void append_end(struct text_buffer *out, const struct ladder_end *end)
{
	char held[FORMAT_SIZE], next[FORMAT_SIZE];

	if (end->held > 0)
		text_append_format(out, " held %s connections", format_integer(end->held, held));
	if (isnan(end->next)) {
		text_append(out, end->held > 0 ? ", all that were tried: nothing gave way."
					       : ": no step could be decided.");
		return;
	}
	text_append_format(out,
			   end->held > 0 ? "; the next step, %s, failed: "
					 : " did not hold the first step, %s connections: ",
			   format_integer(end->next, next));
	text_append(out, *end->limit ? end->limit : end->text);
	text_append(out, ".");
	if (*end->remedy)
		text_append_format(out, " What would lift it: %s.", end->remedy);
}

static int compare_ends(const void *left, const void *right)
{
	double a = ((const struct ladder_end *)left)->held;
	double b = ((const struct ladder_end *)right)->held;

	return (a < b) - (a > b);
}

void ladder_answer(struct text_buffer *out, const struct part *part, bool brief)
{
	size_t count = part->server_count;
	struct ladder_end *ends = calloc(count + 1, sizeof *ends);

	if (!ends) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		ends[i] = end_of(part, i);
	qsort(ends, count, sizeof *ends, compare_ends);
	for (size_t i = 0; i < count; i++) {
		bool told = false;

		for (size_t j = 0; j < i; j++)
			told = told || is_alike(&ends[j], &ends[i]);
		if (told)
			continue;
		text_append(out, i ? " " : "");
		append_names(out, ends, count, i, brief);
		append_end(out, &ends[i]);
	}
	free(ends);
}

void section_ladder(struct page *page, const struct part *part)
{
	static const struct page_column columns[] = {
		{"server", false}, {"held", true},	     {"not held", true},
		{"limit", false},  {"what happened", false}, {"what would lift it", false},
	};
	char text[FORMAT_SIZE];

	if (!ladder_is(part->json))
		return;
	page_table_begin(page, "data",
			 "How many connections each server held, and what ended its ladder.",
			 columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < part->server_count; i++) {
		struct ladder_end end = end_of(part, i);
		bool ended = !isnan(end.next);

		section_server_cell(page, part, part->servers[i]);
		page_table_cell(page, end.held > 0 ? format_integer(end.held, text) : FORMAT_NONE,
				NULL);
		page_table_cell(page, ended ? format_integer(end.next, text) : FORMAT_NONE, NULL);
		page_table_cell(page, *end.limit ? end.limit : FORMAT_NONE, NULL);
		page_table_cell(page, ended ? end.text : "nothing gave way", NULL);
		page_table_cell(page, *end.remedy ? end.remedy : FORMAT_NONE, NULL);
	}
	page_table_end(page);
}
