/*
 * Demonstrations for a lecture: two servers side by side under the same load, and what is drawn of them. A row
 * of the table is a file; play.c is what all of them do.
 */
#ifndef TENK_DEMONSTRATION_H
#define TENK_DEMONSTRATION_H

#include "harness/scenario/scenario.h"
#include "lib/text_buffer.h"
#include "lib/units.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DEMO_SIDES = 2,
	DEMO_SERIES = 3,
	DEMO_LOADS = 2,
	DEMO_SECONDS_MOST = 60,
	DEMO_STEPS = 10, /* in which connections grow */
	DEMO_TEXT_BYTES = 64
};

/* What is known of a side in one column of the picture; NAN: not known. */
struct demo_column {
	/*
	 * The p99 of the slowest tenth of a second, of the answers that came in it; or, where none came, how long
	 * the request that waits longest has waited by now.
	 */
	double slowest_ns;
	double answers_per_s;
	double cpu_ratio;     /* of one core */
	double process_bytes; /* private pages that are resident, for each connection */
	double kernel_bytes;  /* what the kernel has charged to the server, for each connection */
	double together_bytes;
};

/* A line of bars, of both sides. */
struct demo_series {
	const char *name; /* eight places at most; NULL: there is none */
	enum unit_kind unit;
	size_t offset; /* of the double in a column */
};

struct demo_subject {
	const char *server;  /* of the catalogue */
	const char *offload; /* threads that do its blocking work; "": none */
	const char *says;    /* what of it matters here */
};

/* What the closing sentence is made of, each text from values that were drawn. */
struct demo_figures {
	char value[DEMO_SERIES][DEMO_SIDES][DEMO_TEXT_BYTES]; /* "51.2 ms"; "not known" */
	char times[DEMO_SERIES][DEMO_TEXT_BYTES]; /* ": 49 times"; "" where one is not known */
	char connections[DEMO_TEXT_BYTES];
	size_t columns; /* behind them */
};

struct demonstration {
	const char *name, *summary;		  /* a line each */
	struct demo_subject subjects[DEMO_SIDES]; /* the first is the one that pays more */
	/* Offered to each side; "slowest" and "answers" are of the first. */
	struct load loads[DEMO_LOADS];
	size_t load_count;
	uint64_t connections_least; /* of the first load: with fewer nothing would be seen */
	/* The connections of the first load come in DEMO_STEPS, and memory is looked at behind each. */
	bool grows;
	struct demo_series series[DEMO_SERIES];
	/* What is figured out of the columns: the one in the middle when they are sorted, or the last. */
	bool last;
	/* The load in words, and what was shown. */
	void (*describe)(const char *connections, struct text_buffer *out);
	void (*conclude)(const struct demo_figures *figures, struct text_buffer *out);
	const char *measured_by; /* the command that measures it */
};

extern const struct demonstration demo_blocking, demo_memory, demo_idle;

/* All of them; ends with NULL. */
extern const struct demonstration *const demonstrations[];

/* NULL if there is none of that name. */
const struct demonstration *demonstration_find(const char *name);

#endif
