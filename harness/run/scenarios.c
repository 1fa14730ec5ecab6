/* Which scenarios a run was asked for, and with which servers. */
#include "harness/run/parts.h"

#include "harness/measure/metrics.h"
#include "harness/scenario/folder.h"
#include "lib/nearest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORD_BYTES = 512 };

/* The message for a scenario that is not there, with those that are. */
static int complain_scenario(const char *name, const char *folder, struct error *error)
{
	char **names = NULL, list[600];
	long found = scenario_folder_names(folder, &names);
	size_t count = found < 0 ? 0 : (size_t)found;
	const char *near = nearest_word(name, (const char *const *)names, count);

	error_set(error,
		  "there is no scenario \"%s\"%s%s%s (there are: %s; or name a file, "
		  "for instance ./mine.yaml)",
		  name, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "",
		  nearest_list((const char *const *)names, count, list, sizeof list));
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return -EINVAL;
}

bool run_is_file_name(const char *word)
{
	const char *dot = strrchr(word, '.');

	return strchr(word, '/') || (dot && strcmp(dot, ".yaml") == 0);
}

int run_read_scenario(struct run *run, const char *name, const json_t *metrics, struct error *error)
{
	struct scenario *scenario = &run->scenarios[run->scenario_count];
	const char *folder = run->paths.scenarios, *file = name;
	char path[PATH_MAX];
	int result = 0;

	if (!run_is_file_name(name)) {
		result = paths_join(path, folder, name, ".yaml");
		if (result == 0 && access(path, F_OK) != 0)
			result = complain_scenario(name, folder, error);
		file = path;
	}
	if (result == 0)
		result = scenario_folder_read(scenario, folder, file, metrics, error);
	run->scenario_count += result == 0;
	return result;
}

static int read_named(struct run *run, const struct run_request *request, struct error *error)
{
	static char *fallback[] = {(char *)"quick"};
	char **names = request->scenario_count ? request->scenarios : fallback;
	size_t count = request->scenario_count ? request->scenario_count : 1;
	json_t *metrics;
	int result = 0;

	run->scenarios = calloc(count, sizeof *run->scenarios);
	if (!run->scenarios)
		return -ENOMEM;
	metrics = metrics_describe();
	for (size_t i = 0; result == 0 && i < count; i++) {
		result = run_read_scenario(run, names[i], metrics, error);
		for (size_t j = 0; result == 0 && j < i; j++)
			if (strcmp(run->scenarios[j].name, run->scenarios[i].name) == 0)
				result = error_set(error, "scenario \"%s\" is named twice",
						   run->scenarios[i].name);
	}
	json_decref(metrics);
	return result;
}

/* Who measures until claims are decided needs one. */
static int check_claims(const struct run *run, struct error *error)
{
	for (size_t i = 0; i < run->scenario_count; i++)
		for (size_t j = 0; j < run->scenarios[i].part_count; j++)
			if (json_array_size(run->scenarios[i].parts[j].claims) > 0)
				return 0;
	return error_set(error, "--until-decided: nothing of this has a claim to decide "
				"(tenk claims list shows which scenarios have)");
}

int run_read_scenarios(struct run *run, const struct run_request *request, struct error *error)
{
	int result = request->of_claims ? run_read_claims(run, request, error)
					: read_named(run, request, error);

	return result == 0 && request->looks ? check_claims(run, error) : result;
}

/* A name as it is in a part: each as there are builds of it, by their labels; of none as it is. */
static int append_names(const struct run *run, const char *name, char **fresh, size_t *made)
{
	size_t count = strchr(name, '@') ? 0 : run->build_count;

	for (size_t i = 0; i < count; i++) {
		if (asprintf(&fresh[*made], "%s@%s", name, run->builds[i].label) < 0)
			return -ENOMEM;
		(*made)++;
	}
	if (count == 0 && (fresh[*made] = strdup(name)) == NULL)
		return -ENOMEM;
	*made += count == 0;
	return 0;
}

/* Puts the servers that are meant by these words in the place of a part's own. */
static int replace_servers(struct run *run, struct scenario_part *part, const char *const *words,
			   size_t word_count)
{
	size_t count, made = 0;
	const char **names = catalogue_expand(&run->catalogue, words, word_count, &count);
	char **fresh = names ? calloc(RUN_BUILDS * count + 1, sizeof *fresh) : NULL;
	int result = fresh ? 0 : -ENOMEM;

	for (size_t i = 0; result == 0 && i < count; i++)
		result = append_names(run, names[i], fresh, &made);
	free(names);
	if (!fresh)
		return result;
	for (size_t i = 0; i < part->server_count; i++)
		free(part->servers[i]);
	free(part->servers);
	part->servers = fresh;
	part->server_count = made;
	return result;
}

/* Whether it is known, and yet cannot be started here: not built, or not installed. */
static bool is_absent(const struct run *run, const char *name, char *reason, size_t size)
{
	const struct server_entry *entry = catalogue_find(&run->catalogue, name);

	if (!entry)
		return catalogue_is_skipped(&run->catalogue, name, reason, size);
	if (entry->missing)
		snprintf(reason, size, "%s", entry->missing);
	return entry->missing != NULL;
}

/* A server that is absent leaves the part, with a warning; one unknown is an error. */
static int resolve_servers(struct run *run, struct scenario_part *part, struct error *error)
{
	size_t kept = 0;
	char reason[WORD_BYTES] = "the group that is named has none";

	for (size_t i = 0; i < part->server_count; i++)
		if (!catalogue_find(&run->catalogue, part->servers[i]) &&
		    !is_absent(run, part->servers[i], reason, sizeof reason))
			return catalogue_complain(&run->catalogue, part->servers[i], error);
	for (size_t i = 0; i < part->server_count; i++) {
		char *name = part->servers[i];

		if (!is_absent(run, name, reason, sizeof reason)) {
			part->servers[kept++] = name;
			continue;
		}
		run_warn(run, "%s is left out of %s: %s", name, part->name, reason);
		free(name);
	}
	part->server_count = kept;
	if (kept == 0)
		return error_set(error, "no server of part \"%s\" is here: %s", part->name, reason);
	return 0;
}

int run_resolve_servers(struct run *run, const struct run_request *request, struct error *error)
{
	int result = 0;

	for (size_t i = 0; i < run->scenario_count; i++)
		for (size_t j = 0; result == 0 && j < run->scenarios[i].part_count; j++) {
			struct scenario_part *part = &run->scenarios[i].parts[j];

			if (request->trials)
				part->trials = request->trials;
			if (part->observes) {
				result = run_resolve_programs(run, part, error);
				continue;
			}
			if (run->chosen_count)
				result = replace_servers(run, part, run->chosen, run->chosen_count);
			else
				result = replace_servers(run, part,
							 (const char *const *)part->servers,
							 part->server_count);
			if (result == 0)
				result = resolve_servers(run, part, error);
		}
	return result;
}
