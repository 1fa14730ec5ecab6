/*
 * Who made the claims that scenarios test: scenarios/sources.yaml, a mapping of short names to what
 * they stand for. Claims name them (`source: illusion, explained`); run.json holds them expanded, so
 * that a stored run can be read without the file.
 */
#ifndef TENK_SOURCES_H
#define TENK_SOURCES_H

#include "harness/scenario/scenario.h"

/* Beside the scenarios, and none itself. */
#define SOURCES_FILE "sources.yaml"

/*
 * {"illusion": {"key", "title", "kind", and where known "year", "found" (an address), "reported_by"}, ...}.
 * New reference; NULL with a message: file, line and column where it is wrong.
 */
json_t *sources_read(const char *file, struct error *error);

/*
 * What a claim's `source` names, in its order: keys, separated by commas, as sources_read has them; what is
 * no key becomes {"title": TEXT}, pieces that follow one another together ("Somebody, 2013"). New
 * reference; NULL: no memory.
 */
json_t *sources_expand(const json_t *sources, const char *text);

/* Gives every claim of a scenario its "sources". 0 or -ENOMEM. */
int sources_attach(struct scenario *scenario, const json_t *sources);

#endif
