/*
 * How findings are found: what the files of the kinds share. A kind looks at a part and fills one finding;
 * false: it has nothing to say of that part. Strings that could not be made stay NULL, which
 * findings_make takes for a lack of memory.
 */
#ifndef TENK_REPORT_FINDING_KINDS_H
#define TENK_REPORT_FINDING_KINDS_H

#include "lib/text_buffer.h"
#include "report/finding.h"
#include "report/pair.h"
#include "stored/blocks/ratio.h"

/* The words of what is compared between two servers at a point. */
struct finding_words {
	const char *metric;
	const char *subject;  /* "a request costs" */
	const char *noun;     /* behind the first figure: " of server CPU" */
	const char *after;    /* behind the second: ", the kernel's share included" */
	const char *as;	      /* "times": "as much" */
	const char *quantity; /* "server CPU per request" */
	const char *
		place; /* under its tile; NULL: where the point is, which the sentence begins with */
	bool (*fits)(const struct part *part);
};

enum finding_telling {
	FINDING_ONCE,	 /* a run tells it of one part only, the one that tells most */
	FINDING_SPECIAL, /* what the scenario of a part is about: of each part */
};

struct finding_kind {
	const char *name, *title;
	const char *
		chart; /* which shows it; of a part of one point that behind which "-ratio" stands */
	enum finding_telling telling;
	bool (*find)(struct finding *finding, const struct finding_kind *kind,
		     const struct part *part);
	struct finding_words words;
};

/* A server against another (finding_contrast.c). */
bool finding_contrast(struct finding *finding, const struct finding_kind *kind,
		      const struct part *part);
bool finding_fits_rate(const struct part *part);
bool finding_fits_behind(const struct part *part); /* its requests wait for something behind */
bool finding_fits_cpu(const struct part *part);
bool finding_fits_tail(const struct part *part);
bool finding_fits_unluckiest(
	const struct part *part); /* a closed loop whose first chart is that of response times */

/* The same of a finding that has part, point and servers already. */
bool finding_compare(struct finding *finding, const struct finding_words *words);

/* What a connection's memory is, and what it is made of (finding_memory.c). */
bool finding_memory(struct finding *finding, const struct finding_kind *kind,
		    const struct part *part);
bool finding_kernel_share(struct finding *finding, const struct finding_kind *kind,
			  const struct part *part);
bool finding_reserved(struct finding *finding, const struct finding_kind *kind,
		      const struct part *part);
bool finding_held(struct finding *finding, const struct finding_kind *kind,
		  const struct part *part);

/* How far servers came on a ladder (finding_ladder.c). */
bool finding_wall(struct finding *finding, const struct finding_kind *kind,
		  const struct part *part);
bool finding_earlier(struct finding *finding, const struct finding_kind *kind,
		     const struct part *part);

/* Quick requests beside others, and a burst (finding_load.c). */
bool finding_beside(struct finding *finding, const struct finding_kind *kind,
		    const struct part *part);
bool finding_silence(struct finding *finding, const struct finding_kind *kind,
		     const struct part *part);
bool finding_offloaded(struct finding *finding, const struct finding_kind *kind,
		       const struct part *part);
bool finding_burst(struct finding *finding, const struct finding_kind *kind,
		   const struct part *part);

/* What one server gains from more threads behind it, more workers, more cores (finding_gain.c). */
bool finding_gain(struct finding *finding, const struct finding_kind *kind,
		  const struct part *part);

/* Whether threads and loops are compared in so much that one sentence concludes it (finding_headline.c). */
bool finding_has_conclusion(const struct findings *findings);

/* The headline of findings that are all there. NULL: no memory. */
char *finding_headline(const struct findings *findings, const struct part *parts,
		       size_t part_count);

/* Takes over a ratio: state, direction, numbers and, where the run cannot tell, the clause why. */
void finding_set_ratio(struct finding *finding, const struct block_ratio *ratio);

/* Sets the server, the metric and the point that a finding has against the same server at another point. */
void finding_compare_points(struct finding *finding, const json_t *other);

/* Whether two points have the same of all axes but this one. */
bool finding_points_differ_in(const json_t *a, const json_t *b, const char *axis);

/*
 * The end of a finding of one server at two points: its sentence, and a tile with what is compared. Destroys both
 * texts.
 */
void finding_end_of_one(struct finding *finding, struct text_buffer *sentence,
			struct text_buffer *compared);

/* Takes over what one server has by itself. */
void finding_set_value(struct finding *finding, const struct summary *summary, bool bound);

/* Its tile's text from state and numbers, and whom it compares, `where` behind. */
void finding_set_tile(struct finding *finding, const char *where);

/* Whether the medians of both may stand beside the ratio: their quotient is what it says. */
bool finding_figures_agree(const struct finding *finding);

/* ", in every block", ", in both blocks", ", in one trial of each" or "". */
const char *finding_evidence(const struct finding *finding);

/* "1.5", "0.68", "43": a ratio in a sentence, with no more digits than a reader keeps. Returns out. */
char *finding_times(double ratio, char out[64]);

/* Whether the requests of a part wait for something but the server. */
bool finding_waits_behind(const struct part *part);

/* ", each request waiting 100 ms": what they wait for, as far as there are words for it. False: for nothing. */
bool finding_append_behind(struct text_buffer *out, const struct part *part, const json_t *point);

/* "64 connections", "5k/s offered": what says best where a point is; nothing if nothing does. */
void finding_append_place(struct text_buffer *out, const struct part *part, const json_t *point);

/* "at 64 connections ", "with 5k/s offered ", and what requests wait for there. */
void finding_append_where(struct text_buffer *out, const struct part *part, const json_t *point);

/* The text of a buffer, which is destroyed; its first letter made a capital. NULL: no memory. */
char *finding_take(struct text_buffer *text);

#endif
