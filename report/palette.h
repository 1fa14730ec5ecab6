/*
 * One colour, dash and mark for each server of a run, the same in every chart and table.
 *
 * Five servers of a run at most stand out in colour: of each family the plainest first (epoll, a thread
 * for each connection), then the next, in the run's order; the others are grey and told apart by their
 * marks and by their names beside them. A family shares a hue: threads are red to brown, loops blue,
 * hybrids green, other people's servers purple.
 */
#ifndef TENK_REPORT_PALETTE_H
#define TENK_REPORT_PALETTE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { PALETTE_COLOURS_MAX = 16 };

struct palette_entry {
	const char *colour; /* "#1d6cf5" */
	const char *dash;   /* as gnuplot writes it: "solid", "(9,4)" */
	int mark;	    /* gnuplot's point type, filled; one less is the same, hollow */
	bool emphasised;    /* it has a colour, not grey */
	size_t family;	    /* in the order of charts: threads, loops, hybrids, others */
	const char *group;  /* what the family is called there: "loops" */
};

/* What stands for a server, from the run's list of servers; a grey one if it is not in it. */
struct palette_entry palette_find(const json_t *servers, const char *server);

/* The number after '#', for gnuplot's "lc rgb variable". */
unsigned long palette_colour_number(const struct palette_entry *entry);

/* All colours that can stand beside each other, grey first. Returns their number. */
size_t palette_colours(const char *colours[PALETTE_COLOURS_MAX]);

#endif
