/*
 * What on this machine limits or distorts a measurement, and what can be done about it.
 */
#ifndef TENK_DOCTOR_H
#define TENK_DOCTOR_H

#include "harness/doctor/finding.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct doctor_options {
	const char *server; /* path of a server, best of server-epoll, to calibrate against */
	const char *load;   /* path of tenk-load; either NULL: no calibration */
	bool json;
	const char *root; /* of /proc and /sys, "" or NULL for the real ones */
};

/*
 * Makes every check, which takes about five seconds with calibration, and prints the findings as
 * text or, with options->json, as {"schema":1,"findings":[{"key","title","verdict","value",
 * "effect","remedy"}],"warnings","limits"}, the latter as in struct machine_limits, null where no
 * limit is known. *warnings (may be NULL) is set. 0 or -errno; -EINTR: there was a Ctrl-C.
 */
int doctor_run(FILE *out, const struct doctor_options *options, size_t *warnings);

/* Makes one check alone, by its key ("interrupts"). False: there is no such check. */
bool doctor_look(const char *key, const char *root, struct doctor_finding *finding);

#endif
