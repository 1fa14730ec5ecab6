/* tenk run: what is typed, what is shown before, while and after trials run. */
#include "harness/command/command.h"
#include "harness/command/compare_go_on.h"
#include "harness/command/tell.h"
#include "harness/command/until_decided.h"
#include "lib/command_line.h"
#include "harness/process/interrupt.h"
#include "stored/claims/claims.h"
#include "stored/results.h"
#include "harness/run/run.h"
#include "report/figures.h"
#include "report/terminal.h"
#include "report/terminal_claims.h"
#include "lib/units.h"
#include "report/report.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LIST_MOST = 64, TRIALS_MOST = 10000 };

enum key {
	KEY_SERVERS = 's',
	KEY_TRIALS = 'n',
	KEY_OUT = 'o',
	KEY_RESUME = 'r',
	KEY_SEED = 256,
	KEY_SERVER_CORES,
	KEY_LOAD_CORES,
	KEY_BACKEND_CORES,
	KEY_HOSTS,
	KEY_HOSTFILE,
	KEY_SERVER_HOST,
	KEY_SERVER_FOLDER,
	KEY_UNTIL_DECIDED,
	KEY_JSON,
	KEY_FULL,
};

static const struct argp_option option_table[] = {
	{"servers", KEY_SERVERS, "A,B", 0,
	 "measure these instead of the scenario's own; models, variants and reference stand for all of "
	 "that kind",
	 0},
	{"trials", KEY_TRIALS, "N", 0, "trials a cell, instead of the scenario's number", 0},
	{"until-decided", KEY_UNTIL_DECIDED, NULL, 0,
	 "measure 10, 20 or 40 trials a cell, until all claims are decided", 0},
	{"out", KEY_OUT, "DIR", 0, "the run's folder (default: results/TIME-SCENARIO)", 0},
	{"resume", KEY_RESUME, "DIR", 0, "go on with a run that was interrupted", 0},
	{"seed", KEY_SEED, "N", 0, "of the order of trials, to repeat one (default: drawn)", 0},
	{"server-cores", KEY_SERVER_CORES, "LIST", 0,
	 "where the server runs, such as 0 or 0-1,4 (default: half of the physical cores)", 0},
	{"load-cores", KEY_LOAD_CORES, "LIST", 0, "where the generator runs (default: the rest)",
	 0},
	{"backend-cores", KEY_BACKEND_CORES, "LIST", 0,
	 "where what servers ask runs (default: a third of three cores and more, else the generator's)",
	 0},
	{"hosts", KEY_HOSTS, "A,B:2", 0,
	 "machines that load the servers, and how many ranks each (1), by tenk-load-mpi (default: this one)",
	 0},
	{"hostfile", KEY_HOSTFILE, "FILE", 0,
	 "the same from a file, as mpirun has it: \"a slots=1\"", 0},
	{"server-host", KEY_SERVER_HOST, "HOST[:PATH]", 0,
	 "machine on which the servers run, reached by ssh, and where tenk is there (default: this machine)",
	 0},
	{"server-dir", KEY_SERVER_FOLDER, "DIR", 0, "look there for more server-NAME programs", 0},
	{"json", KEY_JSON, NULL, 0,
	 "print outcome, figures, verdicts and file names as JSON (results/SCHEMA.md)", 0},
	{"full", KEY_FULL, NULL, 0, "print every table, in place of what fits on one screen", 0},
	{0},
};

struct arguments {
	struct run_request request;
	char *scenarios[LIST_MOST];
	const char *servers[LIST_MOST];
	bool json, full, until_decided;
};

/* What goes with nothing else, and what needs something else. */
static void check(struct argp_state *state, struct arguments *arguments)
{
	struct run_request *request = &arguments->request;

	if (request->resume &&
	    (request->scenario_count || request->servers || request->trials || request->out ||
	     request->seed || request->server_cores || request->load_cores ||
	     request->backend_cores || request->server_folder || request->hosts ||
	     request->hostfile || request->server_host || arguments->until_decided ||
	     !foreign_request_is_empty(&request->foreign)))
		argp_error(state, "--resume goes on as the run was begun: give it alone");
	if (arguments->until_decided && request->trials)
		argp_error(state,
			   "--until-decided measures 10, 20 or 40 trials: leave out --trials");
	if (request->hosts && request->hostfile)
		argp_error(state, "--hosts and --hostfile say the same in two ways: use one");
	if (!request->of_claims)
		return;
	if (request->resume)
		argp_error(state, "go on with it by tenk run --resume %s", request->resume);
	if (request->servers)
		argp_error(state, "the claims say which servers are measured");
	if (request->scenario_count < 1)
		argp_error(state, "say which claim, such as thread-costs-2mb (tenk claims list)");
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	struct run_request *request = &arguments->request;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &request->foreign;
		break;
	case KEY_SERVERS:
		request->servers = (char **)arguments->servers;
		request->server_count = command_parse_names(state, "servers", "epoll,libuv", text,
							    arguments->servers, LIST_MOST);
		break;
	case KEY_TRIALS:
		request->trials = (unsigned)command_parse_number(state, "trials", text,
								 TRIALS_MOST);
		break;
	case KEY_SEED:
		request->seed = command_parse_number(state, "seed", text, UINT64_C(1) << 53);
		break;
	case KEY_OUT:
		request->out = text;
		break;
	case KEY_RESUME:
		request->resume = text;
		break;
	case KEY_SERVER_CORES:
		request->server_cores = text;
		break;
	case KEY_LOAD_CORES:
		request->load_cores = text;
		break;
	case KEY_BACKEND_CORES:
		request->backend_cores = text;
		break;
	case KEY_HOSTS:
		request->hosts = text;
		break;
	case KEY_HOSTFILE:
		request->hostfile = text;
		break;
	case KEY_SERVER_HOST:
		request->server_host = text;
		break;
	case KEY_SERVER_FOLDER:
		request->server_folder = text;
		break;
	case KEY_UNTIL_DECIDED:
		arguments->until_decided = true;
		break;
	case KEY_JSON:
		arguments->json = true;
		break;
	case KEY_FULL:
		arguments->full = true;
		break;
	case ARGP_KEY_ARG:
		if (request->scenario_count == LIST_MOST)
			argp_error(state, "more than %d scenarios", LIST_MOST);
		arguments->scenarios[request->scenario_count++] = text;
		break;
	case ARGP_KEY_END:
		check(state, arguments);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const char documentation[] =
	"Runs scenarios: every trial is a fresh server process, pinned to its own cores, loaded by "
	"tenk-load on others, in a seeded, interleaved order. Each trial is stored as it ends; the "
	"report is written at the end. Without a SCENARIO: quick."
	"\vA SCENARIO is a name (tenk list) or a file (./mine.yaml).\n\n"
	"Examples:\n"
	"  tenk run                                the quick look, under four minutes\n"
	"  tenk run threads-cost connections       two scenarios in one run\n"
	"  tenk run quick --servers epoll,libuv    other servers\n"
	"  tenk run wait --trials 10 --seed 7731   more trials, the same order as before\n"
	"  tenk run quick --servers epoll,nginx    beside a server of other people\n"
	"  tenk run quick --server-cmd './mine --port {port}'  yours (--servers adds others)\n"
	"  tenk run quick --servers epoll --hosts a,b      loaded from two other machines\n"
	"  tenk run quick --servers epoll --server-host b  the servers on another machine, loaded from here\n"
	"  tenk run memory --until-decided         until its claims are decided, 40 trials at most\n"
	"  tenk run --resume results/20261121T093000Z-quick\n\n"
	"Exit codes: 0 done, 1 a trial failed (the run went on), 2 wrong usage or scenario, 4 the "
	"apparatus spoiled all trials of some cell, 130 interrupted (what was measured is kept).";

static const char *repeat_of(const struct run *run)
{
	return json_string_value(json_object_get(run->json, "repeat"));
}

static void print_json(const struct run *run, const struct run_tally *tally,
		       const struct results *results, const char *report)
{
	json_t *verdicts = claims_to_json(results, 1), *cells = figures_to_json(results);
	json_t *json = json_pack(
		"{s:i, s:s, s:s?, s:O, s:s, s:{s:I, s:I, s:I, s:I, s:I}, s:o, s:o}", "schema", 1,
		"run", run->store.directory, "report", report, "status",
		json_object_get(run->json, "status"), "repeat", repeat_of(run), "trials", "ok",
		(json_int_t)tally->ok, "saturated", (json_int_t)tally->saturated, "failed",
		(json_int_t)tally->failed, "invalid", (json_int_t)tally->invalid, "skipped",
		(json_int_t)tally->skipped, "claims", verdicts, "cells", cells);

	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(json);
}

/* What was found, or all tables of it; of one claim its verdict. */
static void print_found(const struct results *results, const struct arguments *arguments)
{
	putchar('\n');
	if (arguments->request.of_claims && !arguments->full)
		terminal_print_claims(results, true, stdout);
	else if (arguments->full)
		terminal_print_tables(results, stdout);
	else if (terminal_print(results, stdout) < 0)
		fprintf(stderr, "warning: %s\n", strerror(ENOMEM));
}

/* Findings, report and verdicts from what is on disk. 0 or -errno with a message. */
static int show_results(const struct run *run, const struct run_tally *tally,
			const struct arguments *arguments, struct error *error)
{
	struct report_options options = {.resource_directory = run->paths.report};
	struct results results;
	char report[PATH_MAX + 32];
	int result = results_load(&results, run->store.directory, error);

	if (result < 0)
		return result;
	if (!arguments->json)
		print_found(&results, arguments);
	fflush(stdout);
	result = report_write(&results, &options, error);
	if (result > 0) {
		fprintf(stderr, "warning: %d charts could not be drawn: %s\n", result, error->text);
		result = 0;
	}
	run_keep_output(run); /* it took a while */
	snprintf(report, sizeof report, "%s/report/index.html", run->store.directory);
	if (arguments->json)
		print_json(run, tally, &results, result == 0 ? report : NULL);
	else if (result == 0)
		printf("  report  %s\n  again   %s\n", report, repeat_of(run));
	results_destroy(&results);
	return result;
}

static int end_code(const struct run_tally *tally)
{
	if (tally->interrupted)
		return EXIT_INTERRUPTED;
	if (tally->failed > tally->failed_found)
		return EXIT_FAILED;
	return tally->empty_cells ? EXIT_INVALID : EXIT_OK;
}

static int carry_out(struct run *run, const struct arguments *arguments)
{
	struct run_tally tally;
	struct error error = {""};
	int result;

	tell_heading(run, "run");
	tell_warnings(run);
	result = run_execute(run, &tally, &error);
	if (result < 0)
		return command_fail(EXIT_FAILED, error.text);
	if (tally.interrupted) {
		tell_interrupted(run, &tally);
		return EXIT_INTERRUPTED;
	}
	tell_spoiled(run, &tally);
	if (show_results(run, &tally, arguments, &error) < 0) {
		tell_no_report(run);
		return command_fail(EXIT_FAILED, error.text);
	}
	return end_code(&tally);
}

static int make(struct arguments *arguments)
{
	struct run_request *request = &arguments->request;
	struct error error = {"out of memory"};
	struct run run;
	int result, code;

	interrupt_watch();
	if (arguments->until_decided)
		until_decided_ask(request, &run);
	result = request->resume ? run_reopen(&run, request, &error)
				 : run_create(&run, request, &error);
	if (result == 0 && request->resume)
		until_decided_resume(&run);
	if (result == 0 && request->resume && compare_began(&run))
		code = compare_go_on(&run);
	else if (result == 0)
		code = carry_out(&run, arguments);
	else
		code = command_fail(result == -EINVAL || result == -ENOENT ? EXIT_USAGE
									   : EXIT_FAILED,
				    error.text);
	run_destroy(&run);
	json_decref(request->command);
	return code;
}

static const struct argp_child children[] = {{&foreign_argp, 0, NULL, 0}, {0}};

int command_run(int argc, char **argv)
{
	static const struct argp argp = {
		option_table, parse_option, "[SCENARIO...]", documentation, children, NULL, NULL};
	struct arguments arguments = {0};

	arguments.request.scenarios = arguments.scenarios;
	arguments.request.command = command_words("run", argc, argv);
	command_line_read(&argp, argc, argv, &arguments);
	return make(&arguments);
}

static const char claim_documentation[] =
	"Measures what claims need, and no more: their parts, their servers, and of what they vary only "
	"the values that they name. The run is stored and told like any other, with the claims' "
	"verdicts."
	"\vA SCENARIO, by its name or its file, stands for all of its claims; before a CLAIM it says "
	"where that is looked for, which else is taken from the first scenario that has it.\n\n"
	"Examples:\n"
	"  tenk claims run thread-costs-2mb\n"
	"  tenk claims run hello                     all claims of hello, in a tenth of its time\n"
	"  tenk claims run express-slower bun-2.4x\n"
	"  tenk claims run memory thread-costs-2mb --until-decided\n"
	"  tenk claims run ./mine.yaml mine-is-faster --trials 10\n\n"
	"Exit codes: as those of tenk run.";

int command_run_claims(int argc, char **argv)
{
	static const struct argp argp = {option_table,
					 parse_option,
					 "SCENARIO...\n[SCENARIO...] CLAIM...",
					 claim_documentation,
					 children,
					 NULL,
					 NULL};
	struct arguments arguments = {.request = {.of_claims = true}};

	arguments.request.scenarios = arguments.scenarios;
	arguments.request.command = command_words("claims", argc, argv);
	argv[1] = (char *)"tenk claims run";
	command_line_read(&argp, argc - 1, argv + 1, &arguments);
	return make(&arguments);
}
