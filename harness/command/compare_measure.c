/* tenk compare --run: both sides measured now, block by block, until it is decided. */
#include "harness/command/compare_request.h"

#include "harness/command/command.h"
#include "harness/command/compare_go_on.h"
#include "harness/command/tell.h"
#include "harness/catalogue/revision.h"
#include "harness/process/interrupt.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/statistics/decision.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *const preset[] = {(char *)"gate"};
static const char make[] = "make -j \"$(nproc)\"";

/* While it runs. */
struct measuring {
	const struct compare_request *request;
	struct run *run;
	struct compared_sides sides; /* but for the results */
	uint64_t began_ns;
	struct revision revisions[RUN_BUILDS];
	struct build_copies copies;
};

static bool is_open(const struct comparison *one)
{
	return one->outcome >= COMPARISON_INCONCLUSIVE && !one->accepted;
}

/* Nothing that gates is open any more, or there is an alarm, which more blocks would not take back. */
static bool is_decided(const struct comparisons *comparisons)
{
	bool any = false, open = false;

	for (size_t i = 0; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];

		if (!one->gating)
			continue;
		any = true;
		open |= is_open(one);
		if (one->outcome == COMPARISON_REGRESSION && !one->accepted)
			return true;
	}
	return any && !open;
}

/* Whether so many blocks are enough. What cannot be read now is told at the end. */
static bool look(void *context, unsigned blocks)
{
	const struct measuring *measuring = context;
	struct comparison_rules rules;
	struct comparisons comparisons;
	struct results results;
	struct error error;
	bool decided = false;

	if (compare_budget_is_spent(measuring->request, measuring->began_ns, blocks))
		return true;
	if (measuring->sides.looks == 1 || !decision_is_look(blocks) ||
	    results_load(&results, measuring->run->store.directory, &error) < 0)
		return false;
	rules = compare_rules(measuring->request, &measuring->sides,
			      json_object_get(results.run, "environment"), false);
	if (comparisons_make(&comparisons, &results, measuring->sides.a_subject, &results,
			     measuring->sides.b_subject, &rules, &error) == 0)
		decided = is_decided(&comparisons);
	comparisons_destroy(&comparisons);
	json_decref(rules.noise);
	results_destroy(&results);
	return decided;
}

static void set_builds(struct compare_request *request, struct compared_sides *sides,
		       const struct server_build *base, const struct server_build *head)
{
	request->measure.builds[0] = *base;
	request->measure.builds[1] = *head;
	request->measure.build_count = 2;
	sides->a_subject = "@base";
	sides->b_subject = "@head";
}

/* Of builds that are there, of two servers, or of revisions, which are built now. 0 or -errno. */
static int choose_subjects(struct compare_request *request, struct measuring *measuring,
			   const char *own_build, struct error *error)
{
	struct run_request *measure = &request->measure;
	struct compared_sides *sides = &measuring->sides;
	struct revision *built = measuring->revisions;
	const char *command = request->build_command ? request->build_command : make;
	int result;

	if (request->noise_floor && !request->base_build) {
		struct build_copies *copies = &measuring->copies;

		set_builds(request, sides, &(struct server_build){"base", copies->folders[0], NULL},
			   &(struct server_build){"head", copies->folders[1], NULL});
		return compare_copy_build(copies, own_build, error);
	}
	if (request->base_build || request->head_build) {
		const char *base = request->base_build, *head = request->head_build;

		set_builds(request, sides,
			   &(struct server_build){"base", base ? base : own_build, NULL},
			   &(struct server_build){"head", head ? head : own_build, NULL});
		return 0;
	}
	if (request->head && !request->build_command && !measure->server_count) {
		request->servers[0] = sides->a_subject = request->base;
		request->servers[1] = sides->b_subject = request->head;
		measure->servers = (char **)request->servers;
		measure->server_count = 2;
		return 0;
	}
	result = revision_build(&built[0], request->base, command, error);
	if (result == -EINVAL && !request->build_command && !measure->server_count) {
		struct error first = *error;

		error_set(error, "%.900s; of two servers, --head names the other one", first.text);
	}
	if (result == 0)
		result = revision_build(&built[1], request->head, command, error);
	set_builds(request, sides, &(struct server_build){"base", built[0].folder, built[0].hash},
		   &(struct server_build){"head", built[1].folder, built[1].hash});
	return result;
}

static int show(const struct measuring *measuring)
{
	struct compared_sides sides = measuring->sides;
	struct results results;
	struct error error;
	int code;

	if (results_load(&results, measuring->run->store.directory, &error) < 0)
		return command_fail(EXIT_FAILED, error.text);
	sides.a = sides.b = &results;
	code = measuring->request->noise_floor ? compare_show_noise(measuring->request, &sides)
					       : compare_show(measuring->request, &sides);
	results_destroy(&results);
	fflush(stdout);
	/* What is on standard output may be for a program. */
	fprintf(stderr, "\n  run     %s\n  again   %s\n", measuring->run->store.directory,
		json_string_value(json_object_get(measuring->run->json, "repeat")));
	return code;
}

/* Builds that were made for this run alone go with it, and nobody could go on with it. */
static void tell_end(const struct measuring *measuring, const struct run_tally *tally)
{
	const struct run *run = measuring->run;

	if (*measuring->copies.temporary || *measuring->revisions[0].temporary)
		fprintf(stderr,
			"interrupted: what was measured is kept in %s, but not what was built for it\n"
			"  begin anew with  %s\n",
			run->store.directory,
			json_string_value(json_object_get(run->json, "repeat")));
	else
		tell_interrupted(run, tally);
}

static int carry_out(struct measuring *measuring)
{
	struct run *run = measuring->run;
	struct run_tally tally;
	struct error error = {""};

	tell_heading(run, measuring->request->noise_floor ? "compare --aa" : "compare --run");
	tell_warnings(run);
	compare_tell_budget(measuring->request, run_block_s(run));
	measuring->began_ns = clock_now_ns();
	if (run_execute(run, &tally, &error) < 0)
		return command_fail(EXIT_FAILED, error.text);
	if (tally.interrupted) {
		tell_end(measuring, &tally);
		return EXIT_INTERRUPTED;
	}
	tell_spoiled(run, &tally);
	return show(measuring);
}

/* What there is to measure is chosen. */
static int make_run(struct compare_request *request, struct measuring *measuring)
{
	struct run_request *measure = &request->measure;
	bool at_once = request->blocks || request->noise_floor;
	struct error error = {"out of memory"};
	int result, code;

	measuring->sides.looks = at_once ? 1 : DECISION_LOOKS;
	measure->scenarios = request->word_count ? request->words : (char **)preset;
	measure->scenario_count = 1;
	measure->trials = request->blocks ? request->blocks
					  : (unsigned)decision_look_pairs[DECISION_LOOKS - 1];
	measure->decided = at_once && !request->budget_ns ? NULL : look;
	measure->decided_context = measuring;
	measure->by_command = true;
	measure->compared = (struct run_compared){
		measuring->sides.a_subject, measuring->sides.b_subject, measuring->sides.looks};
	result = run_create(measuring->run, measure, &error);
	if (result == 0)
		code = carry_out(measuring);
	else
		code = command_fail(result == -EINVAL || result == -ENOENT ? EXIT_USAGE
									   : EXIT_FAILED,
				    error.text);
	run_destroy(measuring->run);
	return code;
}

int compare_measure(struct compare_request *request)
{
	struct run run;
	struct measuring measuring = {.request = request, .run = &run};
	struct error error = {"out of memory"};
	struct paths paths;
	int result, code;

	if (paths_find(&paths, &error) < 0)
		return command_fail(EXIT_FAILED, error.text);
	result = choose_subjects(request, &measuring, paths.servers, &error);
	if (result == 0)
		code = make_run(request, &measuring);
	else if (interrupt_seen())
		code = EXIT_INTERRUPTED;
	else
		code = command_fail(result == -EINVAL ? EXIT_USAGE : EXIT_FAILED, error.text);
	for (size_t i = 0; i < RUN_BUILDS; i++)
		revision_remove(&measuring.revisions[i]);
	compare_remove_copies(&measuring.copies);
	return code;
}

bool compare_began(const struct run *run)
{
	return json_is_object(json_object_get(run->json, "compared"));
}

static int go_on(struct measuring *measuring)
{
	struct run *run = measuring->run;

	run->decided = measuring->sides.looks > 1 ? look : NULL;
	run->decided_context = measuring;
	return carry_out(measuring);
}

int compare_go_on(struct run *run)
{
	const json_t *compared = json_object_get(run->json, "compared");
	struct compare_request request = {.run = true};
	struct measuring measuring = {.request = &request,
				      .run = run,
				      .sides = {.a_subject = json_string_of(compared, "base"),
						.b_subject = json_string_of(compared, "head"),
						.looks = (unsigned)json_integer_value(
							json_object_get(compared, "looks"))}};
	struct error error = {"out of memory"};
	int code = compare_read_policy(&request, &error) == 0
			   ? go_on(&measuring)
			   : command_fail(EXIT_USAGE, error.text);

	compare_forget_policy(&request);
	return code;
}
