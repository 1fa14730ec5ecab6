/* tenk check: one suite of requests over every server. */
#include "harness/check/check.h"
#include "harness/check/report.h"
#include "harness/check/rows.h"
#include "harness/command/command.h"
#include "lib/clock.h"
#include "lib/command_line.h"
#include "lib/json.h"
#include "lib/utf8.h"
#include "harness/machine/cores.h"
#include "harness/catalogue/foreign.h"
#include "harness/catalogue/foreign_request.h"
#include "harness/process/interrupt.h"
#include "harness/process/progress_line.h"
#include "harness/machine/paths.h"
#include "harness/trial/server_process.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIST_MOST = 128 };
enum key {
	KEY_SERVERS = 's',
	KEY_ROWS = 'r',
	KEY_VERBOSE = 'v',
	KEY_SERVER_FOLDER = 256,
	KEY_JSON,
};

struct arguments {
	const char *servers[LIST_MOST], *rows[LIST_MOST];
	size_t server_count, row_count;
	const char *server_folder;
	struct foreign_request foreign;
	bool json, verbose;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->foreign;
		return 0;
	case KEY_SERVERS:
		arguments->server_count = command_parse_names(state, "servers", "epoll,libuv", text,
							      arguments->servers, LIST_MOST);
		return 0;
	case KEY_ROWS:
		arguments->row_count = command_parse_names(state, "rows", "plaintext,json", text,
							   arguments->rows, LIST_MOST);
		return 0;
	case KEY_VERBOSE:
		arguments->verbose = true;
		return 0;
	case KEY_SERVER_FOLDER:
		arguments->server_folder = text;
		return 0;
	case KEY_JSON:
		arguments->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Less than this says little of how long the rest takes. */
static const double share_told = 0.05;

/* What the person who waits sees of it. */
struct waiting {
	struct progress_line line;
	uint64_t began_ns;
};

static void show(struct waiting *waiting, struct progress_state state)
{
	uint64_t now_ns = clock_now_ns();
	double gone_s = (double)(now_ns - waiting->began_ns) / NS_PER_S;

	if (!progress_line_is_due(&waiting->line, now_ns))
		return;
	state.share = (double)state.done / (double)state.total;
	state.left_s = state.share < share_told ? NAN : gone_s * (1 / state.share - 1);
	progress_line_draw(&waiting->line, &state, now_ns);
}

static void show_row(void *context, const struct check_target *target, size_t done, size_t total)
{
	show(context,
	     (struct progress_state){
		     .done = done, .total = total, .things = "rows", .doing = target->name});
}

static bool is_named(const struct arguments *arguments, const struct server_entry *entry)
{
	for (size_t i = 0; i < arguments->server_count; i++)
		if (strcmp(arguments->servers[i], entry->name) == 0)
			return true;
	return false;
}

/* A yardstick is outside conformance: it is checked if it is named, not as one of a group. */
static bool is_meant(const struct arguments *arguments, const struct server_entry *entry)
{
	return is_named(arguments, entry) || !server_entry_has_trait(entry, "floor");
}

/* The servers of the options are added to the catalogue, and all that are meant named. */
static const char **name_servers(struct catalogue *catalogue, const struct arguments *arguments,
				 size_t *count, struct error *error)
{
	static const char *const all[] = {"models", "variants"};
	struct added_server *added = NULL;
	size_t added_count = 0;
	const char **chosen = NULL, **names = NULL;
	int result = 0;

	for (size_t i = 0; i < FOREIGN_SOURCES; i++)
		for (size_t j = 0; result == 0 && j < arguments->foreign.counts[i]; j++)
			result = foreign_request_add(catalogue, &foreign_sources[i],
						     arguments->foreign.texts[i][j], &added,
						     &added_count, error);
	catalogue_allow_start(catalogue, arguments->foreign.start_timeout_ns);
	if (result == 0)
		chosen = foreign_request_choose(arguments->servers, arguments->server_count, added,
						added_count, count, error);
	if (chosen)
		names = catalogue_expand(catalogue, *count ? chosen : all,
					 *count ? *count : sizeof all / sizeof *all, count);
	free(chosen);
	free(added);
	return names;
}

static long select_servers(struct catalogue *catalogue, const struct arguments *arguments,
			   const struct server_entry **entries, struct error *error)
{
	size_t named;
	const char **names = name_servers(catalogue, arguments, &named, error);
	long count = 0;

	for (size_t i = 0; names && count >= 0 && i < named && count < LIST_MOST; i++) {
		const struct server_entry *entry = catalogue_find(catalogue, names[i]);

		if (!entry)
			count = catalogue_complain(catalogue, names[i], error);
		else if (is_meant(arguments, entry))
			entries[count++] = entry;
	}
	free(names);
	return names ? count : -EINVAL;
}

/* What is asked, and what is not because it could not be started. */
struct checked {
	struct server_process *servers;
	struct check_target *targets;
	size_t count;
	json_t *unavailable; /* [{"server","reason"}] */
	bool wanting;	     /* one of those was named, or should have started */
	struct waiting waiting;
};

static void add_unavailable(struct checked *checked, const char *name, struct error *reason)
{
	utf8_mend(reason->text); /* which may quote what the server said */
	json_array_append_new(checked->unavailable,
			      json_pack("{s:s, s:s}", "server", name, "reason", reason->text));
}

static void print_unavailable(const struct checked *checked, FILE *out)
{
	const json_t *item;
	size_t i;

	if (json_array_size(checked->unavailable) > 0)
		fputs("\nNot checked, since they cannot be started here:\n", out);
	json_array_foreach(checked->unavailable, i, item) fprintf(
		out, "  %s: %s\n", json_string_of(item, "server"), json_string_of(item, "reason"));
}

static int report_suite(const struct check_suite *suite, const struct checked *checked,
			const struct arguments *arguments)
{
	json_t *json;

	if (!arguments->json) {
		print_unavailable(checked, stdout);
		check_suite_print(suite, stdout, arguments->verbose);
	} else {
		json = check_suite_json(suite);
		json_object_set(json, "unavailable", checked->unavailable);
		json_dumpf(json, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(json);
	}
	return suite->failed || checked->wanting ? EXIT_FAILED : EXIT_OK;
}

/* Whether all rows in which a server is said to differ are rows of the suite. */
static bool lists_are_right(const struct check_target *targets, size_t count, struct error *error)
{
	for (size_t i = 0; i < count; i++)
		if (check_unknown_row(&targets[i])) {
			error_set(error,
				  "%s is said to differ in \"%s\", which is no row of the suite "
				  "(tenk check --verbose names them all)",
				  targets[i].name, check_unknown_row(&targets[i]));
			return false;
		}
	return true;
}

static bool tells_routes(const struct server_entry *entry)
{
	return entry->manifest && entry->manifest->route_count > 0;
}

/* The routes that a manifest names; where nobody tells, what is answered counts. */
static unsigned routes_of(const struct server_entry *entry, const struct server_process *server)
{
	static const struct {
		const char *target;
		enum check_route route;
	} routes[] = {{"/plaintext", CHECK_PLAINTEXT},	{"/json", CHECK_JSON},
		      {"/bytes/1", CHECK_BYTES},	{"/wait/1", CHECK_WAIT},
		      {"/block/1", CHECK_BLOCK},	{"/cpu/1", CHECK_CPU},
		      {"/calls/1/wait/1", CHECK_CALLS}, {"/echo", CHECK_ECHO}};
	unsigned found = 0;

	if (!tells_routes(entry))
		return check_find_routes(server->host, server->port);
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
		if (manifest_has_route(entry->manifest, routes[i].target))
			found |= routes[i].route;
	return found;
}

static struct check_target target_of(const struct server_entry *entry,
				     const struct server_process *server)
{
	bool foreign = !server_entry_is_own(entry);
	struct check_target target = {
		.name = entry->name,
		.host = server->host,
		.port = server->port,
		.own_parser = server_entry_has_trait(entry, "own-parser"),
		.foreign = foreign,
		.routes = foreign ? routes_of(entry, server) : 0,
		.known = server_entry_known_differences(entry),
		.version = entry->manifest ? foreign_version(entry->manifest) : NULL,
	};

	if (foreign && !tells_routes(entry))
		target.no_post = check_refuses_post(server->host, server->port);
	if (foreign && target.routes == 0)
		fprintf(stderr,
			"warning: %s answers none of the routes that tenk knows: it is asked for "
			"little more than what it refuses\n",
			entry->name);
	return target;
}

static void begin_to_wait(struct waiting *waiting)
{
	waiting->began_ns = clock_now_ns();
	progress_line_init(&waiting->line, waiting->began_ns);
}

/* Starts all that can be. */
static void start(struct checked *checked, const struct server_entry **entries, size_t count,
		  const struct arguments *arguments)
{
	struct error error;

	begin_to_wait(&checked->waiting);
	for (size_t i = 0; i < count && !interrupt_seen(); i++) {
		struct server_process *server = &checked->servers[checked->count];

		show(&checked->waiting, (struct progress_state){.done = i,
								.total = count,
								.things = "servers",
								.doing = entries[i]->name});
		if (entries[i]->missing) {
			error_set(&error, "%s", entries[i]->missing);
			add_unavailable(checked, entries[i]->name, &error);
			checked->wanting |= is_named(arguments, entries[i]);
		} else if (server_process_start(server, entries[i], NULL,
						&(const struct process_place){0}, &error) < 0) {
			add_unavailable(checked, entries[i]->name, &error);
			checked->wanting = true;
		} else {
			progress_line_clear(&checked->waiting.line); /* there may be a warning */
			checked->targets[checked->count++] = target_of(entries[i], server);
		}
	}
	progress_line_clear(&checked->waiting.line);
}

/* Returns whether one of them had ended by itself. */
static bool stop(struct checked *checked)
{
	bool ended = false;

	for (size_t i = 0; i < checked->count; i++) {
		struct server_process *server = &checked->servers[i];

		if (server_process_has_ended(server)) {
			fprintf(stderr, "tenk: %s ended during the check\n",
				checked->targets[i].name);
			ended = true;
		}
		if (!server->running)
			server_process_stop(server);
		server_process_destroy(server);
		free((char *)(uintptr_t)checked->targets[i].version);
	}
	free(checked->servers);
	free(checked->targets);
	json_decref(checked->unavailable);
	return ended;
}

/* Runs the suite with a line of progress; as check_suite_run. */
static int ask_all(struct checked *checked, const struct arguments *arguments,
		   struct check_suite *suite)
{
	int result;

	begin_to_wait(&checked->waiting);
	result = check_suite_run(suite, checked->targets, checked->count,
				 arguments->row_count ? arguments->rows : NULL,
				 arguments->row_count, show_row, &checked->waiting);
	progress_line_clear(&checked->waiting.line);
	return result;
}

static int run_suite(struct checked *checked, const struct arguments *arguments)
{
	struct check_suite suite = {0};
	struct error error;
	int code;

	if (checked->count == 0) {
		print_unavailable(checked, stderr);
		code = command_fail(EXIT_FAILED, "there is no server to check");
	} else if (!lists_are_right(checked->targets, checked->count, &error)) {
		code = command_fail(EXIT_FAILED, error.text);
	} else if (ask_all(checked, arguments, &suite) < 0) {
		code = command_fail(EXIT_USAGE,
				    "--rows: no row has that name (tenk check --verbose "
				    "names them all)");
	} else {
		code = interrupt_seen() ? EXIT_INTERRUPTED
					: report_suite(&suite, checked, arguments);
	}
	check_suite_destroy(&suite);
	return code;
}

/* Starts them all, runs the suite, and ends them all. */
static int check_servers(const struct server_entry **entries, size_t count,
			 const struct arguments *arguments)
{
	struct checked checked = {.servers = calloc(count + 1, sizeof *checked.servers),
				  .targets = calloc(count + 1, sizeof *checked.targets),
				  .unavailable = json_array()};
	int code = EXIT_FAILED;

	if (checked.servers && checked.targets && checked.unavailable)
		start(&checked, entries, count, arguments);
	if (!interrupt_seen())
		code = run_suite(&checked, arguments);
	if (interrupt_seen())
		fputs("interrupted: the suite has not come to its end\n", stderr);
	if (stop(&checked) && code == EXIT_OK)
		code = EXIT_FAILED;
	return interrupt_seen() ? EXIT_INTERRUPTED : code;
}

int command_check(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"servers", KEY_SERVERS, "A,B", 0,
		 "only these; models, variants and reference stand for all of that kind (default: all of ours)",
		 0},
		{"rows", KEY_ROWS, "A,B", 0, "only these rows of the suite", 0},
		{"verbose", KEY_VERBOSE, NULL, 0, "tell what each row asks for, and the rule", 0},
		{"server-dir", KEY_SERVER_FOLDER, "DIR", 0,
		 "look there for more server-NAME programs", 0},
		{"json", KEY_JSON, NULL, 0, "print the result as JSON", 0},
		{0}};
	static const struct argp_child children[] = {{&foreign_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {
		options,
		parse_option,
		NULL,
		"Are the servers equivalent? Runs one suite of requests over all of them: each answer "
		"must be right by the standard, and the same from every server, byte for byte. A "
		"server whose HTTP is a library's may differ in what is known of it and listed. Servers "
		"of other people are held to what the standard asks for, on the routes that they have."
		"\vExamples:\n  tenk check\n  tenk check --servers epoll --verbose\n"
		"  tenk check --servers epoll,reference\n"
		"  tenk check --server-cmd './mine --port {port}'\n"
		"  tenk check --url http://127.0.0.1:8080\n\n"
		"What cannot run here, such as io-uring where it is forbidden, is listed with the reason.\n"
		"Exit codes: 0 all is right, 1 not, or a server that was named could not be started, "
		"2 wrong usage, 130 interrupted.",
		children,
		NULL,
		NULL};
	const struct server_entry *entries[LIST_MOST];
	struct arguments arguments = {0};
	struct catalogue catalogue = {0};
	const char *folders[3] = {NULL};
	struct paths paths;
	struct error error;
	long count;
	int code;

	command_line_read(&argp, argc, argv, &arguments);
	interrupt_watch();
	if (paths_find(&paths, &error) < 0)
		return command_fail(EXIT_FAILED, error.text);
	folders[0] = paths.servers;
	folders[1] = arguments.server_folder;
	if (catalogue_read(&catalogue, folders, &error) < 0 ||
	    catalogue_read_reference(&catalogue, paths.reference, &error) < 0)
		return command_fail(EXIT_FAILED, error.text);
	count = select_servers(&catalogue, &arguments, entries, &error);
	code = count < 0 ? command_fail(EXIT_USAGE, error.text)
			 : check_servers(entries, (size_t)count, &arguments);
	catalogue_destroy(&catalogue);
	return code;
}
