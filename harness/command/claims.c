/* tenk claims: what stored runs say of published claims, which claims there are, and measuring one. */
#include "harness/command/claims.h"

#include "harness/command/command.h"
#include "harness/machine/paths.h"
#include "lib/command_line.h"
#include "lib/json.h"
#include "report/terminal_claims.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RUNS_MOST = 256 };

enum key { KEY_JSON = 256, KEY_MARKDOWN, KEY_FULL, KEY_PUBLISHED };

struct arguments {
	char *runs[RUNS_MOST];
	size_t run_count;
	bool json, markdown, full, published;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case KEY_JSON:
		arguments->json = true;
		break;
	case KEY_MARKDOWN:
		arguments->markdown = true;
		break;
	case KEY_FULL:
		arguments->full = true;
		break;
	case KEY_PUBLISHED:
		arguments->published = true;
		break;
	case ARGP_KEY_ARG:
		if (arguments->run_count == RUNS_MOST)
			argp_error(state, "more than %d runs", RUNS_MOST);
		arguments->runs[arguments->run_count++] = text;
		break;
	case ARGP_KEY_END:
		if (arguments->json && (arguments->markdown || arguments->full))
			argp_error(state, "--json holds all there is: leave out %s",
				   arguments->full ? "--full" : "--md");
		if (arguments->published && arguments->run_count)
			argp_error(state, "--published says which runs: leave out %s",
				   arguments->runs[0]);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_option option_table[] = {
	{"full", KEY_FULL, NULL, 0,
	 "also who says so, the verdicts on other metrics, and from what each was decided", 0},
	{"published", KEY_PUBLISHED, NULL, 0, "by the published runs alone", 0},
	{"json", KEY_JSON, NULL, 0, "print all verdicts as JSON (results/SCHEMA.md)", 0},
	{"md", KEY_MARKDOWN, NULL, 0, "print them as Markdown", 0},
	{0},
};

static const char documentation[] =
	"Judges published claims from the trials of stored runs and nothing else, and prints one "
	"table: a claim's verdict, what was measured against what is claimed, and how far apart they "
	"are. Without a RUN: each claim by the newest run below results/ that tests it, else by the "
	"published ones (results/reference, or those that came with tenk).\v"
	"  reproduced         the whole interval lies in the claimed range\n"
	"  direction only     outside, but on the claimed side by more than what matters\n"
	"  refuted here       outside, and not on that side: on this machine, with these servers\n"
	"  inconclusive       more blocks would decide; it says how many\n"
	"  not testable here  a limit of the machine, or what has to be installed or run first\n\n"
	"A claim has one verdict, on the metric that its source means; --full tells of the others. "
	"A factor says by how much the claim is over- or understated.\n\n"
	"Examples:\n"
	"  tenk claims                               all that was tested, newest runs first\n"
	"  tenk claims results/reference/memory      by one run\n"
	"  tenk claims --full | less                 with notes, sources and grounds\n"
	"  tenk claims list                          which claims there are, and who makes them\n"
	"  tenk claims run loop-250x-leaner          measure just what this one needs\n"
	"  tenk claims run memory                    what all claims of a scenario need\n"
	"  tenk run memory --until-decided           10, 20 or 40 blocks, until all are decided\n\n"
	"Exit codes: 0 done, whatever the verdicts; 2 wrong usage, or no such run.";

static void print_json(const struct claims_collection *collection)
{
	json_t *list = json_array();

	for (size_t i = 0; i < collection->count; i++)
		json_array_append_new(list, verdict_to_json(&collection->verdicts[i]));
	json_dumpf(list, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(list);
}

/* The table; of all runs also how many claims it does not have. */
static void print_table(const struct claims_collection *collection,
			const struct arguments *arguments)
{
	size_t untested = arguments->run_count ? 0 : claims_count_untested(collection);

	if (collection->count > 0)
		terminal_print_collection(collection, arguments->full, stdout);
	else
		puts(arguments->run_count ? "This tests no claim (tenk claims list shows which "
					    "scenarios do)."
					  : "No run below results/ tests a claim.");
	if (untested > 0)
		printf("%zu %sclaim%s never tested here: tenk claims list\n", untested,
		       collection->count ? "more " : "", untested == 1 ? " was" : "s were");
}

int claims_collect_here(struct claims_collection *collection, bool only_published,
			struct error *error)
{
	struct paths paths;

	*collection = (struct claims_collection){0};
	if (paths_find(&paths, error) < 0)
		return -ENOENT;
	return claims_collect_newest(collection, only_published ? NULL : "results",
				     paths_published(&paths), error);
}

static int show(const struct arguments *arguments)
{
	struct claims_collection collection;
	struct error error;
	int result = arguments->run_count
			     ? claims_collect(&collection, arguments->runs, arguments->run_count,
					      &error)
			     : claims_collect_here(&collection, arguments->published, &error);

	if (result == 0 && arguments->markdown && arguments->full)
		result = claims_renew_words(&collection, &error);
	if (result < 0)
		command_fail(EXIT_USAGE, error.text);
	else if (arguments->json)
		print_json(&collection);
	else if (arguments->markdown)
		markdown_print_collection(&collection, arguments->full, stdout);
	else
		print_table(&collection, arguments);
	claims_collection_destroy(&collection);
	return result < 0 ? EXIT_USAGE : EXIT_OK;
}

int command_claims(int argc, char **argv)
{
	static const struct argp argp = {
		option_table,
		parse_option,
		"[RUN...]\nlist\nrun SCENARIO...\nrun [SCENARIO...] CLAIM...",
		documentation,
		NULL,
		NULL,
		NULL};
	struct arguments arguments = {0};

	if (argc > 3 && strcmp(argv[1], "--complete") == 0) { /* the word behind it says of which */
		argv[1] = argv[2];
		argv[2] = (char *)"--complete";
		if (strcmp(argv[1], "list") != 0 && strcmp(argv[1], "run") != 0)
			return EXIT_OK;
	} else if (argc == 3 && strcmp(argv[1], "--complete") == 0) {
		command_line_offer("list", "every claim, and its last verdict", argv[2]);
		command_line_offer("run", "measure what claims need", argv[2]);
	}
	if (argc > 1 && strcmp(argv[1], "list") == 0)
		return command_claims_list(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "run") == 0)
		return command_run_claims(argc, argv);
	command_line_read(&argp, argc, argv, &arguments);
	return show(&arguments);
}
