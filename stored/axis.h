/* What a scenario can vary: how an axis is called in stored points, its unit, and its words. */
#ifndef TENK_AXIS_H
#define TENK_AXIS_H

#include <stdbool.h>

enum axis_kind {
	AXIS_CONNECTIONS,
	AXIS_RATE,
	AXIS_WAIT,
	AXIS_BODY,
	AXIS_CPU,
	AXIS_SERVER_CORES,
	AXIS_WORKERS,
	AXIS_OFFLOAD,
	AXIS_DATABASE_CONNECTIONS,
	AXIS_FETCH_CONNECTIONS,
	AXIS_SHARE,
	AXIS_ACTIVE,
	AXIS_COUNT
};

struct axis_words {
	const char *key;	    /* in a point: "rate_per_s" */
	const char *unit;	    /* as of metrics: "per_s" */
	const char *title;	    /* "requests offered per second" */
	const char *before, *after; /* around a value in a sentence: "a wait of ", " offered" */
};

const struct axis_words *axis_at(enum axis_kind kind);

/* The axis of that key; AXIS_COUNT: this version does not know it. */
enum axis_kind axis_find(const char *key);

#endif
