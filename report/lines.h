/* How well the points of slopes lie on their lines, in a sentence or two for people. */
#ifndef TENK_LINES_H
#define TENK_LINES_H

#include "lib/text_buffer.h"
#include "report/part.h"

/* Whether a server's points of this metric are on no line, so that it has no slope. */
bool lines_is_none(const struct part *part, const char *server, const char *metric);

/* Of all servers of the part, and what would help where there is no line. "": there are no slopes. */
void lines_describe(struct text_buffer *out, const struct part *part, const char *const *metrics,
		    size_t count);

#endif
