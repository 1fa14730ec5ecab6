/*
 * How far a run is, on standard error while it runs: one line, or with --watch the whole screen.
 * Nothing is written where that is no terminal.
 */
#ifndef TENK_LIVE_H
#define TENK_LIVE_H

#include "loadgen/interval.h"
#include "loadgen/request.h"

#include <stdbool.h>
#include <stdio.h>

enum { LIVE_HISTORY = 60 };

/* What a look at the counters shows. */
struct live_look {
	uint64_t now_ns, left_ns, connections;
	struct interval_totals totals;	     /* of the window so far */
	const struct interval_totals *kinds; /* the same of each kind of a mix */
	const struct mix *mix;
};

/* What happened between two looks. */
struct live_point {
	double rate_per_s;
	uint64_t p50_ns, p99_ns, errors;
};

struct live {
	enum { LIVE_NOTHING, LIVE_LINE, LIVE_SCREEN } kind;
	FILE *out;
	const struct options *options;
	unsigned columns;
	uint64_t shown_at_ns; /* 0: nothing is shown */
	bool measuring;
	struct interval_totals shown;		 /* the totals then */
	struct interval_totals *shown_kinds;	 /* of a mix; malloc'ed; live_clear frees it */
	struct live_point history[LIVE_HISTORY]; /* the latest last, at the end of the array */
	const char *note;			 /* "trial 3: 5.00k/s"; NULL: none */
};

/* `out` is standard error but in tests. */
void live_init(struct live *live, const struct options *options, FILE *out);

/* While connections are opened. */
void live_show_connecting(struct live *live, uint64_t now_ns, uint64_t open, uint64_t wanted);
void live_show_warm_up(struct live *live, uint64_t now_ns, uint64_t left_ns);

/* Behind the window, while answers are outstanding. */
void live_show_draining(struct live *live, uint64_t now_ns, uint64_t left_ns);

/* Shows what happened since the look that was shown last; nothing if that was just now. */
void live_show_measuring(struct live *live, const struct live_look *look);

/* Takes everything back. */
void live_clear(struct live *live);

/* --- For live.c and watch.c alone: the whole screen --- */

/* What happened to a kind of a mix between the look that was shown last and this one. */
struct live_point live_compare_kind(const struct live *live, const struct live_look *look,
				    size_t kind);

void watch_begin(const struct live *live);
void watch_draw(const struct live *live, const struct live_look *look);
void watch_end(const struct live *live);

#endif
