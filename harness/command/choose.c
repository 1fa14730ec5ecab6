/* tenk choose: which way to serve connections, by what stored runs measured. */
#include "harness/command/choose.h"

#include "harness/bundle/bundle.h"
#include "harness/command/command.h"
#include "harness/machine/environment.h"
#include "harness/machine/paths.h"
#include "lib/command_line.h"
#include "lib/nearest.h"
#include "lib/terminal.h"
#include "lib/text_buffer.h"
#include "lib/units.h"
#include "stored/environment.h"
#include "stored/runs.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUNS_MOST = 256, TRIES_MOST = 3, WORKS_MOST = 64 };

enum key {
	KEY_CONNECTIONS = 256,
	KEY_WORK,
	KEY_CORES,
	KEY_MEMORY,
	KEY_PUBLISHED,
	KEY_FULL,
	KEY_JSON
};

/* All that the command has. */
struct chooser {
	char *runs[RUNS_MOST]; /* as named */
	size_t run_count;
	bool published, full, json;
	const char *given[4]; /* by questions; NULL: not given */
	char work[CHOICE_WORD];
	struct choice_needs needs;
	struct choose_scenarios scenarios;
	struct results *results;
	struct choice_run *opened;
	size_t opened_count;
};

/* --- what is asked ------------------------------------------------------------------------------- */

static int take_connections(struct chooser *chooser, const char *text, struct error *error)
{
	uint64_t value = 0;

	if (units_parse_integer(UNIT_COUNT, text, &value, error) < 0)
		return -EINVAL;
	if (value == 0)
		return error_set(error, "there must be one connection at least");
	chooser->needs.connections = (double)value;
	return 0;
}

/* The kinds of work that scenarios and runs have, each once. */
static size_t list_works(const struct chooser *chooser, char works[WORKS_MOST][CHOICE_WORD])
{
	size_t count = 0;

	for (size_t i = 0; i <= chooser->opened_count; i++) {
		const struct choice_run *run = i == 0 ? &chooser->scenarios.run
						      : &chooser->opened[i - 1];

		for (size_t j = 0; j < run->part_count && count < WORKS_MOST; j++) {
			bool is_new = choose_is_new_work(run, j, works[count]);

			for (size_t k = 0; is_new && k < count; k++)
				is_new = strcmp(works[k], works[count]) != 0;
			count += is_new;
		}
	}
	return count;
}

/* What a scenario asks for first; "": there is no such scenario, or it asks for nothing of the kind. */
static void take_work_of_scenario(struct chooser *chooser, const char *name)
{
	const struct choice_run *run = &chooser->scenarios.run;

	chooser->work[0] = '\0';
	for (size_t i = 0; !*chooser->work && i < run->part_count; i++)
		if (strcmp(json_string_of(run->parts[i].scenario, "name"), name) == 0)
			choice_work(&run->parts[i], chooser->work);
}

static void append_works(struct text_buffer *out, char works[WORKS_MOST][CHOICE_WORD], size_t count)
{
	for (size_t i = 0; i < count; i++)
		text_append_format(out, "%s%s", i ? ", " : "", works[i]);
}

static int take_work(struct chooser *chooser, const char *text, struct error *error)
{
	char works[WORKS_MOST][CHOICE_WORD];
	const char *names[WORKS_MOST], *near;
	size_t count = list_works(chooser, works);
	struct text_buffer known = {0};

	for (size_t i = 0; i < count; i++) {
		names[i] = works[i];
		if (strcmp(works[i], text) == 0) {
			snprintf(chooser->work, sizeof chooser->work, "%s", text);
			return 0;
		}
	}
	take_work_of_scenario(chooser, text);
	if (*chooser->work)
		return 0;
	near = nearest_word(text, names, count);
	append_works(&known, works, count);
	error_set(error,
		  "there is no work \"%s\"%s%s%s; there are %s, and the names of scenarios that "
		  "ask for such",
		  text, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "",
		  text_string(&known));
	text_destroy(&known);
	return -EINVAL;
}

static int take_cores(struct chooser *chooser, const char *text, struct error *error)
{
	uint64_t value = 0;

	if (strcmp(text, "any") != 0 && units_parse_integer(UNIT_COUNT, text, &value, error) < 0)
		return -EINVAL;
	if (strcmp(text, "any") != 0 && value == 0)
		return error_set(error, "a server needs one core at least (any: however many)");
	chooser->needs.cores = (double)value;
	return 0;
}

static int take_memory(struct chooser *chooser, const char *text, struct error *error)
{
	uint64_t value = 0;

	if (strcmp(text, "any") != 0 && units_parse_integer(UNIT_BYTES, text, &value, error) < 0)
		return -EINVAL;
	if (strcmp(text, "any") != 0 && value == 0)
		return error_set(error, "a server needs some memory (any: without a limit)");
	chooser->needs.memory_bytes = (double)value;
	return 0;
}

/* What is taken of an option, or else asked for: in the order of the help. */
static const struct question {
	int key;
	const char *name, *asks, *answers, *otherwise;
	int (*take)(struct chooser *chooser, const char *text, struct error *error);
} questions[] = {
	{KEY_CONNECTIONS, "connections", "How many connections are open at once?", "a number",
	 "10k", take_connections},
	{KEY_WORK, "work", "What do requests ask for?", NULL, "plaintext", take_work},
	{KEY_CORES, "cores", "How many cores has the server?", "a number, or any", "any",
	 take_cores},
	{KEY_MEMORY, "memory", "How much memory may it take, the kernel's share included?",
	 "such as 512MiB, or any", "any", take_memory},
};

enum { QUESTIONS = sizeof questions / sizeof *questions };

static int take_given(struct chooser *chooser, struct error *error)
{
	for (size_t i = 0; i < QUESTIONS; i++) {
		const char *text = chooser->given[i];

		if (questions[i].take(chooser, text ? text : questions[i].otherwise, error) < 0) {
			error_prefix(error, "--%s", questions[i].name);
			return -EINVAL;
		}
	}
	return 0;
}

static void print_question(const struct chooser *chooser, const struct question *question)
{
	char works[WORKS_MOST][CHOICE_WORD];
	struct text_buffer answers = {0};

	if (question->answers)
		text_append(&answers, question->answers);
	else
		append_works(&answers, works, list_works(chooser, works));
	fprintf(stderr, "%s (%s) [%s] ", question->asks, text_string(&answers),
		question->otherwise);
	text_destroy(&answers);
}

static int ask_one(struct chooser *chooser, const struct question *question, struct error *error)
{
	char line[256];

	for (int i = 0; i < TRIES_MOST; i++) {
		const char *text;

		print_question(chooser, question);
		if (!fgets(line, sizeof line, stdin)) {
			fputc('\n', stderr);
			return error_set(error, "no answer: nothing is chosen");
		}
		text = line + strspn(line, " \t");
		line[strcspn(line, "\n")] = '\0';
		if (question->take(chooser, *text ? text : question->otherwise, error) == 0)
			return 0;
		fprintf(stderr, "%s\n", error->text);
	}
	return error_set(error, "no answer that can be used: nothing is chosen");
}

static int ask(struct chooser *chooser, struct error *error)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < QUESTIONS; i++)
		result = ask_one(chooser, &questions[i], error);
	return result;
}

/* --- options ------------------------------------------------------------------------------------- */

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct chooser *chooser = state->input;

	for (size_t i = 0; i < QUESTIONS; i++)
		if (key == questions[i].key) {
			chooser->given[i] = text;
			return 0;
		}
	switch (key) {
	case KEY_PUBLISHED:
		chooser->published = true;
		break;
	case KEY_FULL:
		chooser->full = true;
		break;
	case KEY_JSON:
		chooser->json = true;
		break;
	case ARGP_KEY_ARG:
		if (chooser->run_count == RUNS_MOST)
			argp_error(state, "more than %d runs", RUNS_MOST);
		chooser->runs[chooser->run_count++] = text;
		break;
	case ARGP_KEY_END:
		if (chooser->published && chooser->run_count)
			argp_error(state, "--published says which runs: leave out %s",
				   chooser->runs[0]);
		if (chooser->json && chooser->full)
			argp_error(state, "--json holds all there is: leave out --full");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_option option_table[] = {
	{"connections", KEY_CONNECTIONS, "N", 0, "that are open at once (default: 10k)", 0},
	{"work", KEY_WORK, "WORK", 0,
	 "what requests ask for: the first word of their path, such as plaintext, wait, cpu or query, or "
	 "the name of a scenario that asks for it, such as hello or database (default: plaintext)",
	 0},
	{"cores", KEY_CORES, "N", 0, "of the server (default: any)", 0},
	{"memory", KEY_MEMORY, "SIZE", 0,
	 "that the connections may take, the kernel's share included, such as 512MiB (default: any)",
	 0},
	{"published", KEY_PUBLISHED, NULL, 0, "by the runs in results/reference alone", 0},
	{"full", KEY_FULL, NULL, 0, "print all servers, in place of a dozen", 0},
	{"json", KEY_JSON, NULL, 0, "print the answer as JSON (results/SCHEMA.md)", 0},
	{0},
};

static const char documentation[] =
	"Tells which way to serve connections is to be taken, by what stored runs measured: those "
	"below results/ and the published ones in results/reference, or each RUN that is named. "
	"Without --connections, --work, --cores and --memory it asks for them.\v"
	"Each figure is of one cell of one run, which is named; those of this machine come first. "
	"Nothing is extrapolated: what was measured of less than half as many connections, or more "
	"than twice as many, is told as that, and beside it the command that measures what is not "
	"measured.\n\n"
	"Servers are compared within the blocks of a run, by the rate if they were driven to their "
	"limits, else by the CPU that a request takes. Memory is that of all connections, in proportion "
	"to those that were measured; of idle ones where nobody measured any at that work.\n\n"
	"Examples:\n"
	"  tenk choose                                     asks four questions\n"
	"  tenk choose --connections 10k --work wait       who waits for something slow\n"
	"  tenk choose --work hello --cores 1 --memory 64MiB\n"
	"  tenk choose --work query results/20261121T093000Z-database\n\n"
	"Exit codes: 0 done, also where the answer is that it is not measured; 2 wrong usage, or no "
	"such run.";

/* --- runs ---------------------------------------------------------------------------------------- */

static int no_memory(struct error *error)
{
	error_set(error, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

static int make_room(struct chooser *chooser, size_t count, struct error *error)
{
	chooser->results = calloc(count + 1, sizeof *chooser->results);
	chooser->opened = calloc(count + 1, sizeof *chooser->opened);
	return chooser->results && chooser->opened ? 0 : no_memory(error);
}

/* One that was read into the next of the results. */
static int open_run(struct chooser *chooser, bool published, const json_t *here,
		    struct error *error)
{
	struct results *results = &chooser->results[chooser->opened_count];
	struct choice_run *run = &chooser->opened[chooser->opened_count++];

	if (choice_run_open(run, results, published) < 0)
		return no_memory(error);
	environments_differ(json_object_get(results->run, "environment"), here, run->changes,
			    sizeof run->changes);
	return 0;
}

static int open_named(struct chooser *chooser, const json_t *here, struct error *error)
{
	int result = make_room(chooser, chooser->run_count, error);

	for (size_t i = 0; result == 0 && i < chooser->run_count; i++) {
		result = bundle_load(&chooser->results[i], chooser->runs[i], error);
		if (result == 0)
			result = open_run(chooser, false, here, error);
	}
	return result;
}

/* One that cannot be read, which nobody asked for, keeps nobody from what the others say. */
static int open_found(struct chooser *chooser, const json_t *here, struct error *error)
{
	struct found_runs found = {0};
	struct paths paths;
	int result = paths_find(&paths, error);

	if (result == 0 && runs_find_all(&found, chooser->published ? NULL : "results",
					 paths_published(&paths)) < 0)
		result = no_memory(error);
	if (result == 0)
		result = make_room(chooser, found.count, error);

	for (size_t i = 0; result == 0 && i < found.count; i++) {
		result = results_load(&chooser->results[chooser->opened_count],
				      found.items[i].folder, error);
		if (result == 0) {
			result = open_run(chooser, found.items[i].published, here, error);
		} else if (result != -ENOMEM) {
			fprintf(stderr, "warning: left out: %s\n", error->text);
			result = 0;
		}
	}
	runs_destroy(&found);
	return result;
}

static int open_runs(struct chooser *chooser, struct error *error)
{
	json_t *here = environment_read();
	int result = here ? 0 : no_memory(error);

	if (result == 0)
		result = chooser->run_count ? open_named(chooser, here, error)
					    : open_found(chooser, here, error);
	chooser->needs.cores_here = json_number_value(json_object_get(here, "cores_online"));
	json_decref(here);
	return result;
}

static void close_runs(struct chooser *chooser)
{
	for (size_t i = 0; i < chooser->opened_count; i++) {
		choice_run_close(&chooser->opened[i]);
		results_destroy(&chooser->results[i]);
	}
	free(chooser->opened);
	free(chooser->results);
	choose_scenarios_close(&chooser->scenarios);
}

/* --- the answer ---------------------------------------------------------------------------------- */

static int answer(struct chooser *chooser, struct error *error)
{
	struct choice choice;

	chooser->needs.work = chooser->work;
	if (choice_make(&choice, chooser->opened, chooser->opened_count, &chooser->needs) < 0)
		return no_memory(error);
	if (chooser->json) {
		json_t *json = choice_to_json(&choice, &chooser->scenarios.run);

		if (!json) {
			choice_destroy(&choice);
			return no_memory(error);
		}
		json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
		putchar('\n');
		json_decref(json);
	} else {
		choice_print(&choice, &chooser->scenarios.run, chooser->full, terminal_has_utf8(),
			     stdout);
	}
	choice_destroy(&choice);
	return 0;
}

static bool is_given(const struct chooser *chooser)
{
	for (size_t i = 0; i < QUESTIONS; i++)
		if (chooser->given[i])
			return true;
	return false;
}

int command_choose(int argc, char **argv)
{
	static const struct argp argp = {option_table, parse_option, "[RUN...]", documentation,
					 NULL,	       NULL,	     NULL};
	static struct chooser chooser;
	struct error error;
	int result;

	command_line_read(&argp, argc, argv, &chooser);
	if (!is_given(&chooser) && !isatty(STDIN_FILENO))
		return command_fail(EXIT_USAGE,
				    "there is no terminal to ask on: give one or more of "
				    "--connections N, --work WORK, --cores N and --memory SIZE");
	result = choose_scenarios_open(&chooser.scenarios, &error);
	if (result == 0)
		result = open_runs(&chooser, &error);
	if (result == 0)
		result = is_given(&chooser) ? take_given(&chooser, &error) : ask(&chooser, &error);
	if (result == 0)
		result = answer(&chooser, &error);
	close_runs(&chooser);
	if (result == 0)
		return EXIT_OK;
	return command_fail(result == -ENOMEM ? EXIT_FAILED : EXIT_USAGE, error.text);
}
