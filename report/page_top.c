#include "report/page.h"

/* What a reader sees first: the title, tiles, what is in the page, and chips that choose servers. */

/* A button that copies a text. `name` says what. */
static void copy_button(struct page *page, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	text_append(&page->html, " <button type=\"button\" class=\"copy\" hidden data-copy=\"");
	text_append_html(&page->html, text);
	text_append_format(&page->html, "\">%s</button>", name);
}

void page_title(struct page *page, const struct page_top *top)
{
	text_append(&page->html, "<p class=\"kicker\"><span>");
	text_append_html(&page->html, top->kicker);
	text_append(&page->html, "</span>");
	copy_button(page, "copy command", top->command);
	copy_button(page, "cite", top->citation);
	copy_button(page, "BibTeX", top->bibtex);
	text_append(&page->html, "</p>\n<h1>");
	text_append_html(&page->html, top->title);
	text_append(&page->html, "</h1>\n");
	text_append(&page->markdown, "# ");
	text_append_markdown(&page->markdown, top->title);
	text_append(&page->markdown, "\n\n*");
	text_append_markdown(&page->markdown, top->kicker);
	text_append(&page->markdown, "*\n\n");
	page_paragraph(page, "question", top->below ? top->below : "");
}

void page_tiles_begin(struct page *page)
{
	page->has_tiles = false;
}

void page_tile(struct page *page, const struct page_tile *tile)
{
	if (!page->has_tiles)
		text_append(&page->html, "<ul class=\"tiles\">\n");
	page->has_tiles = true;
	text_append_format(&page->html, "<li class=\"%s\"><a%s%s%s><span>", tile->state,
			   tile->id ? " href=\"#" : "", tile->id ? tile->id : "",
			   tile->id ? "\"" : "");
	text_append_html(&page->html, tile->title);
	text_append(&page->html, "</span> <strong>");
	text_append_html(&page->html, tile->value);
	text_append(&page->html, "</strong> <small>");
	text_append_html(&page->html, tile->below);
	text_append(&page->html, "</small></a></li>\n");
	text_append(&page->markdown, "- ");
	text_append_markdown(&page->markdown, tile->title);
	text_append(&page->markdown, ": **");
	text_append_markdown(&page->markdown, tile->value);
	text_append(&page->markdown, "**, ");
	text_append_markdown(&page->markdown, tile->below);
	text_append(&page->markdown, "\n");
}

void page_tiles_end(struct page *page)
{
	if (!page->has_tiles)
		return;
	text_append(&page->html, "</ul>\n");
	text_append(&page->markdown, "\n");
}

void page_contents_begin(struct page *page)
{
	text_append(&page->html, "<nav class=\"contents\" aria-label=\"Contents\"><ul>\n");
}

void page_contents_item(struct page *page, const char *id, const char *text)
{
	text_append_format(&page->html, "<li><a href=\"#%s\">", id);
	text_append_html(&page->html, text);
	text_append(&page->html, "</a></li>\n");
	text_append(&page->markdown, "- [");
	text_append_markdown(&page->markdown, text);
	text_append_format(&page->markdown, "](#%s)\n", id);
}

void page_contents_end(struct page *page)
{
	text_append(&page->html, "</ul></nav>\n");
	text_append(&page->markdown, "\n");
}

void page_chips_begin(struct page *page)
{
	text_append(&page->html,
		    "<div class=\"chips\" role=\"group\" aria-label=\"Servers shown\" hidden>\n");
}

void page_chips_each(struct page *page)
{
	text_append(&page->html, "<details><summary>+ server</summary>\n");
}

void page_chip(struct page *page, const char *text, const char *series)
{
	text_append(&page->html, "<button type=\"button\" aria-pressed=\"true\" data-shows=\"");
	text_append_html(&page->html, series);
	text_append(&page->html, "\">");
	text_append_html(&page->html, text);
	text_append(&page->html, "</button>\n");
}

void page_chips_end(struct page *page)
{
	text_append(&page->html, "</details>\n</div>\n");
}
