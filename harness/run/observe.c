/* The programs of parts that observe, which no catalogue lists. */
#include "harness/run/parts.h"

#include "lib/json.h"

#include <stdlib.h>
#include <string.h>

struct observed_folders run_observed_folders(const struct run *run)
{
	const json_t *folder = json_object_get(run->json, "server_folder");

	return (struct observed_folders){run->paths.observed,
					 {run->paths.servers, json_string_value(folder)}};
}

static bool is_chosen(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->chosen_count; i++)
		if (strcmp(run->chosen[i], name) == 0)
			return true;
	return run->chosen_count == 0;
}

int run_resolve_programs(struct run *run, struct scenario_part *part, struct error *error)
{
	const struct observed_folders folders = run_observed_folders(run);
	struct observed_program program;
	size_t kept = 0;
	int result = 0;

	for (size_t i = 0; result == 0 && i < part->server_count; i++)
		result = observed_find(&program, &folders, &run->catalogue, part->servers[i],
				       error);
	if (result < 0)
		return result;
	for (size_t i = 0; i < part->server_count; i++) {
		char *name = part->servers[i];

		if (!is_chosen(run, name)) {
			free(name);
			continue;
		}
		part->servers[kept++] = name;
		observed_find(&program, &folders, &run->catalogue, name, error);
		if (*program.missing)
			run_warn(run, "%s of %s cannot be observed: %s%s%s", name, part->name,
				 program.missing, *program.remedy ? "; to lift that: " : "",
				 program.remedy);
	}
	part->server_count = kept;
	if (kept == 0)
		run_warn(run, "%s is left out: none of its programs was asked for", part->name);
	return 0;
}

void run_describe_programs(const struct run *run, json_t *list)
{
	const struct observed_folders folders = run_observed_folders(run);

	for (size_t i = 0; i < run->plan.count; i++) {
		const struct planned_trial *planned = &run->plan.trials[i];
		struct observed_program program;
		struct error error;

		if (!planned->part->observes || json_find(list, "name", planned->server))
			continue;
		if (observed_find(&program, &folders, &run->catalogue, planned->server, &error) ==
		    0)
			json_array_append_new(list, observed_to_json(&program, planned->server));
	}
}
