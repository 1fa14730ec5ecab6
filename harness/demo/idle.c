/*
 * What silent connections cost in CPU time: poll shows the kernel the whole list at each call, epoll is told who is
 * ready.
 */
#include "harness/demo/demonstration.h"
#include "lib/clock.h"

static void describe(const char *connections, struct text_buffer *out)
{
	text_append_format(out,
			   "Each has %s connections; one in a hundred asks, 200 requests a second "
			   "in all.",
			   connections);
}

static void conclude(const struct demo_figures *figures, struct text_buffer *out)
{
	text_append_format(out,
			   "In the middle second of %zu the server with %s connections, nearly all "
			   "silent, took %s of a core with poll and %s with epoll%s%s.",
			   figures->columns, figures->connections, figures->value[0][0],
			   figures->value[0][1], figures->times[0],
			   *figures->times[0] ? " as much" : "");
}

const struct demonstration demo_idle = {
	.name = "idle",
	.summary = "most connections are silent: what does it cost in CPU time to be shown all of "
		   "them, and to be told who is ready?",
	.subjects = {{"poll", "", "shows the kernel all connections at each call"},
		     {"epoll", "", "is told which of them are ready"}},
	.loads = {{.method = "GET",
		   .target = "/plaintext",
		   .connections = 2000,
		   .active_percent = 1,
		   .rate_per_s = 200,
		   .warmup_ns = 500 * NS_PER_MS}},
	.load_count = 1,
	.connections_least = 100,
	.series = {{"CPU", UNIT_RATIO, offsetof(struct demo_column, cpu_ratio)},
		   {"answers", UNIT_RATE, offsetof(struct demo_column, answers_per_s)}},
	.describe = describe,
	.conclude = conclude,
	.measured_by = "tenk run active",
};
