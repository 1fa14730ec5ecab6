/* What scenarios set of servers, and which servers that means nothing to. */
#include "harness/run/parts.h"

#include "harness/trial/settings.h"
#include "lib/text_buffer.h"

#include <errno.h>
#include <string.h>

/* Whether any trial of a server in a part sets that. */
static bool is_set(const struct run *run, const struct scenario_part *part, const char *server,
		   enum server_setting setting)
{
	for (size_t i = 0; i < run->plan.count && run->plan.trials[i].trial == 1; i++) {
		const struct planned_trial *planned = &run->plan.trials[i];
		struct server_settings settings = {0};

		if (planned->part != part || strcmp(planned->server, server) != 0)
			continue;
		trial_settings_add(&settings, &planned->load);
		if (*settings.values[setting])
			return true;
	}
	return false;
}

static void warn_of_part(struct run *run, const struct scenario_part *part, const char *server)
{
	const struct server_entry *entry = catalogue_find(&run->catalogue, server);

	for (enum server_setting i = 0; entry && i < SETTINGS; i++) {
		const char *option = server_setting_rows[i].option;

		if (!server_entry_takes(entry, option) && is_set(run, part, server, i))
			run_warn(run, "%s: %s means nothing to %s, which is measured as it is",
				 part->name, option, server);
	}
}

void run_warn_of_settings(struct run *run)
{
	for (size_t i = 0; i < run->scenario_count; i++)
		for (size_t j = 0; j < run->scenarios[i].part_count; j++) {
			const struct scenario_part *part = &run->scenarios[i].parts[j];

			for (size_t k = 0; k < part->server_count; k++)
				warn_of_part(run, part, part->servers[k]);
		}
}

/* Leaves out counts of cores that are more than the server has. 0, or -EINVAL if none is left. */
static int fit_axis(struct run *run, const struct scenario_part *part, struct axis *axis,
		    struct error *error)
{
	unsigned given = (unsigned)CPU_COUNT(&run->cores.server);
	struct text_buffer dropped = {0};
	size_t kept = 0;

	for (size_t i = 0; i < axis->count; i++)
		if (axis->values[i] <= given)
			axis->values[kept++] = axis->values[i];
		else
			text_append_format(&dropped, "%s%.0f", dropped.text ? ", " : "",
					   axis->values[i]);
	if (kept < axis->count)
		run_warn(run,
			 "%s: server-cores of %s are left out: the server has %u here "
			 "(--server-cores gives it more)",
			 part->name, text_string(&dropped), given);
	text_destroy(&dropped);
	axis->count = kept;
	return kept ? 0
		    : error_set(
			      error,
			      "part \"%s\" varies server-cores, and each of its values is more than "
			      "the %u that the server has here: give it more with --server-cores",
			      part->name, given);
}

int run_fit_cores(struct run *run, struct error *error)
{
	int result = 0;

	for (size_t i = 0; i < run->scenario_count; i++)
		for (size_t j = 0; j < run->scenarios[i].part_count; j++) {
			struct scenario_part *part = &run->scenarios[i].parts[j];

			for (size_t k = 0; result == 0 && k < part->axis_count; k++)
				if (part->axes[k].kind == AXIS_SERVER_CORES)
					result = fit_axis(run, part, &part->axes[k], error);
		}
	return result;
}
