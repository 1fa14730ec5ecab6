#include "stored/codes.h"

#include "lib/json.h"

#include <string.h>

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = {[OUTCOME_OK] = "ok",
					    [OUTCOME_SATURATED] = "saturated",
					    [OUTCOME_FAILED] = "failed",
					    [OUTCOME_INVALID] = "invalid",
					    [OUTCOME_SKIPPED] = "skipped"};

	return names[outcome];
}

bool trial_ended_as(const json_t *trial, enum outcome outcome)
{
	return strcmp(json_string_of(trial, "outcome"), outcome_name(outcome)) == 0;
}

bool trial_has_code(const json_t *trial, const char *code)
{
	return json_find(json_object_get(trial, "reasons"), "code", code) != NULL;
}

const char *trial_first_reason(const json_t *trial)
{
	return json_string_of(json_array_get(json_object_get(trial, "reasons"), 0), "text");
}
