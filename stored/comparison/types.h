/* What a comparison is made of, and what it is made by; comparison.h makes it. */
#ifndef TENK_COMPARISON_TYPES_H
#define TENK_COMPARISON_TYPES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* In the order of what decides over all: what comes later hides what comes before. */
enum comparison_outcome {
	COMPARISON_OK, /* the interval lies below the smallest change that matters */
	COMPARISON_IMPROVEMENT,
	COMPARISON_INCONCLUSIVE,
	COMPARISON_REGRESSION,
	COMPARISON_INVALID, /* nothing can be said: the apparatus, or no pair */
};

/* How a metric's values are compared; the descriptor of the metric says which. */
enum comparison_scale {
	COMPARISON_RATIO,      /* by logarithms */
	COMPARISON_DIFFERENCE, /* of nearly constant ones: memory, system calls */
	COMPARISON_COUNT,      /* of rare events: errors */
};

struct comparison {
	char *cell;		  /* "throughput, 64 connections", for people; owned */
	const char *metric;	  /* its key, borrowed from B's run */
	const json_t *descriptor; /* as in run.json, borrowed from B's run */
	enum comparison_scale scale;
	enum comparison_outcome outcome;
	bool gating;   /* it decides; else it advises */
	bool accepted; /* a policy accepts this regression; `why` has its reason */
	double a, b; /* medians over blocks, in the metric's unit; of counts the errors a request */
	/*
	 * B against A: a ratio less 1 (0.05: B is 5 % higher), or a difference in the metric's unit. An
	 * infinite low or high is a bound that is not known.
	 */
	double change, low, high;
	double coverage; /* of low to high */
	double smallest; /* that matters, on the same scale; never under the noise floor */
	double p, p_adjusted,
		sign_p;	     /* of being worse by more than that; NAN where there is no test */
	size_t pairs;	     /* or, unpaired, trials of the side that has fewer */
	double detectable;   /* the smallest change that so many pairs could have found; NAN */
	size_t pairs_needed; /* that would probably decide; 0: it is decided, or not known */
	char why[256];	     /* of inconclusive and invalid, one sentence; else "" */
};

struct comparisons {
	struct comparison *items; /* the gating ones first */
	size_t count;
	char *a_label, *b_label;
	bool paired; /* measured side by side, in blocks */
	bool gates;  /* the outcome decides; false: it informs, since drift is not excluded */
	enum comparison_outcome outcome; /* of the gating ones together, those accepted left out */
	char **warnings;
	size_t warning_count;
};

/*
 * What is to be taken otherwise than the metrics' descriptors say, in those metrics and cells that all of its
 * names fit. Texts but `cell` are patterns as of file names (fnmatch); NULL is any.
 */
struct comparison_rule {
	const char *metric; /* its key */
	const char *cell;   /* in the words of struct comparison */
	const char *scenario, *part;
	const char *server;  /* of B, without its label */
	const json_t *point; /* the values of axes, by key; NULL: any */
	double smallest; /* the smallest difference that matters, on the metric's scale; NAN: as it was */
	enum comparison_gate {
		COMPARISON_AS_DESCRIBED, /* nothing is said */
		COMPARISON_GATES,
		COMPARISON_GATES_AS_DESCRIBED, /* those that do by their descriptors */
		COMPARISON_ADVISES,
	} gate;
	const char *accepted;  /* why a regression is accepted; NULL: it is not */
	double accepted_up_to; /* of this size, on the metric's scale; 0: of any */
	const char *origin; /* where it stands, to be named if it fits nothing; NULL: nobody asks */
};

struct comparison_rules {
	unsigned looks; /* that share alpha: how often the data are looked at, at most; 0: once */
	bool unpaired_gates; /* also runs that were not measured side by side */
	bool any_machine;    /* also runs of different machines */
	json_t *noise; /* the noise floor of this machine (stored/comparison/noise.h); NULL: not known */
	const struct comparison_rule *items; /* later ones hide earlier ones */
	size_t count;
};

#endif
