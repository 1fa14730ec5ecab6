/* What several sections of the page are made of: cells of their tables, and a chart. */
#ifndef TENK_REPORT_SECTION_PIECES_H
#define TENK_REPORT_SECTION_PIECES_H

#include "report/chart.h"
#include "report/page.h"
#include "report/part.h"

/* The swatch of a server and its name as the first cell of a row. */
void section_server_cell(struct page *page, const struct part *part, const char *server);

/* The column of points in a table: its title, and a point without the title's words. */
const char *section_point_title(const struct part *part);
void section_point(struct text_buffer *out, const struct part *part, const json_t *point);

/* A median with its interval as a cell, "≥" before a bound, FORMAT_NONE without values. */
void section_summary_cell(struct page *page, const char *unit, const struct summary *summary,
			  bool bound);

/* A chart that was drawn. */
void section_figure(struct page *page, const struct chart *chart, const char *png_file);

#endif
