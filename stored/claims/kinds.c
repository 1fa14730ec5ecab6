#include "stored/claims/kinds.h"

#include "lib/json.h"

#include <string.h>

static const struct claim_kind kinds[] = {
	{"threshold", "within", CLAIM_OF, CLAIM_UNIT_METRIC},
	{"ratio", "within", CLAIM_OF | CLAIM_OVER, CLAIM_UNIT_TIMES},
	{"ordering", "falling", CLAIM_CELLS, CLAIM_UNIT_TIMES},
	{"ordering", "rising", CLAIM_CELLS, CLAIM_UNIT_TIMES},
	{"shape", "slope", CLAIM_OF | CLAIM_ALONG, CLAIM_UNIT_SLOPE},
	{"shape", "crossover", CLAIM_OF | CLAIM_OVER | CLAIM_ALONG, CLAIM_UNIT_AXIS},
	{"order", "within", CLAIM_OF, CLAIM_UNIT_METRIC},
	{"order", "expects", CLAIM_OF, CLAIM_UNIT_SHARE},
};

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
