/*
 * gnuplot's SVG made fit for a page: text and lines take the page's colour, marks have names of
 * their own, and a title says what is seen.
 */
#ifndef TENK_REPORT_SVG_H
#define TENK_REPORT_SVG_H

#include "lib/text_buffer.h"

/*
 * Appends one <svg> element, to be put into HTML. `id` goes before every id in it, because marks
 * of two charts in one page would clash; `title` is plain text. 0, or -EINVAL if the input is not
 * what gnuplot writes.
 */
int svg_make_element(struct text_buffer *out, const char *gnuplot_svg, const char *id,
		     const char *title);

/* Appends a file of its own from such an element, light and dark like the page. */
void svg_make_file(struct text_buffer *out, const char *element);

#endif
