/* Between the files of tenk compare: what was asked for. Nobody else includes this. */
#ifndef TENK_COMPARE_REQUEST_H
#define TENK_COMPARE_REQUEST_H

#include "harness/run/run.h"
#include "report/compare/outputs.h"
#include "stored/comparison/comparison.h"
#include "stored/comparison/policy.h"

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
	bool inconclusive_said;	 /* as an option, which goes before the policy */
	const char *policy_file; /* NULL: tenk.yaml, if it is here */
	uint64_t budget_ns;	 /* for --run; 0: none */
	struct policy policy;
	struct policy_rules rules; /* that follow from it */
	unsigned blocks;	   /* 0: looked at after 10, 20 and 40 */
	const char *noise;	   /* where noise floors are; NULL: in the user's state folder */
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

/*
 * The rules that apply where something was measured under these conditions; `noise` is the machine's floor, a
 * new reference. What is to be said of that is told on stderr if `tell`.
 */
struct comparison_rules compare_rules(const struct compare_request *request,
				      const struct compared_sides *sides, const json_t *environment,
				      bool tell);

/* compare_noise.c: two copies of a build's servers, in folders whose names differ in length. */
struct build_copies {
	char folders[RUN_BUILDS][PATH_MAX];
	char temporary[PATH_MAX]; /* removed at the end; "": there is none */
};

/* 0 or -errno with a message. Remove them in any case. */
int compare_copy_build(struct build_copies *copies, const char *build, struct error *error);
void compare_remove_copies(struct build_copies *copies);

/* Says how different both sides seem, and keeps it as this machine's noise floor. Returns tenk's exit code. */
int compare_show_noise(const struct compare_request *request, const struct compared_sides *sides);

/*
 * compare_policy.c: reads the policy, if there is one, into the request, whose own options go first. 0, or
 * -errno with a message. Forget it in any case.
 */
int compare_read_policy(struct compare_request *request, struct error *error);
void compare_forget_policy(struct compare_request *request);

/* Adds what of the policy has expired to the warnings. 0 or -ENOMEM. */
int compare_warn_of_policy(const struct compare_request *request, struct comparisons *comparisons);

/* Prints how many blocks of this length fit into the budget and what these can see; nothing without one. */
void compare_tell_budget(const struct compare_request *request, double block_s);

/* Whether one more block would, as long as those so far, end after the budget. */
bool compare_budget_is_spent(const struct compare_request *request, uint64_t began_ns,
			     unsigned blocks);

/* compare_measure.c: measures both side by side, compares, and returns tenk's exit code. */
int compare_measure(struct compare_request *request);

#endif
