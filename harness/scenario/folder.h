/* The folder with the scenarios that tenk brings along: which there are, and reading one of them. */
#ifndef TENK_SCENARIO_FOLDER_H
#define TENK_SCENARIO_FOLDER_H

#include "harness/scenario/scenario.h"

/* Their names in order, without ".yaml". The number, or -errno; free each of *names and all. */
long scenario_folder_names(const char *folder, char ***names);

/*
 * Reads a scenario file, wherever it is, as scenario_read does; the sources of its claims are those of
 * `folder`. 0 or -errno with a message.
 */
int scenario_folder_read(struct scenario *scenario, const char *folder, const char *file,
			 const json_t *metrics, struct error *error);

/*
 * All of them in the order of names, as run.json keeps scenarios; metrics as for scenario_read. New reference, or NULL with a
 * message.
 */
json_t *scenario_folder_describe(const char *folder, const json_t *metrics, struct error *error);

#endif
