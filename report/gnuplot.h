/*
 * gnuplot as a child process: some files of commands in, what it draws out.
 */
#ifndef TENK_REPORT_GNUPLOT_H
#define TENK_REPORT_GNUPLOT_H

#include "lib/error.h"
#include "lib/text_buffer.h"

/*
 * Runs `program` (NULL: "gnuplot" from PATH) in a folder on these files (NULL ends the list), with
 * none of the user's settings, in the C locale, and appends its standard output to `out`. Bounded
 * in time.
 * Returns 0; -ENOENT when there is no such program; -EINVAL when it complained (error says what);
 * -ETIMEDOUT; or another -errno. Needs SIGCHLD not to be ignored.
 */
int gnuplot_run(const char *program, const char *folder, const char *const *files,
		struct text_buffer *out, struct error *error);

#endif
