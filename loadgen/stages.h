/*
 * A load that changes: stages of constant or steadily changing rate, or number of connections.
 *
 * Written "10s:1k,30s:1k-10k,10s:500": for 10 s a rate of 1,000/s, then for 30 s from 1,000/s
 * up to 10,000/s, then for 10 s 500/s. With a "c" behind the number ("10s:100c") it is
 * connections, of a closed loop. All stages of a load are of one kind.
 */
#ifndef TENK_STAGES_H
#define TENK_STAGES_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STAGES_MAX = 32 };

struct stage {
	uint64_t begin_ns, end_ns; /* from the beginning of the first */
	double from, to;	   /* per second, or connections */
	double before;		   /* of rates: arrivals in all stages before */
};

struct stages {
	struct stage stage[STAGES_MAX];
	size_t count; /* 0: the load does not change */
	bool of_connections;
};

/* 0, or -EINVAL with a message. */
int stages_parse(struct stages *stages, const char *text, struct error *error);

uint64_t stages_duration_ns(const struct stages *stages);

/* The largest rate or number of connections. */
double stages_peak(const struct stages *stages);

/* The stage at that time, the last one afterwards. */
size_t stages_at(const struct stages *stages, uint64_t since_ns);

/* The rate or the number of connections then. */
double stages_level(const struct stages *stages, uint64_t since_ns);

/* How many arrivals all stages of a rate have. */
double stages_arrivals(const struct stages *stages);

/* When the n-th arrival is due (n may have a fraction), in ns since the beginning. */
double stages_when(const struct stages *stages, double n);

#endif
