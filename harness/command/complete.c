#include "harness/command/complete.h"

#include "harness/catalogue/catalogue.h"
#include "harness/command/choose.h"
#include "harness/demo/demonstration.h"
#include "harness/machine/paths.h"
#include "harness/measure/metrics.h"
#include "harness/scenario/folder.h"
#include "lib/command_line.h"
#include "lib/json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of a list, "epoll,lib", the last is being typed, and what stands before it stays. */
static void offer_of_list(const char *name, const char *meaning, const char *begun)
{
	const char *comma = strrchr(begun, ',');
	char word[512];

	snprintf(word, sizeof word, "%.*s%s", comma ? (int)(comma + 1 - begun) : 0, begun, name);
	command_line_offer(word, meaning, begun);
}

static void offer_servers(const struct paths *paths, const char *begun)
{
	const char *folders[] = {paths->servers, NULL};
	struct catalogue catalogue = {0};
	struct error error;

	if (catalogue_read(&catalogue, folders, &error) == 0)
		catalogue_read_reference(&catalogue, paths->reference, &error);
	for (size_t i = 0; i < catalogue.count; i++)
		if (!catalogue.entries[i].missing)
			offer_of_list(catalogue.entries[i].name,
				      json_string_of(catalogue.entries[i].description, "summary"),
				      begun);
	offer_of_list("models", "each of tenk's own as it is", begun);
	offer_of_list("variants", "each variant of tenk's own", begun);
	offer_of_list("reference", "those of other people that are installed", begun);
	catalogue_destroy(&catalogue);
}

static void offer_metrics(const char *begun)
{
	json_t *metrics = metrics_describe();
	const json_t *metric;
	size_t i;

	json_array_foreach(metrics, i, metric) offer_of_list(
		json_string_of(metric, "key"), json_string_of(metric, "title"), begun);
	json_decref(metrics);
}

static void offer_claims(const struct scenario *scenario, const char *begun)
{
	const json_t *claim;
	size_t i;

	for (size_t part = 0; part < scenario->part_count; part++)
		json_array_foreach(scenario->parts[part].claims, i, claim) command_line_offer(
			json_string_of(claim, "id"), json_string_of(claim, "says"), begun);
}

static void offer_scenarios(const struct paths *paths, bool with_claims, const char *begun)
{
	json_t *metrics = metrics_describe();
	char **names = NULL;
	long count = scenario_folder_names(paths->scenarios, &names);

	for (long i = 0; i < count; i++) {
		struct scenario scenario;
		struct error error;
		char path[PATH_MAX];

		if (paths_join(path, paths->scenarios, names[i], ".yaml") == 0 &&
		    scenario_folder_read(&scenario, paths->scenarios, path, metrics, &error) == 0) {
			command_line_offer(names[i], scenario.title, begun);
			if (with_claims)
				offer_claims(&scenario, begun);
			scenario_destroy(&scenario);
		}
		free(names[i]);
	}
	free(names);
	json_decref(metrics);
}

/* Each with the title of a scenario that asks for it. */
static void offer_works(const char *begun)
{
	struct choose_scenarios scenarios;
	char work[CHOICE_WORD];
	struct error error;

	if (choose_scenarios_open(&scenarios, &error) == 0)
		for (size_t i = 0; i < scenarios.run.part_count; i++)
			if (choose_is_new_work(&scenarios.run, i, work))
				command_line_offer(
					work,
					json_string_of(scenarios.run.parts[i].scenario, "title"),
					begun);
	choose_scenarios_close(&scenarios);
}

/* Those that lie where tenk puts them. */
static void offer_runs(const char *begun)
{
	DIR *folder = opendir("results");
	const struct dirent *entry;
	char word[NAME_MAX + 16], file[NAME_MAX + 32];

	while (folder && (entry = readdir(folder))) {
		snprintf(word, sizeof word, "results/%s", entry->d_name);
		snprintf(file, sizeof file, "%s/run.json", word);
		if (access(file, F_OK) == 0)
			command_line_offer(word, "a run", begun);
	}
	if (folder)
		closedir(folder);
}

void complete_values(const char *option, const char *kind, const char *begun)
{
	struct paths paths;
	struct error error;

	if (paths_find(&paths, &error) < 0)
		return;
	if (option) {
		if (strcmp(option, "servers") == 0 || strcmp(option, "base") == 0 ||
		    strcmp(option, "head") == 0)
			offer_servers(&paths, begun);
		else if (strcmp(option, "metrics") == 0)
			offer_metrics(begun);
		else if (strcmp(option, "resume") == 0)
			offer_runs(begun);
		else if (strcmp(option, "work") == 0)
			offer_works(begun);
		return;
	}
	if (strstr(kind, "SCENARIO"))
		offer_scenarios(&paths, strstr(kind, "CLAIM") != NULL, begun);
	if (strstr(kind, "RUN"))
		offer_runs(begun);
	for (size_t i = 0; strstr(kind, "DEMONSTRATION") && demonstrations[i]; i++)
		command_line_offer(demonstrations[i]->name, demonstrations[i]->summary, begun);
}
