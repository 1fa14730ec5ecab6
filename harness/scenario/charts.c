/* Which charts a part has: those that it names, else those that its kind of load has figures for. */
#include "harness/scenario/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int scenario_charts_read(const struct yaml_document *document, const struct yaml_node *node,
			 void *into)
{
	static const char *const known[] = {"throughput", "latency", "memory", "cpu", "kinds"};
	struct scenario_part *part = into;
	int code = schema_words(document, node, "charts", &part->charts, &part->chart_count);

	for (size_t i = 0; code == 0 && i < part->chart_count; i++) {
		bool found = false;

		for (size_t j = 0; j < FIELDS_COUNT(known); j++)
			found = found || strcmp(part->charts[i], known[j]) == 0;
		if (!found)
			code = schema_unknown(document, node->items[i], "chart", NULL, known,
					      FIELDS_COUNT(known));
	}
	return code;
}

int scenario_charts_default(struct scenario_part *part)
{
	static const char *const of_load[] = {"throughput", "latency", "cpu"};
	static const char *const of_mix[] = {"kinds", "latency", "throughput", "cpu"};
	static const char *const of_idle[] = {"memory"};
	const char *const *names = part->load.idle	  ? of_idle
				   : part->kind_count > 0 ? of_mix
							  : of_load;
	size_t count = part->load.idle	      ? FIELDS_COUNT(of_idle)
		       : part->kind_count > 0 ? FIELDS_COUNT(of_mix)
					      : FIELDS_COUNT(of_load);

	if (part->chart_count > 0 || part->observes)
		return 0;
	part->charts = calloc(count, sizeof *part->charts);
	if (!part->charts)
		return -ENOMEM;
	part->chart_count = count;
	for (size_t i = 0; i < count; i++) {
		part->charts[i] = strdup(names[i]);
		if (!part->charts[i])
			return -ENOMEM;
	}
	return 0;
}
