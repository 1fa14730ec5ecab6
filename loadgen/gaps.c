#include "loadgen/gaps.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_BITS = 64 };

void gaps_destroy(struct gaps *gaps)
{
	free(gaps->answered);
	free(gaps->waited);
	*gaps = (struct gaps){0};
}

static bool grow(uint64_t **bits, size_t from, size_t to)
{
	uint64_t *larger = reallocarray(*bits, to, sizeof(*larger));

	if (!larger)
		return false;
	memset(larger + from, 0, (to - from) * sizeof(*larger));
	*bits = larger;
	return true;
}

/* Makes room for so many words. */
static bool reach(struct gaps *gaps, size_t words)
{
	size_t room = gaps->words ? 2 * gaps->words : 2;

	if (words <= gaps->words)
		return true;
	while (room < words)
		room *= 2;
	if (!gaps->lost && grow(&gaps->answered, gaps->words, room) &&
	    grow(&gaps->waited, gaps->words, room))
		gaps->words = room;
	else
		gaps->lost = true;
	return !gaps->lost;
}

void gaps_note_answer(struct gaps *gaps, size_t window)
{
	if (reach(gaps, window / WORD_BITS + 1))
		gaps->answered[window / WORD_BITS] |= UINT64_C(1) << window % WORD_BITS;
}

void gaps_note_wait(struct gaps *gaps, size_t first, size_t last)
{
	if (!reach(gaps, last / WORD_BITS + 1))
		return;
	for (size_t i = first; i <= last; i++)
		gaps->waited[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
}

void gaps_merge(struct gaps *into, const struct gaps *from)
{
	into->lost |= from->lost;
	if (!reach(into, from->words))
		return;
	for (size_t i = 0; i < from->words; i++) {
		into->answered[i] |= from->answered[i];
		into->waited[i] |= from->waited[i];
	}
}

uint64_t gaps_count(const struct gaps *gaps, size_t windows)
{
	uint64_t count = 0;

	for (size_t i = 0; i < gaps->words && i * WORD_BITS < windows; i++) {
		size_t left = windows - i * WORD_BITS;
		uint64_t silent = gaps->waited[i] & ~gaps->answered[i];

		if (left < WORD_BITS)
			silent &= (UINT64_C(1) << left) - 1;
		count += (uint64_t)__builtin_popcountll(silent);
	}
	return count;
}
