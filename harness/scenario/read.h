/* Between the files that read a scenario; nobody else includes this. */
#ifndef TENK_SCENARIO_READ_H
#define TENK_SCENARIO_READ_H

#include "harness/scenario/scenario.h"
#include "harness/yaml/schema.h"

#define FIELDS_COUNT(fields) (sizeof(fields) / sizeof *(fields))

/* Where a part's load was written: in the part, at the top level for all parts, or both. */
struct load_nodes {
	const struct yaml_node *part; /* the part itself, to point at when nothing else is there */
	const struct yaml_node *own, *shared; /* may be NULL */
};

/* Readers of single keys; `into` is a struct scenario_part. */
int scenario_load_read(const struct yaml_document *document, const struct yaml_node *node,
		       void *into);
int scenario_vary_read(const struct yaml_document *document, const struct yaml_node *node,
		       void *into);
int scenario_charts_read(const struct yaml_document *document, const struct yaml_node *node,
			 void *into);

/*
 * The claims of a part, when all parts of the scenario have been read, for they may name cells of others. `node` is
 * the list, NULL: there are none.
 */
int scenario_claims_read(const struct yaml_document *document, const struct yaml_node *node,
			 const struct scenario *scenario, struct scenario_part *part);

/*
 * A part that observes: its key, which puts programs in the place of servers; and what no single key can say of
 * it, with the defaults.
 */
int scenario_observe_read(const struct yaml_document *document, const struct yaml_node *node,
			  void *into);
int scenario_observe_check(const struct yaml_document *document, const struct yaml_node *mapping,
			   struct scenario_part *part);

/* A name that becomes part of a file's name: small letters, digits and a few marks. */
bool scenario_is_name(const char *text, const char *marks);

/* The charts of a part that names none: all that its kind of load has figures for, of what observes none. 0 or -ENOMEM. */
int scenario_charts_default(struct scenario_part *part);

/* Files and backends of a part: read, copied (0 or -1: no memory), freed; as run.json has them, and back. */
int scenario_files_read(const struct yaml_document *document, const struct yaml_node *node,
			void *into);
int scenario_backends_read(const struct yaml_document *document, const struct yaml_node *node,
			   void *into);
int scenario_files_copy(struct scenario_part *part, const struct scenario_part *from);
void scenario_files_free(struct scenario_part *part);
json_t *scenario_files_to_json(const struct scenario_part *part);
json_t *scenario_backends_to_json(const struct scenario_part *part);
int scenario_files_from_json(struct scenario_part *part, const json_t *object, struct error *error);
int scenario_backends_from_json(struct scenario_part *part, const json_t *array,
				struct error *error);

/* The mix of a part's load: the same. */
int scenario_mix_read(const struct yaml_document *document, const struct yaml_node *node,
		      struct scenario_part *part);
int scenario_mix_copy(struct scenario_part *part, const struct scenario_part *from);
void scenario_mix_free(struct scenario_part *part);
json_t *scenario_mix_to_json(const struct scenario_part *part);
int scenario_mix_from_json(struct scenario_part *part, const json_t *list, struct error *error);

/* Complains about the metric of a kind of request that the part does not have. */
int scenario_kind_check(const struct yaml_document *document, const struct yaml_node *node,
			const struct scenario_part *part, const char *metric);

/* Whether a request of the part is a POST. */
bool scenario_part_posts(const struct scenario_part *part);

/* Complains about the second key of a mapping that says what is asked for. */
int scenario_check_one_request(const struct yaml_document *document,
			       const struct yaml_node *mapping);

/* The first rows of a load's fields are those of a single request. */
enum { SCENARIO_REQUEST_FIELDS = 3 };

/* Everything that a load may hold; what a run keeps of it has a key to be stored under. */
const struct field *scenario_load_fields(size_t *count);
void scenario_load_defaults(struct load *load);

/* What no single key can say: whether load and axes of a part fit each other. */
int scenario_load_check(const struct yaml_document *document, const struct load_nodes *nodes,
			struct scenario_part *part);

/* How an axis is written in a scenario: its key, unit and range. */
const struct field *scenario_axis_field(enum axis_kind kind);

/* The axis of that kind in a part; NULL if the part does not vary it. */
const struct axis *scenario_part_axis(const struct scenario_part *part, enum axis_kind kind);

void scenario_part_destroy(struct scenario_part *part);

#endif
