#include "harness/command/choose.h"

#include "harness/machine/paths.h"
#include "harness/measure/metrics.h"
#include "harness/scenario/folder.h"

#include <errno.h>
#include <string.h>

int choose_scenarios_open(struct choose_scenarios *scenarios, struct error *error)
{
	json_t *metrics = metrics_describe(), *list = NULL;
	struct paths paths;
	int result = paths_find(&paths, error);

	*scenarios = (struct choose_scenarios){0};
	if (result == 0) {
		list = scenario_folder_describe(paths.scenarios, metrics, error);
		result = list ? 0 : -EINVAL;
	}
	json_decref(metrics);
	if (result < 0)
		return result;
	scenarios->results.run = json_pack("{s:o}", "scenarios", list);
	if (choice_run_open(&scenarios->run, &scenarios->results, false) == 0)
		return 0;
	error_set(error, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

void choose_scenarios_close(struct choose_scenarios *scenarios)
{
	choice_run_close(&scenarios->run);
	results_destroy(&scenarios->results);
}

bool choose_is_new_work(const struct choice_run *run, size_t index, char out[CHOICE_WORD])
{
	char earlier[CHOICE_WORD];
	bool is_new = *choice_work(&run->parts[index], out);

	for (size_t i = 0; is_new && i < index; i++)
		is_new = strcmp(choice_work(&run->parts[i], earlier), out) != 0;
	return is_new;
}
