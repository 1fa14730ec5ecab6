#include "harness/command/until_decided.h"

#include "lib/statistics/decision.h"
#include "stored/claims/claims.h"
#include "stored/results.h"

#include <stdlib.h>

static bool is_decided(const struct results *results)
{
	struct verdict *verdicts = NULL;
	long count = claims_evaluate(results, 1, &verdicts);
	bool open = count <= 0;

	for (long i = 0; i < count; i++)
		open |= verdicts[i].headline && verdicts[i].kind == VERDICT_INCONCLUSIVE &&
			!verdicts[i].at_edge;
	if (count >= 0)
		free(verdicts);
	return !open;
}

/* What cannot be read now is told at the end. */
static bool look(void *context, unsigned blocks)
{
	const struct run *run = context;
	struct results results;
	struct error error;
	bool decided;

	if (!decision_is_look(blocks) || results_load(&results, run->store.directory, &error) < 0)
		return false;
	decided = is_decided(&results);
	results_destroy(&results);
	return decided;
}

void until_decided_ask(struct run_request *request, struct run *run)
{
	request->looks = DECISION_LOOKS;
	request->trials = (unsigned)decision_look_pairs[DECISION_LOOKS - 1];
	request->decided = look;
	request->decided_context = run;
}

void until_decided_resume(struct run *run)
{
	if (!json_object_get(run->json, "looks"))
		return;
	run->decided = look;
	run->decided_context = run;
}
