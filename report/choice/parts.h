/* Between the files of a choice; nobody else includes this. */
#ifndef TENK_CHOICE_PARTS_H
#define TENK_CHOICE_PARTS_H

#include "lib/text_buffer.h"
#include "report/choice/choice.h"

/*
 * place.c: the best of them for a column; place->run is NULL where there is none. Only servers of `decides` count (NULL:
 * all), or only `server` (NULL: any).
 */
struct choice_search {
	const struct choice_run *runs;
	size_t count;
	const struct choice_needs *needs;
	enum choice_column column;
	const struct part *decides;
	const char *server;
};
struct choice_place choice_find_place(const struct choice_search *search);

/* Whether a server does no work, and only shows what a generator can do. */
bool choice_is_floor(const struct part *part, const char *server);

/* choice.c: one server's metric as a multiple of another's, within the blocks of a place. */
struct block_ratio choice_ratio(const struct choice_place *place, const char *metric,
				const char *server, const char *against);

/* fit.c: whether the server of a row can be taken, from its figures, and where those of all are from. */
void choice_judge(struct choice_row *row, const struct choice *choice);

/* Why a server has no figure at a place, in a few words: two of them are that it was not asked there, and that it failed. */
extern const char choice_not_measured[], choice_failed[];
const char *choice_why_missing(const struct choice_place *place, const char *server);

/* words.c: "requests_per_s", of a column in words: "requests a second". */
const char *choice_metric_words(const char *metric);

/* "10,000 connections, a wait of 1 s, on 1 of its cores". */
void choice_append_place(struct text_buffer *out, const struct choice_place *place);

/* What is to be taken and why, in some sentences. */
void choice_append_answer(struct text_buffer *out, const struct choice *choice);

/*
 * missing.c: the command that measures what a column lacks, with a word on what it would measure otherwise; "" where it
 * lacks nothing. The second: of the first
 * `most` servers of a place that others were measured at.
 */
void choice_append_missing(struct text_buffer *out, const struct choice *choice,
			   const struct choice_run *scenarios, enum choice_column column);
void choice_append_missing_servers(struct text_buffer *out, const struct choice *choice,
				   const struct choice_run *scenarios, enum choice_column column,
				   size_t most);

#endif
