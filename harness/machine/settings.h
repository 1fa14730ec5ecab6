/*
 * What was set on this machine that results depend on: by its owner, by whoever started the kernel, by
 * the control groups that we are in.
 */
#ifndef TENK_SETTINGS_H
#define TENK_SETTINGS_H

#include <jansson.h>

/*
 * Adds the keys of settings to the object "environment" (results/SCHEMA.md). What does not exist here is
 * null, and of "sysctls" left out. Paths are looked up under `root`, "" on a real machine.
 */
void settings_describe(json_t *environment, const char *root);

/*
 * What is told beside them and is no part of the fingerprint, since it changes by itself: how busy others
 * are, how much the host took, the memory that the kernel found for TCP. New reference.
 */
json_t *settings_observe(const char *root);

#endif
