/* The verdicts on claims, for the terminal. */
#include "report/terminal.h"

#include "lib/json.h"
#include "lib/units.h"
#include "stored/claims/claims.h"
#include "stored/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void print_verdict(const struct verdict *verdict, FILE *out)
{
	enum unit_kind unit = verdict->unit;
	const char *says = json_string_value(json_object_get(verdict->claim, "says"));
	const char *title = json_string_value(json_object_get(verdict->descriptor, "title"));
	char estimate[32], low[32], high[32];

	if (verdict->metric == NULL || says == NULL)
		return;
	fprintf(out, "    %-32s %s", title ? title : verdict->metric, verdict_reads(verdict));
	if (*verdict->factor_word)
		fprintf(out, ", %s", verdict->factor_word);
	if (*verdict->factor_word && isfinite(verdict->factor))
		fprintf(out, " x %.3g", verdict->factor); /* what was measured is above zero */
	if (isfinite(verdict->estimate))
		fprintf(out, ": %s%s [%s, %s], %zu trial%s",
			isnan(verdict->high)  ? ">="
			: isnan(verdict->low) ? "<="
					      : "",
			units_format(unit, verdict->estimate, estimate, sizeof estimate),
			isnan(verdict->low) ? "?"
					    : units_format(unit, verdict->low, low, sizeof low),
			isnan(verdict->high) ? "?"
					     : units_format(unit, verdict->high, high, sizeof high),
			verdict->trials, verdict->trials == 1 ? "" : "s");
	if (*verdict->why)
		fprintf(out, "; %s", verdict->why);
	fputc('\n', out);
}

long terminal_print_claims(const struct results *results, FILE *out)
{
	struct verdict *verdicts = NULL;
	long count = claims_evaluate(results, 1, &verdicts);
	const json_t *claim = NULL;

	for (long i = 0; i < count; i++) {
		if (verdicts[i].claim != claim) {
			claim = verdicts[i].claim;
			fprintf(out, "\n  %s   %s%s\n",
				json_string_value(json_object_get(claim, "id")),
				json_string_value(json_object_get(claim, "says")),
				json_is_true(json_object_get(claim, "own_model"))
					? "  (tenk's own model)"
					: "");
		}
		print_verdict(&verdicts[i], out);
	}
	if (count >= 0)
		free(verdicts);
	return count;
}
