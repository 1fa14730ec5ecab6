/* What a scenario part varies: `vary`. */
#include "harness/scenario/ranges.h"
#include "harness/scenario/read.h"

#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 1000, POINTS_MAX = 10000 };

/* clang-format off */
#define AXIS(KIND, KEY, FIELD, MEMBER, LOWEST, HIGHEST, EXAMPLE, HELP)                       \
	[KIND] = {.key = KEY, .kind = FIELD, .offset = offsetof(struct load, MEMBER),        \
		  .lowest = LOWEST, .highest = HIGHEST, .example = EXAMPLE, .help = HELP}

/* The axes, as they are written under `vary`. */
static const struct field axis_fields[AXIS_COUNT] = {
	AXIS(AXIS_CONNECTIONS, "connections", FIELD_COUNT, connections, 1, CONNECTIONS_HIGHEST,
	     "[1, 10, 100, 1k]", "a list of counts of open connections"),
	AXIS(AXIS_RATE, "rate", FIELD_RATE, rate_per_s, RATE_LOWEST, RATE_HIGHEST,
	     "[1k, 2k, 5k]", "a list of requests due per second"),
	AXIS(AXIS_WAIT, "wait", FIELD_DURATION, wait_ns, 0, WAIT_HIGHEST_NS,
	     "[1ms, 10ms, 100ms]", "a list of durations for {wait_ms} in the target"),
	AXIS(AXIS_BODY, "body", FIELD_BYTES, body_bytes, 0, BODY_HIGHEST,
	     "[100 B, 10 KiB]", "a list of sizes, of the posted body or for {body_bytes}"),
	AXIS(AXIS_CPU, "cpu", FIELD_DURATION, cpu_ns, CPU_LOWEST_NS, CPU_HIGHEST_NS,
	     "[100us, 1ms, 10ms]", "a list of times that a processor here takes for {cpu_rounds} in the target"),
	AXIS(AXIS_SERVER_CORES, "server-cores", FIELD_COUNT, server_cores, 1, CORES_HIGHEST,
	     "[1, 2, 4]", "a list of counts of cores; more than the server has here are left out"),
	AXIS(AXIS_WORKERS, "workers", FIELD_COUNT, workers, 1, THREADS_HIGHEST,
	     "[1, 2, 4]", "a list of counts of the server's threads, processes or loops"),
	AXIS(AXIS_OFFLOAD, "offload", FIELD_COUNT, offload, 0, THREADS_HIGHEST,
	     "[0, 4, 16]", "a list of counts of threads that do a loop's blocking work; 0: it does that itself"),
	AXIS(AXIS_DATABASE_CONNECTIONS, "database-connections", FIELD_COUNT, database_connections, 1, DATABASE_HIGHEST,
	     "[1, 16, 64]", "a list of counts of connections to the database"),
	AXIS(AXIS_FETCH_CONNECTIONS, "fetch-connections", FIELD_COUNT, fetch_connections, 0, CONNECTIONS_HIGHEST,
	     "[0, 1k]", "a list of counts of connections that are kept to the delay backend; 0: fresh ones"),
	AXIS(AXIS_SHARE, "share", FIELD_COUNT, share_percent, 1, SHARE_HIGHEST,
	     "[10, 50, 90]", "a list of rates, in per cent of what share-of bears"),
	AXIS(AXIS_ACTIVE, "active", FIELD_COUNT, active_percent, 1, ACTIVE_HIGHEST,
	     "[1, 10, 100]", "a list of how many in a hundred connections ask; the others are held idle"),
};
/* clang-format on */

const struct field *scenario_axis_field(enum axis_kind kind)
{
	return &axis_fields[kind];
}

void load_apply(struct load *load, enum axis_kind kind, double value)
{
	schema_set(&axis_fields[kind], value, load);
}

const struct axis *scenario_part_axis(const struct scenario_part *part, enum axis_kind kind)
{
	for (size_t i = 0; i < part->axis_count; i++)
		if (part->axes[i].kind == kind)
			return &part->axes[i];
	return NULL;
}

static int axis_read(const struct yaml_document *document, const struct yaml_node *list,
		     const struct field *field, struct axis *axis)
{
	int code = 0;

	if (list->kind != NODE_LIST) {
		yaml_complain(document, list, "\"%s\" must be a list in vary, not %s", field->key,
			      yaml_kind_name(list));
		return yaml_hint(document, "for instance  %s: %s; a single value goes into load",
				 field->key, field->example);
	}
	if (list->count == 0) {
		yaml_complain(document, list, "\"%s\" is an empty list", field->key);
		return yaml_hint(document, "for instance  %s: %s", field->key, field->example);
	}
	if (list->count > VALUES_MAX)
		return yaml_complain(document, list, "\"%s\" has more than %d values", field->key,
				     VALUES_MAX);
	axis->values = calloc(list->count, sizeof *axis->values);
	if (!axis->values)
		return schema_no_memory(document);
	for (size_t i = 0; code == 0 && i < list->count; i++) {
		code = schema_number(document, list->items[i], field, &axis->values[i]);
		for (size_t j = 0; code == 0 && j < i; j++)
			if (axis->values[j] == axis->values[i])
				code = yaml_complain(document, list->items[i],
						     "%s stands twice in %s", list->items[i]->text,
						     field->key);
	}
	axis->count = list->count;
	return code;
}

/* The axes keep the order in which the file has them. */
int scenario_vary_read(const struct yaml_document *document, const struct yaml_node *node,
		       void *into)
{
	struct scenario_part *part = into;
	size_t points = 1;
	int code = schema_check_keys(document, node, "vary", axis_fields, AXIS_COUNT);

	if (code == 0 && node->count == 0)
		return yaml_complain(document, node, "\"vary\" varies nothing");
	for (size_t i = 0; code == 0 && i < node->count; i++) {
		enum axis_kind kind = AXIS_CONNECTIONS;
		struct axis *axis = &part->axes[part->axis_count++];

		while (strcmp(axis_fields[kind].key, node->keys[i]->text) != 0)
			kind++;
		axis->kind = kind;
		code = axis_read(document, node->items[i], &axis_fields[kind], axis);
		points *= axis->count;
		if (code == 0 && points > POINTS_MAX)
			code = yaml_complain(document, node->keys[i],
					     "more than %d combinations of values", POINTS_MAX);
	}
	return code;
}
