/*
 * What the other servers of a block use while one has its turn. Which processes they are is looked for once a
 * round, since there may be a thousand; their clocks are read at the edges of each turn.
 */
#ifndef TENK_NEIGHBOURS_H
#define TENK_NEIGHBOURS_H

#include "harness/trial/parts.h"

struct neighbours {
	size_t count; /* servers */
	pid_t *roots, **processes;
	size_t *process_counts;
	double *before_ns;
};

/* Of so many servers. 0 or -ENOMEM; neighbours_destroy in any case. */
int neighbours_init(struct neighbours *neighbours, size_t count);
void neighbours_destroy(struct neighbours *neighbours);

/* A round begins: which processes there are; none of trials that are over. 0 or -errno. */
int neighbours_look(struct neighbours *neighbours, const struct trial *trials, size_t count);

/* Around a turn: what all but that one have used meanwhile. */
void neighbours_begin(struct neighbours *neighbours);
double neighbours_end(const struct neighbours *neighbours, size_t one);

#endif
