/* A run of what some claims need, and of nothing else. */
#include "harness/run/parts.h"

#include "harness/measure/metrics.h"
#include "harness/scenario/folder.h"
#include "harness/scenario/narrow.h"
#include "lib/json.h"
#include "lib/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* While they are looked for. */
struct search {
	char *const *claims; /* ids that were named; none: all of the scenarios */
	size_t claim_count;
	char *const *scenarios; /* where they are looked for, by name or file */
	size_t scenario_count;
	json_t *metrics;
	struct claim_scope needs;
	json_t *elsewhere; /* each {"id", "scenario"}: who has one of the same id, too */
	json_t *ids;	   /* of all claims that were seen, for who mistyped one */
};

static bool is_among(const char *word, char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], word) == 0)
			return true;
	return false;
}

/* Where a claim of that id was found first; NULL: nowhere yet. */
static const json_t *place_of(const struct search *search, const char *id)
{
	const json_t *place;
	size_t i;

	json_array_foreach(search->needs.claims, i,
			   place) if (strcmp(json_string_of(json_object_get(place, "claim"), "id"),
					     id) == 0) return place;
	return NULL;
}

/* Of claims with one id the first counts; of others it is said that they are there. */
static int look_for_claim(struct search *search, const struct scenario *scenario, const char *id)
{
	struct claim_scope other = {0};
	const json_t *known = place_of(search, id);
	long count = claim_scope_add(known ? &other : &search->needs, scenario, id,
				     search->metrics);

	/* In the same one: it was named twice. */
	if (known && count > 0 && strcmp(json_string_of(known, "scenario"), scenario->name) != 0)
		json_array_append_new(search->elsewhere, json_pack("{s:s, s:s}", "id", id,
								   "scenario", scenario->name));
	claim_scope_destroy(&other);
	return count < 0 ? (int)count : 0;
}

static int look_into(struct search *search, const struct scenario *scenario)
{
	const json_t *claim;
	int result = 0;
	size_t i;

	for (size_t part = 0; part < scenario->part_count; part++)
		json_array_foreach(scenario->parts[part].claims, i, claim)
			json_array_append(search->ids, json_object_get(claim, "id"));
	for (size_t j = 0; result == 0 && j < search->claim_count; j++)
		result = look_for_claim(search, scenario, search->claims[j]);
	if (search->claim_count == 0 &&
	    claim_scope_add(&search->needs, scenario, NULL, search->metrics) < 0)
		result = -ENOMEM;
	return result;
}

/* Reads the scenarios one after another; none of them stays in the run. */
static int look(struct run *run, struct search *search, struct error *error)
{
	int result = 0;

	run->scenarios = calloc(1, sizeof *run->scenarios);
	if (!run->scenarios)
		return -ENOMEM;
	for (size_t i = 0; result == 0 && i < search->scenario_count; i++) {
		if (is_among(search->scenarios[i], search->scenarios, i))
			return error_set(error, "scenario \"%s\" is named twice",
					 search->scenarios[i]);
		result = run_read_scenario(run, search->scenarios[i], search->metrics, error);
		if (result < 0)
			break;
		run->scenario_count = 0;
		result = look_into(search, &run->scenarios[0]);
		scenario_destroy(&run->scenarios[0]);
	}
	return result;
}

static int complain(const struct search *search, const char *id, struct error *error)
{
	size_t count = json_array_size(search->ids);
	const char **ids = calloc(count + 1, sizeof *ids), *near;

	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		ids[i] = json_string_value(json_array_get(search->ids, i));
	near = nearest_word(id, ids, count);
	error_set(error, "there is no claim \"%s\"%s%s%s (tenk claims list shows them all)", id,
		  near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	free(ids);
	return -EINVAL;
}

/* Each that was named is there, and has something to be measured. */
static int check_found(const struct search *search, struct error *error)
{
	for (size_t i = 0; i < search->claim_count; i++) {
		const json_t *place = place_of(search, search->claims[i]), *claim;

		if (!place)
			return complain(search, search->claims[i], error);
		claim = json_object_get(place, "claim");
		if (*json_string_of(claim, "why"))
			return error_set(error, "%s is listed and not tested: %s",
					 search->claims[i], json_string_of(claim, "why"));
	}
	if (json_array_size(search->needs.cells) == 0)
		return error_set(error,
				 "scenario \"%s\" has no claim to decide (tenk claims list "
				 "shows which scenarios have)",
				 search->scenarios[0]);
	return 0;
}

static void add_name(const char **names, size_t *count, const char *name)
{
	size_t known = 0;

	while (known < *count && strcmp(names[known], name) != 0)
		known++;
	names[known] = name;
	*count += known == *count;
}

/* Which scenarios keep a claim or have a cell of one, each once. */
static size_t list_needed(const struct claim_scope *needs, const char **names)
{
	const json_t *item;
	size_t count = 0, i;

	json_array_foreach(needs->claims, i, item)
		add_name(names, &count, json_string_of(item, "home"));
	json_array_foreach(needs->cells, i, item)
		add_name(names, &count, json_string_of(item, "scenario"));
	return count;
}

/* A scenario that was named by its file is found there, others by their names. */
static const char *file_of(const struct search *search, const char *name)
{
	for (size_t i = 0; i < search->scenario_count; i++) {
		const char *slash = strrchr(search->scenarios[i], '/');
		const char *base = slash ? slash + 1 : search->scenarios[i];
		size_t length = strlen(name);

		if (strncmp(base, name, length) == 0 && strcmp(base + length, ".yaml") == 0)
			return search->scenarios[i];
	}
	return name;
}

static int read_needed(struct run *run, const struct search *search, struct error *error)
{
	const struct claim_scope *needs = &search->needs;
	const char **names = calloc(
		json_array_size(needs->claims) + json_array_size(needs->cells) + 1, sizeof *names);
	size_t count = names ? list_needed(needs, names) : 0;
	int result = names ? 0 : -ENOMEM;

	free(run->scenarios);
	run->scenarios = calloc(count + 1, sizeof *run->scenarios);
	if (!run->scenarios)
		result = -ENOMEM;
	for (size_t i = 0; result == 0 && i < count; i++) {
		result = run_read_scenario(run, file_of(search, names[i]), search->metrics, error);
		if (result == 0)
			result = scenario_narrow(&run->scenarios[i], needs);
		if (result == 0 && run->scenarios[i].part_count == 0)
			result = error_set(
				error, "scenario \"%s\" has none of the cells that are asked of it",
				names[i]);
	}
	free(names);
	return result;
}

/* The same claim may stand where it is measured in another way. */
static void warn_of_others(struct run *run, const struct search *search)
{
	const json_t *other;
	size_t i;

	json_array_foreach(search->elsewhere, i, other)
	{
		const char *id = json_string_of(other, "id");
		const char *scenario = json_string_of(other, "scenario");

		run_warn(run, "%s of %s is measured; %s has one, too: tenk claims run %s %s", id,
			 json_string_of(place_of(search, id), "scenario"), scenario, scenario, id);
	}
}

/* The words that lead are scenarios, in which alone is looked; without any in all that there are. */
static void take_words(struct search *search, const struct run_request *request, char *const *names,
		       size_t count)
{
	size_t lead = 0;

	while (lead < request->scenario_count && (run_is_file_name(request->scenarios[lead]) ||
						  is_among(request->scenarios[lead], names, count)))
		lead++;
	search->scenarios = lead ? request->scenarios : names;
	search->scenario_count = lead ? lead : count;
	search->claims = request->scenarios + lead;
	search->claim_count = request->scenario_count - lead;
}

int run_read_claims(struct run *run, const struct run_request *request, struct error *error)
{
	struct search search = {
		.metrics = metrics_describe(), .elsewhere = json_array(), .ids = json_array()};
	char **names = NULL;
	long count = scenario_folder_names(run->paths.scenarios, &names);
	int result = count < 0 ? error_set(error, "cannot look for scenarios in %s: %s",
					   run->paths.scenarios, strerror((int)-count))
			       : 0;

	if (result == 0) {
		take_words(&search, request, names, (size_t)count);
		result = look(run, &search, error);
	}
	if (result == 0)
		result = check_found(&search, error);
	if (result == 0)
		result = read_needed(run, &search, error);
	if (result == 0)
		warn_of_others(run, &search);
	claim_scope_destroy(&search.needs);
	for (long i = 0; i < count; i++)
		free(names[i]);
	free(names);
	json_decref(search.elsewhere);
	json_decref(search.ids);
	json_decref(search.metrics);
	return result;
}
