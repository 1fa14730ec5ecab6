/* What a ladder found: how far each server came, by whose limit, and what would lift it. */
#include "report/section.h"

#include "stored/ladder_end.h"
#include "report/format.h"
#include "report/section_pieces.h"

#include <math.h>

static struct ladder_end end_of(const struct part *part, size_t server)
{
	struct cell cell = part_cell(part, part->servers[server], NULL);

	return ladder_find_end(part->results, &cell);
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
