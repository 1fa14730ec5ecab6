/* What somebody may have meant who mistyped a word. */
#ifndef TENK_NEAREST_H
#define TENK_NEAREST_H

#include <stddef.h>

/*
 * The word of the list that is fewest single-letter edits away (insertions, deletions,
 * replacements, swaps of neighbours), case ignored; NULL when all are too far to be meant.
 * The first of equals wins. `words` may hold NULLs, which are passed over.
 */
const char *nearest_word(const char *word, const char *const *words, size_t count);

/* Joins words with ", ", cut with "..." where `out` is full. Returns `out`. */
char *nearest_list(const char *const *words, size_t count, char *out, size_t size);

#endif
