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
 * For shells: where the first word is --complete, command_line_read prints what the last of the others may be, by the options
 * before it, and ends the program. A line each: the word, a tab and what it means where that is known. None: any file.
 *
 * What values there are is asked of this: those of an option, or of the arguments (option NULL), that `kind` names ("A,B",
 * "SCENARIO") and that begin with `begun`, each by command_line_offer. NULL: of none anything is known.
 */
extern void (*command_line_values)(const char *option, const char *kind, const char *begun);
void command_line_offer(const char *word, const char *meaning, const char *begun);

/*
 * From now on the program's end fails, with a message and code 1, if what was printed to standard
 * output could not be written: a full disk must not pass for success. For a reader that has gone
 * away there is no message.
 */
void command_line_guard_output(void);

#endif
