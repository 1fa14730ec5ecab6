#include "loadgen/run.h"

const char *const run_outcome_names[RUN_OUTCOMES] = {
	[RUN_OK] = "ok",
	[RUN_NO_ANSWERS] = "no_answers",
	[RUN_WRONG_ANSWERS] = "wrong_answers",
	[RUN_SERVER_VANISHED] = "server_vanished",
	[RUN_ERRORS] = "errors",
	[RUN_INTERRUPTED] = "interrupted",
};

static const int exit_statuses[RUN_OUTCOMES] = {
	[RUN_OK] = 0,
	[RUN_NO_ANSWERS] = 1,
	[RUN_WRONG_ANSWERS] = 1,
	[RUN_SERVER_VANISHED] = 1,
	[RUN_ERRORS] = 1,
	[RUN_INTERRUPTED] = 130,
};

static uint64_t run_count_wrong(const uint64_t errors[ERROR_CLASSES])
{
	return errors[ERROR_STATUS] + errors[ERROR_LENGTH] + errors[ERROR_PARSE] +
	       errors[ERROR_BODY];
}

enum run_outcome run_decide_outcome(const struct run *run)
{
	const struct result *total = run->total;
	/* The crowd is used before the window: its errors count although they are outside. */
	bool crowd_failed = total->crowd_answered < run->options->idle;
	uint64_t wrong = run_count_wrong(total->errors);
	uint64_t answered = run->options->connections ? total->good : total->crowd_answered;

	if (run->interrupted)
		return RUN_INTERRUPTED;
	if (run->server_vanished)
		return RUN_SERVER_VANISHED;
	if (crowd_failed)
		wrong += run_count_wrong(total->errors_outside);
	if (wrong > 0)
		return RUN_WRONG_ANSWERS;
	if (answered == 0)
		return RUN_NO_ANSWERS;
	return crowd_failed || result_count_errors(total->errors) > 0 ? RUN_ERRORS : RUN_OK;
}

int run_exit_status(enum run_outcome outcome)
{
	return exit_statuses[outcome];
}
