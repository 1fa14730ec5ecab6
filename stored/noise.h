/*
 * The noise floor of a machine: how different the same program seems from itself, as `tenk compare --aa`
 * found (results/SCHEMA.md, "Noise"). No comparison on it is tighter than that.
 */
#ifndef TENK_NOISE_H
#define TENK_NOISE_H

#include <jansson.h>
#include <stddef.h>

/*
 * The change that one of twenty comparisons of the same program showed, with so many pairs, on the scale of
 * struct comparison: of the most pairs in `noise` that are no more than these. 0: it is not known.
 */
double noise_floor(const json_t *noise, const char *metric, size_t pairs);

#endif
