/*
 * The response times that a worker recorded since somebody last took them, as exact as all others: for
 * --log-interval. A lock that is hardly ever contended is what a sample costs for it, where it is
 * asked for; else nothing is kept.
 */
#ifndef TENK_RECENT_H
#define TENK_RECENT_H

#include "lib/histogram.h"

#include <pthread.h>
#include <stdbool.h>

struct recent {
	bool wanted;
	pthread_mutex_t lock;
	struct histogram *samples;
};

/* 0 or -ENOMEM; recent_destroy in any case, but not without it. */
int recent_init(struct recent *recent, bool wanted);
void recent_destroy(struct recent *recent);

/* By the worker. */
void recent_record(struct recent *recent, uint64_t latency_ns);

/*
 * By another thread: gives it an empty histogram and gets the one with what was recorded, which is the
 * caller's then.
 */
struct histogram *recent_take(struct recent *recent, struct histogram *empty);

#endif
