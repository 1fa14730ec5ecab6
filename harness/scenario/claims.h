/* Between the files that read claims; nobody else includes this. */
#ifndef TENK_SCENARIO_CLAIMS_H
#define TENK_SCENARIO_CLAIMS_H

#include "harness/scenario/read.h"
#include "stored/claims/kinds.h"

/* A slope or a crossover along an axis, and a value per connection, need so many values on it. */
enum { CLAIM_ALONG_VALUES = 3, CLAIM_SLOPE_VALUES = 4 };

struct claim_form {
	const struct yaml_document *document;
	const struct yaml_node *node; /* the claim's mapping */
	const json_t *known_metrics;  /* their descriptors, borrowed */
	const struct scenario *scenario;
	const struct scenario_part *part;
	const struct claim_kind *kind;
	char *id, *source, *says, *kind_word, *means, *because, *along_word, *expects, *differs,
		*why, *explained;
	bool own_model;
	char **metrics;
	size_t metric_count;
	enum axis_kind along; /* AXIS_COUNT: along none */
	double within[2];     /* infinite: open at that end */
	json_t *of, *over, *cells;
};

/* `metric`, a word or a list; `into` is the form. Values per connection stand for shares of memory. */
int claim_metrics_read(const struct yaml_document *document, const struct yaml_node *node,
		       void *into);

/* When all keys are read: whether the metrics fit each other, and which of them the source means. */
int claim_metrics_check(struct claim_form *form);

/* A metric's descriptor, borrowed. */
const json_t *claim_metric_descriptor(const struct claim_form *form, const char *metric);

/* Whether it is a slope over counts of connections, all of them together. */
bool claim_is_slope(const struct claim_form *form);

/* `of`, `over` and `cells`, as far as the kind needs them. */
int claim_cells_read(struct claim_form *form);

/* `along`. */
int claim_along_read(struct claim_form *form);

/* The range that is claimed, under whichever key the kind has it. */
int claim_range_read(struct claim_form *form);

#endif
