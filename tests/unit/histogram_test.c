#include "lib/histogram.h"
#include "tests/unit/histogram_above.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static struct histogram first, second, third, fourth;

static uint64_t random_value(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	/* All magnitudes alike: a random number of bits, then random bits. */
	return (*state & ((UINT64_C(1) << (*state >> 58 & 31) << 10) - 1)) + 1;
}

static int compare_values(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

Test(histogram, is_empty_at_first)
{
	histogram_init(&first);
	cr_assert_eq(first.total, 0);
	cr_assert_eq(first.min_ns, UINT64_MAX);
	cr_assert_eq(first.max_ns, 0);
	cr_assert_eq(histogram_percentile_ns(&first, 50), 0);
	cr_assert_eq(histogram_count_above(&first, 0), 0);
	cr_assert(isnan(histogram_mean_ns(&first)));
	cr_assert(isnan(histogram_standard_deviation_ns(&first)));
}

Test(histogram, agrees_with_exact_percentiles)
{
	enum { COUNT = 20000 };
	static const double percentiles[] = {0.1, 1, 25, 50, 75, 90, 99, 99.9, 99.99, 100};
	uint64_t *values = calloc(COUNT, sizeof(*values));
	uint64_t state = 88172645463325252u;

	cr_assert(values);
	histogram_init(&first);
	for (size_t i = 0; i < COUNT; i++) {
		values[i] = random_value(&state);
		histogram_record(&first, values[i]);
	}
	qsort(values, COUNT, sizeof(*values), compare_values);
	for (size_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++) {
		double below = nextafter(percentiles[i], 0);
		uint64_t exact = values[(size_t)ceil(below * COUNT / 100) - 1];
		uint64_t shown = histogram_percentile_ns(&first, percentiles[i]);

		cr_assert_geq(shown, exact, "p%g", percentiles[i]);
		cr_assert_leq((double)(shown - exact), (double)exact / 1024, "p%g: %lu for %lu",
			      percentiles[i], shown, exact);
	}
	cr_assert_eq(first.min_ns, values[0]);
	cr_assert_eq(first.max_ns, values[COUNT - 1]);
	free(values);
}

Test(histogram, the_rank_is_exact)
{
	histogram_init(&first);
	for (uint64_t value = 1; value <= 1000; value++)
		histogram_record(&first, value);
	cr_assert_eq(histogram_percentile_ns(&first, 0), 1);
	cr_assert_eq(histogram_percentile_ns(&first, 50), 500);
	cr_assert_eq(histogram_percentile_ns(&first, 99.9), 999);
	cr_assert_eq(histogram_percentile_ns(&first, 99.91), 1000);
	cr_assert_eq(histogram_percentile_ns(&first, 100), 1000);
	cr_assert_float_eq(histogram_mean_ns(&first), 500.5, 1e-9);
	cr_assert_float_eq(histogram_standard_deviation_ns(&first), sqrt(999999 / 12.0), 1e-6);
}

static void record_around(uint64_t value)
{
	for (uint64_t v = value - 2; v <= value + 2; v++) {
		histogram_init(&first);
		histogram_record(&first, v);
		histogram_record(&first, v + v / 512 + 1);
		cr_assert_geq(histogram_percentile_ns(&first, 50), v);
		cr_assert_leq(histogram_percentile_ns(&first, 50), v + v / 1024);
		cr_assert_eq(histogram_count_above(&first, v), 1, "%lu", v);
	}
}

Test(histogram, keeps_its_precision_at_every_boundary)
{
	for (unsigned bit = 3; bit < 41; bit++)
		record_around(UINT64_C(1) << bit);
}

Test(histogram, values_outside_the_range_are_clamped)
{
	histogram_init(&first);
	histogram_record(&first, 0);
	cr_assert_eq(first.min_ns, 1);
	cr_assert_eq(first.overflowed, 0);
	histogram_record(&first, HISTOGRAM_HIGHEST_NS);
	cr_assert_eq(first.overflowed, 0);
	histogram_record(&first, HISTOGRAM_HIGHEST_NS + 1);
	histogram_record(&first, UINT64_MAX);
	cr_assert_eq(first.overflowed, 2);
	cr_assert_eq(first.total, 4);
	cr_assert_eq(first.max_ns, HISTOGRAM_HIGHEST_NS);
	cr_assert_eq(histogram_percentile_ns(&first, 100), HISTOGRAM_HIGHEST_NS);
}

Test(histogram, equal_values_do_not_deviate)
{
	histogram_init(&first);
	for (int i = 0; i < 1000; i++)
		histogram_record(&first, 123456789);
	cr_assert_float_eq(histogram_mean_ns(&first), 123456789, 1e-3);
	cr_assert_float_eq(histogram_standard_deviation_ns(&first), 0, 1e-3);
}

Test(histogram, merging_is_associative_and_commutative)
{
	uint64_t state = 7;

	histogram_init(&first);
	histogram_init(&second);
	histogram_init(&third);
	for (int i = 0; i < 3000; i++) {
		histogram_record(&first, random_value(&state) & 0xffff);
		histogram_record(&second, random_value(&state) & 0xffffff);
		histogram_record(&third, random_value(&state));
	}
	/* (first + second) + third in `fourth`; first + (third + second) in `first`. */
	fourth = first;
	histogram_merge(&fourth, &second);
	histogram_merge(&fourth, &third);
	histogram_merge(&third, &second);
	histogram_merge(&first, &third);
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): all of both was written by the same functions */
	cr_assert_eq(memcmp(&first, &fourth, sizeof(first)), 0);
	cr_assert_eq(first.total, 9000);

	histogram_init(&second);
	histogram_merge(&first, &second);
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): as above */
	cr_assert_eq(memcmp(&first, &fourth, sizeof(first)), 0, "the empty one is neutral");
}

struct visited {
	uint64_t count, last, slots;
};

static void visit_slot(void *context, uint64_t value_ns, uint64_t count)
{
	struct visited *visited = context;

	cr_assert_gt(value_ns, visited->last, "slots come in ascending order");
	cr_assert_gt(count, 0);
	visited->last = value_ns;
	visited->count += count;
	visited->slots++;
}

Test(histogram, visits_what_was_recorded)
{
	struct visited visited = {0};

	histogram_init(&first);
	histogram_record(&first, 1);
	histogram_record(&first, 2047);
	histogram_record(&first, 4096);
	histogram_record(&first, 4097);
	histogram_visit(&first, visit_slot, &visited);
	cr_assert_eq(visited.count, 4);
	cr_assert_eq(visited.slots, 3, "4096 and 4097 share a slot");
	cr_assert_eq(visited.last, 4099);
}

/* A reader of the V2 form, written from its description and independent of the writer. */
static size_t base64_decode(const char *text, uint8_t *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	size_t size = 0;
	uint32_t group = 0;
	unsigned bits = 0;

	for (; *text && *text != '='; text++) {
		group = group << 6 | (uint32_t)(strchr(digits, *text) - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[size++] = (uint8_t)(group >> bits);
		}
	}
	return size;
}

static uint64_t big_endian(const uint8_t *data, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | *data++;
	return value;
}

static int64_t read_zigzag(const uint8_t **at)
{
	uint64_t value = 0;

	for (unsigned shift = 0;; shift += 7) {
		uint8_t byte = *(*at)++;

		if (shift == 56) {
			value |= (uint64_t)byte << shift;
			break;
		}
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			break;
	}
	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static void check_counts(const uint8_t *at, const uint8_t *end, const struct histogram *expected)
{
	size_t slot = 0;
	uint64_t total = 0;

	while (at < end) {
		int64_t value = read_zigzag(&at);

		for (; value < 0; value++)
			cr_assert_eq(expected->counts[slot++], 0);
		if (value > 0) {
			cr_assert_eq(expected->counts[slot++], (uint64_t)value);
			total += (uint64_t)value;
		}
	}
	cr_assert_eq(at, end);
	cr_assert_eq(total, expected->total);
}

static void check_encoded(const struct histogram *histogram)
{
	static uint8_t packed[1 << 20], plain[1 << 20];
	char *text = histogram_encode_v2(histogram);
	uLongf plain_size = sizeof(plain);
	size_t size;

	cr_assert(text);
	cr_assert_eq(strlen(text) % 4, 0);
	size = base64_decode(text, packed);
	cr_assert_eq(big_endian(packed, 4), 0x1c849314);
	cr_assert_eq(big_endian(packed + 4, 4), size - 8);
	cr_assert_eq(uncompress(plain, &plain_size, packed + 8, size - 8), Z_OK);
	cr_assert_eq(big_endian(plain, 4), 0x1c849313);
	cr_assert_eq(big_endian(plain + 4, 4), plain_size - 40);
	cr_assert_eq(big_endian(plain + 8, 4), 0);
	cr_assert_eq(big_endian(plain + 12, 4), 3);
	cr_assert_eq(big_endian(plain + 16, 8), 1);
	cr_assert_eq(big_endian(plain + 24, 8), UINT64_C(3600000000000));
	cr_assert_eq(big_endian(plain + 32, 8), UINT64_C(0x3ff0000000000000));
	check_counts(plain + 40, plain + plain_size, histogram);
	free(text);
}

Test(histogram, the_v2_form_gives_every_count_back)
{
	uint64_t state = 99;

	histogram_init(&first);
	check_encoded(&first);
	histogram_record(&first, 1);
	check_encoded(&first);
	for (int i = 0; i < 100000; i++)
		histogram_record(&first, random_value(&state));
	histogram_record(&first, HISTOGRAM_HIGHEST_NS);
	check_encoded(&first);
	/* Counts of every length, up to the ninth byte. */
	histogram_init(&first);
	for (unsigned bit = 0; bit < 62; bit++) {
		first.counts[3 + bit * 5] = (UINT64_C(1) << bit) + 1;
		first.total += (UINT64_C(1) << bit) + 1;
	}
	first.max_ns = 3 + 61 * 5;
	check_encoded(&first);
}

Test(histogram, writes_a_log_with_the_encoded_form)
{
	char *text = NULL, *encoded;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	cr_assert(file);
	histogram_init(&first);
	histogram_record(&first, 2500000);
	cr_assert_eq(histogram_write_log(&first, file, 1e9, 2.5), 0);
	fclose(file);
	encoded = histogram_encode_v2(&first);
	cr_assert(strstr(text, "#[Histogram log format version 1.3]\n"));
	cr_assert(strstr(text, "#[StartTime: 1000000000.000 (seconds since epoch), "
			       "Sun Sep 09 01:46:40 UTC 2001]\n"));
	cr_assert(strstr(text, "\n0.000,2.500,2.500,HISTFAAAA"));
	cr_assert(strstr(text, encoded));
	free(encoded);
	free(text);
}

Test(histogram, a_log_that_cannot_be_written_is_an_error)
{
	FILE *full = fopen("/dev/full", "w");

	cr_assert(full);
	histogram_init(&first);
	cr_assert_lt(histogram_write_log(&first, full, 0, 1), 0);
	fclose(full);
}
