/* What the cells of a claim are called in a sentence. */
#ifndef TENK_CLAIM_NAMES_H
#define TENK_CLAIM_NAMES_H

#include "stored/claims/question.h"

enum { CLAIM_NAME_SIZE = 96 };

/*
 * Its server, and if another cell has the same one, what tells them apart: "node-pool (--workers 4)", "epoll (part idle)".
 * Returns `out`.
 */
char *claim_cell_name(const struct question *question, size_t index, char out[CLAIM_NAME_SIZE]);

/* The names of all of them: "thread-per-connection over epoll". */
void claim_name_cells(const struct question *question, struct verdict *verdict);

#endif
