/* What the command lines of all programs have in common. */
#ifndef TENK_COMMAND_LINE_H
#define TENK_COMMAND_LINE_H

#include <argp.h>

/*
 * argp_parse, but long options are taken only when written in full: getopt's abbreviations would
 * make --requests-per-connection of --requests. One that is not there ends the program with code 2
 * and the option that is nearest.
 */
error_t command_line_read(const struct argp *argp, int argc, char **argv, void *input);

/*
 * From now on the program's end fails, with a message and code 1, if what was printed to standard
 * output could not be written: a full disk must not pass for success. For a reader that has gone
 * away there is no message.
 */
void command_line_guard_output(void);

#endif
