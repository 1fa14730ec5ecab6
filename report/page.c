#include "report/page.h"

#include <string.h>

void page_destroy(struct page *page)
{
	text_destroy(&page->html);
	text_destroy(&page->markdown);
}

/* <p class="style">, or <p>. */
static void html_open(struct page *page, const char *element, const char *style)
{
	text_append_format(&page->html, "<%s", element);
	if (style)
		text_append_format(&page->html, " class=\"%s\"", style);
	text_append(&page->html, ">");
}

static void html_element(struct page *page, const char *element, const char *style,
			 const char *text)
{
	html_open(page, element, style);
	text_append_html(&page->html, text);
	text_append_format(&page->html, "</%s>\n", element);
}

void page_heading(struct page *page, int level, const char *id, const char *text)
{
	text_append_format(&page->html, "<h%d", level);
	if (id)
		text_append_format(&page->html, " id=\"%s\"", id);
	text_append(&page->html, ">");
	text_append_html(&page->html, text);
	if (id)
		text_append_format(
			&page->html,
			" <a class=\"anchor\" href=\"#%s\" aria-label=\"Link to this place\">#</a>",
			id);
	text_append_format(&page->html, "</h%d>\n", level);
	if (id)
		text_append_format(&page->markdown, "<a id=\"%s\"></a>\n\n", id);
	text_append_format(&page->markdown, "%.*s ", level, "######");
	text_append_markdown(&page->markdown, text);
	text_append(&page->markdown, "\n\n");
}

void page_paragraph(struct page *page, const char *style, const char *text)
{
	if (!*text)
		return;
	html_element(page, "p", style, text);
	text_append_markdown(&page->markdown, text);
	text_append(&page->markdown, "\n\n");
}

void page_remark(struct page *page, const char *style, const char *word, const char *text)
{
	html_open(page, "p", style);
	text_append(&page->html, "<strong>");
	text_append_html(&page->html, word);
	text_append(&page->html, "</strong> ");
	text_append_html(&page->html, text);
	text_append(&page->html, "</p>\n");
	text_append(&page->markdown, "> **");
	text_append_markdown(&page->markdown, word);
	text_append(&page->markdown, "** ");
	text_append_markdown(&page->markdown, text);
	text_append(&page->markdown, "\n\n");
}

void page_list_begin(struct page *page, const char *style)
{
	html_open(page, "ul", style);
	text_append(&page->html, "\n");
}

void page_list_item(struct page *page, const char *text)
{
	html_element(page, "li", NULL, text);
	text_append(&page->markdown, "- ");
	text_append_markdown(&page->markdown, text);
	text_append(&page->markdown, "\n");
}

void page_list_term(struct page *page, const char *term, const char *text)
{
	text_append(&page->html, "<li><strong>");
	text_append_html(&page->html, term);
	text_append(&page->html, "</strong> ");
	text_append_html(&page->html, text);
	text_append(&page->html, "</li>\n");
	text_append(&page->markdown, "- **");
	text_append_markdown(&page->markdown, term);
	text_append(&page->markdown, "** ");
	text_append_markdown(&page->markdown, text);
	text_append(&page->markdown, "\n");
}

void page_list_end(struct page *page)
{
	text_append(&page->html, "</ul>\n");
	text_append(&page->markdown, "\n");
}

/* Fences longer than any run of backticks in the text, so that it cannot end them. */
static void markdown_fence(struct page *page, const char *text)
{
	size_t longest = 2, run = 0;

	for (; *text; text++) {
		run = *text == '`' ? run + 1 : 0;
		if (run > longest)
			longest = run;
	}
	for (size_t i = 0; i <= longest; i++)
		text_append(&page->markdown, "`");
	text_append(&page->markdown, "\n");
}

void page_code(struct page *page, const char *text)
{
	size_t length = strlen(text);

	text_append(&page->html, "<pre tabindex=\"0\"><code>");
	text_append_html(&page->html, text);
	text_append(&page->html, "</code></pre>\n");
	markdown_fence(page, text);
	text_append(&page->markdown, text);
	if (length && text[length - 1] != '\n')
		text_append(&page->markdown, "\n");
	markdown_fence(page, text);
	text_append(&page->markdown, "\n");
}

static void figure_link(struct page *page, const char *file, const char *text)
{
	if (!file || !*file)
		return;
	text_append(&page->html, " <a href=\"");
	text_append_html(&page->html, file);
	text_append_format(&page->html, "\">%s</a>", text);
}

/* "[PNG] [SVG] [CSV] [#]", beside the title. */
static void figure_links(struct page *page, const struct page_figure *figure)
{
	static const char *const names[] = {"CSV", "CSV of the trials"};

	text_append(&page->html, "<span class=\"links\">");
	figure_link(page, figure->png_file, "PNG");
	figure_link(page, figure->svg_file, "SVG");
	for (size_t i = 0; i < figure->csv_count; i++)
		figure_link(page, figure->csv[i], names[i > 0]);
	text_append_format(
		&page->html,
		" <a class=\"anchor\" href=\"#%s\" aria-label=\"Link to this figure\">#</a></span>",
		figure->id);
}

void page_figure(struct page *page, const struct page_figure *figure)
{
	text_append_format(&page->html, "<figure id=\"%s\">\n<p class=\"figure-title\"><strong>",
			   figure->id);
	text_append_html(&page->html, figure->title);
	text_append(&page->html, "</strong> ");
	figure_links(page, figure);
	text_append(&page->html,
		    "</p>\n<div class=\"chart\" tabindex=\"0\" role=\"group\" aria-label=\"");
	text_append_html(&page->html, figure->title);
	text_append(&page->html, "\">\n");
	text_append(&page->html, figure->svg);
	text_append(&page->html, "</div>\n");
	html_element(page, "figcaption", NULL, figure->caption);
	text_append(&page->html, "</figure>\n");
	text_append(&page->markdown, "![");
	text_append_markdown(&page->markdown, figure->title);
	text_append_format(&page->markdown, "](%s)\n\n*", figure->svg_file);
	text_append_markdown(&page->markdown, figure->title);
	text_append(&page->markdown, ".* ");
	text_append_markdown(&page->markdown, figure->caption);
	text_append(&page->markdown, "\n\n");
}

void page_files(struct page *page, const char *label, const char *const *files, size_t count)
{
	text_append(&page->html, "<p class=\"files\">");
	text_append_html(&page->html, label);
	text_append_markdown(&page->markdown, label);
	for (size_t i = 0; i < count; i++) {
		const char *name = strrchr(files[i], '/');

		name = name ? name + 1 : files[i];
		text_append(&page->html, i ? ", " : " ");
		text_append(&page->html, "<a href=\"");
		text_append_html(&page->html, files[i]);
		text_append(&page->html, "\">");
		text_append_html(&page->html, name);
		text_append(&page->html, "</a>");
		text_append(&page->markdown, i ? ", " : " ");
		text_append_format(&page->markdown, "[%s](%s)", name, files[i]);
	}
	text_append(&page->html, "</p>\n");
	text_append(&page->markdown, "\n\n");
}

void page_reference(struct page *page, const char *id, const char *text)
{
	text_append_format(&page->html, "<p class=\"reference\"><a href=\"#%s\">", id);
	text_append_html(&page->html, text);
	text_append(&page->html, "</a></p>\n");
	text_append(&page->markdown, "[");
	text_append_markdown(&page->markdown, text);
	text_append_format(&page->markdown, "](#%s)\n\n", id);
}

void page_fold_begin(struct page *page, const char *id, const char *summary)
{
	text_append(&page->html, "<details");
	if (id) {
		text_append_format(&page->html, " id=\"%s\"", id);
		text_append_format(&page->markdown, "<a id=\"%s\"></a>\n\n", id);
	}
	text_append(&page->html, ">\n");
	html_element(page, "summary", NULL, summary);
	text_append(&page->markdown, "<details><summary>");
	text_append_html(&page->markdown, summary);
	text_append(&page->markdown, "</summary>\n\n");
}

void page_fold_end(struct page *page)
{
	text_append(&page->html, "</details>\n");
	text_append(&page->markdown, "</details>\n\n");
}
