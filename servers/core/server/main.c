/*
 * Every server's main: options, fair ground, listener, the ready line, then the model.
 */
#include "lib/command_line.h"
#include "lib/error.h"
#include "lib/units.h"
#include "servers/core/http/bounds.h"
#include "servers/core/http/counters.h"
#include "servers/core/server/describe.h"
#include "servers/core/server/listener.h"
#include "servers/core/server/model.h"
#include "servers/core/server/number_option.h"
#include "servers/core/server/task_options.h"
#include "servers/core/tasks/backend/backend.h"
#include "servers/core/tasks/database/database.h"
#include "servers/core/tasks/inject.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef TENK_VERSION
#define TENK_VERSION "unknown"
#endif

const char *argp_program_version = "tenk server " TENK_VERSION;

static const char documentation[] =
	"Serves HTTP/1.1 in one particular way, so that ways can be compared.\v"
	"Routes: GET /plaintext, /json, /bytes/N; POST /echo; and what takes time: GET /wait/MS, /block/MS, "
	"/cpu/N, /calls/N/wait/MS[?together]; with --database /query/ID; with --backend /fetch/MS; "
	"with --files /file/NAME.\n\n"
	"Examples:\n"
	"  --listen 127.0.0.1:8080         serve there until SIGTERM\n"
	"  --listen 127.0.0.1:0 --ready-fd 3 3>ready\n"
	"                                  any free port; writes {\"event\":\"ready\",\"port\":N}\n"
	"  --describe                      what this model is, as JSON\n";

enum {
	OPTION_LISTEN = 'l',
	OPTION_READY = 'r',
	OPTION_STACK = 's',
	OPTION_VARIANT = 'v',
	OPTION_DESCRIBE = 'd',
	OPTION_WORKERS = 'w',
	OPTION_OFFLOAD = 'o',
	OPTION_TEST_VALUE = 0x100,
	OPTION_MAX_CONNECTIONS,
	OPTION_SEND_BUFFER,
	OPTION_INJECT,
	OPTION_BACKLOG,
	OPTION_ACCEPTS,
	OPTION_EVENTS,
	OPTION_BUFFER,
	OPTION_LIMITS, /* and one of enum http_phase */
};

enum {
	SEND_BUFFER_USUAL = 131072, /* what it costs and saves: docs/robustness.md */
};

static const struct argp_option option_table[] = {
	{"listen", OPTION_LISTEN, "HOST:PORT", 0, "Where to listen (127.0.0.1:8080)", 0},
	{"ready-fd", OPTION_READY, "FD", 0,
	 "Write one JSON line there once connections are accepted", 0},
	{"stack-size", OPTION_STACK, "BYTES", 0,
	 "Stack of each thread, such as 64KiB (models with threads or stacks of their own)", 0},
	{"workers", OPTION_WORKERS, "N", 0,
	 "Threads of a pool, processes, or loops (models that have some)", 0},
	{"offload", OPTION_OFFLOAD, "N", 0,
	 "Threads that block and compute for loops; 0: these do so themselves, and serve nobody meanwhile (0)",
	 0},
	{"files", OPTION_FILES, "DIR", 0, "The folder of which GET /file/NAME sends the files", 0},
	{"variant", OPTION_VARIANT, "NAME", 0, "A named setting of this model; see --describe", 0},
	{"max-connections", OPTION_MAX_CONNECTIONS, "N", 0,
	 "Refuse connections beyond that number with 503; 0: no limit (0)", 0},
	{"send-buffer", OPTION_SEND_BUFFER, "BYTES", 0,
	 "Of each connection, how much may wait in the kernel to be sent; 0: no limit (128KiB)", 0},
	{"backlog", OPTION_BACKLOG, "N", 0,
	 "Connections that may wait to be accepted (as many as net.core.somaxconn allows)", 0},
	{"accepts-per-turn", OPTION_ACCEPTS, "N", 0,
	 "Of those, how many are accepted before others have their turn (64)", 0},
	{"events-per-wait", OPTION_EVENTS, "N", 0,
	 "What a loop on epoll learns with one wait (256)", 0},
	{"buffer", OPTION_BUFFER, "BYTES", 0,
	 "Received with one call at most, into a buffer that a loop's connections share (16KiB)",
	 0},
	{"header-timeout", OPTION_LIMITS + HTTP_HEADER, "TIME", 0,
	 "For the header block of a request, from its first byte or the connection's begin (60s)",
	 0},
	{"body-timeout", OPTION_LIMITS + HTTP_BODY, "TIME", 0,
	 "For each byte of a body, and for all of it, with 1s more for each 4 KiB (60s)", 0},
	{"write-timeout", OPTION_LIMITS + HTTP_SENDING, "TIME", 0,
	 "The same, for the bytes of an answer that the client takes (60s)", 0},
	{"idle-timeout", OPTION_LIMITS + HTTP_IDLE, "TIME", 0,
	 "Between two requests of a connection (75s). For all four: 0 is no limit", 0},
	{"database", OPTION_DATABASE, "CONNINFO", 0,
	 "PostgreSQL for /query/ID, by libpq's keywords or a URL: \"host=/run/postgresql dbname=me\"",
	 0},
	{"database-connections", OPTION_DATABASE_CONNECTIONS, "N", 0,
	 "Connections to it at most, of all threads or loops together; processes have one each (16)",
	 0},
	{"backend", OPTION_BACKEND, "HOST:PORT", 0,
	 "The server that /fetch/MS asks for its /wait/MS", 0},
	{"fetch-connections", OPTION_FETCH_CONNECTIONS, "N", 0,
	 "Connections to it that are kept while idle, in each loop or process; 0: a fresh one for each request (64)",
	 0},
	{"describe", OPTION_DESCRIBE, NULL, 0, "Print what this model is as JSON, and exit", 0},
	{"inject", OPTION_INJECT, "KIND=VALUE", 0,
	 "For tests of measuring instruments only: a fault of known size: cpu=TIME or syscall for each "
	 "request, bytes=BYTES for each connection, sleep=TIME, slow=1/N:TIME, fail=1/N of answers",
	 0},
	{"test-value", OPTION_TEST_VALUE, "N", OPTION_HIDDEN, "What a test model makes of it", 0},
	{0}};

static const struct server_variant *find_variant(const char *name)
{
	const struct server_variant *variant = server_model.variants;

	for (; variant && variant->name; variant++)
		if (strcmp(variant->name, name) == 0)
			return variant;
	return NULL;
}

/* As nginx has them: long enough for whoever is slow, but not forever. */
static const struct http_limits usual_limits = {{
	[HTTP_HEADER] = 60 * NS_PER_S / TICK_NS + 1,
	[HTTP_BODY] = 60 * NS_PER_S / TICK_NS + 1,
	[HTTP_SENDING] = 60 * NS_PER_S / TICK_NS + 1,
	[HTTP_IDLE] = 75 * NS_PER_S / TICK_NS + 1,
}};

/* A limit that is not kept must not look as if it were. */
static void require_limit(int which, struct argp_state *state)
{
	if (server_model.lacks & 1u << which)
		argp_error(state, "server-%s cannot keep that limit", server_model.name);
}

/* The floor answers without core, so that nothing would come of it. */
static void parse_injection(const char *argument, struct argp_state *state)
{
	struct error error;

	if (server_model.traits & MODEL_FLOOR)
		argp_error(state, "--inject: server-%s does nothing that could be made to fail",
			   server_model.name);
	if (inject_ask(argument, &error) < 0)
		argp_error(state, "%s", error.text);
}

/* An option without a meaning must not look as if it had one. Asked when the variant is known. */
static void require_meaning(const struct server_options *options, struct argp_state *state)
{
	const struct server_variant *other = server_model.variants;
	unsigned takes = server_takes(options->variant);

	for (const struct model_option_row *row = model_option_rows; row->name; row++) {
		if (!(options->given & ~takes & row->option))
			continue;
		while (other && other->name && !(server_takes(other) & row->option))
			other++;
		if (other && other->name)
			argp_error(state, "--%s: server-%s has %s, but its variant %s has",
				   row->name, server_model.name, row->missing, other->name);
		else
			argp_error(state, "--%s: server-%s has %s", row->name, server_model.name,
				   row->missing);
	}
}

static void parse_limit(int key, const char *argument, struct argp_state *state)
{
	struct server_options *options = state->input;
	struct error error;
	uint64_t ns;

	require_limit(key - OPTION_LIMITS, state);
	if (units_parse_integer(UNIT_DURATION, argument, &ns, &error) < 0)
		argp_error(state, "a timeout: %s", error.text);
	options->terms.limits.ticks[key - OPTION_LIMITS] = ticks_lasting(ns);
}

#define AT(member) offsetof(struct server_options, member)

static const struct number_option number_options[] = {
	{OPTION_WORKERS, "workers", UNIT_COUNT, 1, 4096, "1 to 4096", false, AT(workers),
	 MODEL_WORKERS},
	{OPTION_OFFLOAD, "offload", UNIT_COUNT, 0, 4096, "0 to 4096", false, AT(offload),
	 MODEL_OFFLOAD},
	{OPTION_SEND_BUFFER, "send-buffer", UNIT_BYTES, 1 << 12, 1 << 30,
	 "4KiB to 1GiB; 0 is no limit", true, AT(terms.send_buffer_bytes), 0},
	{OPTION_BACKLOG, "backlog", UNIT_COUNT, 1, 65535, "1 to 65535", false, AT(terms.backlog),
	 0},
	{OPTION_ACCEPTS, "accepts-per-turn", UNIT_COUNT, 1, 65535, "1 to 65535", false,
	 AT(terms.accepts_per_turn), MODEL_ACCEPTS},
	{OPTION_EVENTS, "events-per-wait", UNIT_COUNT, 1, 65535, "1 to 65535", false,
	 AT(events_per_wait), MODEL_EVENTS},
	{OPTION_BUFFER, "buffer", UNIT_BYTES, 1 << 9, 1 << 24, "512B to 16MiB", false,
	 AT(terms.input_bytes), MODEL_BUFFER},
	{0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct server_options *options = state->input;
	const struct server_variant *variant;
	struct error error;
	uint64_t number;
	char *end;
	long fd;

	switch (key) {
	case OPTION_LISTEN:
		options->listen = argument;
		return 0;
	case OPTION_READY:
		fd = strtol(argument, &end, 10);
		if (*end || end == argument || fd < 0 || fd > 1 << 20)
			argp_error(state, "--ready-fd: \"%s\" is no descriptor number", argument);
		if (fcntl((int)fd, F_GETFD) < 0) /* before one of ours has that number */
			argp_error(state, "--ready-fd %ld: %s", fd, strerror(errno));
		options->ready_fd = (int)fd;
		return 0;
	case OPTION_STACK:
	case OPTION_TEST_VALUE:
		if (units_parse_integer(UNIT_BYTES, argument, &number, &error) < 0)
			argp_error(state, "--%s: %s",
				   key == OPTION_STACK ? "stack-size" : "test-value", error.text);
		*(key == OPTION_STACK ? &options->stack_bytes : &options->test_value) = number;
		options->given |= key == OPTION_STACK ? MODEL_STACKS : 0;
		return 0;
	case OPTION_MAX_CONNECTIONS:
		require_limit(MODEL_CONNECTIONS, state);
		if (units_parse_integer(UNIT_COUNT, argument, &options->terms.max_connections,
					&error) < 0)
			argp_error(state, "--max-connections: %s", error.text);
		return 0;
	case OPTION_INJECT:
		parse_injection(argument, state);
		return 0;
	case OPTION_LIMITS + HTTP_HEADER:
	case OPTION_LIMITS + HTTP_BODY:
	case OPTION_LIMITS + HTTP_SENDING:
	case OPTION_LIMITS + HTTP_IDLE:
		parse_limit(key, argument, state);
		return 0;
	case OPTION_VARIANT:
		variant = find_variant(argument);
		if (!variant)
			argp_error(state, "%s has no variant \"%s\"; --describe lists them",
				   server_model.name, argument);
		else
			server_choose_variant(options, variant);
		return 0;
	case OPTION_DESCRIBE:
		server_describe(options, option_table);
		exit(0);
	case ARGP_KEY_END:
		require_meaning(options, state);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument \"%s\"", argument);
		return EINVAL;
	default:
		return number_option_parse(number_options, key, argument, state)
			       ? 0
			       : task_options_parse(key, argument, state);
	}
}

/* The same ground for every model: no huge pages, every descriptor we may have, no SIGPIPE. */
static void prepare_process(void)
{
	struct rlimit limit;

	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	signal(SIGPIPE, SIG_IGN);
}

/* Called when all that serves is there. */
static int announce(struct listener *listener)
{
	const struct server_options *options = listener->ready_context;
	char injected[INJECT_TEXT_BYTES];

	inject_describe(injected);
	if (options->ready_fd < 0) {
		fprintf(stderr, "server-%s: serving on port %u%s%s; stop with Ctrl-C\n",
			server_model.name, listener->port,
			*injected ? ", with faults on purpose: " : "", injected);
		return 0;
	}
	if (dprintf(options->ready_fd, "{\"event\":\"ready\",\"port\":%u%s%s%s}\n", listener->port,
		    *injected ? ",\"injected\":\"" : "", injected, *injected ? "\"" : "") < 0) {
		int failure = -errno;

		error_set(listener->error, "--ready-fd %d: %s", options->ready_fd,
			  strerror(-failure));
		return failure;
	}
	close(options->ready_fd);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct argp parser = {
		.options = option_table, .parser = parse_option, .doc = documentation};
	struct server_options options = {.listen = "127.0.0.1:8080",
					 .ready_fd = -1,
					 .terms.limits = usual_limits,
					 .terms.accepts_per_turn = ACCEPTS_PER_TURN,
					 .terms.input_bytes = HTTP_INPUT_BYTES,
					 .events_per_wait = EVENTS_PER_WAIT,
					 .terms.send_buffer_bytes = SEND_BUFFER_USUAL,
					 .database_connections = DATABASE_CONNECTIONS_USUAL,
					 .fetch_connections = BACKEND_IDLE_USUAL};
	struct listener listener;
	struct error error;
	int result;

	command_line_guard_output();
	result = command_line_read(&parser, argc, argv, &options);
	if (result) {
		fprintf(stderr, "server-%s: %s\n", server_model.name, strerror(result));
		return 1;
	}
	prepare_process();
	result = counters_open();
	if (result == 0)
		result = inject_open();
	if (result < 0) {
		fprintf(stderr, "server-%s: no memory to share: %s\n", server_model.name,
			strerror(-result));
		return 1;
	}
	if ((server_model.prepare && server_model.prepare(&options, &error) < 0) ||
	    task_options_open(&options, &error) < 0 ||
	    listener_open(&listener, options.listen, &options.terms, &error) < 0) {
		fprintf(stderr, "server-%s: %s\n", server_model.name, error.text);
		return 1;
	}
	listener.ready = announce;
	listener.ready_context = &options;
	listener.error = &error;
	error.text[0] = '\0';
	result = server_model.run(&options, &listener);
	if (result < 0)
		fprintf(stderr, "server-%s: %s\n", server_model.name,
			*error.text ? error.text : strerror(-result));
	listener_close(&listener);
	/* The stop's descriptor stays: a thread that nobody waited for may still be in the handler. */
	if (!(server_model.traits & MODEL_FLOOR)) /* which counts but a part */
		counters_print(STDERR_FILENO);
	return result < 0 ? 1 : 0;
}
