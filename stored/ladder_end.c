/* How far a server came, from what was stored. */
#include "stored/ladder_end.h"

#include "lib/json.h"
#include "stored/codes.h"

#include <math.h>

bool ladder_is(const json_t *part)
{
	return json_is_true(json_object_get(part, "ladder"));
}

bool ladder_gives_way(const json_t *record)
{
	return trial_ended_as(record, OUTCOME_FAILED) ||
	       trial_has_code(record, TRIAL_CODE_MACHINE) ||
	       trial_has_code(record, TRIAL_CODE_MEMORY) ||
	       trial_has_code(record, TRIAL_CODE_LOAD_MEMORY);
}

/* The reason that names a limit, else the first. */
static const json_t *telling_reason(const json_t *trial)
{
	const json_t *reasons = json_object_get(trial, "reasons"), *reason;
	size_t i;

	json_array_foreach(reasons, i, reason) if (*json_string_of(reason, "limit")) return reason;
	return json_array_get(reasons, 0);
}

static double connections_of(const json_t *trial)
{
	return json_number_value(json_object_get(json_object_get(trial, "point"), "connections"));
}

/* Whether the same planned trial was tried once more afterwards. */
static bool is_repeated(const struct results *results, size_t index)
{
	const json_t *order = json_object_get(results->trials[index], "order");

	for (size_t i = index + 1; i < results->trial_count; i++)
		if (json_equal(order, json_object_get(results->trials[i], "order")))
			return true;
	return false;
}

struct ladder_end ladder_find_end(const struct results *results, const struct cell *cell)
{
	struct ladder_end end = {cell->server, 0, NAN, "", "", ""};

	for (size_t i = 0; i < results->trial_count; i++) {
		const json_t *trial = results->trials[i], *reason = telling_reason(trial);

		if (!results_trial_matches(trial, cell) || !ladder_gives_way(trial) ||
		    end.next <= connections_of(trial) || is_repeated(results, i))
			continue;
		end.next = connections_of(trial);
		end.limit = json_string_of(reason, "limit");
		end.text = json_string_of(reason, "text");
		end.remedy = json_string_of(reason, "remedy");
	}
	for (size_t i = 0; i < results->trial_count; i++) {
		const json_t *trial = results->trials[i];

		if (results_trial_matches(trial, cell) && results_trial_counts(trial) &&
		    !(connections_of(trial) >= end.next) && connections_of(trial) > end.held)
			end.held = connections_of(trial);
	}
	return end;
}
