/*
 * tenk-load: puts load on an HTTP/1.1 server and says what came of it.
 *
 * Read on in control.c (the course of a run) and control_window.c or control_slices.c (what of it is
 * measured), worker.c (the loop of each thread), round.c (what a thread does in a round of it), pool.c
 * (which connection does what next), connection.c (a request and its answer), account.c (what counts),
 * schedule.c (when requests are due) and response_parser.c.
 */
#include "lib/clock.h"
#include "lib/command_line.h"
#include "lib/terminal.h"
#include "loadgen/control.h"
#include "loadgen/follow.h"
#include "loadgen/limits.h"
#include "loadgen/merge.h"
#include "loadgen/mix.h"
#include "loadgen/report_json.h"
#include "loadgen/report_text.h"
#include "loadgen/search.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* A window was measured, and a file that tells of it could not be written. */
enum { EXIT_WRONG_USE = 2, EXIT_NOT_WRITTEN = 5 };

/* How long a rank tries to reach the target before the run. */
enum { REACH_MS = 3000 };

/* Files are opened before the load, so that a wrong name is found out at once. */
enum { FILE_JSON, FILE_LOG, FILE_HGRM, FILE_INTERVALS, FILE_CSV, FILES };

struct output {
	FILE *file[FILES];
	const char *name[FILES]; /* NULL: not wanted */
};

static bool output_uses(const struct output *output, const FILE *file)
{
	for (size_t i = 0; i < FILES; i++)
		if (output->file[i] == file)
			return true;
	return false;
}

static int output_open(struct output *output, const struct options *options, struct error *error)
{
	*output = (struct output){.name = {
					  [FILE_JSON] = options->json_file,
					  [FILE_LOG] = options->log_file,
					  [FILE_HGRM] = options->hgrm_file,
					  [FILE_INTERVALS] = options->intervals_file,
					  [FILE_CSV] = options->csv_file,
				  }};
	for (size_t i = 0; i < FILES; i++) {
		if (!output->name[i])
			continue;
		if (strcmp(output->name[i], "-") != 0)
			output->file[i] = fopen(output->name[i], "we");
		else if (output_uses(output, stdout))
			return error_set(error, "only one file can be -, standard output");
		else
			output->file[i] = stdout;
		if (!output->file[i])
			return error_set(error, "%s: %s", output->name[i], strerror(errno));
	}
	return 0;
}

static int write_json(const struct run *run, FILE *file, int argc, char **argv)
{
	json_t *report = report_json_make(run, argc, argv);
	bool written = report && json_dumpf(report, file, JSON_COMPACT) == 0 &&
		       fputc('\n', file) != EOF;

	json_decref(report);
	return written ? 0 : -EIO;
}

/* One line of all and, of a mix, one of each kind, with its name as the tag. */
static int write_log(const struct run *run, FILE *file)
{
	double length_s = (double)run->window_ns / 1e9;
	int result = histogram_write_log(&run->total->latency, file,
					 (double)run->window_started_ns / 1e9, length_s);

	for (size_t i = 0; result == 0 && run->mix->count > 1 && i < run->mix->count; i++)
		result = histogram_add_tagged_to_log(&run->total->tally[i].latency, file,
						     run->mix->request[i].name, 0, length_s);
	return result;
}

/* Writes and closes the files that were asked for. Every one is tried, the last problem reported. */
static int output_write(struct output *output, const struct run *run,
			const struct interval_log *log, int argc, char **argv, struct error *error)
{
	const struct histogram *latency = &run->total->latency;
	int problem[FILES] = {0}, result = 0;

	if (output->file[FILE_JSON])
		problem[FILE_JSON] = write_json(run, output->file[FILE_JSON], argc, argv);
	if (output->file[FILE_LOG] && run->options->log_interval_ns > 0)
		problem[FILE_LOG] = log->problem;
	else if (output->file[FILE_LOG])
		problem[FILE_LOG] = write_log(run, output->file[FILE_LOG]);
	if (output->file[FILE_HGRM])
		problem[FILE_HGRM] = histogram_write_hgrm(latency, output->file[FILE_HGRM]);
	for (size_t i = 0; i < FILES; i++) {
		if (!output->file[i])
			continue;
		errno = EIO;
		if (ferror(output->file[i]) || fflush(output->file[i]) != 0 ||
		    (output->file[i] != stdout && fclose(output->file[i]) != 0))
			problem[i] = -errno;
		if (problem[i] < 0)
			result = error_set(error, "%s could not be written: %s", output->name[i],
					   strerror(-problem[i]));
	}
	return result;
}

static int complain(const struct error *error, int status)
{
	fprintf(stderr, "tenk-load: %s\n", error->text);
	return status;
}

/* A kind that a --fail-if names has to be there. */
static int check_conditions(const struct options *options, const struct mix *mix,
			    struct error *error)
{
	for (size_t i = 0; i < options->condition_count; i++) {
		const struct condition *condition = &options->conditions[i];

		if (*condition->kind &&
		    (mix->count < 2 || mix_find(mix, condition->kind) == mix->count))
			return error_set(error, "--fail-if: \"%s\": no kind of request is named %s",
					 condition->text, condition->kind);
	}
	return 0;
}

static int load(struct run *run, int argc, char **argv, struct error *error)
{
	const struct options *options = run->options;
	struct events events = {.descriptor = options->events_fd, .mix = run->mix};
	struct capacity capacity;
	struct live live;
	struct output output;
	enum run_outcome outcome;
	FILE *text = stdout; /* but behind no file there */
	int result = output_open(&output, options, error);

	if (result < 0)
		return complain(error, EXIT_WRONG_USE);
	events.intervals_file = output.file[FILE_INTERVALS];
	events.csv_file = output.file[FILE_CSV];
	events_begin_csv(&events);
	if (interval_log_init(&events.log, options->log_interval_ns ? output.file[FILE_LOG] : NULL,
			      options->log_interval_ns, run->mix) < 0) {
		interval_log_destroy(&events.log);
		error_set(error, "out of memory");
		return complain(error, EXIT_FAILURE);
	}
	live_init(&live, options, stderr);
	result = options->find_max_ns ? search_run(run, &capacity, &events, &live, error)
				      : control_run(run, &events, &live, error);
	if (result < 0) {
		interval_log_destroy(&events.log);
		return complain(error, EXIT_FAILURE);
	}
	outcome = run_decide_outcome(run);
	if (output_uses(&output, stdout))
		text = stderr;
	if (!options->quiet)
		report_text_write(run, text, terminal_has_colour(text));
	else if (report_text_outcome(outcome))
		fprintf(stderr, "tenk-load: %s\n", report_text_outcome(outcome));
	result = output_write(&output, run, &events.log, argc, argv, error);
	events_send_end(&events, clock_now_ns(), run_outcome_names[outcome]);
	interval_log_destroy(&events.log);
	if (run->halted.text[0] != '\0')
		return complain(&run->halted, run->ranks_missing ? EXIT_FAILURE : EXIT_WRONG_USE);
	return result < 0 ? complain(error, EXIT_NOT_WRITTEN) : run_exit_status(outcome);
}

/* Of what several processes cannot do as one. */
static int check_ranks(const struct options *options, struct error *error)
{
	if (options->conductor && options->ranks < 1)
		return error_set(error, "--conductor: there is no other rank to load anything");
	if (ranks_place().count < 2)
		return 0;
	if (options->in_slices)
		return error_set(error,
				 "--slices-fd: a load of several ranks is not offered in slices");
	if (options->log_interval_ns > 0)
		return error_set(error,
				 "--log-interval: of several ranks only the whole is logged: "
				 "leave it out");
	return 0;
}

/* Rank 0 finds the address, and each whether it can reach it. */
static int find_target(struct run *run, struct target *target, struct error *error)
{
	const struct options *options = run->options;
	struct ranks_place place = ranks_place();
	int result = 0;

	if (place.rank == 0)
		result = options->unix_path
				 ? target_use_unix(target, options->unix_path, error)
				 : target_resolve(target, run->source->first.ss_family, error);
	result = ranks_agree(result, error);
	if (result < 0 || place.count < 2)
		return result;
	ranks_share(target, sizeof(*target));
	result = target_probe(target, REACH_MS);
	if (result < 0)
		error_set(error, "cannot reach %s, port %u: %s", target->connect_host,
			  target->connect_port, strerror(-result));
	return ranks_agree(result, error);
}

/* Runs of a rank but 0, which says nothing itself. */
static int follow(struct run *run, struct error *error)
{
	return follow_runs(run, error) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int load_as_rank(struct run *run, int argc, char **argv, struct error *error)
{
	struct ranks_plan none = {.another = false};
	int status;

	if (ranks_place().rank > 0)
		return follow(run, error);
	status = load(run, argc, argv, error);
	ranks_open(&none, 0);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	struct target target;
	struct source source;
	struct mix mix = {0};
	struct run run = {.options = &options, .target = &target, .source = &source, .mix = &mix};
	struct error error;
	int result, status;

	/* Whoever reads our events or output may go away; writing then fails, and that is all. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that becomes too large */
	command_line_guard_output();
	ranks_begin(&argc, &argv);
	if (argc > 1 && strcmp(argv[1], "merge") == 0)
		return merge_main(argc - 1, argv + 1);
	options_parse(&options, argc, argv);
	options.ranks = ranks_place().count - options.conductor;
	options.ranks_here = ranks_place().here;
	result = target_parse(&target, options.url, &error) < 0 ||
				 source_parse(&source, options.source, &error) < 0 ||
				 mix_build(&mix, &options, &target, &error) < 0 ||
				 check_conditions(&options, &mix, &error) < 0 ||
				 check_ranks(&options, &error) < 0 ||
				 limits_apply(&options, &source, &error) < 0 ||
				 (target.is_https &&
				  tls_create(&run.tls, &options, &target, &error) < 0) ||
				 (options.connect_to &&
				  target_redirect(&target, options.connect_to, &error) < 0)
			 ? -EINVAL
			 : 0;
	if (options.conductor && ranks_place().rank == 0)
		options.threads = 0;
	if (ranks_agree(result, &error) < 0 || find_target(&run, &target, &error) < 0)
		status = complain(&error, EXIT_WRONG_USE);
	else
		status = load_as_rank(&run, argc, argv, &error);
	free(run.total);
	free(run.ranks);
	run_forget_slices(&run);
	tls_destroy(run.tls);
	mix_destroy(&mix);
	options_destroy(&options);
	ranks_end(status);
	return status;
}
