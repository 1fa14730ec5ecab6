/*
 * Contenders in words: who is first, who shares the first tier, who is not ranked and why. A figure stands
 * with how it compares to part->against within blocks, which tables and charts have too.
 */
#ifndef TENK_REPORT_RANKING_H
#define TENK_REPORT_RANKING_H

#include "lib/text_buffer.h"
#include "report/contenders.h"

/*
 * "epoll with 131k/s (× 1.42 [1.38, 1.45]), libuv ...": items from `first` to before `end`. `brief`, here
 * and below: a long list is cut to its first few and its last.
 */
void ranking_append_list(struct text_buffer *out, const struct part *part,
			 const struct contenders *all, size_t first, size_t end, const char *metric,
			 bool brief);

/* "share the first tier: ...": what servers of one tier have in common. */
void ranking_append_tier(struct text_buffer *out, const struct part *part, const char *metric);

/* Of rates: the first tier in a sentence, those behind it in another. There is a ranked one. */
void ranking_append_ranked(struct text_buffer *out, const struct part *part,
			   const struct contenders *all, const char *metric, bool brief);

/* Those that are not ranked, each kind with its reason. */
void ranking_append_unranked(struct text_buffer *out, const struct part *part,
			     const struct contenders *all, const char *metric, bool brief);

/* What ratios are to and what brackets hold, by the fewest trials among the contenders. */
void ranking_append_spread(struct text_buffer *out, const struct part *part,
			   const struct contenders *all, const char *metric, bool brief);

#endif
