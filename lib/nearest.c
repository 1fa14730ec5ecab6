#include "lib/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 64 };

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Optimal string alignment distance (Damerau 1964, restricted): dynamic programming over three
 * rows of the table of prefixes.
 */
static size_t edit_distance(const char *a, const char *b)
{
	size_t length_a = strlen(a), length_b = strlen(b);
	size_t rows[3][WORD_MAX + 1];

	if (length_a > WORD_MAX || length_b > WORD_MAX)
		return WORD_MAX + 1;
	for (size_t j = 0; j <= length_b; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= length_a; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= length_b; j++) {
			size_t replaced = above[j - 1] + !same_letter(a[i - 1], b[j - 1]);

			row[j] = smaller(replaced, 1 + smaller(above[j], row[j - 1]));
			if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
			    same_letter(a[i - 2], b[j - 1]))
				row[j] = smaller(row[j], before[j - 2] + 1);
		}
	}
	return rows[length_a % 3][length_b];
}

const char *nearest_word(const char *word, const char *const *words, size_t count)
{
	/* A third of the letters may be wrong, or two in a short word, but never all of them. */
	size_t length = strlen(word);
	size_t limit = length < 3 ? 1 : length < 6 ? 2 : length / 3 + 1;
	const char *best = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t distance;

		if (!words[i])
			continue;
		distance = edit_distance(word, words[i]);
		if (distance <= limit && distance < strlen(words[i])) {
			best = words[i];
			limit = distance ? distance - 1 : 0;
			if (distance == 0)
				break;
		}
	}
	return best;
}

char *nearest_list(const char *const *words, size_t count, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		int n;

		if (!words[i])
			continue;
		n = snprintf(out + used, size - used, "%s%s", used ? ", " : "", words[i]);
		if (n < 0)
			break;
		if ((size_t)n >= size - used) {
			if (size > 4)
				memcpy(out + size - 4, "...", 4);
			break;
		}
		used += (size_t)n;
	}
	return out;
}
