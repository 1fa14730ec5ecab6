/* tenk compare: what is typed, and the comparison of what lies on disk. */
#include "harness/bundle/bundle.h"
#include "harness/command/command.h"
#include "harness/command/compare_request.h"
#include "harness/process/interrupt.h"
#include "lib/command_line.h"
#include "lib/json.h"
#include "lib/units.h"
#include "stored/results.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCKS_MOST = 1000 };

enum key {
	KEY_SERVERS = 's',
	KEY_OUT = 'o',
	KEY_BLOCKS = 'n',
	KEY_BASE = 256,
	KEY_HEAD,
	KEY_RUN,
	KEY_BASE_BUILD,
	KEY_HEAD_BUILD,
	KEY_BUILD,
	KEY_AA,
	KEY_NOISE,
	KEY_ANY_MACHINE,
	KEY_UNPAIRED,
	KEY_INCONCLUSIVE,
	KEY_POLICY,
	KEY_BUDGET,
	KEY_SEED,
	KEY_SERVER_CORES,
	KEY_LOAD_CORES,
};

static const struct argp_option option_table[] = {
	{"base", KEY_BASE, "NAME", 0,
	 "A: a server of the run; with --run one to measure, or a git revision to build", 1},
	{"head", KEY_HEAD, "NAME", 0, "B, likewise (default, of revisions: the working tree)", 1},
	{"inconclusive", KEY_INCONCLUSIVE, "pass|fail", 0,
	 "what becomes of a comparison that decides nothing (default: fail, with code 5)", 1},
	{"allow-different-machine", KEY_ANY_MACHINE, NULL, 0,
	 "compare runs that were not measured under the same conditions", 1},
	{"gate-unpaired", KEY_UNPAIRED, NULL, 0,
	 "let two runs decide that were not measured side by side", 1},
	{"policy", KEY_POLICY, "FILE", 0,
	 "what matters, what gates and what is accepted (default: tenk.yaml, if it is here)", 1},
	{"noise", KEY_NOISE, "DIR", 0,
	 "where noise floors are kept (default: $XDG_STATE_HOME/tenk/noise, or ~/.local/state/tenk/noise)",
	 1},
	{"run", KEY_RUN, NULL, 0,
	 "measure both now, side by side; the word is a scenario (default: gate)", 2},
	{"aa", KEY_AA, NULL, 0,
	 "measure the noise floor: the same program twice, or two builds of one source", 2},
	{"servers", KEY_SERVERS, "A,B", 0, "measure these, each of both builds", 2},
	{"base-build", KEY_BASE_BUILD, "DIR", 0,
	 "A: the folder of a build, with server-NAME programs or build/release", 2},
	{"head-build", KEY_HEAD_BUILD, "DIR", 0, "B, likewise (default: tenk's own build)", 2},
	{"build", KEY_BUILD, "COMMAND", 0,
	 "what builds a revision, in its folder (default: make, on all cores)", 2},
	{"blocks", KEY_BLOCKS, "N", 0,
	 "measure N blocks (default: 10, 20 or 40, until it is decided)", 2},
	{"budget", KEY_BUDGET, "TIME", 0,
	 "measure only as many blocks as fit into this, such as 8m, and say what they can see", 2},
	{"out", KEY_OUT, "DIR", 0, "the run's folder (default: results/TIME-SCENARIO)", 2},
	{"seed", KEY_SEED, "N", 0, "of the order of trials, to repeat one (default: drawn)", 2},
	{"server-cores", KEY_SERVER_CORES, "LIST", 0, "where the server runs, such as 0 or 0-1,4",
	 2},
	{"load-cores", KEY_LOAD_CORES, "LIST", 0, "where the generator runs", 2},
	{0},
};

static const char documentation[] =
	"Is B worse than A? Compares two runs, or two subjects that were measured side by side in the blocks "
	"of one, metric by metric, and decides: ok, improvement, regression or inconclusive. What is not "
	"significant is not ok: ok means that B is known to be worse by less than what matters."
	"\vA and B are folders of runs, or names below results/. Of one run, --base and --head name two of its "
	"servers.\n\n"
	"Examples:\n"
	"  tenk compare 20261121T093000Z-quick --base epoll --head libuv\n"
	"  tenk compare results/before results/after     two runs: informs, and does not gate, since\n"
	"                                                what drifted in between is not excluded\n"
	"  tenk compare --run --base epoll --head libuv  measures both now, block by block\n"
	"  tenk compare --run --servers epoll --base-build ../main/build/release\n"
	"                                                the same server of two builds\n"
	"  tenk compare --run --base origin/main         what git has there against what lies here,\n"
	"                                                both built with make\n"
	"  tenk compare --run --base v1.2 --build 'make mine' --server-cmd './mine --port {port}'\n"
	"                                                your own server, in your own repository\n"
	"  tenk compare --run quick --base thread-pool --head thread-pool/ready --blocks 12\n"
	"  tenk compare --aa --servers epoll             how different a program seems from itself here\n\n"
	"--aa takes a run that was made before, too. It keeps the noise floor for 14 days, or until the machine is another. No comparison is tighter "
	"than that: a change that is not larger is not called one.\n\n"
	"--base names a server where --head names one too; it is a revision where it stands alone, and where "
	"--servers or --build say what is measured or how it is built. A revision is checked out and built in a "
	"temporary folder.\n\n"
	"--run measures blocks of both in turns and looks after 10, 20 and 40 of them; it ends as soon as all "
	"that gates is decided, or something is worse. The run is stored like any other.\n\n"
	"Exit codes: 0 ok or better, 1 a trial could not be made, 2 wrong usage, 3 regression, 4 invalid: "
	"the apparatus spoiled it, 5 inconclusive, 130 interrupted.";

static uint64_t parse_budget(struct argp_state *state, const char *text)
{
	struct error error;
	uint64_t value = 0;

	if (units_parse_integer(UNIT_DURATION, text, &value, &error) < 0)
		argp_error(state, "--budget: %s", error.text);
	else if (value == 0)
		argp_error(state, "--budget: in no time nothing is measured");
	return value;
}

static void parse_inconclusive(struct argp_state *state, const char *text,
			       struct compare_request *request)
{
	request->inconclusive_said = true;
	request->inconclusive_passes = strcmp(text, "pass") == 0;
	if (!request->inconclusive_passes && strcmp(text, "fail") != 0)
		argp_error(state, "--inconclusive: say pass or fail, not \"%s\"", text);
}

/* What only makes sense where something is measured. */
static void check_stored(struct argp_state *state, const struct compare_request *request)
{
	const struct run_request *measure = &request->measure;

	if (request->base_build || request->head_build || request->build_command ||
	    request->blocks || request->budget_ns || measure->servers || measure->out ||
	    measure->seed || measure->server_cores || measure->load_cores ||
	    !foreign_request_is_empty(&measure->foreign))
		argp_error(state, "that is for measuring: add --run");
	if (request->word_count == 0)
		argp_error(state,
			   "say what to compare: two runs, one run with --base and --head, or "
			   "--run");
	if (request->word_count == 1 && !request->base != !request->head)
		argp_error(state, "--base and --head: name both");
}

static void check_measured(struct argp_state *state, const struct compare_request *request)
{
	bool builds = request->base_build || request->head_build;

	if (request->word_count > 1)
		argp_error(state, "--run takes one scenario");
	if (builds && (request->base || request->head || request->build_command))
		argp_error(
			state,
			"what is built already has no --base, --head or --build: --servers names "
			"what is measured of both builds");
	if (request->noise_floor && (request->base || request->head || request->build_command ||
				     !request->base_build != !request->head_build))
		argp_error(
			state,
			"--aa takes --servers, and --base-build with --head-build for two builds "
			"of one source");
	if (!request->noise_floor && !builds && !request->base)
		argp_error(state, "say which two: --base SERVER --head SERVER, --base REVISION, or "
				  "--base-build DIR");
}

/* A run that was made before, rather than a scenario. */
static bool names_run(const char *word)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof path, "%s/run.json", word) < (int)sizeof path &&
	       access(path, F_OK) == 0;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct compare_request *request = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &request->outputs;
		state->child_inputs[1] = &request->measure.foreign;
		break;
	case KEY_BASE:
		request->base = text;
		break;
	case KEY_HEAD:
		request->head = text;
		break;
	case KEY_RUN:
		request->run = true;
		break;
	case KEY_BASE_BUILD:
		request->base_build = text;
		break;
	case KEY_HEAD_BUILD:
		request->head_build = text;
		break;
	case KEY_AA:
		request->run = request->noise_floor = true;
		break;
	case KEY_NOISE:
		request->noise = text;
		break;
	case KEY_BUILD:
		request->build_command = text;
		break;
	case KEY_ANY_MACHINE:
		request->any_machine = true;
		break;
	case KEY_UNPAIRED:
		request->unpaired_gates = true;
		break;
	case KEY_INCONCLUSIVE:
		parse_inconclusive(state, text, request);
		break;
	case KEY_POLICY:
		request->policy_file = text;
		break;
	case KEY_BUDGET:
		request->budget_ns = parse_budget(state, text);
		break;
	case KEY_SERVERS:
		request->measure.servers = (char **)request->servers;
		request->measure.server_count = command_parse_names(state, "servers", "epoll,libuv",
								    text, request->servers,
								    COMPARE_SERVERS_MOST);
		break;
	case KEY_BLOCKS:
		request->blocks = (unsigned)command_parse_number(state, "blocks", text,
								 BLOCKS_MOST);
		break;
	case KEY_OUT:
		request->measure.out = text;
		break;
	case KEY_SEED:
		request->measure.seed = command_parse_number(state, "seed", text,
							     UINT64_C(1) << 53);
		break;
	case KEY_SERVER_CORES:
		request->measure.server_cores = text;
		break;
	case KEY_LOAD_CORES:
		request->measure.load_cores = text;
		break;
	case ARGP_KEY_ARG:
		if (request->word_count == 2)
			argp_error(state, "two runs at the most");
		request->words[request->word_count++] = text;
		break;
	case ARGP_KEY_END:
		if (request->noise_floor && request->word_count == 1 &&
		    names_run(request->words[0]))
			request->run = false;
		if (request->run)
			check_measured(state, request);
		else
			check_stored(state, request);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* A folder or a bundle as it is typed, or below results/. */
static int load_run(struct results *results, const char *word, struct error *error)
{
	char below[PATH_MAX];

	if (!strchr(word, '/') && access(word, F_OK) != 0) {
		snprintf(below, sizeof below, "results/%s", word);
		if (access(below, F_OK) == 0)
			word = below;
	}
	return bundle_load(results, word, error);
}

static bool is_planned(const struct results *results, const char *label)
{
	return json_find(json_object_get(results->run, "builds"), "label", label + 1) != NULL;
}

/* Two subjects of one run: as named; else base and head, if it was made of two builds. */
static int compare_within(const struct compare_request *request, const struct results *run)
{
	const json_t *looks = json_object_get(json_object_get(run->run, "compared"), "looks");
	struct compared_sides sides = {run, run, request->base, request->head,
				       (unsigned)json_integer_value(looks)};

	if (!sides.a_subject && is_planned(run, "@base") && is_planned(run, "@head")) {
		sides.a_subject = "@base";
		sides.b_subject = "@head";
	}
	if (!sides.a_subject) {
		sides.a_subject = json_string_value(
			json_object_get(json_object_get(run->run, "compared"), "base"));
		sides.b_subject = json_string_value(
			json_object_get(json_object_get(run->run, "compared"), "head"));
	}
	if (!sides.a_subject || !sides.b_subject)
		return command_fail(EXIT_USAGE,
				    "which two of the run's servers? Name them with --base "
				    "and --head, or name a second run");
	return request->noise_floor ? compare_show_noise(request, &sides)
				    : compare_show(request, &sides);
}

static int compare_stored(const struct compare_request *request)
{
	struct results a = {0}, b = {0};
	struct error error = {""};
	int code;

	if (load_run(&a, request->words[0], &error) < 0)
		return command_fail(EXIT_USAGE, error.text);
	if (request->word_count == 1) {
		code = compare_within(request, &a);
	} else if (load_run(&b, request->words[1], &error) < 0) {
		code = command_fail(EXIT_USAGE, error.text);
	} else {
		const char *base = request->base ? request->base : request->head;
		const char *head = request->head ? request->head : request->base;

		code = compare_show(request, &(const struct compared_sides){&a, &b, base, head, 1});
	}
	results_destroy(&a);
	results_destroy(&b);
	return code;
}

int command_compare(int argc, char **argv)
{
	static const struct argp_child children[] = {
		{&compare_outputs_argp, 0, "Formats:", 2},
		{&foreign_argp, 0, "Servers of other people, with --run:", 4},
		{0}};
	static const struct argp argp = {
		option_table,
		parse_option,
		"A B\nRUN --base NAME --head NAME\n--run [SCENARIO]\n--aa [SCENARIO]",
		documentation,
		children,
		NULL,
		NULL};
	struct compare_request request = {0};
	struct error error = {"out of memory"};
	int code;

	request.measure.command = command_words("compare", argc, argv);
	command_line_read(&argp, argc, argv, &request);
	interrupt_watch();
	if (compare_read_policy(&request, &error) < 0)
		code = command_fail(EXIT_USAGE, error.text);
	else
		code = request.run ? compare_measure(&request) : compare_stored(&request);
	compare_forget_policy(&request);
	json_decref(request.measure.command);
	return code;
}
