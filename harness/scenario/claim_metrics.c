/* Which metrics a claim is about. */
#include "harness/scenario/claims.h"

#include "lib/json.h"
#include "stored/metric.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { METRICS_MAX = 128 };

/* Stands for the shares of memory that a claim about memory is decided on, each. */
#define MEMORY_WORD "memory_per_connection_bytes"

/* That of them which is meant where a claim does not say: what a machine runs out of is all of it. */
#define MEMORY_MEANS "total_per_connection_bytes"

/* The word for memory's shares and their sum, spelt out. */
static int metrics_expand(struct claim_form *form)
{
	static const char *const shares[] = {"virtual_per_connection_bytes",
					     "resident_per_connection_bytes",
					     "kernel_per_connection_bytes", MEMORY_MEANS};
	char **expanded;

	if (form->metric_count != 1 || strcmp(form->metrics[0], MEMORY_WORD) != 0)
		return 0;
	expanded = calloc(FIELDS_COUNT(shares), sizeof *expanded);
	if (!expanded)
		return -ENOMEM;
	schema_words_free(form->metrics, form->metric_count);
	form->metrics = expanded;
	form->metric_count = FIELDS_COUNT(shares);
	for (size_t i = 0; i < FIELDS_COUNT(shares); i++) {
		expanded[i] = strdup(shares[i]);
		if (!expanded[i])
			return -ENOMEM;
	}
	return 0;
}

const json_t *claim_metric_descriptor(const struct claim_form *form, const char *metric)
{
	return metric_find(form->known_metrics, metric);
}

static int metric_check(const struct claim_form *form, const struct yaml_node *node,
			const char *metric)
{
	const char *known[METRICS_MAX] = {MEMORY_WORD};
	size_t count = 1, index;
	json_t *descriptor;

	if (form->metric_count == 1 && strcmp(metric, MEMORY_WORD) == 0)
		return 0;
	if (strcmp(metric, MEMORY_WORD) == 0)
		return yaml_complain(form->document, node,
				     "%s stands for several metrics: write it alone", MEMORY_WORD);
	if (claim_metric_descriptor(form, metric))
		return 0;
	json_array_foreach(form->known_metrics, index, descriptor) if (count < METRICS_MAX)
		known[count++] = json_string_value(json_object_get(descriptor, "key"));
	return schema_unknown(form->document, node, "metric", NULL, known, count);
}

int claim_metrics_read(const struct yaml_document *document, const struct yaml_node *node,
		       void *into)
{
	struct claim_form *form = into;
	int code;

	if (node->kind == NODE_LIST) {
		code = schema_words(document, node, "metric", &form->metrics, &form->metric_count);
	} else {
		form->metrics = calloc(1, sizeof *form->metrics);
		form->metric_count = form->metrics ? 1 : 0;
		code = form->metrics ? schema_text(document, node, "metric", form->metrics)
				     : schema_no_memory(document);
	}
	for (size_t i = 0; code == 0 && i < form->metric_count; i++)
		code = metric_check(form, node->kind == NODE_LIST ? node->items[i] : node,
				    form->metrics[i]);
	if (code == 0 && metrics_expand(form) < 0)
		code = schema_no_memory(document);
	return code;
}

bool claim_is_slope(const struct claim_form *form)
{
	for (size_t i = 0; i < form->metric_count; i++)
		if (!metric_slope_of(claim_metric_descriptor(form, form->metrics[i])))
			return false;
	return true;
}

/* One range has one unit. */
static int units_check(const struct claim_form *form)
{
	enum unit_kind unit = metric_unit(claim_metric_descriptor(form, form->metrics[0]));

	for (size_t i = 1; form->kind->unit == CLAIM_UNIT_METRIC && i < form->metric_count; i++)
		if (metric_unit(claim_metric_descriptor(form, form->metrics[i])) != unit)
			return yaml_complain(form->document, yaml_find(form->node, "metric"),
					     "one range for metrics of different units: %s, %s",
					     form->metrics[0], form->metrics[i]);
	return 0;
}

/* `means` is one of them, the first, of memory the sum, if nothing is said; of several the claim says why that one. */
static int means_check(struct claim_form *form)
{
	const struct yaml_node *node = yaml_find(form->node, "means");

	for (size_t i = 1; !form->means && i < form->metric_count; i++)
		if (strcmp(form->metrics[i], MEMORY_MEANS) == 0)
			form->means = strdup(form->metrics[i]);
	if (!form->means)
		form->means = strdup(form->metrics[0]);
	if (!form->means)
		return schema_no_memory(form->document);
	for (size_t i = 0; i < form->metric_count; i++) {
		if (strcmp(form->means, form->metrics[i]) != 0)
			continue;
		if (form->metric_count == 1 || form->because)
			return 0;
		yaml_complain(form->document, yaml_find_key(form->node, "metric"),
			      "a claim with several metrics needs \"because\": why its source "
			      "means %s",
			      form->means);
		return yaml_hint(form->document, "for instance  because: The source speaks of all "
						 "memory that a machine must have.");
	}
	return schema_unknown(form->document, node, "metric", "means",
			      (const char *const *)form->metrics, form->metric_count);
}

int claim_metrics_check(struct claim_form *form)
{
	int code = units_check(form);

	return code < 0 ? code : means_check(form);
}
