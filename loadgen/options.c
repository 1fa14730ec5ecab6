#include "loadgen/options.h"
#include "lib/clock.h"
#include "lib/units.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	KEY_THREADS = 't',
	KEY_CONNECTIONS = 'c',
	KEY_DURATION = 'd',
	KEY_RATE = 'r',
	KEY_HEADER = 'H',
	KEY_QUIET = 'q',
	KEY_WARMUP = 256,
	KEY_IDLE,
	KEY_TIMEOUT,
	KEY_METHOD,
	KEY_BODY,
	KEY_EXPECT_STATUS,
	KEY_EXPECT_BODY,
	KEY_EXPECT_LENGTH,
	KEY_JSON,
	KEY_LOG,
	KEY_INTERVALS,
	KEY_EVENTS,
};

enum { CONNECTIONS_MAX = 1000000, THREADS_MAX = 1024, FILE_READ_BYTES = 65536 };

#define TIME_MAX_NS (24 * 3600 * NS_PER_S)

#ifndef TENK_VERSION
#error "TENK_VERSION must be defined by the build"
#endif

const char *argp_program_version = "tenk-load " TENK_VERSION;

static const char documentation[] =
	"Puts load on an HTTP/1.1 server, checks every answer, and says how fast they came.\v"
	"Examples:\n"
	"\n"
	"How fast is it? Each of 64 connections sends when it has its answer:\n"
	"  tenk-load --connections 64 http://127.0.0.1:8080/plaintext\n"
	"\n"
	"How long does an answer take at 5,000 requests a second? Requests are sent\n"
	"on schedule, late or not, and latency counts from when each was due:\n"
	"  tenk-load --rate 5k/s --duration 30s http://127.0.0.1:8080/json\n"
	"\n"
	"What do 10,000 open connections cost? Each is used once, then held silent:\n"
	"  tenk-load --connections 0 --idle 10k http://127.0.0.1:8080/plaintext\n"
	"\n"
	"Post a file, and compare what comes back:\n"
	"  tenk-load --body @a.json --expect-body @a.json http://127.0.0.1:8080/echo\n"
	"\n"
	"Exit status: 0 all was well; 1 nothing answered, wrong answers, errors, or\n"
	"the server vanished; 2 wrong use; 130 interrupted (what was measured until\n"
	"then is reported). SIGUSR1 ends the measured window early, as if its time were\n"
	"up.";

static const struct argp_option option_table[] = {
	{NULL, 0, NULL, 0, "Load", 1},
	{"connections", KEY_CONNECTIONS, "N", 0, "connections that carry requests (64)", 0},
	{"threads", KEY_THREADS, "N", 0, "threads to drive them, an event loop each (1)", 0},
	{"rate", KEY_RATE, "RATE", 0,
	 "requests a second, at even distances (5k, 250/s); without it each connection sends as "
	 "soon as it has its answer",
	 0},
	{"idle", KEY_IDLE, "N", 0,
	 "connections to open besides, use once, and hold silent to the end (0)", 0},
	{"duration", KEY_DURATION, "TIME", 0, "how long to measure (10s)", 0},
	{"warmup", KEY_WARMUP, "TIME", 0, "how long to load before that, uncounted (1s)", 0},
	{"timeout", KEY_TIMEOUT, "TIME", 0, "the most that one request may take (10s)", 0},
	{NULL, 0, NULL, 0, "Request", 2},
	{"method", KEY_METHOD, "NAME", 0, "GET, or POST when there is a body", 0},
	{"header", KEY_HEADER, "LINE", 0, "add \"Name: value\"; may be repeated", 0},
	{"body", KEY_BODY, "TEXT|@FILE", 0, "what to send", 0},
	{NULL, 0, NULL, 0, "What a good answer is", 3},
	{"expect-status", KEY_EXPECT_STATUS, "CODE", 0, "204, or a class such as 3xx (2xx)", 0},
	{"expect-length", KEY_EXPECT_LENGTH, "BYTES", 0,
	 "length of the body, or \"any\"; without it all answers must be as long as the first good "
	 "one",
	 0},
	{"expect-body", KEY_EXPECT_BODY, "TEXT|@FILE", 0, "the body, byte for byte", 0},
	{NULL, 0, NULL, 0, "Output", 4},
	{"json", KEY_JSON, "FILE", 0, "everything, for programs (results/SCHEMA.md)", 0},
	{"log", KEY_LOG, "FILE", 0, "response times as a HdrHistogram log", 0},
	{"intervals", KEY_INTERVALS, "FILE", 0, "one line of JSON for each 100 ms", 0},
	{"events-fd", KEY_EVENTS, "N", 0, "write events to this descriptor as they happen", 0},
	{"quiet", KEY_QUIET, NULL, 0, "nothing on the screen but errors", 0},
	{0},
};

static void parse_integer(const struct argp_state *state, const char *option, enum unit_kind kind,
			  const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
	struct error error;

	if (units_parse_integer(kind, text, value, &error) < 0)
		argp_error(state, "--%s: %s", option, error.text);
	else if (*value < low)
		argp_error(state, "--%s: %s is too little", option, text);
	else if (*value > high)
		argp_error(state, "--%s: %s is too much", option, text);
}

/* Options that are a whole quantity within limits. */
static const struct quantity {
	int key;
	const char *name;
	enum unit_kind kind;
	uint64_t low, high;
	size_t offset; /* of the uint64_t in struct options */
} quantities[] = {
	{KEY_CONNECTIONS, "connections", UNIT_COUNT, 0, CONNECTIONS_MAX,
	 offsetof(struct options, connections)},
	{KEY_IDLE, "idle", UNIT_COUNT, 0, CONNECTIONS_MAX, offsetof(struct options, idle)},
	{KEY_THREADS, "threads", UNIT_COUNT, 1, THREADS_MAX, offsetof(struct options, threads)},
	{KEY_DURATION, "duration", UNIT_DURATION, NS_PER_MS, TIME_MAX_NS,
	 offsetof(struct options, duration_ns)},
	{KEY_WARMUP, "warmup", UNIT_DURATION, 0, TIME_MAX_NS, offsetof(struct options, warmup_ns)},
	{KEY_TIMEOUT, "timeout", UNIT_DURATION, NS_PER_MS, TIME_MAX_NS,
	 offsetof(struct options, timeout_ns)},
};

static bool parse_quantity(const struct argp_state *state, int key, const char *text)
{
	for (size_t i = 0; i < sizeof(quantities) / sizeof(quantities[0]); i++) {
		const struct quantity *q = &quantities[i];

		if (q->key != key)
			continue;
		parse_integer(state, q->name, q->kind, text, q->low, q->high,
			      (uint64_t *)((char *)state->input + q->offset));
		return true;
	}
	return false;
}

static void parse_rate(const struct argp_state *state, const char *text, double *rate)
{
	struct error error;

	if (units_parse_real(UNIT_RATE, text, rate, &error) < 0)
		argp_error(state, "--rate: %s", error.text);
	else if (*rate < 1e-3 || *rate > 1e9)
		argp_error(state, "--rate: %s is outside 0.001/s to 1000M/s", text);
}

/* "204" is itself; "3xx" is 300 to 399. */
static void parse_status(const struct argp_state *state, const char *text, struct options *options)
{
	size_t length = strlen(text), digits = strspn(text, "0123456789");
	unsigned low = 0, others = 0;

	if (length == 3 && digits == 3) {
		low = (unsigned)strtoul(text, NULL, 10);
	} else if (length == 3 && digits == 1 && text[1] == 'x' && text[2] == 'x') {
		low = 100 * (unsigned)(text[0] - '0');
		others = 99;
	}
	if (low < 100)
		argp_error(state, "--expect-status: \"%s\" is neither a status nor a class (2xx)",
			   text);
	options->status_low = low;
	options->status_high = low + others;
}

static int read_stream(FILE *file, char **data, size_t *size)
{
	for (;;) {
		char *larger = realloc(*data, *size + FILE_READ_BYTES);

		if (!larger)
			return -ENOMEM;
		*data = larger;
		errno = 0;
		*size += fread(*data + *size, 1, FILE_READ_BYTES, file);
		if (ferror(file))
			return errno ? -errno : -EIO;
		if (feof(file))
			return 0;
	}
}

/* "text", or the content of "@file"; "@@text" is "@text". */
static void read_content(const struct argp_state *state, const char *option, const char *text,
			 char **data, size_t *size)
{
	FILE *file;
	int result;

	free(*data);
	*data = NULL;
	*size = 0;
	if (text[0] != '@' || text[1] == '@') {
		text += text[0] == '@';
		*data = strdup(text);
		*size = strlen(text);
		if (!*data)
			argp_failure(state, 2, ENOMEM, "--%s", option);
		return;
	}
	file = fopen(text + 1, "re");
	if (!file) {
		argp_failure(state, 2, errno, "--%s: %s", option, text + 1);
		return;
	}
	result = read_stream(file, data, size);
	fclose(file);
	if (result < 0)
		argp_failure(state, 2, -result, "--%s: %s", option, text + 1);
}

static void parse_header(const struct argp_state *state, const char *text)
{
	struct options *options = state->input;

	if (options->header_count == OPTIONS_HEADERS_MAX)
		argp_error(state, "--header: more than %d", OPTIONS_HEADERS_MAX);
	else
		options->headers[options->header_count++] = text;
}

static void parse_end(const struct argp_state *state)
{
	struct options *options = state->input;

	if (!options->url)
		argp_error(state, "say what to load: http://HOST:PORT/PATH");
	if (options->connections == 0 && options->idle == 0)
		argp_error(state, "--connections 0 needs --idle N");
	if (options->connections == 0 && options->rate_per_s > 0)
		argp_error(state, "--rate needs connections to send on");
	if (!options->method)
		options->method = options->body ? "POST" : "GET";
	if (options->expect_body)
		options->expect_length = options->expect_body_bytes;
	/* A thread without a connection would have no way to send its share. */
	if (options->connections > 0 && options->threads > options->connections)
		options->threads = options->connections;
	if (options->connections == 0 && options->threads > options->idle)
		options->threads = options->idle;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct options *options = state->input;
	uint64_t descriptor = 0;

	if (parse_quantity(state, key, text))
		return 0;
	switch (key) {
	case KEY_RATE:
		parse_rate(state, text, &options->rate_per_s);
		return 0;
	case KEY_METHOD:
		options->method = text;
		return 0;
	case KEY_HEADER:
		parse_header(state, text);
		return 0;
	case KEY_BODY:
		read_content(state, "body", text, &options->body, &options->body_bytes);
		return 0;
	case KEY_EXPECT_STATUS:
		parse_status(state, text, options);
		return 0;
	case KEY_EXPECT_BODY:
		read_content(state, "expect-body", text, &options->expect_body,
			     &options->expect_body_bytes);
		return 0;
	case KEY_EXPECT_LENGTH:
		if (strcmp(text, "any") == 0)
			options->expect_length = OPTIONS_ANY_LENGTH;
		else
			parse_integer(state, "expect-length", UNIT_BYTES, text, 0, INT64_MAX,
				      &options->expect_length);
		return 0;
	case KEY_JSON:
		options->json_file = text;
		return 0;
	case KEY_LOG:
		options->log_file = text;
		return 0;
	case KEY_INTERVALS:
		options->intervals_file = text;
		return 0;
	case KEY_EVENTS:
		parse_integer(state, "events-fd", UNIT_COUNT, text, 0, 1 << 20, &descriptor);
		options->events_fd = (int)descriptor;
		return 0;
	case KEY_QUIET:
		options->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (options->url)
			argp_error(state, "one URL is enough: \"%s\" is left over", text);
		options->url = text;
		return 0;
	case ARGP_KEY_END:
		parse_end(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void options_parse(struct options *options, int argc, char **argv)
{
	static const struct argp argp = {.options = option_table,
					 .parser = parse_option,
					 .args_doc = "http://HOST:PORT/PATH",
					 .doc = documentation};

	*options = (struct options){
		.connections = 64,
		.threads = 1,
		.duration_ns = 10 * NS_PER_S,
		.warmup_ns = NS_PER_S,
		.timeout_ns = 10 * NS_PER_S,
		.status_low = 200,
		.status_high = 299,
		.expect_length = OPTIONS_LEARN_LENGTH,
		.events_fd = -1,
	};
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, options);
}

void options_destroy(struct options *options)
{
	free(options->body);
	free(options->expect_body);
}
