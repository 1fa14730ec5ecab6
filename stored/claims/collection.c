#include "stored/claims/collection.h"

#include "lib/json.h"
#include "stored/claims/claims.h"
#include "stored/runs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct error *error)
{
	error_set(error, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

static int collect_run(struct claims_collection *collection, const char *folder,
		       struct error *error)
{
	struct results *runs = reallocarray(collection->runs, collection->run_count + 1,
					    sizeof *runs);
	int result;

	if (!runs)
		return no_memory(error);
	collection->runs = runs;
	result = results_load(&runs[collection->run_count], folder, error);
	collection->run_count += result == 0;
	return result;
}

/* "memory/thread-costs-2mb" */
static const char *name_claim(const char *scenario, const json_t *claim, char *name, size_t size)
{
	snprintf(name, size, "%s/%s", scenario, json_string_of(claim, "id"));
	return name;
}

/* The verdicts of all runs; of which claims is said by `owners`, names to folders; NULL: of all. */
static int add_verdicts(struct claims_collection *collection, const json_t *owners,
			struct error *error)
{
	struct verdict *verdicts = NULL;
	long count = claims_evaluate(collection->runs, collection->run_count, &verdicts);
	char name[256];

	if (count < 0)
		return no_memory(error);
	collection->verdicts = verdicts;
	for (long i = 0; i < count; i++) {
		name_claim(verdicts[i].scenario, verdicts[i].claim, name, sizeof name);
		if (!owners ||
		    strcmp(json_string_of(owners, name), verdicts[i].home->directory) == 0)
			verdicts[collection->count++] = verdicts[i];
	}
	return 0;
}

int claims_collect(struct claims_collection *collection, char *const *folders, size_t count,
		   struct error *error)
{
	int result = 0;

	*collection = (struct claims_collection){0};
	for (size_t i = 0; result == 0 && i < count; i++)
		result = collect_run(collection, folders[i], error);
	return result < 0 ? result : add_verdicts(collection, NULL, error);
}

/* tenk claims run: few servers, which take turns, so that its intervals are narrower than a whole scenario's. */
static bool is_of_claims(const struct found_run *candidate)
{
	const json_t *command = json_object_get(candidate->run, "command");
	const char *second = json_string_value(json_array_get(command, 1));

	return second && strcmp(second, "claims") == 0;
}

/*
 * Those that were measured here before those that are published, and of these those that were made for claims first;
 * newer ones before older ones.
 */
static int compare_candidates(const void *left, const void *right)
{
	const struct found_run *a = left, *b = right;
	int later = strcmp(json_string_of(b->run, "started_at"),
			   json_string_of(a->run, "started_at"));

	if (a->published != b->published)
		return a->published - b->published;
	if (a->published && is_of_claims(a) != is_of_claims(b))
		return is_of_claims(b) - is_of_claims(a);
	return later ? later : strcmp(a->folder, b->folder);
}

/* Whether a run measured the server of a cell, or leaves it to another scenario. NULL: there is no cell. */
static bool has_server(const json_t *scenario, const json_t *own_part, const json_t *cell)
{
	const json_t *part = json_object_get(cell, "part"), *name;
	size_t i;

	if (!json_is_object(cell) || json_is_string(json_object_get(cell, "scenario")))
		return true;
	part = json_is_string(part) ? json_find(json_object_get(scenario, "parts"), "name",
						json_string_value(part))
				    : own_part;
	json_array_foreach(json_object_get(part, "servers"), i,
			   name) if (strcmp(json_string_value(name) ? json_string_value(name) : "",
					    json_string_of(cell, "server")) == 0) return true;
	return false;
}

/* Whether a run measured all that a claim is about: it may have been asked for other servers, or lack one. */
static bool tests_claim(const json_t *scenario, const json_t *part, const json_t *claim)
{
	const json_t *cell;
	size_t i;

	json_array_foreach(json_object_get(claim, "cells"), i,
			   cell) if (!has_server(scenario, part, cell)) return false;
	return has_server(scenario, part, json_object_get(claim, "of")) &&
	       has_server(scenario, part, json_object_get(claim, "over"));
}

/*
 * Gives a run the claims that are nobody's yet, all of them or those whose servers it has. Whether there
 * are any.
 */
static bool own_claims(json_t *owners, const json_t *run, const char *folder, bool all)
{
	const json_t *scenario, *part, *claim;
	size_t i, j, k;
	char name[256];
	bool any = false;

	json_array_foreach(json_object_get(run, "scenarios"), i, scenario)
		json_array_foreach(json_object_get(scenario, "parts"), j, part)
			json_array_foreach(json_object_get(part, "claims"), k, claim)
	{
		name_claim(json_string_of(scenario, "name"), claim, name, sizeof name);
		if (json_object_get(owners, name) || (!all && !tests_claim(scenario, part, claim)))
			continue;
		json_object_set_new(owners, name, json_string(folder));
		any = true;
	}
	return any;
}

int claims_collect_newest(struct claims_collection *collection, const char *folder,
			  const char *published, struct error *error)
{
	struct found_runs candidates = {0};
	json_t *owners = json_object();
	int result = owners ? runs_find_all(&candidates, folder, published) : -ENOMEM;

	*collection = (struct claims_collection){0};
	if (result < 0)
		no_memory(error);
	if (candidates.count > 0)
		qsort(candidates.items, candidates.count, sizeof *candidates.items,
		      compare_candidates);
	/* What nobody tests is told by the newest that should have, with why it does not. */
	for (int all = 0; all <= 1; all++)
		for (size_t i = 0; i < candidates.count; i++)
			candidates.items[i].needed |= own_claims(owners, candidates.items[i].run,
								 candidates.items[i].folder, all);
	/* A cell of another scenario is looked for from the last one on: the newest comes last. */
	for (size_t i = candidates.count; result == 0 && i-- > 0;)
		if (candidates.items[i].needed)
			result = collect_run(collection, candidates.items[i].folder, error);
	if (result == 0)
		result = add_verdicts(collection, owners, error);
	runs_destroy(&candidates);
	json_decref(owners);
	return result;
}

void claims_collection_destroy(struct claims_collection *collection)
{
	for (size_t i = 0; i < collection->run_count; i++)
		results_destroy(&collection->runs[i]);
	free(collection->runs);
	free(collection->verdicts);
	*collection = (struct claims_collection){0};
}
