/*
 * tenk-load: puts load on an HTTP/1.1 server and says what came of it.
 *
 * Read on in control.c (the course of a run), worker.c (the loop of each thread), exchange.c (one
 * request and its answer) and response_parser.c.
 */
#include "lib/clock.h"
#include "loadgen/control.h"
#include "loadgen/report_json.h"
#include "loadgen/report_text.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXIT_WRONG_USE = 2, DESCRIPTORS_BESIDES = 32, DESCRIPTORS_PER_THREAD = 2 };

/* Files are opened before the load, so that a wrong name is found out at once. */
struct output {
	FILE *json, *log, *intervals;
};

static int allow_descriptors(const struct options *options, struct error *error)
{
	uint64_t needed = options->connections + options->idle + DESCRIPTORS_BESIDES +
			  options->threads * DESCRIPTORS_PER_THREAD;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_set(error, "cannot read the limit of open files: %s", strerror(errno));
	limit.rlim_cur = limit.rlim_max;
	if (limit.rlim_max < needed)
		return error_set(
			error,
			"%" PRIu64 " connections need %" PRIu64 " open files, and this "
			"process may have %" PRIu64 ".\n  Raise the limit (as root: ulimit "
			"-Hn %" PRIu64 "; for good: \"nofile\" in\n  /etc/security/limits.conf) "
			"or ask for fewer --connections or --idle.",
			options->connections + options->idle, needed, (uint64_t)limit.rlim_max,
			needed);
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_set(error, "cannot raise the limit of open files: %s",
				 strerror(errno));
	return 0;
}

static int open_file(FILE **file, const char *name, struct error *error)
{
	if (!name)
		return 0;
	*file = fopen(name, "we");
	return *file ? 0 : error_set(error, "%s: %s", name, strerror(errno));
}

static int output_open(struct output *output, const struct options *options, struct error *error)
{
	*output = (struct output){0};
	if (open_file(&output->json, options->json_file, error) < 0 ||
	    open_file(&output->log, options->log_file, error) < 0 ||
	    open_file(&output->intervals, options->intervals_file, error) < 0)
		return -EINVAL;
	return 0;
}

static int close_file(FILE *file, const char *name, bool failed, struct error *error)
{
	if (!file)
		return 0;
	failed |= ferror(file) != 0;
	if (fclose(file) != 0 || failed)
		return error_set(error, "%s could not be written: %s", name, strerror(errno));
	return 0;
}

static bool write_json(const struct run *run, FILE *file, int argc, char **argv)
{
	json_t *report = report_json_make(run, argc, argv);
	bool written = report && json_dumpf(report, file, JSON_COMPACT) == 0 &&
		       fputc('\n', file) != EOF;

	json_decref(report);
	return written;
}

/* Writes the files that were asked for. Every one is tried, the last problem reported. */
static int output_write(struct output *output, const struct run *run, int argc, char **argv,
			struct error *error)
{
	const struct options *options = run->options;
	bool json_failed = output->json && !write_json(run, output->json, argc, argv);
	bool log_failed = output->log && histogram_write_log(&run->total->latency, output->log,
							     (double)run->window_started_ns / 1e9,
							     (double)run->window_ns / 1e9) < 0;
	int result = close_file(output->json, options->json_file, json_failed, error);

	result |= close_file(output->log, options->log_file, log_failed, error);
	result |= close_file(output->intervals, options->intervals_file, false, error);
	return result;
}

static int complain(const struct error *error, int status)
{
	fprintf(stderr, "tenk-load: %s\n", error->text);
	return status;
}

static int load(struct run *run, int argc, char **argv, struct error *error)
{
	const struct options *options = run->options;
	struct events events = {.descriptor = options->events_fd};
	struct live_line line;
	struct output output;
	enum run_outcome outcome;
	int result = output_open(&output, options, error);

	if (result < 0)
		return complain(error, EXIT_WRONG_USE);
	events.intervals_file = output.intervals;
	live_line_init(&line, options->quiet);
	if (control_run(run, &events, &line, error) < 0)
		return complain(error, EXIT_FAILURE);
	outcome = run_decide_outcome(run);
	if (!options->quiet)
		report_text_write(run, stdout, report_text_wants_colour(stdout));
	else if (report_text_outcome(outcome))
		fprintf(stderr, "tenk-load: %s\n", report_text_outcome(outcome));
	result = output_write(&output, run, argc, argv, error);
	events_send_end(&events, clock_now_ns(), run_outcome_names[outcome]);
	return result < 0 ? complain(error, EXIT_FAILURE) : run_exit_status(outcome);
}

int main(int argc, char **argv)
{
	struct options options;
	struct target target;
	struct request request = {0};
	struct run run = {.options = &options, .target = &target, .request = &request};
	struct error error;
	int status;

	/* Whoever reads our events or output may go away; writing then fails, and that is all. */
	signal(SIGPIPE, SIG_IGN);
	options_parse(&options, argc, argv);
	if (target_parse(&target, options.url, &error) < 0 ||
	    request_build(&request, &options, &target, &error) < 0 ||
	    allow_descriptors(&options, &error) < 0 || target_resolve(&target, &error) < 0)
		status = complain(&error, EXIT_WRONG_USE);
	else
		status = load(&run, argc, argv, &error);
	free(run.total);
	request_destroy(&request);
	options_destroy(&options);
	return status;
}
