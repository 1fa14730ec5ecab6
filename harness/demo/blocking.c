/*
 * What blocks in a loop stops everybody for as long as it takes. Both answer as many requests a second, so the
 * rate does not tell; who waits does.
 */
#include "harness/demo/demonstration.h"
#include "lib/clock.h"

static void describe(const char *connections, struct text_buffer *out)
{
	text_append_format(out,
			   "Each gets 200 quick requests a second on %s connections, and 2 that "
			   "block for 100 ms.",
			   connections);
}

static void conclude(const struct demo_figures *figures, struct text_buffer *out)
{
	text_append_format(
		out,
		"In the middle second of %zu the slowest quick answers took %s where the "
		"loop blocks and %s where 16 threads block for it%s%s.",
		figures->columns, figures->value[0][0], figures->value[0][1], figures->times[0],
		*figures->times[0] ? " as long" : "");
}

const struct demonstration demo_blocking = {
	.name = "blocking",
	.summary =
		"a few requests block: how long do the quick ones wait, in a loop that blocks with "
		"them and in one with threads for it?",
	.subjects = {{"epoll", "", "its loop runs what blocks, and all others wait"},
		     {"epoll", "16", "its loop hands what blocks to threads"}},
	.loads = {{.method = "GET",
		   .target = "/plaintext",
		   .connections = 64,
		   .rate_per_s = 200,
		   .warmup_ns = 500 * NS_PER_MS},
		  {.method = "GET",
		   .target = "/block/100",
		   .connections = 8,
		   .rate_per_s = 2,
		   .warmup_ns = 500 * NS_PER_MS}},
	.load_count = 2,
	.connections_least = 64,
	.series = {{"slowest", UNIT_DURATION, offsetof(struct demo_column, slowest_ns)},
		   {"answers", UNIT_RATE, offsetof(struct demo_column, answers_per_s)}},
	.describe = describe,
	.conclude = conclude,
	.measured_by = "tenk run offload-tails",
};
