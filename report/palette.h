/*
 * One colour, dash and mark for each server of a run, the same in every chart and table.
 *
 * A family shares a hue: threads are red to amber, loops blue, hybrids green, other people's
 * servers purple, floors grey. Within a family servers take the next shade in the run's order.
 * Every colour has a contrast of 3:1 or more against the light and against the dark page.
 */
#ifndef TENK_REPORT_PALETTE_H
#define TENK_REPORT_PALETTE_H

#include <jansson.h>

struct palette_entry {
	const char *colour; /* "#0072b2" */
	const char *dash;   /* as gnuplot writes it: "solid", "(9,4)" */
	int mark;	    /* gnuplot's point type, filled; one less is the same, hollow */
};

/* What stands for a server, from the run's list of servers; a grey one if it is not in it. */
struct palette_entry palette_find(const json_t *servers, const char *server);

/* The number after '#', for gnuplot's "lc rgb variable". */
unsigned long palette_colour_number(const struct palette_entry *entry);

#endif
