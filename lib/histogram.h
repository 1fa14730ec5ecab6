/*
 * A latency histogram in HdrHistogram's layout: log-bucketed, fixed relative precision.
 *
 * Values are nanoseconds from 1 to one hour, kept to three significant digits (2048 sub-buckets),
 * so a recorded value is known to one part in 1024 or better. Recording is a few instructions and
 * never allocates. Two histograms merge by adding their counts: associative and commutative.
 * Source of the layout and the V2 encoding: HdrHistogram, Gil Tene, hdrhistogram.org.
 *
 * Not thread-safe: one per thread, merged afterwards.
 */
#ifndef TENK_HISTOGRAM_H
#define TENK_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HISTOGRAM_LOWEST_NS  UINT64_C(1)
#define HISTOGRAM_HIGHEST_NS UINT64_C(3600000000000) /* 1 h */

enum {
	HISTOGRAM_SIGNIFICANT_DIGITS = 3,
	HISTOGRAM_SUB_BUCKETS = 2048,
	HISTOGRAM_BUCKETS = 32,
	HISTOGRAM_SLOTS = (HISTOGRAM_BUCKETS + 1) * (HISTOGRAM_SUB_BUCKETS / 2),
};

struct histogram {
	uint64_t total;	     /* values recorded */
	uint64_t min_ns;     /* exact; UINT64_MAX while empty */
	uint64_t max_ns;     /* exact; 0 while empty */
	uint64_t overflowed; /* values above one hour, recorded as one hour */
	double sum_ns;	     /* exact sum of what was recorded, for the mean */
	uint64_t counts[HISTOGRAM_SLOTS];
};

/* The caller owns the storage (about 270 KB). */
void histogram_init(struct histogram *histogram);

/* Records one value; 0 counts as 1 ns, above one hour as one hour (and in `overflowed`). */
void histogram_record(struct histogram *histogram, uint64_t value_ns);

/* The same so many times. */
void histogram_record_many(struct histogram *histogram, uint64_t value_ns, uint64_t count);

/* into += from. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/*
 * The highest value equivalent to the one at the percentile (0 to 100), as HdrHistogram defines
 * it; never above max_ns. 0 when empty.
 */
uint64_t histogram_percentile_ns(const struct histogram *histogram, double percentile);

double histogram_mean_ns(const struct histogram *histogram); /* NAN when empty */
double histogram_standard_deviation_ns(const struct histogram *histogram);

/* Visits the non-empty slots in ascending order: (highest equivalent value, count). */
void histogram_visit(const struct histogram *histogram,
		     void (*visit)(void *context, uint64_t value_ns, uint64_t count),
		     void *context);

/*
 * HdrHistogram's V2 compressed form (ZigZag LEB128 counts, zlib, base64), malloc'ed, NUL
 * terminated; the caller frees it. NULL when out of memory.
 */
char *histogram_encode_v2(const struct histogram *histogram);

/*
 * Writes a HdrHistogram log (format 1.3) with this one histogram: the interval starts at
 * start_s (seconds since the epoch, UTC) and is duration_s long. 0 or -errno.
 */
int histogram_write_log(const struct histogram *histogram, FILE *file, double start_s,
			double duration_s);

/*
 * The same in two steps, for a log of several histograms: its head, and a line for each, which begins
 * since_s after the start. What was written so far is on its way to the disk. 0 or -errno.
 */
int histogram_begin_log(FILE *file, double start_s);
int histogram_add_to_log(const struct histogram *histogram, FILE *file, double since_s,
			 double duration_s);

/* The same of a part of what is logged, under a tag without blanks and commas: "Tag=NAME,". */
int histogram_add_tagged_to_log(const struct histogram *histogram, FILE *file, const char *tag,
				double since_s, double duration_s);

/*
 * Writes the percentile distribution as HdrHistogram's tools do (.hgrm), in milliseconds.
 * 0 or -errno.
 */
int histogram_write_hgrm(const struct histogram *histogram, FILE *file);

#endif
