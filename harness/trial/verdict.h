/*
 * How a trial ended: ok, saturated, failed or invalid, and why (results/SCHEMA.md).
 *
 * Invalid is only what the apparatus spoiled: a busy or late generator, stolen time, a set-up
 * that failed. What a server does is an outcome: it dies, errs (failed) or falls behind (saturated).
 */
#ifndef TENK_TRIAL_VERDICT_H
#define TENK_TRIAL_VERDICT_H

#include "harness/measure/metrics.h"
#include "stored/codes.h"

struct trial_verdict {
	enum outcome outcome;
	json_t *reasons; /* array of {"code", "text"}, and where it is known "limit", "remedy" */
	json_t *notes;	 /* array of {"code", "text"} */
	bool rate_is_lower_bound;
};

void trial_verdict_init(struct trial_verdict *verdict);
void trial_verdict_destroy(struct trial_verdict *verdict);

/* Adds a reason. A failure beats what is invalid, which beats saturation. */
void trial_verdict_add(struct trial_verdict *verdict, enum outcome outcome, const char *code,
		       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Whatever else there is to say of it: it is invalid, and this is the only reason. */
void trial_verdict_spoil(struct trial_verdict *verdict, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Says of the reason that was added last which limit it was ("descriptors") and what would lift it.
 * "" or NULL: not known.
 */
void trial_verdict_explain(struct trial_verdict *verdict, const char *limit, const char *remedy);

void trial_verdict_note(struct trial_verdict *verdict, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Judges what the generator reported and the sampler saw. */
void trial_verdict_judge(struct trial_verdict *verdict, const struct observation *observation);

/* Notes it if the rate drifted over the window; `completed` has one value for each 100 ms. */
void trial_verdict_judge_steadiness(struct trial_verdict *verdict, const double *completed,
				    size_t count);

/*
 * The same of slices, by what was to be expected of each: only a trend, since a slice that was hit alone is
 * the machine's doing and moves the median of five.
 */
void trial_verdict_judge_slices(struct trial_verdict *verdict, const struct slices *slices);

#endif
