#include "report/part.h"

#include "stored/codes.h"
#include "stored/metric.h"
#include "stored/repeats.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Appends a name to an id, with a dash for everything that is not safe in a file name. */
static void id_append(char *id, size_t size, const char *name)
{
	size_t used = strlen(id);

	for (; *name && used + 1 < size; name++) {
		bool safe = (*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9') ||
			    *name == '_';

		if (*name >= 'A' && *name <= 'Z')
			id[used++] = (char)(*name - 'A' + 'a');
		else
			id[used++] = safe ? *name : '-';
	}
	id[used] = '\0';
}

static void part_name_id(struct part *part)
{
	const char *scenario = json_string_of(part->scenario, "name");
	const char *name = json_string_of(part->json, "name");

	part->id[0] = '\0';
	id_append(part->id, sizeof part->id, scenario);
	if (strcmp(scenario, name) != 0) {
		id_append(part->id, sizeof part->id, "-");
		id_append(part->id, sizeof part->id, name);
	}
}

static int part_find_servers(struct part *part)
{
	const json_t *servers = json_object_get(part->json, "servers");

	part->servers = calloc(json_array_size(servers) + 1, sizeof *part->servers);
	if (!part->servers)
		return -ENOMEM;
	for (size_t i = 0; i < json_array_size(servers); i++) {
		const char *server = json_string_value(json_array_get(servers, i));

		if (server && part_count(part, server, NULL).all)
			part->servers[part->server_count++] = server;
	}
	return 0;
}

/* A server of other people has its architecture where one of ours has its family. */
static bool is_loop(const struct part *part, const char *server)
{
	const json_t *servers = json_object_get(part->results->run, "servers");
	const json_t *described = json_find(servers, "name", server);

	return strcmp(json_string_of(described, "family"), "loops") == 0 ||
	       strcmp(json_string_of(described, "architecture"), "loops") == 0;
}

static void part_find_against(struct part *part)
{
	const char *loop = NULL, *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < part->server_count; i++) {
		const char *server = part->servers[i];
		struct part_outcomes outcomes = part_count(part, server, NULL);

		if (outcomes.ok + outcomes.saturated == 0)
			continue;
		count++;
		if (strcmp(server, "epoll") == 0 || (!loop && is_loop(part, server)))
			loop = server;
		first = first ? first : server;
	}
	if (count > 1)
		part->against = loop ? loop : first;
}

/* Every combination of the axes' values, the first axis slowest. */
static int part_find_points(struct part *part)
{
	const json_t *vary = json_object_get(part->json, "vary");
	size_t axes = json_array_size(vary), count = 1;

	for (size_t i = 0; i < axes; i++)
		count *= json_array_size(json_object_get(json_array_get(vary, i), "values"));
	part->points = calloc(count + 1, sizeof(json_t *));
	if (!part->points)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		json_t *point = json_object();
		size_t rest = i, below = count;

		if (!point)
			return -ENOMEM;
		part->points[part->point_count++] = point;
		for (size_t axis = 0; axis < axes; axis++) {
			const json_t *entry = json_array_get(vary, axis);
			const json_t *values = json_object_get(entry, "values");

			below /= json_array_size(values);
			if (json_object_set(point, json_string_of(entry, "axis"),
					    json_array_get(values, rest / below)) < 0)
				return -ENOMEM;
			rest %= below;
		}
	}
	return 0;
}

bool part_is_open_loop(const struct part *part)
{
	static const char *const rates[] = {"rate_per_s", "share_percent"};

	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
		if (json_number_of(json_object_get(part->json, "load"), rates[i]) > 0 ||
		    part_varies(part, rates[i]))
			return true;
	return false;
}

bool part_has_chart(const struct part *part, const char *name)
{
	const json_t *chart;
	size_t i;

	json_array_foreach(json_object_get(part->json, "charts"), i, chart)
	{
		if (strcmp(json_string_value(chart), name) == 0)
			return true;
	}
	return false;
}

int part_init(struct part *part, const struct results *results, const json_t *scenario,
	      const json_t *json)
{
	*part = (struct part){.results = results, .scenario = scenario, .json = json};
	part_name_id(part);
	part->idle = json_is_true(json_object_get(json_object_get(json, "load"), "idle"));
	part->has_memory = part->idle || part_has_chart(part, "memory");
	if (part->has_memory &&
	    (part->idle || json_array_size(json_object_get(json, "charts")) == 1))
		part->kind = PART_MEMORY;
	else if (part_is_open_loop(part))
		part->kind = PART_LATENCY;
	if (part_find_servers(part) < 0 || part_find_points(part) < 0) {
		part_destroy(part);
		return -ENOMEM;
	}
	part_find_against(part);
	return 0;
}

void part_destroy(struct part *part)
{
	for (size_t i = 0; i < part->point_count; i++)
		json_decref(part->points[i]);
	free(part->points);
	free(part->servers);
	*part = (struct part){0};
}

int parts_open(struct part **parts, size_t *count, const struct results *results)
{
	const json_t *scenarios = json_object_get(results->run, "scenarios"), *scenario, *part;
	size_t most = 0, i, j;

	json_array_foreach(scenarios, i, scenario)
		most += json_array_size(json_object_get(scenario, "parts"));
	*count = 0;
	*parts = calloc(most + 1, sizeof **parts);
	if (!*parts)
		return -ENOMEM;
	json_array_foreach(scenarios, i, scenario)
	{
		json_array_foreach(json_object_get(scenario, "parts"), j, part)
		{
			if (part_init(&(*parts)[*count], results, scenario, part) < 0)
				return -ENOMEM;
			(*count)++;
		}
	}
	return 0;
}

void parts_close(struct part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		part_destroy(&parts[i]);
	free(parts);
}

const char *part_text(const struct part *part, const char *key)
{
	return json_string_of(part->json, key);
}

struct cell part_cell(const struct part *part, const char *server, const json_t *point)
{
	return (struct cell){.scenario = json_string_of(part->scenario, "name"),
			     .part = part_text(part, "name"),
			     .server = server,
			     .point = point};
}

double part_load(const struct part *part, const json_t *point, const char *key)
{
	double value = json_number_of(point, key);

	return isnan(value) ? json_number_of(json_object_get(part->json, "load"), key) : value;
}

bool part_varies(const struct part *part, const char *axis)
{
	const json_t *vary = json_object_get(part->json, "vary");

	for (size_t i = 0; i < json_array_size(vary); i++)
		if (strcmp(json_string_of(json_array_get(vary, i), "axis"), axis) == 0)
			return true;
	return false;
}

const char *part_main_axis(const struct part *part)
{
	const json_t *vary = json_object_get(part->json, "vary");

	if (part_varies(part, "connections") || json_array_size(vary) == 0)
		return "connections";
	return json_string_of(json_array_get(vary, 0), "axis");
}

struct summary part_summary(const struct part *part, const char *server, const json_t *point,
			    const char *metric)
{
	struct cell cell = part_cell(part, server, point);

	return blocks_summary(part->results, &cell, metric);
}

const json_t *part_next_trial(const struct part *part, const char *server, const json_t *point,
			      size_t *index)
{
	struct cell cell = part_cell(part, server, point);

	while (*index < part->results->trial_count) {
		const json_t *trial = part->results->trials[(*index)++];

		if (results_trial_matches(trial, &cell) && !repeats_superseded(trial))
			return trial;
	}
	return NULL;
}

struct part_outcomes part_count(const struct part *part, const char *server, const json_t *point)
{
	struct part_outcomes outcomes = {0};
	const json_t *trial;

	for (size_t i = 0; (trial = part_next_trial(part, server, point, &i));) {
		const char *outcome = json_string_of(trial, "outcome");

		if (strcmp(outcome, "skipped") == 0) /* it was not run */
			continue;
		outcomes.all++;
		outcomes.ok += strcmp(outcome, "ok") == 0;
		outcomes.saturated += strcmp(outcome, "saturated") == 0;
		if (strcmp(outcome, "failed") == 0) {
			outcomes.failed++;
			outcomes.beyond += trial_has_code(trial, TRIAL_CODE_MODEL);
		}
		outcomes.invalid += strcmp(outcome, "invalid") == 0;
	}
	return outcomes;
}

bool part_is_beyond_model(const struct part *part, const char *server, const json_t *point)
{
	const json_t *trial;

	for (size_t i = 0; (trial = part_next_trial(part, server, point, &i));)
		if (trial_has_code(trial, TRIAL_CODE_MODEL))
			return true;
	return false;
}

bool part_rate_is_bound(const struct part *part, const char *server, const json_t *point)
{
	const struct cell cell = part_cell(part, server, point);

	return results_rate_is_bound(part->results, &cell);
}

bool part_value_is_bound(const struct part *part, const char *server, const json_t *point,
			 const char *metric)
{
	const struct cell cell = part_cell(part, server, point);

	return results_value_is_bound(part->results, &cell, metric);
}

enum results_tail part_tail(const struct part *part, const char *server, const json_t *point,
			    const char *metric)
{
	const struct cell cell = part_cell(part, server, point);

	return results_tail(part->results, &cell, metric);
}

bool part_metric_shown(const struct part *part, const char *server, const json_t *point,
		       const char *metric)
{
	return part_tail(part, server, point, metric) == RESULTS_TAIL_TELLS;
}

struct summary part_shown_summary(const struct part *part, const char *server, const json_t *point,
				  const char *metric)
{
	if (!part_metric_shown(part, server, point, metric))
		return statistics_summarise(NULL, 0, 0.95);
	return part_summary(part, server, point, metric);
}

struct block_ratio part_ratio(const struct part *part, const char *server, const json_t *point,
			      const char *metric)
{
	const struct cell of = part_cell(part, server, point),
			  over = part_cell(part, part->against, point);

	if (!part->against || strcmp(server, part->against) == 0 ||
	    !part_metric_shown(part, server, point, metric) ||
	    !part_metric_shown(part, part->against, point, metric))
		return (struct block_ratio){.kind = BLOCK_RATIO_NO_VALUES};
	return block_ratio_find(part->results, &of, &over, metric, 0.95);
}
