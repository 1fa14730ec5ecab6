/* Several tests of which none may raise a false alarm. */
#ifndef TENK_HOLM_H
#define TENK_HOLM_H

#include <stddef.h>

/*
 * Replaces each p of a family by its adjusted one, in place: those at most .05 may be called so, and the
 * probability of a single false one among them is at most .05, however the tests depend on each other
 * (Holm, A Simple Sequentially Rejective Multiple Test Procedure, 1979). A NAN, a test that could not be
 * made, stays one and counts in the family's size.
 */
void holm_adjust(double *p, size_t n);

#endif
