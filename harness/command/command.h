/* The commands of tenk: each reads its own options and returns the program's exit code. */
#ifndef TENK_COMMAND_H
#define TENK_COMMAND_H

#include <argp.h>
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,       /* a trial, a row of the suite or the command itself failed */
	EXIT_USAGE = 2,	       /* wrong options, scenario or configuration */
	EXIT_REGRESSION = 3,   /* B is worse than A */
	EXIT_INVALID = 4,      /* the apparatus spoiled what was to be measured */
	EXIT_INCONCLUSIVE = 5, /* whether B is worse than A cannot be told */
	EXIT_INTERRUPTED = 130,
};

int command_run(int argc, char **argv);
int command_run_claims(int argc, char **argv); /* of tenk claims, where the first word is run */
int command_report(int argc, char **argv);
int command_claims(int argc, char **argv);
int command_choose(int argc, char **argv);
int command_history(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_list(int argc, char **argv);
int command_check(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_demo(int argc, char **argv);
int command_agent(int argc, char **argv);
int command_bundle(int argc, char **argv);
int command_verify(int argc, char **argv);

/* Prints "tenk: text" to stderr, and returns the code. */
int command_fail(int code, const char *text);

/*
 * "tenk", the command's name and all words as typed, before argp sorts them. One that is no UTF-8 stands as
 * "?". New reference.
 */
json_t *command_words(const char *name, int argc, char **argv);

/* Splits "a,b,c" in place; returns how many words, or -1 if one is empty or there are too many. */
long command_split(char *text, const char **words, size_t most);

/* An option's number, 1 to `most`; what is none, or outside, ends the program as wrong use. */
uint64_t command_parse_number(struct argp_state *state, const char *option, const char *text,
			      uint64_t most);

/*
 * What a list of names is given as, split in place as command_split does; nothing, an empty name, or more than
 * `most` is wrong use, which shows the example.
 */
size_t command_parse_names(struct argp_state *state, const char *option, const char *example,
			   char *text, const char **words, size_t most);

#endif
