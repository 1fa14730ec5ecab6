/* What became of each cell's metrics over the runs of a history, and where it changed. */
#ifndef TENK_HISTORY_SERIES_H
#define TENK_HISTORY_SERIES_H

#include "stored/history/history.h"

#include <stdint.h>

/* Changes are looked for among so many of a series' last runs: the search takes time with their square. */
enum { HISTORY_SEARCHED = 200 };

/* Changes of one machine that are so many runs apart at most, or fewer, are taken for one shift. */
enum { HISTORY_SHIFT_RUNS = 2 };

/* A run's value; in the metric's unit. */
struct history_point {
	size_t line; /* in the history */
	double median, low, high;
	size_t trials;
	bool at_least; /* the server was not driven to its limit: no figure of it, and left out of changes */
};

/* The values before and after it differ by more than chance and by more than what matters. */
struct history_change {
	size_t at;	      /* the first point after it, give or take a few */
	double before, after; /* medians of the points between this change and its neighbours */
	double size; /* a ratio less 1 (0.05: 5 % more), or a difference in the metric's unit */
	bool is_ratio;
	bool worse;
	double p;     /* of such a change in values that come in any order */
	size_t shift; /* changes that came together have the same number, from 0 */
};

/* One metric of one cell on one machine. Everything is borrowed from the history but the arrays. */
struct history_series {
	const char *fingerprint, *scenario, *part, *server, *metric;
	const json_t *point, *descriptor; /* the descriptor is that of its last run */
	struct history_point *points;
	size_t count;
	struct history_change *changes;
	size_t change_count;
};

/* What is to be looked at, by names that are borrowed; of none of a kind: all. */
struct history_choice {
	const char *const *servers, *const *metrics;
	size_t server_count, metric_count;
};

struct history_analysis {
	const struct history *history;
	const struct history_choice *choice; /* while it is made */
	struct history_series *items; /* machine by machine, in the order of cells in the runs */
	size_t count;
	size_t shift_count;
};

/*
 * Sorts the values of a history, those of the choice (NULL: all), into series, one for each machine (fingerprint), cell and metric, and
 * looks for changes (E-divisive, lib/statistics/change_points.h). The same history and seed give the same changes.
 * 0 or -ENOMEM. Destroy it in any case.
 */
int history_analyse(struct history_analysis *analysis, const struct history *history,
		    const struct history_choice *choice, uint64_t seed);
void history_analysis_destroy(struct history_analysis *analysis);

/* As `tenk history --json` prints it. New reference; NULL: no memory. */
json_t *history_to_json(const struct history_analysis *analysis);

#endif
