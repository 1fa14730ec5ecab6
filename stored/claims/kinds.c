#include "stored/claims/kinds.h"

#include "lib/json.h"
#include "stored/claims/deciders.h"

#include <string.h>

/* clang-format off */
static const struct claim_kind kinds[] = {
	{"threshold", "within", CLAIM_OF, CLAIM_UNIT_METRIC, "", true, claim_decide_value},
	{"ratio", "within", CLAIM_OF | CLAIM_OVER, CLAIM_UNIT_TIMES, " over ", true, claim_decide_ratio},
	{"ordering", "falling", CLAIM_CELLS, CLAIM_UNIT_TIMES, " > ", false, claim_decide_falling},
	{"ordering", "rising", CLAIM_CELLS, CLAIM_UNIT_TIMES, " < ", false, claim_decide_rising},
	{"shape", "slope", CLAIM_OF | CLAIM_ALONG, CLAIM_UNIT_SLOPE, "", false, claim_decide_slope},
	{"shape", "crossover", CLAIM_OF | CLAIM_OVER | CLAIM_ALONG, CLAIM_UNIT_AXIS, " against ", true, claim_decide_crossover},
	{"order", "within", CLAIM_OF, CLAIM_UNIT_METRIC, "", true, claim_decide_value},
	{"order", "expects", CLAIM_OF, CLAIM_UNIT_SHARE, "", false, claim_decide_expected},
	{"untested", "why", 0, CLAIM_UNIT_TIMES, "", false, NULL},
};
/* clang-format on */

const struct claim_kind *claim_kind_at(size_t index)
{
	return index < sizeof kinds / sizeof *kinds ? &kinds[index] : NULL;
}

const struct claim_kind *claim_kind_of(const json_t *claim)
{
	const char *key = json_string_of(claim, "kind"), *by = json_string_of(claim, "by");

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].key, key) == 0 && (*by == '\0' || strcmp(kinds[i].by, by) == 0))
			return &kinds[i];
	return NULL;
}
