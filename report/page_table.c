#include "report/page.h"

/* The table of a page, in both forms: the cells of a row come one by one. */

void page_table_begin(struct page *page, const char *style, const char *caption,
		      const struct page_column *columns, size_t column_count)
{
	page->columns = columns;
	page->column_count = column_count;
	page->column = 0;
	page->tables++;
	/* Not a <caption>: that would be as wide as the table and scroll away with it. */
	page_paragraph(page, "caption", caption);
	/* Who has no mouse scrolls it with the keys, once it has the focus. */
	text_append_format(&page->html,
			   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
			   "aria-label=\"Table %zu%s",
			   page->tables, *caption ? ": " : "");
	text_append_html(&page->html, caption);
	text_append_format(&page->html, "\"><table class=\"%s\">\n<thead><tr>",
			   style ? style : "plain");
	text_append(&page->markdown, "|");
	for (size_t i = 0; i < column_count; i++) {
		text_append_format(&page->html, "<th scope=\"col\"%s>",
				   columns[i].numeric ? " class=\"number\"" : "");
		text_append_html(&page->html, columns[i].title);
		text_append(&page->html, "</th>");
		text_append(&page->markdown, " ");
		text_append_markdown(&page->markdown, columns[i].title);
		text_append(&page->markdown, " |");
	}
	text_append(&page->html, "</tr></thead>\n<tbody>\n");
	text_append(&page->markdown, "\n|");
	for (size_t i = 0; i < column_count; i++)
		text_append(&page->markdown, columns[i].numeric ? " ---: |" : " --- |");
	text_append(&page->markdown, "\n");
}

/* `series` is of the row that begins, NULL: of none. */
static void cell_open(struct page *page, const char *series)
{
	if (page->column == 0) {
		text_append(&page->html, "<tr");
		if (series) {
			text_append(&page->html, " data-series=\"");
			text_append_html(&page->html, series);
			text_append(&page->html, "\"");
		}
		text_append(&page->html, "><th scope=\"row\"");
		text_append(&page->markdown, "|");
	} else {
		text_append(&page->html, "<td");
	}
	/* Most cells are numbers, and most of a page is cells. */
	text_append(&page->html, page->columns[page->column].numeric ? ">" : " class=\"text\">");
	text_append(&page->markdown, " ");
}

static void cell_close(struct page *page)
{
	text_append(&page->html, page->column == 0 ? "</th>" : "</td>");
	text_append(&page->markdown, " |");
	if (++page->column < page->column_count)
		return;
	page->column = 0;
	text_append(&page->html, "</tr>\n");
	text_append(&page->markdown, "\n");
}

static void cell_detail(struct page *page, const char *detail)
{
	if (!detail || !*detail)
		return;
	text_append(&page->html, " <small>");
	text_append_html(&page->html, detail);
	text_append(&page->html, "</small>");
	text_append(&page->markdown, page->columns[page->column].numeric ? " " : "<br>");
	text_append_markdown(&page->markdown, detail);
}

void page_table_cell(struct page *page, const char *value, const char *detail)
{
	cell_open(page, NULL);
	text_append_html(&page->html, value);
	text_append_markdown(&page->markdown, value);
	cell_detail(page, detail);
	cell_close(page);
}

void page_table_series(struct page *page, const char *colour, const char *name)
{
	cell_open(page, name);
	text_append_format(&page->html, "<i style=\"background:%s\"></i>", colour);
	text_append_html(&page->html, name);
	text_append_markdown(&page->markdown, name);
	cell_close(page);
}

void page_table_word(struct page *page, const char *style, const char *value, const char *detail)
{
	cell_open(page, NULL);
	text_append_format(&page->html, "<strong class=\"%s\">", style);
	text_append_html(&page->html, value);
	text_append(&page->html, "</strong>");
	text_append(&page->markdown, "**");
	text_append_markdown(&page->markdown, value);
	text_append(&page->markdown, "**");
	cell_detail(page, detail);
	cell_close(page);
}

void page_table_end(struct page *page)
{
	text_append(&page->html, "</tbody></table></div>\n");
	text_append(&page->markdown, "\n");
}
