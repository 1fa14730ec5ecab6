/* The sentence at the top: the conclusion of a run that has one, else its first finding. */
#include "report/finding_kinds.h"

#include "report/format.h"
#include "report/observed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A conclusion speaks of so many of its kinds at least. */
enum { CONCLUSION_FEWEST = 3 };

/* How it says each of them: with %s for the ratio, in words, and where the run cannot tell. */
static const struct {
	const char *kind, *times, *higher, *lower, *same, *apart;
} clauses[] = {
	{"cpu", "takes %s times the CPU per request", "takes more CPU per request",
	 "takes less CPU per request", "takes as much CPU per request", "CPU"},
	{"memory", "needs %s times the memory", "needs more memory", "needs less memory",
	 "needs as much memory", "memory"},
	{"tail", "has %s times the p99", "has a longer tail", "has a shorter tail",
	 "has as long a tail", "tails"},
	{"rate", "answers %s times as many requests a second", "answers more requests a second",
	 "answers fewer requests a second", "answers as many requests a second", "rates"},
};

enum { CLAUSES = sizeof clauses / sizeof *clauses };

/* Of each clause its finding, if there is one, all of the same two servers; and how many can tell. */
struct conclusion {
	const struct finding *of[CLAUSES];
	size_t told, untold;
};

static bool is_told(const struct finding *finding)
{
	return finding && finding->direction != FINDING_UNKNOWN;
}

static struct conclusion conclude(const struct findings *findings)
{
	struct conclusion conclusion = {0};
	const struct finding *first = NULL;

	for (size_t i = 0; i < CLAUSES; i++) {
		for (size_t j = 0; j < findings->count; j++) {
			const struct finding *finding = &findings->items[j];

			if (strcmp(finding->kind, clauses[i].kind) != 0 || !finding->over)
				continue;
			first = first ? first : finding;
			if (strcmp(finding->of, first->of) == 0 &&
			    strcmp(finding->over, first->over) == 0)
				conclusion.of[i] = finding;
		}
		conclusion.told += is_told(conclusion.of[i]);
		conclusion.untold += conclusion.of[i] && !is_told(conclusion.of[i]);
	}
	return conclusion;
}

/* The one whose ratio is furthest from one: the sentence has room for one. CLAUSES: no such. */
static size_t find_greatest(const struct conclusion *conclusion)
{
	size_t greatest = CLAUSES;
	double furthest = 0;

	for (size_t i = 0; i < CLAUSES; i++) {
		const struct finding *finding = conclusion->of[i];

		if (!is_told(finding) || finding->direction == FINDING_SAME ||
		    !(fabs(log(finding->value)) > furthest))
			continue;
		greatest = i;
		furthest = fabs(log(finding->value));
	}
	return greatest;
}

static void append_clause(struct text_buffer *out, size_t clause, const struct finding *finding,
			  bool with_ratio)
{
	char times[64], ratio[80];

	if (with_ratio) {
		snprintf(ratio, sizeof ratio, "%s%s",
			 finding->state == FINDING_AT_LEAST  ? "at least "
			 : finding->state == FINDING_AT_MOST ? "at most "
							     : "",
			 finding_times(finding->value, times));
		text_append_format(out, clauses[clause].times, ratio);
		return;
	}
	text_append(out, finding->direction == FINDING_HIGHER  ? clauses[clause].higher
			 : finding->direction == FINDING_LOWER ? clauses[clause].lower
							       : clauses[clause].same);
}

static void append_conclusion(struct text_buffer *out, const struct conclusion *conclusion)
{
	size_t greatest = find_greatest(conclusion), index = 0;

	for (size_t i = 0; i < CLAUSES; i++) {
		const struct finding *finding = conclusion->of[i];

		if (!is_told(finding))
			continue;
		if (index == 0)
			text_append_format(out, "compared with %s, %s ", finding->over,
					   finding->of);
		format_separator(out, index++, conclusion->told);
		append_clause(out, i, finding, i == greatest);
	}
	text_append(out, conclusion->untold ? "; this run cannot tell their " : "");
	index = 0;
	for (size_t i = 0; i < CLAUSES; i++) {
		if (!conclusion->of[i] || is_told(conclusion->of[i]))
			continue;
		format_separator(out, index++, conclusion->untold);
		text_append(out, clauses[i].apart);
	}
	text_append(out, conclusion->untold ? " apart." : ".");
}

/* Of a run without any finding. */
static void append_nothing(struct text_buffer *out, const struct part *parts, size_t part_count)
{
	const json_t *run = part_count ? parts->results->run : NULL;

	if (part_count && observed_is(parts)) {
		observed_answer(out, parts);
		return;
	}
	text_append(out, strcmp(json_string_of(run, "status"), "running") == 0
				 ? "this run has no finding yet."
				 : "this run has no finding: no trial gave a figure that counts.");
}

bool finding_has_conclusion(const struct findings *findings)
{
	return conclude(findings).told >= CONCLUSION_FEWEST;
}

char *finding_headline(const struct findings *findings, const struct part *parts, size_t part_count)
{
	const struct conclusion conclusion = conclude(findings);
	struct text_buffer text = {0};

	if (conclusion.told >= CONCLUSION_FEWEST)
		append_conclusion(&text, &conclusion);
	else if (findings->count > 0)
		text_append(&text, findings->items[0].sentence);
	else
		append_nothing(&text, parts, part_count);
	return finding_take(&text);
}
