/* What programs that observe themselves (servers/observed) print: each as many of these as it observes. */
#include "harness/measure/metrics_parts.h"

/* A row, with how its values are compared where key and unit do not say it. */
#define PRINTED(KEY, TITLE, UNIT, ...)                                                           \
	{                                                                                        \
		.key = KEY, .title = TITLE, .unit = UNIT, .better = "none", .group = "observed", \
		.applies = TO_OBSERVED, __VA_ARGS__                                              \
	}
#define COUNTED(SMALLEST) .compared_by = "difference", .smallest_absolute = SMALLEST

/* clang-format off */
static const struct metric rows[] = {
	/* Of this one the trial keeps each order with its count; a claim says which it expects. */
	PRINTED("observed_order", "Repeats in the order that is expected", "ratio"),

	PRINTED("earliest_1000ms_ratio", "What the earliest timer of 1,000 ms waited, over its delay", "ratio", COUNTED(1e-5)),
	PRINTED("earliest_1ms_ratio", "What the earliest timer of 1 ms waited, over its delay", "ratio", COUNTED(0.01)),
	PRINTED("earliest_stale_1000ms_ratio", "The same of 1,000 ms, started by a stale clock", "ratio", COUNTED(1e-5)),
	PRINTED("earliest_stale_1ms_ratio", "The same of 1 ms, started by a stale clock", "ratio", COUNTED(0.01)),
	PRINTED("timers_on_time_ratio", "Timers that fired no sooner than their delay", "ratio", COUNTED(0.001)),
	PRINTED("timer_busy_ns", "A timer of 1,000 ms while a call takes 1,300 ms", "ns"),

	PRINTED("timer_first_ratio", "Timer before I/O, both being ready", "ratio"),
	PRINTED("timer_first_after_timers_ratio", "Timer before I/O, both made ready by a timer's callback", "ratio"),
	PRINTED("timer_first_after_poll_ratio", "Timer before I/O, both made ready by an I/O callback", "ratio"),
	PRINTED("timer_first_after_check_ratio", "Timer before I/O, both made ready by a check callback", "ratio"),
	PRINTED("timer_first_after_prepare_ratio", "Timer before I/O, both made ready by a prepare callback", "ratio"),

	PRINTED("idle_threads", "Threads before any work", "count", COUNTED(0.5)),
	PRINTED("working_threads", "Threads at work", "count", COUNTED(0.5)),
	PRINTED("early_pool_ratio", "Threads of the pool that were there before its first call", "ratio"),

	PRINTED("through_pool_ratio", "Kinds of operation that the pool does", "ratio"),
	PRINTED("through_pool_file_ratio", "File reads that waited for the pool", "ratio"),
	PRINTED("through_pool_lookup_ratio", "Lookups of names (getaddrinfo) that waited for the pool", "ratio"),
	PRINTED("through_pool_crypto_ratio", "Cryptographic work that waited for the pool", "ratio"),
	PRINTED("through_pool_socket_ratio", "Answers of sockets that waited for the pool", "ratio"),
	PRINTED("through_pool_resolve_ratio", "DNS queries that waited for the pool", "ratio"),
	PRINTED("through_pool_timer_ratio", "Timers that waited for the pool", "ratio"),

	PRINTED("pool_waiting_per_s", "Calls that block in the pool for 10 ms", "per_s"),
	PRINTED("pool_crypto_per_s", "Cryptographic work in the pool", "per_s"),
	PRINTED("pool_lookup_per_s", "Lookups of names in the pool", "per_s"),
	PRINTED("pool_cached_read_per_s", "Reads of a file in memory in the pool", "per_s"),
	PRINTED("pool_cold_read_per_s", "Reads of a file on disk in the pool", "per_s"),
	PRINTED("pool_crypto_cores", "Cores that cryptographic work in the pool kept busy", "count", COUNTED(0.05)),

	PRINTED("pending_count", "Callbacks that were pending at once, and all ran", "count", COUNTED(0.5)),
	PRINTED("pending_timer_bytes", "Memory of a pending timer", "bytes", COUNTED(8)),
	PRINTED("pending_wait_bytes", "Memory of a pending wait", "bytes", COUNTED(8)),
	PRINTED("pending_fired_ns", "Time in which all pending callbacks ran", "ns"),

	PRINTED("handover_ns", "To have a task done by another thread", "ns"),
	PRINTED("switching_energy_ratio", "Energy of work that is switched, over the same without", "ratio"),
};
/* clang-format on */

const struct metric_rows metrics_of_programs = {rows, sizeof rows / sizeof *rows};
