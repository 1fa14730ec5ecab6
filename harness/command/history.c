/* tenk history: what runs found over time. */
#include "harness/command/command.h"
#include "harness/machine/commit.h"
#include "harness/machine/paths.h"
#include "lib/command_line.h"
#include "lib/terminal.h"
#include "report/history/history.h"
#include "stored/history/history.h"
#include "stored/history/series.h"
#include "stored/results.h"

#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum key {
	KEY_FILE = 'f',
	KEY_LABEL = 'l',
	KEY_METRICS = 'm',
	KEY_SERVERS = 's',
	KEY_JSON = 256,
	KEY_REPORT,
};
enum { NAMES_MOST = 64 };

/* Of the shuffles with which changes are told from chance: any, but always the same. */
enum { SHUFFLES_SEED = 1 };

struct arguments {
	const char *file, *label, *run, *report;
	const char *servers[NAMES_MOST], *metrics[NAMES_MOST];
	size_t server_count, metric_count;
	bool add, json;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case KEY_FILE:
		arguments->file = text;
		break;
	case KEY_LABEL:
		arguments->label = text;
		break;
	case KEY_METRICS:
		arguments->metric_count = command_parse_names(state, "metrics",
							      "requests_per_s,latency_p99_ns", text,
							      arguments->metrics, NAMES_MOST);
		break;
	case KEY_SERVERS:
		arguments->server_count = command_parse_names(state, "servers", "epoll,libuv", text,
							      arguments->servers, NAMES_MOST);
		break;
	case KEY_JSON:
		arguments->json = true;
		break;
	case KEY_REPORT:
		arguments->report = text;
		break;
	case ARGP_KEY_ARG:
		if (state->arg_num == 0 && strcmp(text, "add") == 0)
			arguments->add = true;
		else if (!arguments->add)
			argp_error(state, "\"%s\": what can be done is add RUN", text);
		else if (arguments->run)
			argp_error(state, "one RUN at a time");
		else
			arguments->run = text;
		break;
	case ARGP_KEY_END:
		if (arguments->add && !arguments->run)
			argp_error(state, "add which run? a folder such as "
					  "results/20261121T093000Z-quick");
		if (arguments->add && (arguments->json || arguments->report ||
				       arguments->server_count || arguments->metric_count))
			argp_error(state, "--json, --report, --servers and --metrics show a "
					  "history: leave them out with add");
		if (!arguments->add && arguments->label)
			argp_error(state, "--label goes with add RUN");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_option option_table[] = {
	{"file", KEY_FILE, "FILE", 0, "the history (default: results/history.jsonl)", 0},
	{"label", KEY_LABEL, "TEXT", 0, "with add: what you call this run, such as a version", 0},
	{"metrics", KEY_METRICS, "A,B", 0, "show these only, such as requests_per_s", 0},
	{"servers", KEY_SERVERS, "A,B", 0, "show these only", 0},
	{"json", KEY_JSON, NULL, 0, "print series and changes as JSON", 0},
	{"report", KEY_REPORT, "FILE", 0, "draw them: a picture (.svg), or a page with it (.html)",
	 0},
	{0},
};

static const char documentation[] =
	"Shows what the runs of a history found: for each machine, cell and gating metric the "
	"values over time, and near which runs they changed (E-divisive: at least 6 runs on either "
	"side, 1 % of false changes at each step, changes by less than matters left out). With add: "
	"appends a stored run, with the commit that is checked out where it lies.\v"
	"A history informs, it gates nothing: runs of different days met different conditions even "
	"on one machine (tenk compare --run measures both sides together).\n\n"
	"Examples:\n"
	"  tenk history add results/20261121T093000Z-quick --label v1.2\n"
	"  tenk history\n"
	"  tenk history --servers epoll --metrics server_cpu_per_request_ns\n"
	"  tenk history --report history.html\n\n"
	"Exit codes: 0 done, 1 it could not be written, 2 wrong usage, or no such run or history.";

static void tell_cut(const char *file, size_t cut, const char *what)
{
	if (cut)
		fprintf(stderr, "warning: the last line of %s (%zu) was cut short and is %s\n",
			file, cut, what);
}

/* What was asked for wrongly is told apart from what the machine did not do. */
static int exit_code_of(int failure)
{
	return failure == -EINVAL || failure == -ENOENT || failure == -EEXIST ? EXIT_USAGE
									      : EXIT_FAILED;
}

static int add(const struct arguments *arguments)
{
	struct results results;
	struct error error;
	struct history_entry entry = {&results, arguments->label, NULL};
	json_t *commit, *line;
	size_t cut = 0;
	char name[160];
	int result = EXIT_USAGE;

	if (results_load(&results, arguments->run, &error) < 0)
		return command_fail(EXIT_USAGE, error.text);
	commit = commit_read(arguments->run);
	entry.commit = commit;
	line = history_line(&entry, &error);
	if (line) {
		int code = history_add(arguments->file, line, &cut, &error);

		if (code == -ENOENT)
			error_set(&error,
				  "%s: there is no such folder here (--file names another place)",
				  arguments->file);
		result = code == 0 ? EXIT_OK : exit_code_of(code);
	}
	tell_cut(arguments->file, cut, "cut off");
	if (result == EXIT_OK)
		printf("%s is in %s\n", history_name(line, name, sizeof name), arguments->file);
	else
		command_fail(result, error.text);
	json_decref(line);
	json_decref(commit);
	results_destroy(&results);
	return result;
}

static int write_report(const struct arguments *arguments, const struct history_analysis *analysis,
			struct error *error)
{
	struct paths paths;
	struct history_output output = {.file = arguments->report,
					.resource_directory = paths.report};
	int result = paths_find(&paths, error);

	if (result == 0)
		result = history_write(analysis, &output, error);
	if (result == 0)
		puts(arguments->report);
	return result;
}

/* The first of the names that no series has; NULL: all are there. */
static const char *find_missing(const struct history_analysis *analysis, const char *const *names,
				size_t count, bool are_servers)
{
	for (size_t i = 0; i < count; i++) {
		bool found = false;

		for (size_t j = 0; j < analysis->count && !found; j++) {
			const struct history_series *series = &analysis->items[j];

			found = strcmp(are_servers ? series->server : series->metric, names[i]) ==
				0;
		}
		if (!found)
			return names[i];
	}
	return NULL;
}

/* Of what was asked for the history may have nothing. */
static int look_for_missing(const struct arguments *arguments,
			    const struct history_analysis *analysis, struct error *error)
{
	const char *server = find_missing(analysis, arguments->servers, arguments->server_count,
					  true);
	const char *metric = find_missing(analysis, arguments->metrics, arguments->metric_count,
					  false);

	if (!server && !metric)
		return 0;
	error_set(error, "%s has no values of %s%s%s (tenk history --json names what it has)",
		  arguments->file, server ? server : metric, server && metric ? " with " : "",
		  server && metric ? metric : "");
	return -ENOENT;
}

static int show(const struct arguments *arguments)
{
	const struct history_choice choice = {arguments->servers, arguments->metrics,
					      arguments->server_count, arguments->metric_count};
	struct history history;
	struct history_analysis analysis = {0};
	struct error error;
	int result = history_load(&history, arguments->file, &error);

	if (result == -ENOENT)
		error_set(&error,
			  "%s: there is no such history yet (tenk history add RUN begins one)",
			  arguments->file);
	if (result == 0 && history_analyse(&analysis, &history, &choice, SHUFFLES_SEED) < 0)
		result = error_set(&error, "%s", strerror(ENOMEM));
	if (result == 0)
		result = look_for_missing(arguments, &analysis, &error);
	tell_cut(arguments->file, history.cut, "left out");
	if (result == 0 && arguments->json) {
		json_t *json = history_to_json(&analysis);

		json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
		putchar('\n');
		json_decref(json);
	} else if (result == 0 && arguments->report) {
		result = write_report(arguments, &analysis, &error);
	} else if (result == 0) {
		history_print(&analysis, terminal_has_utf8(), stdout);
	}
	history_analysis_destroy(&analysis);
	history_destroy(&history);
	if (result == 0)
		return EXIT_OK;
	return command_fail(exit_code_of(result), error.text);
}

int command_history(int argc, char **argv)
{
	static const struct argp argp = {option_table, parse_option, "[add RUN]", documentation,
					 NULL,	       NULL,	     NULL};
	struct arguments arguments = {.file = "results/history.jsonl"};

	command_line_read(&argp, argc, argv, &arguments);
	return arguments.add ? add(&arguments) : show(&arguments);
}
