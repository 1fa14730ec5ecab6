/*
 * The share of the cores' time that control groups leave us (cpu.max, cpu.cfs_quota_us), and how
 * often it was used up. Whoever has used up his share stands still for the rest of a period of some
 * 100 ms, so nothing holds of what was measured then.
 */
#ifndef TENK_QUOTA_H
#define TENK_QUOTA_H

#include <stdint.h>

/* In cores, the least of our groups' for version 1 or 2; INFINITY: none. `root` goes before paths. */
double quota_cores(const char *root);

/* What would lift it. */
extern const char quota_remedy[];

/* Since the groups were made, all of ours together. */
struct throttling {
	uint64_t periods; /* in which we were stopped */
	double stopped_ns;
};

/* Two or three small files are read; where there is no quota, nothing counts. */
void throttling_read(struct throttling *throttling, const char *root);

#endif
