/* The sections of the page, each in a file of its own, in the order in which they stand. */
#ifndef TENK_REPORT_SECTION_H
#define TENK_REPORT_SECTION_H

#include "stored/claims/claims.h"
#include "report/chart.h"
#include "report/finding.h"
#include "report/page.h"
#include "report/part.h"

/* In the order in which they stand (chapters.c). */
enum chapter {
	CHAPTER_BUSY,
	CHAPTER_SLOW,
	CHAPTER_MEMORY,
	CHAPTER_LIMITS,
	CHAPTER_INSIDE, /* what programs that observe themselves saw */
	CHAPTER_CLAIMS,
	CHAPTER_AGAINST,
	CHAPTER_EVIDENCE,
	CHAPTER_COUNT,
};

/* A loaded run with everything that the sections look at. */
struct report {
	const struct results *results;
	struct part *parts;    /* of all scenarios, in order */
	struct charts *charts; /* of each part */
	size_t part_count;
	struct charts run_charts; /* of the run as a whole */
	struct verdict *verdicts;
	size_t verdict_count;
	const struct chart *picture; /* on the first screen; NULL: there is none */
	const char *trials_file;     /* data/trials.csv, or that packed */
	const char *share_file;	     /* the same to pass on, beside the page; NULL: there is none */
	const struct against *against; /* the run beside others; NULL: alone */
	struct findings findings;
};

/* What belongs to all of a run: the titles or questions of its scenarios, one after the other. */
void section_append_titles(struct text_buffer *out, const json_t *run, const char *key);

/* "AMD EPYC, 4 cores, Linux 6.1". */
void section_append_machine(struct text_buffer *out, const json_t *run);

/* What stands above its title, and below a picture of it: version, titles, run, machine, how many trials. */
void section_append_kicker(struct text_buffer *out, const struct report *report);

/* The first screen: the finding, tiles, one picture, how far to trust it, what else there is (summary.c). */
void section_summary(struct page *page, const struct report *report);

/* For <head>: a description and, where it is to be found at base_url (NULL: nowhere), Open Graph (document_head.c). */
void section_document_head(struct text_buffer *out, const struct report *report,
			   const char *base_url);

/* What is in the page, and the chapters themselves (chapters.c). */
void section_contents(struct page *page, const struct report *report);
void section_chapters(struct page *page, const struct report *report);

/* The rows "you read / we measured / verdict" (verdict_rows.c); nothing without claims. */
void section_verdicts(struct page *page, const struct report *report);

/* One part: question, answer, charts, what they do not show, and folded how, tables, data (section_part.c). */
void section_part(struct page *page, const struct report *report, size_t index);

/* The table of a part that is a ladder (ladder.c); nothing for others. */
void section_ladder(struct page *page, const struct part *part);

/* How a part was measured, folded, and what it does not show (section_method.c, section_limits.c). */
void section_method(struct page *page, const struct part *part);
void section_limits(struct page *page, const struct part *part);

/* A table for each metric that a part is about, server by connections (section_matrix.c). */
void section_matrix(struct page *page, const struct part *part);

/* All tables of a part (section_data.c). */
void section_data(struct page *page, const struct part *part);

/* The run beside others, of which there are some (section_against.c). */
void section_against(struct page *page, const struct report *report);

/* Where it ran (section_environment.c). */
void section_environment(struct page *page, const struct report *report);

/* Trials that failed, were saturated or invalid, with their reasons (section_trials.c). */
void section_trials(struct page *page, const struct report *report);

/* What the generator cost, beside what the servers did (section_generator.c). */
void section_generator(struct page *page, const struct report *report);

/* The command that repeats it, the seed, and how to read the page (section_repeat.c). */
void section_repeat(struct page *page, const struct report *report);

#endif
