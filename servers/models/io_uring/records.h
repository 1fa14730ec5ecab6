/*
 * Records of one size, a block of them at a time.
 *
 * For models whose answers stay allocated for a turn: where malloc gives out a record here and an
 * answer's buffer there, the freed buffers are cut up for records, and what lies between them cannot
 * be used again. Blocks are kept until the end, for the next connections.
 */
#ifndef TENK_RECORDS_H
#define TENK_RECORDS_H

#include <stddef.h>

struct records {
	size_t bytes; /* of each record; a multiple of a pointer's size */
	void *free;   /* the first of those that are not in use; each begins with the next */
	void *blocks; /* likewise of blocks */
};

/* A record full of zeros, or NULL: no memory. */
void *records_take(struct records *records);
void records_give(struct records *records, void *record);

/* All records are gone with it. */
void records_destroy(struct records *records);

#endif
