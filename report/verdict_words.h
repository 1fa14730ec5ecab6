/*
 * A verdict in words, the same wherever it is told: on the terminal, in Markdown, on the page. UTF-8, with
 * no-break spaces before units.
 */
#ifndef TENK_REPORT_VERDICT_WORDS_H
#define TENK_REPORT_VERDICT_WORDS_H

#include "lib/text_buffer.h"
#include "stored/claims/verdict.h"

#include <stdbool.h>

/* "38.5 KiB [38.4, 38.6]", "≥ 12.0 [9.4, –]"; "not measured". */
void verdict_words_measured(struct text_buffer *out, const struct verdict *verdict);

/* "1 MB to 2 MB", "× 187 to × 312", "at least 5,000". */
void verdict_words_claimed(struct text_buffer *out, const struct verdict *verdict);

/*
 * "overstated × 25.9", "understated × 1.03"; nothing where it lies inside or at the edge, or
 * where nothing is decided, or no factor is known.
 */
void verdict_words_factor(struct text_buffer *out, const struct verdict *verdict);

/* Whom it speaks of: "thread-per-connection", "thread-per-connection over epoll". */
void verdict_words_servers(struct text_buffer *out, const struct verdict *verdict);

/* What it was decided from: "5 blocks", "range of 3 blocks" where these cannot give an interval. */
void verdict_words_blocks(struct text_buffer *out, const struct verdict *verdict);

/* Whether it is of a claim that is only listed, with the reason why it is not tested: then nothing was run for it. */
bool verdict_words_is_untested(const struct verdict *verdict);

/* Its metric's title, "Resident memory per connection". */
const char *verdict_words_metric(const struct verdict *verdict);

/*
 * What leads back to what was measured, run by run: its folder's name, the day, how its trials ended, seed,
 * environment; and, if asked for and where the build has it, the checksum of the raw data.
 */
void verdict_words_ground(struct text_buffer *out, const struct verdict *verdict, bool checksum);

/* "8 claims: 1 reproduced, 2 refuted here, 1 at the edge": how many there are among the verdicts, and how they read. */
void verdict_words_count(struct text_buffer *out, const struct verdict *verdicts, size_t count);

/* Who claims it: titles, kinds of text and years; runs of before say only the short names. */
void verdict_words_sources(struct text_buffer *out, const json_t *claim);

#endif
