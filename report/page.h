/*
 * A page that is written once and comes out twice, as HTML and as GitHub's Markdown.
 *
 * Every text is plain text and escaped here, so nobody else needs to think of it. A heading, a
 * paragraph, a table, a figure ... is one call, or begin, rows and end.
 */
#ifndef TENK_REPORT_PAGE_H
#define TENK_REPORT_PAGE_H

#include "lib/text_buffer.h"

struct page_column {
	const char *title;
	bool numeric; /* to the right, never broken */
};

struct page {
	struct text_buffer html, markdown;
	const struct page_column *columns; /* of the open table */
	size_t column_count, column;
};

/* A figure: a picture as an element of the page, and the files beside it. */
struct page_figure {
	const char *id, *title, *caption;
	const char *svg;			/* trusted SVG */
	const char *svg_file;			/* relative to the page, for Markdown */
	const char *csv_file, *trials_csv_file; /* "" if none */
};

void page_destroy(struct page *page);

/* The title of all, with a line above it (in small print) and one below. */
void page_title(struct page *page, const char *kicker, const char *title, const char *below);

/* level 2 or 3; the id is the anchor, NULL for none. A section opens with its heading. */
void page_heading(struct page *page, int level, const char *id, const char *text);

/* `style` is a class of style.css, or NULL. "" writes nothing. */
void page_paragraph(struct page *page, const char *style, const char *text);

/* A boxed remark: a word in bold, then the text. */
void page_remark(struct page *page, const char *style, const char *word, const char *text);

/* `style` is a class of style.css, or NULL. */
void page_list_begin(struct page *page, const char *style);
void page_list_item(struct page *page, const char *text);
/* "term: text", the term in bold. */
void page_list_term(struct page *page, const char *term, const char *text);
void page_list_end(struct page *page);

/* Preformatted text, such as a command. */
void page_code(struct page *page, const char *text);

/*
 * A table: cells in the order of the columns, a row ends by itself after the last. The first
 * cell of a row is its header. `columns` must live until the end of the table.
 */
void page_table_begin(struct page *page, const char *style, const char *caption,
		      const struct page_column *columns, size_t column_count);
/* `detail` comes after the value in small print, "" or NULL for none. */
void page_table_cell(struct page *page, const char *value, const char *detail);
/* The same with a swatch of a colour ("#0072b2") before it. */
void page_table_swatch(struct page *page, const char *colour, const char *value);
/* The same with a class of style.css for the value, for verdicts and outcomes. */
void page_table_word(struct page *page, const char *style, const char *value, const char *detail);
void page_table_end(struct page *page);

void page_figure(struct page *page, const struct page_figure *figure);

/* A line of links to files beside the page: "label: a, b". */
void page_files(struct page *page, const char *label, const char *const *files, size_t count);

/* A link within the page, in a paragraph of its own. */
void page_reference(struct page *page, const char *id, const char *text);

/* What is folded away until somebody asks for it. */
void page_fold_begin(struct page *page, const char *summary);
void page_fold_end(struct page *page);

#endif
