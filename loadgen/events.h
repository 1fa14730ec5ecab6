/*
 * What happens, as it happens: one JSON object a line, as results/SCHEMA.md says.
 *
 * A reader that goes away, or does not read for a second, gets no more events; the load goes on.
 */
#ifndef TENK_EVENTS_H
#define TENK_EVENTS_H

#include "loadgen/interval_log.h"
#include "loadgen/progress.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct events {
	int descriptor;		 /* -1: none */
	FILE *intervals_file;	 /* interval events only; NULL: none */
	FILE *csv_file;		 /* the same as comma-separated values; NULL: none */
	const struct mix *mix;	 /* of the load; its kinds are told apart in the files */
	struct interval_log log; /* with --log-interval */
	bool searching;		 /* --find-max: intervals say of which trial they are */
	size_t trial;		 /* 0: the closed loop before the first */
};

/* What happened to requests in an interval. */
struct events_counts {
	uint64_t completed, errors;
	uint64_t p50_ns, p99_ns; /* 0 where nothing completed */
};

struct events_interval {
	uint64_t since_ns; /* from the beginning of the window to the end of the interval */
	struct events_counts all, kinds[OPTIONS_REQUESTS_MAX]; /* as many as the mix has */
	uint64_t connections, cpu_ns;
};

/* A lead or a slice, when all of it has come to its end. */
struct events_slice {
	bool counted;
	uint64_t number; /* of leads and slices alike, from 1 on */
	uint64_t begin_ns, end_ns;
	struct slice_counts counts;
};

/* Whether anybody is told of intervals. */
static inline bool events_are_wanted(const struct events *events)
{
	return events->descriptor >= 0 || events->intervals_file || events->csv_file;
}

/* What is taking long: "connecting", with `key` "open", or "warming", "answered": so many connections of all. */
void events_send_part(struct events *events, uint64_t at_ns, const char *name, const char *key,
		      uint64_t count, uint64_t of);
void events_send_connected(struct events *events, uint64_t at_ns, uint64_t connections,
			   uint64_t idle);
void events_send_interval(struct events *events, uint64_t at_ns,
			  const struct events_interval *interval);
void events_send_slice(struct events *events, const struct events_slice *slice);
/* The first line of the CSV file, if there is one. */
void events_begin_csv(const struct events *events);

void events_send_end(struct events *events, uint64_t at_ns, const char *outcome);

/* Events that have a name and a time only: "warm", "done". */
void events_send(struct events *events, uint64_t at_ns, const char *name);

#endif
