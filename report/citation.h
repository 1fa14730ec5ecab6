#ifndef TENK_REPORT_CITATION_H
#define TENK_REPORT_CITATION_H

/* How others name a run: what it found, the tool as CITATION.cff has it, the run, the machine, and the command that
 * repeats it. `run` is its run.json, `title` what it found or asked. */

#include <jansson.h>

#include "lib/text_buffer.h"

/* In one line, for a text. */
void citation_append_line(struct text_buffer *out, const json_t *run, const char *title);

/* As an entry of a bibliography, @misc, with UTF-8 in it (biblatex and BibTeX 8). */
void citation_append_bibtex(struct text_buffer *out, const json_t *run, const char *title);

#endif
