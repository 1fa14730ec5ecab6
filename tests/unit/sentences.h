/* What a reader keeps of a sentence: how many numbers, ratios and words it has. */
#ifndef TENK_SENTENCES_H
#define TENK_SENTENCES_H

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct sentence_load {
	size_t words, numbers, ratios;
};

/* Blanks, and no-break ones, part words; a number begins with a digit, a ratio has "times" behind it. */
static inline bool is_blank_at(const char *text)
{
	return *text == ' ' || (*text == '\xc2' && text[1] == '\xa0');
}

/* The next sentence of a text, which ends at a full stop with a blank or nothing behind it. */
static inline struct sentence_load sentence_count(const char **text)
{
	struct sentence_load load = {0};
	bool inside = false;
	const char *at = *text;

	for (; *at; at++) {
		bool starts = !inside && !is_blank_at(at) && (unsigned char)*at != 0xa0;

		if (starts) {
			load.words++;
			load.numbers += isdigit((unsigned char)*at) || (*at == '[');
			if (strncmp(at, "times ", 6) == 0 || strncmp(at, "\xc3\x97", 2) == 0) {
				load.ratios++;
				load.numbers--;
			}
		}
		inside = !is_blank_at(at) && (unsigned char)*at != 0xa0;
		if (*at == '.' && (at[1] == ' ' || at[1] == '\0')) {
			at++;
			break;
		}
	}
	*text = at;
	return load;
}

/* At most three numbers and one ratio in each sentence. Returns how many words all have. */
static inline size_t sentences_check(const char *text, const char *whose)
{
	size_t words = 0;

	for (const char *at = text; *at;) {
		const char *begin = at;
		struct sentence_load load = sentence_count(&at);

		cr_expect_leq(load.numbers, 3, "%s: %zu numbers in: %.*s", whose, load.numbers,
			      (int)(at - begin), begin);
		cr_expect_leq(load.ratios, 1, "%s: %zu ratios in: %.*s", whose, load.ratios,
			      (int)(at - begin), begin);
		words += load.words;
	}
	return words;
}

#endif
