/* Between the files that set up a run; nobody else includes this. */
#ifndef TENK_RUN_PARTS_H
#define TENK_RUN_PARTS_H

#include "harness/catalogue/observed.h"
#include "harness/run/run.h"
#include "harness/run/time_left.h"

/* warn.c: keeps a warning in run.json, from where it is shown. */
void run_warn(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * setup.c: an empty run, which asks whom the request says; paths, servers (with those that run->json names, foreign.c) and
 * limits; the order of trials.
 */
void run_clear(struct run *run, const struct run_request *request);
int run_prepare(struct run *run, struct error *error);
int run_plan(struct run *run, uint64_t seed, struct error *error);

/*
 * A server that needs longer than the scenario's warm-up until it is as quick as it gets, gets it; but for a load that is
 * to have none, where what comes before would be part of what is asked.
 */
void run_warm_up_long_enough(const struct run *run, struct planned_trial *planned);

/*
 * scenarios.c: reads one more scenario, by its name or its file, into the next of run->scenarios; what was asked
 * for; puts --servers and --trials in place and checks.
 */
int run_read_scenario(struct run *run, const char *name, const json_t *metrics,
		      struct error *error);
int run_read_scenarios(struct run *run, const struct run_request *request, struct error *error);
int run_resolve_servers(struct run *run, const struct run_request *request, struct error *error);

/* Whether a word names a scenario's file, and not one of those that tenk brings along. */
bool run_is_file_name(const char *word);

/* claims.c: instead, the scenarios that hold what some claims need, and no more of them than that. */
int run_read_claims(struct run *run, const struct run_request *request, struct error *error);

/*
 * observe.c, for parts that observe: where their programs are; keeps those of a part that --servers names, or
 * all, with a warning of what is not installed, 0 or -EINVAL with a message; adds those of the plan to run.json's servers.
 */
struct observed_folders run_observed_folders(const struct run *run);
int run_resolve_programs(struct run *run, struct scenario_part *part, struct error *error);
void run_describe_programs(const struct run *run, json_t *list);

/*
 * builds.c: from now on our own servers and the generator are those that are there now; and before the trials from
 * `first` up to, and without, `end`, whether all that they need is still the same. 0 or -errno with a message.
 */
struct progress;
int run_keep_builds(struct run *run, struct error *error);
int run_check_builds(struct run *run, size_t first, size_t end, struct progress *progress,
		     struct error *error);

/*
 * foreign.c, the servers of other people in a run. Which were asked for is kept in run->json,
 * under results/SCHEMA.md's keys, and added to the catalogue from there. 0 or -errno.
 */
int run_keep_foreign(struct run *run, const struct run_request *request);
int run_add_foreign(struct run *run, struct error *error);

/*
 * The servers to measure: those of --servers, and those of --server-cmd and --url; where there is
 * no --servers, those of --server-manifest too. Names in run->chosen; none: the scenarios' own.
 */
int run_choose_foreign(struct run *run, const struct run_request *request, struct error *error);

/*
 * Takes servers out of parts whose route they do not answer, or whose limit of memory they cannot be
 * put under, each with a warning.
 */
int run_refuse_unfit(struct run *run, struct error *error);

/* Whether the servers of --url are there. -EINVAL with a message if not. */
int run_check_running(const struct run *run, struct error *error);

/* Warns of what is not as it should be: an untested version, a running server on the wrong core. */
void run_warn_of_foreign(struct run *run);

/* calibration.c: has loads know how much work takes a processor here so long as they say. */
void run_calibrate(struct run *run);

/*
 * capacity.c: has the rates of parts that offer a share of what a server bears, found out now or, of a run that is
 * resumed, known from run->json. 0, -EINTR or another -errno with a message.
 */
struct trial_context;
int run_find_capacities(struct run *run, struct trial_context *context, struct error *error);

/*
 * backends.c: which of them the run needs, as 1 << enum backend_kind; gives them cores and warns; has those of a
 * block's part run, and tells its trials of them; keeps in run->json what was started. 0 or -errno with a message.
 */
unsigned run_backends(const struct run *run);
int run_place_backends(struct run *run, const struct run_request *request, struct error *error);
void run_init_backends(struct run *run);
int run_require_backends(struct run *run, struct trial_context *context, unsigned set,
			 struct error *error);

/*
 * files.c: makes the files of all parts, 0 or -errno with a message; tells a server of a trial where those of
 * its part are.
 */
int run_write_files(struct run *run, struct error *error);
void run_set_files(const struct run *run, const struct planned_trial *planned,
		   struct server_settings *settings);

/*
 * settings.c: leaves out varied counts of cores that are more than the server has, 0 or -EINVAL with a
 * message if none is left; warns of what is set and means nothing to a server.
 */
int run_fit_cores(struct run *run, struct error *error);
void run_warn_of_settings(struct run *run);

/*
 * blocks.c: how many trials may be made in blocks that are repeated, of the whole run; notes what came
 * of an attempt; whether a block that was made whole is to be made once more, which takes from
 * run->repeats; all that is left to do, block by block.
 */
size_t run_repeats_most(const struct run *run);
void run_note_attempt(struct run *run, size_t index, const json_t *record);
bool run_repeats_block(struct run *run, size_t first, size_t end);
int run_blocks(struct run *run, struct trial_context *context, struct progress *progress,
	       struct error *error);

/* What the trial is thought to take. */
struct trial_time run_expected(const struct run *run, size_t index);

/*
 * slices.c: decides of every point whether its servers can be measured side by side, in slices, and keeps
 * that in run->json; whether those of the block that begins with a trial are; and that those of its point
 * are not any more, since one of them cannot be measured so.
 */
int run_choose_slices(struct run *run);

/* hosts.c: which machines load the servers. 0, or -EINVAL with a message. */
int run_choose_hosts(struct run *run, const struct run_request *request, struct error *error);

/*
 * server_host.c: the machine on which the servers run, as the command line or the scenarios say, is reached, and what both
 * machines can hold is what this run can. 0 or -errno with a message. And whether there is one; its cores; run.json's
 * "environment", of this machine with what is to be known of that one (new reference).
 */
int run_choose_server_host(struct run *run, const struct run_request *request, struct error *error);
bool run_has_server_host(const struct run *run);
json_t *run_environment(const struct run *run);

/* Where the kernel's share of memory is known from on that machine, in place of this one, in run->json. */
void run_describe_memory_there(struct run *run);

bool run_is_in_slices(const struct run *run, size_t first);
void run_leave_slices(struct run *run, size_t first, const char *why);

/* describe.c: fills run->json as it is before the first trial. 0 or -ENOMEM. */
int run_describe(struct run *run, const struct run_request *request, uint64_t seed);

/* The servers of the plan; their libraries are added to the environment. New reference. */
json_t *run_describe_servers(const struct run *run, json_t *environment);

/* The build of tenk-load. New reference. */
json_t *run_describe_generator(const struct run *run);

#endif
