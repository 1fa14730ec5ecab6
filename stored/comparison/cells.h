/* Which cells of two runs, or of two subjects of one run, are compared with each other. */
#ifndef TENK_COMPARISON_CELLS_H
#define TENK_COMPARISON_CELLS_H

#include "lib/error.h"
#include "stored/results.h"

#include <stdbool.h>
#include <stddef.h>

struct compared_cell {
	struct cell a, b; /* borrowed from the runs, but for the point */
	json_t *point;	  /* of both; owned */
	bool slopes;	  /* over all connections, for the metrics that are slopes over them */
	bool open_loop;	  /* requests are offered at a fixed rate */
	char *name;	  /* "throughput, 64 connections", for people; owned */
	char *server;	  /* of B, without its label; owned */
};

struct compared_cells {
	struct compared_cell *items;
	size_t count;
};

/*
 * All cells that both sides have, part by part, by server and ascending; subjects as in comparison.h. 0, or -errno with
 * a message: -EINVAL where a subject is not there, or no cell is common. Destroy it in any case.
 */
int compared_cells_find(struct compared_cells *cells, const struct results *a,
			const char *a_subject, const struct results *b, const char *b_subject,
			struct error *error);
void compared_cells_destroy(struct compared_cells *cells);

/* "@base" of "epoll@base", borrowed; "" where a server has no label. */
const char *compared_label(const char *server);

#endif
