/* In what two JSON documents differ. */
#ifndef TENK_JSON_DIFFERENCES_H
#define TENK_JSON_DIFFERENCES_H

#include <jansson.h>
#include <stddef.h>

/*
 * Compares all that is in either; numbers that differ by less than that share of the greater are alike. Each difference is told
 * with its path, "cells[3].metrics.rate", and what stands in each, "nothing" where there is nothing. Returns how many
 * values were compared.
 */
size_t json_compare(const json_t *a, const json_t *b, double alike,
		    void (*tell)(void *context, const char *path, const char *a, const char *b),
		    void *context);

#endif
