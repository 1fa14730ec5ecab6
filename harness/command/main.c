/* tenk: the command that people type. One table of subcommands. */
#include "harness/command/command.h"
#include "harness/command/complete.h"
#include "harness/command/version.h"
#include "lib/command_line.h"
#include "lib/nearest.h"

#include <stdio.h>
#include <string.h>

#ifndef TENK_COMMIT
#error "TENK_COMMIT must be defined by the build"
#endif

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{"run", command_run, "measure: run scenarios, store every trial, write the report"},
	{"report", command_report,
	 "write a stored run's report again, or lay several runs side by side"},
	{"compare", command_compare,
	 "is B worse than A? two runs, servers or builds, by what decides"},
	{"claims", command_claims,
	 "published claims: their verdicts, a list of them, measuring one"},
	{"choose", command_choose, "threads or a loop? a few questions, answered by stored runs"},
	{"history", command_history, "what runs found over time, and where it changed"},
	{"bundle", command_bundle, "write a run into one file, to pass on"},
	{"verify", command_verify, "does such a file say what its trials say?"},
	{"list", command_list, "the servers and scenarios that are here"},
	{"check", command_check, "are the servers equivalent? one suite over all of them"},
	{"doctor", command_doctor, "what on this machine limits or distorts, and the remedies"},
	{"demo", command_demo, "for a lecture: two servers side by side, live on the terminal"},
	{"agent", command_agent, "the far end of tenk run --server-host, which starts it"},
};

enum { COMMANDS = sizeof commands / sizeof *commands, WORDS_MOST = 256 };

static void print_help(FILE *out)
{
	fputs("tenk measures what it costs to serve many connections with threads, and what with\n"
	      "an event loop: requests per second, latency, CPU and memory per connection.\n\n"
	      "usage: tenk COMMAND [OPTIONS]      (tenk COMMAND --help tells more)\n"
	      "       tenk --version [--json]     (this build, its libraries, and what the kernel has)\n\n",
	      out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].summary);
	fputs("\nExamples:\n"
	      "  tenk run quick                        a first look, in under four minutes\n"
	      "  tenk claims run thread-costs-2mb      does a thread per connection cost 2 MB?\n"
	      "  tenk claims                           the verdicts on all claims tested so far\n"
	      "  tenk run quick --servers epoll,libuv  only these two\n"
	      "  tenk compare --run --base epoll --head libuv  side by side, and decided\n"
	      "  tenk choose                           which way to serve, by what was measured\n"
	      "  tenk demo blocking                    see a loop that blocks, beside one that does not\n"
	      "  tenk doctor                           what this machine can and cannot show\n\n"
	      "Exit codes: 0 done, 1 something failed, 2 wrong usage or scenario, 3 a regression,\n"
	      "4 what was measured is invalid, 5 inconclusive, 130 interrupted.\n",
	      out);
}

static int complain(const char *name)
{
	const char *names[COMMANDS], *near;

	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	near = nearest_word(name, names, COMMANDS);
	fprintf(stderr, "tenk: there is no command \"%s\"%s%s%s; tenk --help lists them\n", name,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return EXIT_USAGE;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	char whole[32];

	snprintf(whole, sizeof whole, "tenk %s", command->name);
	argv[0] = whole;
	return command->run(argc, argv);
}

/* The words behind --complete: a command, or what is behind one, which that one completes. */
static int complete(int argc, char **argv)
{
	command_line_values = complete_values;
	for (size_t i = 0; i < COMMANDS; i++) {
		if (argc < 2)
			command_line_offer(commands[i].name, commands[i].summary,
					   argc == 1 ? argv[0] : "");
		else if (strcmp(commands[i].name, argv[0]) == 0) {
			char option[] = "--complete", *words[WORDS_MOST] = {NULL, option};
			int count = argc - 1 < WORDS_MOST - 3 ? argc - 1 : WORDS_MOST - 3;

			memcpy(words + 2, argv + 1, (size_t)count * sizeof *words);
			return run_command(&commands[i], count + 2, words);
		}
	}
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	command_line_guard_output();
	if (strcmp(name, "--complete") == 0)
		return complete(argc - 2, argv + 2);
	if (!*name) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0 || strcmp(name, "-h") == 0) {
		print_help(stdout);
		return EXIT_OK;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		return command_version(TENK_COMMIT, argc > 2 && strcmp(argv[2], "--json") == 0);
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return run_command(&commands[i], argc - 1, argv + 1);
	return complain(name);
}
