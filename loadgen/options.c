#include "loadgen/options.h"

#include "lib/clock.h"
#include "lib/command_line.h"
#include "lib/slices_patience.h"
#include "loadgen/options_rows.h"

#include <stdlib.h>

#ifndef TENK_VERSION
#error "TENK_VERSION must be defined by the build"
#endif

enum { KEY_FIRST = 256 };

/* Of a load that ends with the last of so many requests. */
#define LONGEST_NS (24 * 3600 * NS_PER_S)

const char *argp_program_version = "tenk-load " TENK_VERSION;

const char *const arrivals_names[ARRIVALS_COUNT] = {
	[ARRIVALS_CLOSED] = "closed",
	[ARRIVALS_CONSTANT] = "constant",
	[ARRIVALS_POISSON] = "poisson",
	[ARRIVALS_BURST] = "burst",
};

const char *const closing_names[CLOSING_COUNT] = {
	[CLOSING_RESET] = "reset",
	[CLOSING_FIN] = "fin",
};

const struct options options_default = {
	.connections = 64,
	.duration_ns = 10 * NS_PER_S,
	.warmup_ns = NS_PER_S,
	.timeout_ns = 10 * NS_PER_S,
	.drain_ns = UINT64_MAX,
	.seed = 1,
	.percentiles = {50, 90, 99, 99.9},
	.percentile_count = 4,
	.pipelining = 1,
	.closing = CLOSING_COUNT,
	.slow_bytes_per_s = 10,
	.tls_sessions = true,
	.expect.status_low = 200,
	.expect.status_high = 299,
	.expect.length = EXPECTED_LEARN_LENGTH,
	.events_fd = -1,
	.patience_ns = SLICES_PATIENCE_NS,
};

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
	"How much does it bear, if 99 of 100 answers are to come within 10 ms?\n"
	"  tenk-load --find-max 10ms http://127.0.0.1:8080/json\n"
	"\n"
	"What do 10,000 open connections cost? Each is used once, then held silent:\n"
	"  tenk-load --connections 0 --idle 10k http://127.0.0.1:8080/plaintext\n"
	"\n"
	"Post a file, and compare what comes back:\n"
	"  tenk-load --body @a.json --expect-body @a.json http://127.0.0.1:8080/echo\n"
	"\n"
	"Nine reads for a write:\n"
	"  tenk-load --request \"9 GET /json\" --request \"1 POST /echo @a.json\" \\\n"
	"    http://127.0.0.1:8080\n"
	"\n"
	"What becomes of quick requests while one of a hundred blocks?\n"
	"  tenk-load --rate 500 --request \"99:quick GET /plaintext\" \\\n"
	"    --request \"1:slow GET /block/50\" http://127.0.0.1:8080\n"
	"\n"
	"Put stored results together (tenk-load merge --help):\n"
	"  tenk-load merge a.json b.json --json all.json\n"
	"\n"
	"Exit status: 0 all was well; 1 nothing answered, wrong answers, errors, the\n"
	"server vanished, or a search held no rate; 2 wrong use; 3 a rate was not borne\n"
	"(less than 99 % of what was due answered, or later and later); 4 what --fail-if\n"
	"says holds; 5 a file could not be written; 130 interrupted\n"
	"(what was measured until then is reported). SIGUSR1 ends the measured window early, as\n"
	"if its time were up; with --slices-fd, all. How it measures: docs/load-generator.md.";

static void complete_expected(struct expected *expected)
{
	if (expected->body)
		expected->length = expected->body_bytes;
}

/* What follows from what was said. */
static void complete(struct options *options)
{
	if (options->requests_max > 0) {
		if (!options_were_given(options, "warmup"))
			options->warmup_ns = 0;
		if (!options_were_given(options, "duration"))
			options->duration_ns = LONGEST_NS;
	}
	options->in_slices = options_were_given(options, "slices-fd");
	if (options->drain_ns == UINT64_MAX)
		options->drain_ns = options->timeout_ns;
	/* Where it is measured how connections come and go, they go as those of clients do. */
	if (options->closing == CLOSING_COUNT)
		options->closing = options->requests_per_connection > 0 ? CLOSING_FIN
									: CLOSING_RESET;
	if (!options->method)
		options->method = options->body ? "POST" : "GET";
	complete_expected(&options->expect);
	for (size_t i = 0; i < options->request_count; i++)
		complete_expected(&options->request_expect[i]);
	if (options->find_max_ns)
		options->arrivals = ARRIVALS_POISSON;
	if (options->burst)
		options->arrivals = ARRIVALS_BURST;
	if (options->stages.count > 0) {
		options->duration_ns = stages_duration_ns(&options->stages);
		if (options->stages.of_connections)
			options->connections = (uint64_t)stages_peak(&options->stages);
		else
			options->rate_per_s = options->stages.stage[0].from;
	}
	if (options->arrivals == ARRIVALS_CLOSED &&
	    (options->rate_per_s > 0 || (options->stages.count && !options->stages.of_connections)))
		options->arrivals = ARRIVALS_CONSTANT;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct options *options = state->input;
	const struct option_row *row = NULL;
	const char *contradiction;
	struct error error;

	if (key == ARGP_KEY_ARG) {
		if (options->url)
			argp_error(state, "one URL is enough: \"%s\" is left over", text);
		options->url = text;
		return 0;
	}
	if (key == ARGP_KEY_END) {
		contradiction = options_find_contradiction(options);
		if (contradiction)
			argp_error(state, "%s", contradiction);
		complete(options);
		return 0;
	}
	for (size_t i = 0; i < option_row_count; i++)
		if (option_rows[i].name &&
		    key == (option_rows[i].letter ? option_rows[i].letter : KEY_FIRST + (int)i))
			row = &option_rows[i];
	if (!row)
		return ARGP_ERR_UNKNOWN;
	if (row->read(options, row, text, &error) < 0)
		argp_error(state, "--%s: %s", row->name, error.text);
	options->given |= UINT64_C(1) << (row - option_rows);
	return 0;
}

/* The rows as argp wants them, each heading beginning a group. */
static void fill_argp(struct argp_option *list)
{
	int group = 0;

	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		list[i] = (struct argp_option){
			.name = row->name,
			.key = row->letter ? row->letter : KEY_FIRST + (int)i,
			.arg = row->argument,
			.flags = row->argument_is_optional ? OPTION_ARG_OPTIONAL : 0,
			.doc = row->help,
			.group = row->name ? 0 : ++group,
		};
		if (!row->name)
			list[i].key = 0;
	}
}

void options_parse(struct options *options, int argc, char **argv)
{
	struct argp_option list[OPTION_ROWS_MAX + 1] = {0};
	struct argp argp = {
		.options = list, .parser = parse_option, .args_doc = "URL", .doc = documentation};

	*options = options_default;
	fill_argp(list);
	command_line_read(&argp, argc, argv, options);
}

void options_destroy(struct options *options)
{
	free(options->body);
	expected_destroy(&options->expect);
	for (size_t i = 0; i < options->request_count; i++)
		expected_destroy(&options->request_expect[i]);
}
