#include "servers/core/tasks/inject.h"

#include "lib/clock.h"
#include "lib/units.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CPU, SYSCALL, BYTES, SLEEP, SLOW, FAIL, KINDS, ASKED_MOST = INJECT_TEXT_BYTES / KINDS - 1 };

/* In --inject, KIND[=[1/N][:][AMOUNT]]. */
static const struct {
	const char *name, *example;
	bool has_share;
	uint64_t most; /* of the amount; 0: it has none */
	enum unit_kind unit;
} kinds[KINDS] = {
	[CPU] = {"cpu", "cpu=500ns", .most = NS_PER_S, .unit = UNIT_DURATION},
	[SYSCALL] = {"syscall", "syscall", .has_share = false},
	[BYTES] = {"bytes", "bytes=4KiB", .most = 1 << 30, .unit = UNIT_BYTES},
	[SLEEP] = {"sleep", "sleep=1ms", .most = 60 * NS_PER_S, .unit = UNIT_DURATION},
	[SLOW] = {"slow", "slow=1/200:20ms", .has_share = true, .most = 60 * NS_PER_S,
		  .unit = UNIT_DURATION},
	[FAIL] = {"fail", "fail=1/10000", .has_share = true},
};

/* What was asked for; not written to once the server runs. */
static struct {
	const char *text; /* as it was given; NULL: it was not */
	uint64_t of;	  /* one in so many */
	uint64_t amount;
} asked[KINDS];

bool inject_answers, inject_connections;

static uint64_t spin_rounds;		 /* for asked[CPU] */
static _Atomic uint64_t *answers_so_far; /* of each kind, shared with children */

/* --- what is asked for ----------------------------------------------------------------------- */

static int find_kind(const char *text, size_t length)
{
	for (int i = 0; i < KINDS; i++)
		if (strlen(kinds[i].name) == length && memcmp(kinds[i].name, text, length) == 0)
			return i;
	return -1;
}

static int complain_of_kind(const char *text, struct error *error)
{
	error_set(error,
		  "--inject: \"%s\" is none of cpu=TIME, syscall, bytes=BYTES, sleep=TIME, "
		  "slow=1/N:TIME and fail=1/N",
		  text);
	return -EINVAL;
}

static int complain(int kind, const char *text, const char *why, struct error *error)
{
	error_set(error, "--inject: \"%s\": %s; right is, for instance, %s", text, why,
		  kinds[kind].example);
	return -EINVAL;
}

/* Reads "1/N" and leaves *value behind it, and behind the colon if one follows. False: it is none. */
static bool read_share(const char **value, uint64_t *of)
{
	char *end;

	if (strncmp(*value, "1/", 2) != 0 || (*value)[2] < '1' || (*value)[2] > '9')
		return false;
	*of = strtoull(*value + 2, &end, 10);
	*value = end + (*end == ':');
	return *of <= UINT32_MAX;
}

int inject_ask(const char *text, struct error *error)
{
	size_t length = strcspn(text, "=");
	const char *value = text[length] ? text + length + 1 : "";
	int kind = find_kind(text, length);
	uint64_t of = 0, amount = 0;
	struct error why;

	if (kind < 0)
		return complain_of_kind(text, error);
	if (strlen(text) > ASKED_MOST)
		return complain(kind, text, "too long", error);
	if (kinds[kind].has_share && !read_share(&value, &of))
		return complain(kind, text, "\"1/N\", one in N, is missing", error);
	if (!kinds[kind].most && *value)
		return complain(kind, text, "nothing is to follow", error);
	if (kinds[kind].most && units_parse_integer(kinds[kind].unit, value, &amount, &why) < 0)
		return complain(kind, text, why.text, error);
	if (kinds[kind].most && (amount < 1 || amount > kinds[kind].most))
		return complain(kind, text, "too little or too much", error);
	asked[kind].text = text;
	asked[kind].of = of;
	asked[kind].amount = amount;
	return 0;
}

const char *inject_describe(char text[INJECT_TEXT_BYTES])
{
	size_t length = 0;

	text[0] = '\0';
	for (int i = 0; i < KINDS; i++)
		if (asked[i].text && length < INJECT_TEXT_BYTES)
			length += (size_t)snprintf(text + length, INJECT_TEXT_BYTES - length,
						   "%s%s", length ? "," : "", asked[i].text);
	return text;
}

/* --- CPU ------------------------------------------------------------------------------------- */

/*
 * Multiplications of which each waits for the one before: what a round takes is a matter of the core's
 * frequency alone, and not of what else it has to do.
 */
static void __attribute__((noinline)) spin(uint64_t rounds)
{
	uint64_t chain = rounds;

	for (; rounds; rounds--) {
		chain *= UINT64_C(0x9E3779B97F4A7C15);
		__asm__ volatile("" : "+r"(chain));
	}
}

/* The least of many, since whatever comes between makes it more. */
static uint64_t least_ns(uint64_t rounds)
{
	enum { TRIES = 400 };
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		uint64_t begun_ns = clock_now_ns(), took_ns;

		spin(rounds);
		took_ns = clock_now_ns() - begun_ns;
		if (took_ns < least)
			least = took_ns;
	}
	return least;
}

/* How many rounds take so long. By the difference of two lengths, so that reading the clock is no part. */
static uint64_t rounds_lasting(uint64_t ns)
{
	enum { FEW = 1000, MANY = 9000 };
	uint64_t few_ns = least_ns(FEW), many_ns = least_ns(MANY);
	uint64_t took_ns = many_ns > few_ns ? many_ns - few_ns : 1;

	return (ns * (MANY - FEW) + took_ns / 2) / took_ns;
}

/* --- answers --------------------------------------------------------------------------------- */

int inject_open(void)
{
	size_t bytes = KINDS * sizeof *answers_so_far;
	void *shared;

	inject_connections = asked[BYTES].text;
	for (int i = 0; i < KINDS; i++)
		inject_answers |= i != BYTES && asked[i].text;
	if (!inject_answers)
		return 0;
	shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -errno;
	answers_so_far = shared;
	if (asked[CPU].text)
		spin_rounds = rounds_lasting(asked[CPU].amount);
	return 0;
}

/* Whether this answer is one of those that are meant. */
static bool takes_turn(int kind)
{
	return asked[kind].text &&
	       (atomic_fetch_add_explicit(&answers_so_far[kind], 1, memory_order_relaxed) + 1) %
			       asked[kind].of ==
		       0;
}

struct injected inject_answer(void)
{
	struct injected injected = {.fails = takes_turn(FAIL), .wait_ns = asked[SLEEP].amount};

	if (takes_turn(SLOW))
		injected.wait_ns += asked[SLOW].amount;
	if (asked[SYSCALL].text)
		syscall(SYS_getppid);
	spin(spin_rounds);
	return injected;
}

/* --- memory ---------------------------------------------------------------------------------- */

/* All are of one size, so that nobody needs to know which is whose. */
static struct block {
	struct block *next;
} * blocks;
static pthread_mutex_t blocks_lock = PTHREAD_MUTEX_INITIALIZER;

/* Without memory for it, this connection costs no more. */
void inject_take_memory(void)
{
	size_t bytes = asked[BYTES].amount;
	struct block *block;

	if (bytes < sizeof *block)
		bytes = sizeof *block;
	block = malloc(bytes);
	if (!block)
		return;
	memset(block, 1, bytes);
	pthread_mutex_lock(&blocks_lock);
	block->next = blocks;
	blocks = block;
	pthread_mutex_unlock(&blocks_lock);
}

void inject_free_memory(void)
{
	struct block *block;

	pthread_mutex_lock(&blocks_lock);
	block = blocks;
	if (block)
		blocks = block->next;
	pthread_mutex_unlock(&blocks_lock);
	free(block);
}
