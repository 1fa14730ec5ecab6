/*
 * What a run must not come to: "p99>20ms", "errors>0", "answered<99%", "rate<5k" (--fail-if), of all requests or
 * of a kind of a mix, "p99@quick>20ms". One is enough for an exit status of its own, so that a script or a CI job can
 * ask for what it wants.
 */
#ifndef TENK_CONDITION_H
#define TENK_CONDITION_H

#include "lib/error.h"

#include <stdbool.h>

enum { CONDITION_KIND_BYTES = 33 };

struct condition {
	const char *text; /* as it was given */
	enum {
		CONDITION_PERCENTILE, /* of the response times; 100 is the longest */
		CONDITION_MEAN,
		CONDITION_ERRORS,
		CONDITION_ANSWERED,
		CONDITION_RATE,
		CONDITION_SILENT, /* of a kind: the share of windows without an answer */
	} of;
	char kind[CONDITION_KIND_BYTES]; /* the name of one of a mix; "": all requests */
	double percentile;
	bool above;   /* it fails above the limit, else below it */
	double limit; /* ns, a count, a ratio, or per second */
};

/* 0, or -EINVAL with a message. The text must outlive the condition. */
int condition_parse(struct condition *condition, const char *text, struct error *error);

#endif
