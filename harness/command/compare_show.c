/* tenk compare: from two sides on disk to what is printed and the exit code. */
#include "harness/command/compare_request.h"

#include "harness/command/command.h"
#include "stored/comparison/noise.h"

#include <stdio.h>

struct comparison_rules compare_rules(const struct compare_request *request,
				      const struct compared_sides *sides, const json_t *environment,
				      bool tell)
{
	int days = 0;
	json_t *noise = noise_read(request->noise, environment, &days);

	if (tell && days > 0)
		fprintf(stderr,
			"note: the noise floor of this machine is %d days old, and holds for %d: tenk "
			"compare --aa measures it again\n",
			days, NOISE_DAYS);
	else if (tell && !noise)
		fputs("note: nobody knows the noise floor of this machine: tenk compare --aa measures it\n",
		      stderr);
	return (struct comparison_rules){
		.looks = sides->looks,
		.unpaired_gates = request->unpaired_gates,
		.any_machine = request->any_machine,
		.noise = noise,
		.items = request->rules.items,
		.count = request->rules.count,
	};
}

static int exit_code_of(const struct compare_request *request,
			const struct comparisons *comparisons)
{
	const int codes[] = {
		[COMPARISON_OK] = EXIT_OK,
		[COMPARISON_IMPROVEMENT] = EXIT_OK,
		[COMPARISON_INCONCLUSIVE] = request->inconclusive_passes ? EXIT_OK
									 : EXIT_INCONCLUSIVE,
		[COMPARISON_REGRESSION] = EXIT_REGRESSION,
		[COMPARISON_INVALID] = EXIT_INVALID,
	};

	return comparisons->gates ? codes[comparisons->outcome] : EXIT_OK;
}

int compare_show(const struct compare_request *request, const struct compared_sides *sides)
{
	/* What two runs differ by is not the noise of pairs. */
	const json_t *environment = sides->a == sides->b
					    ? json_object_get(sides->a->run, "environment")
					    : NULL;
	struct comparison_rules rules = compare_rules(request, sides, environment,
						      environment != NULL);
	struct comparisons comparisons;
	struct error error = {""};
	int code;

	if (comparisons_make(&comparisons, sides->a, sides->a_subject, sides->b, sides->b_subject,
			     &rules, &error) < 0) {
		code = command_fail(EXIT_USAGE, error.text);
	} else if (compare_warn_of_policy(request, &comparisons) < 0) {
		code = command_fail(EXIT_FAILED, "out of memory");
	} else if (compare_outputs_write(&request->outputs, &comparisons, &error) < 0) {
		code = command_fail(EXIT_FAILED, error.text);
	} else {
		code = exit_code_of(request, &comparisons);
	}
	comparisons_destroy(&comparisons);
	json_decref(rules.noise);
	return code;
}
