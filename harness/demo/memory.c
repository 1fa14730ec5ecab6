/* What an open connection costs that is silent: a thread with its stacks, or a record in a loop. */
#include "harness/demo/demonstration.h"
#include "lib/clock.h"

static void describe(const char *connections, struct text_buffer *out)
{
	text_append_format(out,
			   "To each, %s connections are opened step by step, used once and held "
			   "silent: memory per connection.",
			   connections);
}

static void conclude(const struct demo_figures *figures, struct text_buffer *out)
{
	enum { PROCESS, KERNEL, BOTH };

	text_append_format(
		out,
		"At %s connections each cost %s of the process with a thread of its own and "
		"%s in a loop",
		figures->connections, figures->value[PROCESS][0], figures->value[PROCESS][1]);
	if (*figures->times[BOTH])
		text_append_format(
			out, ", and of the kernel %s and %s; together %s and %s%s as much.",
			figures->value[KERNEL][0], figures->value[KERNEL][1],
			figures->value[BOTH][0], figures->value[BOTH][1], figures->times[BOTH]);
	else
		text_append_format(out, "%s%s; what the kernel has for them is not known here.",
				   figures->times[PROCESS],
				   *figures->times[PROCESS] ? " as much" : "");
}

const struct demonstration demo_memory = {
	.name = "memory",
	.summary = "connections are opened and held: what does each take of the process and of the "
		   "kernel, with a thread each and in a loop?",
	.subjects = {{"thread-per-connection", "", "a thread waits for each connection"},
		     {"epoll", "", "one thread waits for all of them"}},
	.loads = {{.method = "GET",
		   .target = "/plaintext",
		   .connections = 2000,
		   .idle = true,
		   .warmup_ns = 100 * NS_PER_MS}},
	.load_count = 1,
	.connections_least = 100,
	.grows = true,
	.series = {{"process", UNIT_BYTES, offsetof(struct demo_column, process_bytes)},
		   {"kernel", UNIT_BYTES, offsetof(struct demo_column, kernel_bytes)},
		   {"together", UNIT_BYTES, offsetof(struct demo_column, together_bytes)}},
	.last = true,
	.describe = describe,
	.conclude = conclude,
	.measured_by = "tenk run memory",
};
