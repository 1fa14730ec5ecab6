#include "servers/core/http/date.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 86400, WORDS = 4, LAST = DATE_BYTES - 8 };

/* The text as words, of which the last overlaps with the one before it. The loops over them are unrolled. */
static struct {
	_Alignas(64) atomic_uint turn; /* odd: it is being changed */
	_Atomic int64_t second;
	_Atomic uint64_t words[WORDS];
} published;

static size_t place_of(size_t word)
{
	return word < WORDS - 1 ? 8 * word : LAST;
}

static char *put_digits(char *to, unsigned number, unsigned width)
{
	for (unsigned i = width; i > 0; i--, number /= 10)
		to[i - 1] = (char)('0' + number % 10);
	return to + width;
}

static char *put(char *to, const char *text, size_t length)
{
	memcpy(to, text, length);
	return to + length;
}

/*
 * The civil date of a day since 1970-01-01, counting years from March, so that a leap day is the last of
 * its year (Howard Hinnant, "chrono-compatible low-level date algorithms").
 */
void date_write(char to[DATE_BYTES], int64_t second)
{
	static const char week[] = "Thu, Fri, Sat, Sun, Mon, Tue, Wed, ";
	static const char months[] = " Mar  Apr  May  Jun  Jul  Aug  Sep  Oct  Nov  Dec  Jan  Feb ";
	uint64_t day = (uint64_t)second / DAY_S + 719468; /* since 0000-03-01 */
	unsigned clock = (unsigned)((uint64_t)second % DAY_S);
	unsigned era_day = (unsigned)(day % 146097); /* of 400 years */
	unsigned era_year = (era_day - era_day / 1460 + era_day / 36524 - era_day / 146096) / 365;
	unsigned year_day = era_day - (365 * era_year + era_year / 4 - era_year / 100);
	unsigned month = (5 * year_day + 2) / 153;
	unsigned year = (unsigned)(day / 146097) * 400 + era_year + (month >= 10);

	to = put(to, week + 5 * ((uint64_t)second / DAY_S % 7), 5);
	to = put_digits(to, year_day - (153 * month + 2) / 5 + 1, 2);
	to = put(to, months + 5 * month, 5);
	to = put_digits(to, year, 4);
	to = put(to, " ", 1);
	to = put_digits(to, clock / 3600, 2);
	to = put(to, ":", 1);
	to = put_digits(to, clock / 60 % 60, 2);
	to = put(to, ":", 1);
	to = put_digits(to, clock % 60, 2);
	put(to, " GMT", 4);
}

/* Whether that second's was there, and is now in `to`. */
static bool take_published(char *to, int64_t second)
{
	unsigned turn = atomic_load_explicit(&published.turn, memory_order_acquire);

	if ((turn & 1) || atomic_load_explicit(&published.second, memory_order_acquire) != second)
		return false;
#pragma GCC unroll 4
	for (size_t i = 0; i < WORDS; i++) {
		uint64_t word = atomic_load_explicit(&published.words[i], memory_order_acquire);

		memcpy(to + place_of(i), &word, sizeof word);
	}
	return atomic_load_explicit(&published.turn, memory_order_relaxed) == turn;
}

/* Unless somebody else is at it: then that one's will do for others. */
static void publish(const char *text, int64_t second)
{
	unsigned turn = atomic_load_explicit(&published.turn, memory_order_relaxed);

	if ((turn & 1) || !atomic_compare_exchange_strong(&published.turn, &turn, turn + 1))
		return;
	atomic_store_explicit(&published.second, second, memory_order_release);
#pragma GCC unroll 4
	for (size_t i = 0; i < WORDS; i++) {
		uint64_t word;

		memcpy(&word, text + place_of(i), sizeof word);
		atomic_store_explicit(&published.words[i], word, memory_order_release);
	}
	atomic_store_explicit(&published.turn, turn + 2, memory_order_release);
}

char *date_put(char *to)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (!take_published(to, now.tv_sec)) {
		date_write(to, now.tv_sec);
		publish(to, now.tv_sec);
	}
	return to + DATE_BYTES;
}
