#include "lib/histogram.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

enum {
	SUB_BUCKET_HALF = HISTOGRAM_SUB_BUCKETS / 2,
	SUB_BUCKET_BITS = 11,	   /* log2 of HISTOGRAM_SUB_BUCKETS */
	SUB_BUCKET_HALF_BITS = 10, /* log2 of SUB_BUCKET_HALF */
	V2_HEADER_BYTES = 40,
	V2_COMPRESSED_HEADER_BYTES = 8,
	ZIGZAG_MAX_BYTES = 9,
};

static const uint32_t v2_cookie = 0x1c849303 | 0x10;
static const uint32_t v2_compressed_cookie = 0x1c849304 | 0x10;

/*
 * Bucket b holds values whose highest bit makes b shifts bring them under 2048; its lower half
 * would repeat bucket b - 1 at half the precision, so only upper halves have slots.
 */
static inline size_t histogram_slot(uint64_t value_ns)
{
	unsigned bits = 64 -
			(unsigned)__builtin_clzll(value_ns | (uint64_t)(HISTOGRAM_SUB_BUCKETS - 1));
	unsigned bucket = bits - SUB_BUCKET_BITS;
	size_t sub_bucket = (size_t)(value_ns >> bucket);

	return ((size_t)(bucket + 1) << SUB_BUCKET_HALF_BITS) + sub_bucket - SUB_BUCKET_HALF;
}

/* The lowest value of a slot and how many values share it. */
static uint64_t histogram_slot_lowest(size_t slot, uint64_t *width)
{
	size_t row = slot >> SUB_BUCKET_HALF_BITS;
	size_t sub_bucket = (slot & (SUB_BUCKET_HALF - 1)) + SUB_BUCKET_HALF;
	unsigned shift = row > 0 ? (unsigned)(row - 1) : 0;

	if (row == 0)
		sub_bucket -= SUB_BUCKET_HALF;
	*width = UINT64_C(1) << shift;
	return (uint64_t)sub_bucket << shift;
}

static uint64_t histogram_slot_highest(size_t slot)
{
	uint64_t width, lowest = histogram_slot_lowest(slot, &width);

	return lowest + width - 1;
}

static uint64_t histogram_clamp(uint64_t value_ns)
{
	if (value_ns < HISTOGRAM_LOWEST_NS)
		return HISTOGRAM_LOWEST_NS;
	return value_ns > HISTOGRAM_HIGHEST_NS ? HISTOGRAM_HIGHEST_NS : value_ns;
}

void histogram_init(struct histogram *histogram)
{
	memset(histogram, 0, sizeof(*histogram));
	histogram->min_ns = UINT64_MAX;
}

void histogram_record(struct histogram *histogram, uint64_t value_ns)
{
	uint64_t value = histogram_clamp(value_ns);

	histogram->overflowed += value_ns > HISTOGRAM_HIGHEST_NS;
	histogram->counts[histogram_slot(value)]++;
	histogram->total++;
	histogram->sum_ns += (double)value;
	if (value < histogram->min_ns)
		histogram->min_ns = value;
	if (value > histogram->max_ns)
		histogram->max_ns = value;
}

void histogram_record_many(struct histogram *histogram, uint64_t value_ns, uint64_t count)
{
	uint64_t value = histogram_clamp(value_ns);

	if (count == 0)
		return;
	histogram_record(histogram, value_ns);
	histogram->overflowed += value_ns > HISTOGRAM_HIGHEST_NS ? count - 1 : 0;
	histogram->counts[histogram_slot(value)] += count - 1;
	histogram->total += count - 1;
	histogram->sum_ns += (double)value * (double)(count - 1);
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	for (size_t i = 0; i < HISTOGRAM_SLOTS; i++)
		into->counts[i] += from->counts[i];
	into->total += from->total;
	into->overflowed += from->overflowed;
	into->sum_ns += from->sum_ns;
	if (from->min_ns < into->min_ns)
		into->min_ns = from->min_ns;
	if (from->max_ns > into->max_ns)
		into->max_ns = from->max_ns;
}

uint64_t histogram_percentile_ns(const struct histogram *histogram, double percentile)
{
	double wanted = fmin(fmax(percentile, 0), 100);
	uint64_t rank, seen = 0;

	if (histogram->total == 0)
		return 0;
	/* The next lower double, so that 99.9 % of 1000 is rank 999 in spite of rounding. */
	wanted = nextafter(wanted, -INFINITY);
	rank = wanted > 0 ? (uint64_t)ceil(wanted * (double)histogram->total / 100) : 1;
	if (rank < 1)
		rank = 1;
	for (size_t i = 0; i < HISTOGRAM_SLOTS; i++) {
		seen += histogram->counts[i];
		if (seen >= rank) {
			uint64_t highest = histogram_slot_highest(i);

			return highest < histogram->max_ns ? highest : histogram->max_ns;
		}
	}
	return histogram->max_ns;
}

double histogram_mean_ns(const struct histogram *histogram)
{
	return histogram->total ? histogram->sum_ns / (double)histogram->total : NAN;
}

static double histogram_slot_middle(size_t slot)
{
	uint64_t width, lowest = histogram_slot_lowest(slot, &width);

	return (double)(lowest + width / 2);
}

/* Around the mean of the slots' middles, not the exact mean: equal values then deviate by 0. */
double histogram_standard_deviation_ns(const struct histogram *histogram)
{
	double total = (double)histogram->total, mean = 0, squares = 0;

	if (histogram->total == 0)
		return NAN;
	for (size_t i = 0; i < HISTOGRAM_SLOTS; i++)
		if (histogram->counts[i])
			mean += (double)histogram->counts[i] / total * histogram_slot_middle(i);
	for (size_t i = 0; i < HISTOGRAM_SLOTS; i++) {
		if (histogram->counts[i]) {
			double deviation = histogram_slot_middle(i) - mean;

			squares += (double)histogram->counts[i] * deviation * deviation;
		}
	}
	return sqrt(squares / total);
}

void histogram_visit(const struct histogram *histogram,
		     void (*visit)(void *context, uint64_t value_ns, uint64_t count), void *context)
{
	for (size_t i = 0; i < HISTOGRAM_SLOTS; i++)
		if (histogram->counts[i])
			visit(context, histogram_slot_highest(i), histogram->counts[i]);
}

static uint8_t *put_u32(uint8_t *out, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		*out++ = (uint8_t)(value >> shift);
	return out;
}

static uint8_t *put_u64(uint8_t *out, uint64_t value)
{
	return put_u32(put_u32(out, (uint32_t)(value >> 32)), (uint32_t)value);
}

/* LEB128 of the zigzag form, in HdrHistogram's variant: the ninth byte carries eight bits. */
static uint8_t *put_zigzag(uint8_t *out, int64_t value)
{
	uint64_t rest = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);

	for (int i = 0; i < ZIGZAG_MAX_BYTES - 1; i++) {
		if (rest < 0x80) {
			*out++ = (uint8_t)rest;
			return out;
		}
		*out++ = (uint8_t)(rest | 0x80);
		rest >>= 7;
	}
	*out++ = (uint8_t)rest;
	return out;
}

/* Counts up to the highest used slot; a run of empty slots is one negative number. */
static uint8_t *put_counts(uint8_t *out, const struct histogram *histogram)
{
	size_t end = histogram->total ? histogram_slot(histogram->max_ns) + 1 : 0;

	for (size_t i = 0; i < end;) {
		int64_t zeros = 0;

		while (i < end && histogram->counts[i] == 0) {
			zeros++;
			i++;
		}
		out = zeros ? put_zigzag(out, -zeros)
			    : put_zigzag(out, (int64_t)histogram->counts[i++]);
	}
	return out;
}

static size_t histogram_encode_plain(const struct histogram *histogram, uint8_t *out)
{
	static const double ratio = 1.0;
	uint64_t ratio_bits;
	uint8_t *end = put_counts(out + V2_HEADER_BYTES, histogram);
	uint8_t *at = out;

	memcpy(&ratio_bits, &ratio, sizeof(ratio_bits));
	at = put_u32(at, v2_cookie);
	at = put_u32(at, (uint32_t)(end - out - V2_HEADER_BYTES));
	at = put_u32(at, 0); /* normalizing index offset */
	at = put_u32(at, HISTOGRAM_SIGNIFICANT_DIGITS);
	at = put_u64(at, HISTOGRAM_LOWEST_NS);
	at = put_u64(at, HISTOGRAM_HIGHEST_NS);
	put_u64(at, ratio_bits);
	return (size_t)(end - out);
}

static char *base64_encode(const uint8_t *data, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	char *text = malloc((size + 2) / 3 * 4 + 1);
	char *out = text;

	if (!text)
		return NULL;
	for (size_t i = 0; i < size; i += 3) {
		uint32_t group = (uint32_t)data[i] << 16;

		if (i + 1 < size)
			group |= (uint32_t)data[i + 1] << 8;
		if (i + 2 < size)
			group |= data[i + 2];
		*out++ = digits[group >> 18];
		*out++ = digits[group >> 12 & 63];
		*out++ = i + 1 < size ? digits[group >> 6 & 63] : '=';
		*out++ = i + 2 < size ? digits[group & 63] : '=';
	}
	*out = '\0';
	return text;
}

char *histogram_encode_v2(const struct histogram *histogram)
{
	size_t plain_size = V2_HEADER_BYTES + (size_t)HISTOGRAM_SLOTS * ZIGZAG_MAX_BYTES;
	uint8_t *plain = malloc(plain_size);
	uint8_t *compressed = NULL;
	uLongf compressed_size;
	char *text = NULL;

	if (!plain)
		return NULL;
	plain_size = histogram_encode_plain(histogram, plain);
	compressed_size = compressBound((uLong)plain_size);
	compressed = malloc(V2_COMPRESSED_HEADER_BYTES + compressed_size);
	if (compressed && compress2(compressed + V2_COMPRESSED_HEADER_BYTES, &compressed_size,
				    plain, (uLong)plain_size, Z_BEST_COMPRESSION) == Z_OK) {
		put_u32(put_u32(compressed, v2_compressed_cookie), (uint32_t)compressed_size);
		text = base64_encode(compressed, V2_COMPRESSED_HEADER_BYTES + compressed_size);
	}
	free(compressed);
	free(plain);
	return text;
}

int histogram_begin_log(FILE *file, double start_s)
{
	time_t start = (time_t)start_s;
	char when[64] = "";
	struct tm utc;

	if (gmtime_r(&start, &utc))
		strftime(when, sizeof(when), "%a %b %d %H:%M:%S UTC %Y", &utc);
	errno = 0;
	if (fprintf(file,
		    "#[Logged with tenk]\n"
		    "#[Histogram log format version 1.3]\n"
		    "#[StartTime: %.3f (seconds since epoch), %s]\n"
		    "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
		    "\"Interval_Compressed_Histogram\"\n",
		    start_s, when) < 0)
		return errno ? -errno : -EIO;
	return 0;
}

int histogram_add_to_log(const struct histogram *histogram, FILE *file, double since_s,
			 double duration_s)
{
	return histogram_add_tagged_to_log(histogram, file, NULL, since_s, duration_s);
}

int histogram_add_tagged_to_log(const struct histogram *histogram, FILE *file, const char *tag,
				double since_s, double duration_s)
{
	char *encoded = histogram_encode_v2(histogram);
	int written;

	if (!encoded)
		return -ENOMEM;
	errno = 0;
	written = fprintf(file, "%s%s%s%.3f,%.3f,%.3f,%s\n", tag ? "Tag=" : "", tag ? tag : "",
			  tag ? "," : "", since_s, duration_s, (double)histogram->max_ns / 1e6,
			  encoded);
	free(encoded);
	if (written < 0 || fflush(file) != 0)
		return errno ? -errno : -EIO;
	return 0;
}

int histogram_write_log(const struct histogram *histogram, FILE *file, double start_s,
			double duration_s)
{
	int result = histogram_begin_log(file, start_s);

	return result < 0 ? result : histogram_add_to_log(histogram, file, 0, duration_s);
}
