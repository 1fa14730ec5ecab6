/* Options of a server that are numbers, each within a range. */
#ifndef TENK_NUMBER_OPTION_H
#define TENK_NUMBER_OPTION_H

#include "lib/units.h"

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

struct number_option {
	int key;
	const char *name;
	enum unit_kind unit;
	unsigned least, most;
	const char *range; /* the same for people: "4KiB to 1GiB; 0 is no limit" */
	bool or_0;	   /* that is allowed, too */
	size_t at;	   /* of an unsigned in struct server_options, which is state->input */
	unsigned given;	   /* enum model_option; 0: it means something to every model */
};

/*
 * Sets the number of the row with that key, rows ending with key 0, or ends the program with what is wrong.
 * False: no row has the key.
 */
bool number_option_parse(const struct number_option *rows, int key, const char *argument,
			 struct argp_state *state);

#endif
