/*
 * A page that is written once and comes out twice, as HTML and as GitHub's Markdown.
 *
 * Every text is plain text and escaped here, so nobody else needs to think of it. A heading, a
 * paragraph, a table, a figure ... is one call, or begin, rows and end.
 *
 * The HTML is complete without script.js. What only works with it (buttons that copy, chips that
 * choose servers) is hidden until it runs.
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
	size_t tables; /* so far */
	bool has_tiles;
};

/* A picture, as an element for the page, and the files of it beside the page. */
struct page_figure {
	const char *id, *title, *caption;
	const char *svg;	/* trusted SVG */
	const char *svg_file;	/* relative to the page, as all files; "" if there is none */
	const char *png_file;	/* the same, NULL too */
	const char *const *csv; /* its data */
	size_t csv_count;
};

/* The head of all: a line in small print, the title, and a line below; NULL or "" for none. */
struct page_top {
	const char *kicker, *title, *below;
	const char *command;  /* that repeats it, to be copied; NULL: none */
	const char *citation; /* one line that names it, to be copied; NULL: none */
	const char *bibtex;   /* the same for a bibliography; NULL: none */
};

/* What one figure says, large, with a link to where it comes from. */
struct page_tile {
	const char *title, *value, *below;
	const char *id;	   /* of the place in the page; NULL: none */
	const char *state; /* a class of style.css */
};

void page_destroy(struct page *page);

void page_title(struct page *page, const struct page_top *top);

void page_tiles_begin(struct page *page);
void page_tile(struct page *page, const struct page_tile *tile);
void page_tiles_end(struct page *page);

/* What is in the page: links to the sections, numbered as they are. */
void page_contents_begin(struct page *page);
void page_contents_item(struct page *page, const char *id, const char *text);
void page_contents_end(struct page *page);

/*
 * Chips that show or hide series: first some groups of them, then (page_chips_each) each alone.
 * `series` are the names, separated by commas. Of HTML only.
 */
void page_chips_begin(struct page *page);
void page_chips_each(struct page *page);
void page_chip(struct page *page, const char *text, const char *series);
void page_chips_end(struct page *page);

/*
 * level 2 to 4; the id is the anchor, with a link to itself, NULL for none. A section opens with its
 * heading.
 */
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
 * cell of a row is its header. `columns` must live until the end of the table; `style` is a class of
 * style.css, or NULL.
 */
void page_table_begin(struct page *page, const char *style, const char *caption,
		      const struct page_column *columns, size_t column_count);
/* `detail` comes after the value in small print, "" or NULL for none. */
void page_table_cell(struct page *page, const char *value, const char *detail);
/* The first of a row: the row is of the series of that name, and a swatch of its colour stands before it. */
void page_table_series(struct page *page, const char *colour, const char *name);
/* The same with a class of style.css for the value, for verdicts and outcomes. */
void page_table_word(struct page *page, const char *style, const char *value, const char *detail);
void page_table_end(struct page *page);

void page_figure(struct page *page, const struct page_figure *figure);

/* A line of links to files beside the page: "label: a, b". */
void page_files(struct page *page, const char *label, const char *const *files, size_t count);

/* A link within the page, in a paragraph of its own. */
void page_reference(struct page *page, const char *id, const char *text);

/* What is folded away until somebody asks for it, or prints it; the id as of a heading. */
void page_fold_begin(struct page *page, const char *id, const char *summary);
void page_fold_end(struct page *page);

#endif
