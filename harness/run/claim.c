/* A run of what one claim needs, and of nothing else. */
#include "harness/run/parts.h"

#include "harness/measure/metrics.h"
#include "harness/scenario/folder.h"
#include "harness/scenario/narrow.h"
#include "lib/json.h"
#include "lib/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* While it is looked for. */
struct search {
	const char *id;
	const json_t *metrics;
	struct claim_scope needs; /* of the first that was found */
	bool found;
	json_t *elsewhere; /* scenarios that have one of the same id */
	json_t *ids;	   /* of all claims that were seen, for who mistyped one */
};

static void look_into(struct search *search, const struct scenario *scenario)
{
	struct claim_scope needs;
	const json_t *claim;
	size_t i;

	for (size_t part = 0; part < scenario->part_count; part++)
		json_array_foreach(scenario->parts[part].claims, i, claim)
			json_array_append(search->ids, json_object_get(claim, "id"));
	if (!claim_scope_find(&needs, scenario, search->id, search->metrics))
		return;
	if (search->found) {
		json_array_append_new(search->elsewhere, json_string(scenario->name));
		claim_scope_destroy(&needs);
		return;
	}
	search->needs = needs;
	search->found = true;
}

/* Reads them one after another; none of them stays in the run. */
static int look_for(struct run *run, struct search *search, char *const *names, size_t count,
		    struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < count; i++) {
		result = run_read_scenario(run, names[i], search->metrics, error);
		if (result < 0)
			break;
		run->scenario_count = 0;
		look_into(search, &run->scenarios[0]);
		scenario_destroy(&run->scenarios[0]);
	}
	return result;
}

static int complain(const struct search *search, struct error *error)
{
	size_t count = json_array_size(search->ids);
	const char **ids = calloc(count + 1, sizeof *ids), *near;

	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		ids[i] = json_string_value(json_array_get(search->ids, i));
	near = nearest_word(search->id, ids, count);
	error_set(error, "there is no claim \"%s\"%s%s%s (tenk claims list shows them all)",
		  search->id, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	free(ids);
	return -EINVAL;
}

/* Which scenarios have a cell of the claim, the one that keeps it first; each once. */
static size_t list_needed(const struct claim_scope *needs, const char **names)
{
	const json_t *cell;
	size_t count = 0, i;

	names[count++] = needs->home;
	json_array_foreach(needs->cells, i, cell)
	{
		size_t known = 0;

		while (known < count && strcmp(names[known], json_string_of(cell, "scenario")) != 0)
			known++;
		if (known == count)
			names[count++] = json_string_of(cell, "scenario");
	}
	return count;
}

/* A scenario that was named by its file is found there, others by their names. */
static const char *file_of(const struct run_request *request, const char *name)
{
	for (size_t i = 0; i < request->scenario_count; i++) {
		const char *slash = strrchr(request->scenarios[i], '/');
		const char *base = slash ? slash + 1 : request->scenarios[i];
		size_t length = strlen(name);

		if (strncmp(base, name, length) == 0 && strcmp(base + length, ".yaml") == 0)
			return request->scenarios[i];
	}
	return name;
}

static int read_needed(struct run *run, const struct run_request *request,
		       const struct search *search, struct error *error)
{
	const struct claim_scope *needs = &search->needs;
	const char **names;
	size_t count;
	int result;

	if (json_array_size(needs->cells) == 0)
		return error_set(error, "%s is listed and not tested: %s", search->id,
				 json_string_of(needs->claim, "why"));
	names = calloc(json_array_size(needs->cells) + 1, sizeof *names);
	count = names ? list_needed(needs, names) : 0;
	result = names ? 0 : -ENOMEM;
	free(run->scenarios);
	run->scenarios = calloc(count + 1, sizeof *run->scenarios);
	if (!run->scenarios)
		result = -ENOMEM;
	for (size_t i = 0; result == 0 && i < count; i++) {
		result = run_read_scenario(run, file_of(request, names[i]), search->metrics, error);
		if (result == 0)
			result = scenario_narrow(&run->scenarios[i], needs);
		if (result == 0 && run->scenarios[i].part_count == 0)
			result = error_set(error, "scenario \"%s\" has none of the cells of %s",
					   names[i], search->id);
	}
	free(names);
	return result;
}

/* The same claim may stand where it is measured in another way. */
static void warn_of_others(struct run *run, const struct search *search)
{
	const json_t *name;
	size_t i;

	json_array_foreach(search->elsewhere, i, name)
		run_warn(run, "%s of %s is measured; %s has one, too: tenk claims run %s %s",
			 search->id, search->needs.scenario, json_string_value(name),
			 json_string_value(name), search->id);
}

int run_read_claim(struct run *run, const struct run_request *request, struct error *error)
{
	json_t *metrics = metrics_describe();
	struct search search = {.id = request->claim,
				.metrics = metrics,
				.elsewhere = json_array(),
				.ids = json_array()};
	char **names = NULL;
	long count = request->scenario_count ? 0
					     : scenario_folder_names(run->paths.scenarios, &names);
	int result = count < 0 ? error_set(error, "cannot look for scenarios in %s: %s",
					   run->paths.scenarios, strerror((int)-count))
			       : 0;

	run->scenarios = calloc(1, sizeof *run->scenarios);
	if (!run->scenarios)
		result = -ENOMEM;
	if (result == 0)
		result = request->scenario_count
				 ? look_for(run, &search, request->scenarios,
					    request->scenario_count, error)
				 : look_for(run, &search, names, (size_t)count, error);
	if (result == 0)
		result = search.found ? read_needed(run, request, &search, error)
				      : complain(&search, error);
	if (result == 0)
		warn_of_others(run, &search);
	if (search.found)
		claim_scope_destroy(&search.needs);
	for (long i = 0; i < count; i++)
		free(names[i]);
	free(names);
	json_decref(search.elsewhere);
	json_decref(search.ids);
	json_decref(metrics);
	return result;
}
