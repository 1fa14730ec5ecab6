/*
 * The options that say in which formats, and into which files, a comparison is written; for the command
 * that compares, as a child of its argp:
 *
 *	{&compare_outputs_argp, 0, "Formats:", 0}      with a struct compare_outputs as its input
 *	result = compare_outputs_write(&outputs, &comparisons, &error);
 */
#ifndef TENK_COMPARE_OUTPUTS_H
#define TENK_COMPARE_OUTPUTS_H

#include "lib/error.h"
#include "report/compare/format.h"

#include <argp.h>

enum { COMPARE_OUTPUTS_MOST = 32 };

struct compare_outputs {
	struct compare_output {
		const struct compare_format *format;
		const char *file; /* borrowed; "-": standard output */
	} items[COMPARE_OUTPUTS_MOST];
	size_t count;
	bool annotations;
	const char *step_summary; /* the file to append to; NULL: none */
};

/*
 * Its input is a struct compare_outputs of zeros. A file that cannot be written is refused when the
 * command line is read: what was measured for minutes is not to be lost for a word.
 */
extern const struct argp compare_outputs_argp;

/*
 * Prints the table, and annotations where they were asked for, to standard output (to standard error
 * if that belongs to a FILE "-"), and writes the files: all of them, also where one fails. 0, or -errno
 * with a message about the first that did.
 */
int compare_outputs_write(const struct compare_outputs *outputs,
			  const struct comparisons *comparisons, struct error *error);

#endif
