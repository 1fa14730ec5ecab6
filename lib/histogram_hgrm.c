#include "lib/histogram.h"

#include <errno.h>
#include <math.h>

/* As HdrHistogram's own writers do: five lines for each halving of the distance to 100 %. */
enum { TICKS_PER_HALF_DISTANCE = 5 };

static const double ns_per_ms = 1e6;

struct hgrm {
	FILE *file;
	uint64_t total, seen;
	double level; /* of the next line, in per cent */
};

static void hgrm_write_line(const struct hgrm *hgrm, uint64_t value_ns, double level)
{
	fprintf(hgrm->file, "%12.3f %2.12f %10llu", (double)value_ns / ns_per_ms, level / 100,
		(unsigned long long)hgrm->seen);
	if (level < 100)
		fprintf(hgrm->file, " %14.2f", 100 / (100 - level));
	fputc('\n', hgrm->file);
}

static void hgrm_visit(void *context, uint64_t value_ns, uint64_t count)
{
	struct hgrm *hgrm = context;

	hgrm->seen += count;
	/* The last value is for the line of 100 %. */
	if (hgrm->seen == hgrm->total)
		return;
	while (100.0 * (double)hgrm->seen / (double)hgrm->total >= hgrm->level) {
		double halvings = floor(log2(100 / (100 - hgrm->level))) + 1;

		hgrm_write_line(hgrm, value_ns, hgrm->level);
		hgrm->level += 100 / (TICKS_PER_HALF_DISTANCE * exp2(halvings));
	}
}

int histogram_write_hgrm(const struct histogram *histogram, FILE *file)
{
	struct hgrm hgrm = {.file = file, .total = histogram->total};

	errno = 0;
	fprintf(file, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
		"1/(1-Percentile)");
	histogram_visit(histogram, hgrm_visit, &hgrm);
	if (histogram->total > 0)
		hgrm_write_line(&hgrm, histogram->max_ns, 100);
	fprintf(file,
		"#[Mean    = %12.3f, StdDeviation   = %12.3f]\n"
		"#[Max     = %12.3f, Total count    = %12llu]\n"
		"#[Buckets = %12d, SubBuckets     = %12d]\n",
		histogram->total ? histogram_mean_ns(histogram) / ns_per_ms : 0,
		histogram->total ? histogram_standard_deviation_ns(histogram) / ns_per_ms : 0,
		(double)histogram->max_ns / ns_per_ms, (unsigned long long)histogram->total,
		HISTOGRAM_BUCKETS, HISTOGRAM_SUB_BUCKETS);
	if (fflush(file) != 0 || ferror(file))
		return errno ? -errno : -EIO;
	return 0;
}
