/* Which features of the kernel that servers, generator and instruments use are there, and permitted. */
#ifndef TENK_DOCTOR_FEATURES_H
#define TENK_DOCTOR_FEATURES_H

#include "harness/doctor/finding.h"

#include <stddef.h>

enum { FEATURES_MOST = 16 };

/*
 * Looks without changing anything. `value` says what there is, or what is missing: then the verdict is a note. Below `root`,
 * "" on a real machine. Returns how many there are.
 */
size_t features_look(const char *root, struct doctor_finding findings[FEATURES_MOST]);

#endif
