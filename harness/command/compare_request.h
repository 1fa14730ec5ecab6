/* Between the files of tenk compare: what was asked for. Nobody else includes this. */
#ifndef TENK_COMPARE_REQUEST_H
#define TENK_COMPARE_REQUEST_H

#include "harness/run/run.h"
#include "report/compare/outputs.h"
#include "stored/comparison.h"

#include <stdbool.h>

enum { COMPARE_SERVERS_MOST = 64 };

/* As typed. Strings are borrowed. */
struct compare_request {
	char *words[2]; /* two runs, one run, or with --run a scenario */
	size_t word_count;
	const char *base, *head; /* subjects of a run, servers to measure, or revisions */
	const char *base_build, *head_build;
	const char *build_command;
	bool run, noise_floor; /* --run, --aa */
	bool any_machine, unpaired_gates, inconclusive_passes;
	unsigned blocks;   /* 0: looked at after 10, 20 and 40 */
	const char *noise; /* where noise floors are; NULL: in the user's state folder */
	const char *servers[COMPARE_SERVERS_MOST];
	struct run_request measure; /* for --run */
	struct compare_outputs outputs;
};

/* Two sides that lie on disk: the same run, or one each. */
struct compared_sides {
	const struct results *a, *b;
	const char *a_subject, *b_subject; /* as comparisons_make takes them */
	unsigned looks;
};

/* compare_show.c: compares, prints, and returns tenk's exit code. */
int compare_show(const struct compare_request *request, const struct compared_sides *sides);

/* The rules that apply, whose noise floor is a new reference. */
struct comparison_rules compare_rules(const struct compare_request *request,
				      const struct compared_sides *sides);

/* compare_measure.c: measures both side by side, compares, and returns tenk's exit code. */
int compare_measure(struct compare_request *request);

#endif
