#include "loadgen/mpi/counted.h"

#include <stdlib.h>
#include <string.h>

enum { WORD = sizeof(uint64_t) };

/* Words that grow. */
struct words {
	uint64_t *at;
	size_t count, room;
	bool failed;
};

/* Words that are read. */
struct reader {
	const uint64_t *at;
	size_t count, next;
};

static size_t words_of(size_t bytes)
{
	return (bytes + WORD - 1) / WORD;
}

static size_t result_bytes(const struct result *result)
{
	return sizeof(*result) + result->tally_count * sizeof(result->tally[0]);
}

static void reserve(struct words *words, size_t more)
{
	size_t room = words->room ? words->room : 1024;
	uint64_t *grown;

	while (room < words->count + more)
		room *= 2;
	if (room == words->room || words->failed)
		return;
	grown = reallocarray(words->at, room, WORD);
	if (!grown) {
		words->failed = true;
		return;
	}
	words->at = grown;
	words->room = room;
}

static void add(struct words *words, uint64_t word)
{
	reserve(words, 1);
	if (!words->failed)
		words->at[words->count++] = word;
}

/* Runs: how many zeros and how many others follow, in one word, and then these others. */
static void pack(struct words *out, const void *bytes, size_t size)
{
	size_t count = words_of(size), i = 0;
	uint64_t *padded = calloc(count, WORD);

	if (!padded) {
		out->failed = true;
		return;
	}
	if (size > 0) /* else there may be no bytes */
		memcpy(padded, bytes, size);
	while (i < count) {
		size_t zeros = i, others;

		while (zeros < count && padded[zeros] == 0)
			zeros++;
		others = zeros;
		while (others < count && padded[others] != 0)
			others++;
		add(out, (uint64_t)(zeros - i) << 32 | (others - zeros));
		for (i = zeros; i < others; i++)
			add(out, padded[i]);
	}
	free(padded);
}

static bool unpack(struct reader *in, void *bytes, size_t size)
{
	size_t count = words_of(size), done = 0;
	uint64_t *padded = calloc(count, WORD);
	bool whole = padded != NULL;

	while (whole && done < count) {
		uint64_t run = in->next < in->count ? in->at[in->next++] : 0;
		size_t zeros = (size_t)(run >> 32), others = (size_t)(run & UINT32_MAX);

		whole = run != 0 && zeros <= count - done && others <= count - done - zeros &&
			others <= in->count - in->next;
		if (!whole)
			break;
		memcpy(padded + done + zeros, in->at + in->next, others * WORD);
		in->next += others;
		done += zeros + others;
	}
	if (whole)
		memcpy(bytes, padded, size);
	free(padded);
	return whole;
}

void *counted_pack(const struct counted *counted, size_t *size)
{
	struct words words = {0};

	pack(&words, &counted->report, sizeof(counted->report));
	pack(&words, counted->total, result_bytes(counted->total));
	for (size_t i = 0; i < counted->kinds; i++) {
		const struct gaps *gaps = &counted->gaps[i];

		add(&words, gaps->lost);
		add(&words, gaps->words);
		pack(&words, gaps->answered, gaps->words * WORD);
		pack(&words, gaps->waited, gaps->words * WORD);
	}
	if (words.failed) {
		free(words.at);
		return NULL;
	}
	*size = words.count * WORD;
	return words.at;
}

static bool unpack_gaps(struct reader *in, struct gaps *gaps)
{
	bool lost = in->next < in->count && in->at[in->next] != 0;
	size_t words = in->next + 1 < in->count ? (size_t)in->at[in->next + 1] : SIZE_MAX;

	in->next += 2;
	if (words > UINT32_MAX)
		return false;
	*gaps = (struct gaps){.answered = calloc(words + 1, WORD),
			      .waited = calloc(words + 1, WORD),
			      .words = words,
			      .lost = lost};
	return gaps->answered && gaps->waited && unpack(in, gaps->answered, words * WORD) &&
	       unpack(in, gaps->waited, words * WORD);
}

bool counted_unpack(struct counted *counted, const void *bytes, size_t size)
{
	struct reader in = {.at = bytes, .count = size / WORD};
	uint64_t tallies = counted->total->tally_count;

	if (size % WORD != 0 || !unpack(&in, &counted->report, sizeof(counted->report)) ||
	    !unpack(&in, counted->total, result_bytes(counted->total)) ||
	    counted->total->tally_count != tallies)
		return false;
	for (size_t i = 0; i < counted->kinds; i++)
		if (!unpack_gaps(&in, &counted->gaps[i]))
			return false;
	return in.next == in.count;
}
