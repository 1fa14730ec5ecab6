/* The range that a claim accepts. */
#include "harness/scenario/claims.h"

#include "stored/metric.h"

#include <math.h>
#include <string.h>

/* An end that is written so is open: at least, at most. */
static const char any[] = "any";

/* In the unit of the kind's range. */
static int number_read(const struct claim_form *form, const struct yaml_node *node, double *value)
{
	bool minus = form->kind->unit == CLAIM_UNIT_SLOPE && node->text[0] == '-';
	enum unit_kind unit = UNIT_RATIO;
	struct error problem;

	if (form->kind->unit == CLAIM_UNIT_AXIS)
		return schema_number(form->document, node, scenario_axis_field(form->along), value);
	if (form->kind->unit == CLAIM_UNIT_METRIC)
		unit = metric_unit(claim_metric_descriptor(form, form->metrics[0]));
	if (units_parse_real(unit, node->text + minus, value, &problem) < 0)
		return yaml_complain(form->document, node, "%s", problem.text);
	*value = minus ? -*value : *value;
	return 0;
}

static int pair_read(struct claim_form *form, const struct yaml_node *node)
{
	const char *key = form->kind->by;

	if (node->kind != NODE_LIST || node->count != 2) {
		yaml_complain(form->document, node,
			      "\"%s\" must be a list of two: [lowest, highest]", key);
		return yaml_hint(form->document,
				 "a single figure becomes a range of 25 %% either way");
	}
	for (size_t i = 0; i < 2; i++) {
		const struct yaml_node *item = node->items[i];
		int code = 0;

		if (item->kind != NODE_SCALAR)
			return yaml_complain(form->document, item,
					     "\"%s\" must hold values, not %s", key,
					     yaml_kind_name(item));
		if (strcmp(item->text, any) == 0)
			form->within[i] = i ? INFINITY : -INFINITY;
		else
			code = number_read(form, item, &form->within[i]);
		if (code < 0)
			return code;
	}
	if (form->within[0] > form->within[1])
		return yaml_complain(form->document, node, "\"%s\" begins with its higher end",
				     key);
	if (isinf(form->within[0]) && isinf(form->within[1]))
		return yaml_complain(form->document, node, "\"%s\" is open at both ends", key);
	return 0;
}

/* Which of two ways a series goes is no range: it says `true`, and the range follows from the metric. */
static int way_read(struct claim_form *form, const struct yaml_node *node)
{
	form->within[0] = -INFINITY;
	form->within[1] = INFINITY;
	if (node && (node->kind != NODE_SCALAR || strcmp(node->text, "true") != 0)) {
		yaml_complain(form->document, node, "\"%s\" can only be true", form->kind->by);
		return yaml_hint(form->document, "write falling: true or rising: true");
	}
	return 0;
}

int claim_range_read(struct claim_form *form)
{
	const struct yaml_node *node = yaml_find(form->node, form->kind->by);

	if (form->kind->needs & CLAIM_CELLS)
		return way_read(form, node);
	if (form->kind->unit != CLAIM_UNIT_SHARE)
		return pair_read(form, node);
	form->within[0] = form->within[1] = 1; /* each repeat shows what is expected */
	return schema_text(form->document, node, form->kind->by, &form->expects);
}
