/*
 * compare-formats: writes a comparison that was made up in the formats of `tenk compare`, so that the
 * tests can read each outcome, and names that try to break out of every format.
 *
 * Try: compare-formats every --junit - --json every.json
 */
#include "lib/command_line.h"
#include "lib/json.h"
#include "report/compare/outputs.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOSTILE \
	"a|b <c> \"d\" 'e' `f` 100% \n::error::g, \\h\\ [i](j) ]]> &amp; \xc3\xbc \033[31m \xff \xc2\x9b \xef\xbf\xbf *k*"

/* Of a metric in one cell; `metric` is an index of `metrics`. */
struct row {
	int metric;
	const char *cell;
	struct comparison is;
};

static const char *const metrics[][4] = {
	{"server_cpu_per_request_ns", "Server CPU per request", "ns", "lower"},
	{"requests_per_s", "Requests per second", "per_s", "higher"},
	{"latency_p50_ns", "Response time, median", "ns", "lower"},
	{"total_per_connection_bytes", "Total memory per connection", "bytes", "lower"},
	{"error_count", "Errors", "count", "lower"},
	{"system_calls_per_request", "System calls per request", "count", "lower"},
	{"latency_p99_ns", "Response time, p99", "ns", "lower"},
	{"server_system_share_ratio", "Share of the kernel", "ratio", "lower"},
	{"hostile|\"<key>\n", HOSTILE, "per \"second\"", "lower"},
};

enum { CPU, RATE, P50, MEMORY, ERRORS, CALLS, P99, SHARE, HOSTILE_METRIC, METRICS };

#define BUSY  "throughput, 64 connections"
#define PACED "latency, 5k/s offered"

static const struct row every[] = {
	{CPU,
	 BUSY,
	 {.outcome = COMPARISON_OK,
	  .gating = true,
	  .a = 5620,
	  .b = 5603,
	  .change = -0.003,
	  .low = -0.009,
	  .high = 0.004,
	  .coverage = 0.951,
	  .smallest = 0.02,
	  .p = 0.9999,
	  .p_adjusted = 1,
	  .sign_p = 1,
	  .pairs = 20,
	  .detectable = 0.012}},
	{RATE,
	 BUSY,
	 {.outcome = COMPARISON_REGRESSION,
	  .gating = true,
	  .a = 171300,
	  .b = 162400,
	  .change = -0.052,
	  .low = -0.0604,
	  .high = -0.0441,
	  .coverage = 0.951,
	  .smallest = 0.02,
	  .p = 0.0000019,
	  .p_adjusted = 0.0000114,
	  .sign_p = 0.00002,
	  .pairs = 20,
	  .detectable = 0.0131}},
	{P50,
	 PACED,
	 {.outcome = COMPARISON_INCONCLUSIVE,
	  .gating = true,
	  .a = 101234,
	  .b = 102750,
	  .change = 0.015,
	  .low = -0.005,
	  .high = 0.035,
	  .coverage = 0.951,
	  .smallest = 0.03,
	  .p = 0.07,
	  .p_adjusted = 0.21,
	  .sign_p = 0.13,
	  .pairs = 20,
	  .detectable = 0.044,
	  .pairs_needed = 38,
	  .why = "the interval reaches beyond what matters"}},
	{MEMORY,
	 "memory",
	 {.scale = COMPARISON_DIFFERENCE,
	  .outcome = COMPARISON_IMPROVEMENT,
	  .gating = true,
	  .a = 4096,
	  .b = 3072,
	  .change = -1024,
	  .low = -1034.5,
	  .high = -1001,
	  .coverage = 0.951,
	  .smallest = 81.92,
	  .p = 1,
	  .p_adjusted = 1,
	  .sign_p = 1,
	  .pairs = 20,
	  .detectable = 60}},
	{ERRORS,
	 BUSY,
	 {.scale = COMPARISON_COUNT,
	  .outcome = COMPARISON_OK,
	  .gating = true,
	  .a = 0,
	  .b = 0.0000012,
	  .change = 0.0000012,
	  .low = -INFINITY,
	  .high = 0.0000043,
	  .coverage = 0.95,
	  .smallest = 0.0001,
	  .p = 0.99,
	  .p_adjusted = 1,
	  .sign_p = NAN,
	  .pairs = 20,
	  .detectable = NAN}},
	{CALLS,
	 BUSY,
	 {.outcome = COMPARISON_INVALID,
	  .gating = true,
	  .a = NAN,
	  .b = NAN,
	  .change = NAN,
	  .low = NAN,
	  .high = NAN,
	  .coverage = NAN,
	  .smallest = 0.02,
	  .p = NAN,
	  .p_adjusted = NAN,
	  .sign_p = NAN,
	  .detectable = NAN,
	  .why = "the kernel does not let us count"}},
	{CALLS,
	 PACED,
	 {.scale = COMPARISON_DIFFERENCE,
	  .outcome = COMPARISON_REGRESSION,
	  .gating = true,
	  .accepted = true,
	  .a = 2,
	  .b = 3,
	  .change = 1,
	  .low = 1,
	  .high = 1,
	  .coverage = 0.998,
	  .smallest = 0.05,
	  .p = 0.000001,
	  .p_adjusted = 0.000005,
	  .sign_p = 0.000001,
	  .pairs = 20,
	  .detectable = 0.05,
	  .why = "a timer that every request now has, until 2027-01-01"}},
	{P99,
	 PACED,
	 {.outcome = COMPARISON_REGRESSION,
	  .a = 152000,
	  .b = 260000,
	  .change = 0.71,
	  .low = 0.66,
	  .high = INFINITY,
	  .coverage = 0.9,
	  .smallest = 0.1,
	  .p = 0.0001,
	  .p_adjusted = NAN,
	  .sign_p = NAN,
	  .pairs = 9,
	  .detectable = 0.3}},
	{SHARE,
	 PACED,
	 {.outcome = COMPARISON_OK,
	  .a = 0.8312,
	  .b = 0.8314,
	  .change = 0.0002,
	  .low = -0.0004,
	  .high = 0.0007,
	  .coverage = 0.951,
	  .smallest = 0.02,
	  .p = 1,
	  .p_adjusted = NAN,
	  .sign_p = NAN,
	  .pairs = 20,
	  .detectable = 0.001}},
};

static const struct row hostile[] = {
	{HOSTILE_METRIC,
	 HOSTILE,
	 {.outcome = COMPARISON_REGRESSION,
	  .gating = true,
	  .a = 1,
	  .b = 2,
	  .change = 1,
	  .low = 0.9,
	  .high = 1.1,
	  .coverage = 0.95,
	  .smallest = 0.02,
	  .p = 0.001,
	  .p_adjusted = 0.001,
	  .sign_p = 0.001,
	  .pairs = 10,
	  .detectable = 0.03,
	  .why = HOSTILE}},
	{CPU,
	 HOSTILE,
	 {.outcome = COMPARISON_INVALID,
	  .gating = true,
	  .a = NAN,
	  .b = NAN,
	  .change = NAN,
	  .low = NAN,
	  .high = NAN,
	  .coverage = NAN,
	  .smallest = NAN,
	  .p = NAN,
	  .p_adjusted = NAN,
	  .sign_p = NAN,
	  .detectable = NAN,
	  .why = HOSTILE}},
};

static const struct row one[] = {
	{CPU,
	 BUSY,
	 {.outcome = COMPARISON_OK,
	  .gating = true,
	  .a = 5620,
	  .b = 5603,
	  .change = -0.003,
	  .low = -0.009,
	  .high = 0.004,
	  .coverage = 0.951,
	  .smallest = 0.02,
	  .p = 0.9999,
	  .p_adjusted = 1,
	  .sign_p = 1,
	  .pairs = 20,
	  .detectable = 0.012}},
};

enum { ROWS_MOST = 64 };

static char hostile_warning[] = HOSTILE, warning[] = "4 of 20 blocks were unsteady", *warnings[1];

/* Every metric in many cells, one worse than the other. */
static size_t make_many(struct row rows[ROWS_MOST], char cells[ROWS_MOST][32])
{
	for (size_t i = 0; i < ROWS_MOST; i++) {
		struct comparison *is = &rows[i].is;

		rows[i] = every[1];
		rows[i].metric = (int)(i % HOSTILE_METRIC);
		rows[i].cell = cells[i];
		snprintf(cells[i], 32, "%zu connections", i / HOSTILE_METRIC + 1);
		is->outcome = (enum comparison_outcome)(i % 5);
		is->gating = i % 3 > 0;
	}
	return ROWS_MOST;
}

static json_t *describe_metrics(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < METRICS; i++) {
		/* As a title that is no UTF-8 cannot come out of a file, it is cut before that. */
		const char *title = metrics[i][1];
		size_t length = strcspn(title, "\xff");

		json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:s}", "key", metrics[i][0],
						      "title", json_stringn(title, length), "unit",
						      metrics[i][2], "better", metrics[i][3]));
	}
	return list;
}

static const struct fixture {
	const char *name;
	const struct row *rows;
	size_t count;
} fixtures[] = {
	{"every", every, sizeof every / sizeof *every},
	{"hostile", hostile, sizeof hostile / sizeof *hostile},
	{"one", one, 1},
	{"advice", one, 1},
	{"empty", NULL, 0},
	{"many", NULL, ROWS_MOST},
};

struct arguments {
	struct compare_outputs outputs;
	const struct fixture *fixture;
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->outputs;
		return 0;
	case ARGP_KEY_ARG:
		for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++)
			if (strcmp(fixtures[i].name, text) == 0)
				arguments->fixture = &fixtures[i];
		return 0;
	case ARGP_KEY_END:
		if (!arguments->fixture)
			argp_error(state, "which fixture?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void fill(struct comparisons *comparisons, const struct row *rows, const json_t *descriptors)
{
	comparisons->items = calloc(comparisons->count + 1, sizeof *comparisons->items);
	if (!comparisons->items)
		exit(1);
	for (size_t i = 0; i < comparisons->count; i++) {
		struct comparison *one_of = &comparisons->items[i];

		*one_of = rows[i].is;
		one_of->cell = (char *)(uintptr_t)rows[i].cell;
		one_of->metric = metrics[rows[i].metric][0];
		one_of->descriptor = json_array_get(descriptors, (size_t)rows[i].metric);
		if (one_of->gating && !one_of->accepted && one_of->outcome > comparisons->outcome)
			comparisons->outcome = one_of->outcome;
	}
}

int main(int argc, char **argv)
{
	static const struct argp_child children[] = {{&compare_outputs_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {NULL, parse_option, "FIXTURE", NULL, children, NULL, NULL};
	static char base[] = "epoll@base", head[] = "epoll@head", bad[] = HOSTILE;
	static char cells[ROWS_MOST][32];
	struct comparisons comparisons = {
		.a_label = base, .b_label = head, .paired = true, .gates = true};
	struct arguments arguments = {0};
	struct row many[ROWS_MOST] = {0};
	json_t *descriptors = describe_metrics();
	struct error error;
	int result;

	command_line_guard_output();
	command_line_read(&argp, argc, argv, &arguments);
	comparisons.count = arguments.fixture->count;
	if (strcmp(arguments.fixture->name, "hostile") == 0) {
		comparisons.a_label = comparisons.b_label = bad;
		warnings[0] = hostile_warning;
	} else {
		warnings[0] = warning;
	}
	comparisons.warnings = warnings;
	comparisons.warning_count = strcmp(arguments.fixture->name, "one") != 0;
	if (strcmp(arguments.fixture->name, "advice") == 0)
		comparisons.paired = comparisons.gates = false;
	if (arguments.fixture->rows || comparisons.count == 0) {
		fill(&comparisons, arguments.fixture->rows, descriptors);
	} else {
		make_many(many, cells);
		fill(&comparisons, many, descriptors);
	}
	result = compare_outputs_write(&arguments.outputs, &comparisons, &error);
	if (result < 0)
		fprintf(stderr, "%s\n", error.text);
	free(comparisons.items);
	json_decref(descriptors);
	return result < 0;
}
