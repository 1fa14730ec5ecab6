#include "harness/metrics.h"

#include "lib/clock.h"

#include <math.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/*
 * A group is charged for up to 64 pages a core in advance: what it says of fewer connections than
 * these is no measure of one of them.
 */
enum { SLOPE_FROM = 1000 };

enum applies {
	TO_LOAD = 1,
	TO_MEMORY = 2,
	TO_OPEN_LOOP = 4,
	TO_BURST = 8,
	TO_COLLECTED = 16, /* of servers that collect garbage when they are told to */
	TO_ALL = TO_LOAD | TO_MEMORY
};

struct metric {
	const char *key, *title, *unit, *better, *group;
	bool gating;
	unsigned applies;
	const char *slope_of; /* derived by readers: nothing is stored */
	bool of_group;	      /* had from a memory group, which charges in batches */
	double (*value)(const struct observation *observation);
	const char *path[2]; /* instead of value: where tenk-load's report has it */
	const char *missing; /* why it may be null */
	const char *(*why)(const struct observation *observation); /* instead: why it is */
};

static double from_load(const struct observation *o, const char *object, const char *key)
{
	const json_t *value = object ? json_object_get(o->load, object) : o->load;

	value = json_object_get(value, key);
	return json_is_number(value) ? json_number_value(value) : NAN;
}

static double timeval_ns(const struct timeval *time)
{
	return (double)time->tv_sec * (double)NS_PER_S + (double)time->tv_usec * (double)NS_PER_US;
}

/* All that was answered cost CPU, also what was answered wrongly; here nearly always the same. */
static double answered(const struct observation *o)
{
	double good = from_load(o, "requests", "good");

	return good > 0 ? good : NAN;
}

/* A difference between the window's edges, brought to the generator's own window. */
static double over_window(const struct observation *o, double begin, double end)
{
	double window_ns = from_load(o, NULL, "window_ns");

	if (!o->has_window || o->end.at_ns <= o->begin.at_ns)
		return NAN;
	return (end - begin) * window_ns / (double)(o->end.at_ns - o->begin.at_ns);
}

static double server_cpu_per_request(const struct observation *o)
{
	return over_window(o, o->begin.cpu_ns, o->end.cpu_ns) / answered(o);
}

static double total_cpu_per_request(const struct observation *o)
{
	return server_cpu_per_request(o) + from_load(o, "generator", "cpu_per_request_ns");
}

static const char *read_run_delay(const struct observation *o, double *waited_ns)
{
	return run_delay_between(&o->begin.delay, &o->end.delay, o->end.cpu_ns - o->begin.cpu_ns,
				 waited_ns);
}

static const char *why_no_run_delay(const struct observation *o)
{
	double waited_ns;

	return read_run_delay(o, &waited_ns);
}

static double run_delay_per_request(const struct observation *o)
{
	double waited_ns;

	read_run_delay(o, &waited_ns);
	return over_window(o, 0, waited_ns) / answered(o);
}

/* Over the server's life, start and warm-up too: the kernel tells at the end, for all threads. */
static double per_request_of_life(const struct observation *o, long count)
{
	double all = from_load(o, "requests", "good") + from_load(o, "requests", "good_outside");

	return o->has_usage && all > 0 ? (double)count / all : NAN;
}

static double voluntary_switches(const struct observation *o)
{
	return per_request_of_life(o, o->usage.ru_nvcsw);
}

static double involuntary_switches(const struct observation *o)
{
	return per_request_of_life(o, o->usage.ru_nivcsw);
}

static double switches_per_request(const struct observation *o)
{
	return voluntary_switches(o) + involuntary_switches(o);
}

static double page_faults(const struct observation *o)
{
	return per_request_of_life(o, o->usage.ru_minflt + o->usage.ru_majflt);
}

static double system_share(const struct observation *o)
{
	double user_ns = timeval_ns(&o->usage.ru_utime), system_ns = timeval_ns(&o->usage.ru_stime);

	return o->has_usage && user_ns + system_ns > 0 ? system_ns / (user_ns + system_ns) : NAN;
}

static double share(uint64_t part_begin, uint64_t part_end, uint64_t begin, uint64_t end)
{
	return end > begin ? (double)(part_end - part_begin) / (double)(end - begin) : NAN;
}

#define CORE_SHARE(name, cores, part)                                                      \
	static double name(const struct observation *o)                                    \
	{                                                                                  \
		if (!o->has_window)                                                        \
			return NAN;                                                        \
		return share(o->begin.cores.part, o->end.cores.part, o->begin.cores.total, \
			     o->end.cores.total);                                          \
	}
CORE_SHARE(server_cores_busy, server_cores, busy)
CORE_SHARE(server_cores_softirq, server_cores, softirq)
CORE_SHARE(load_cores_busy, load_cores, busy)
CORE_SHARE(server_cores_steal, server_cores, steal)
CORE_SHARE(load_cores_steal, load_cores, steal)

static double steal(const struct observation *o)
{
	return fmax(server_cores_steal(o), load_cores_steal(o));
}

/*
 * What part of some cores' time went neither to idling nor to whom they are reserved for. Where
 * the kernel keeps interrupts' time apart, no process has been charged for softirqs.
 */
static double others_share(const struct observation *o, double own_ns,
			   const struct core_times *begin, const struct core_times *end)
{
	double tick_ns = (double)NS_PER_S / (double)sysconf(_SC_CLK_TCK);
	double total_ns = (double)(end->total - begin->total) * tick_ns;
	double busy_ns = (double)(end->busy - begin->busy) * tick_ns;

	if (o->interrupts_apart)
		busy_ns -= (double)(end->softirq - begin->softirq) * tick_ns;
	return total_ns > 0 ? fmax(0, (busy_ns - own_ns) / total_ns) : NAN;
}

/* Cores' worth of time that other programs used from before the window to after it. */
static double neighbours_share(const struct observation *o)
{
	const struct neighbours *before = &o->neighbours_before, *after = &o->neighbours_after;

	return after->at_ns > before->at_ns
		       ? fmax(0, (after->cpu_ns - before->cpu_ns) /
					 (double)(after->at_ns - before->at_ns))
		       : NAN;
}

/*
 * What is missing on the cores may be the kernel working for the server, in threads of its own;
 * what other programs used may have been elsewhere. The smaller of both did disturb.
 */
static double others(const struct observation *o)
{
	double elapsed_ns = (double)(o->end.at_ns - o->begin.at_ns);
	double load_ns = from_load(o, "generator", "cpu_ns") / from_load(o, NULL, "window_ns");
	double missing;

	if (!o->has_window)
		return NAN;
	missing = fmax(
		others_share(o, o->end.cpu_ns - o->begin.cpu_ns, &o->begin.server_cores,
			     &o->end.server_cores),
		others_share(o, load_ns * elapsed_ns, &o->begin.load_cores, &o->end.load_cores));
	return fmin(missing, neighbours_share(o));
}

static double achieved(const struct observation *o)
{
	return from_load(o, "requests", "good") / from_load(o, "requests", "due");
}

static double error_count(const struct observation *o)
{
	const json_t *value;
	const char *class;
	double sum = 0;

	if (!o->load)
		return NAN;
	json_object_foreach(json_object_get(o->load, "errors"), class, value)
		sum += json_number_value(value);
	return sum;
}

#define OF_SERVER(name, sample)                         \
	static double name(const struct observation *o) \
	{                                               \
		return o->has_memory ? o->sample : NAN; \
	}
OF_SERVER(virtual_bytes, memory.virtual_bytes)
OF_SERVER(resident_bytes, memory.resident_bytes)
OF_SERVER(collected_resident_bytes, collected.resident_bytes)
OF_SERVER(proportional_bytes, memory.proportional_bytes)
OF_SERVER(threads, memory.threads)
OF_SERVER(processes, memory.processes)

#define OF_GROUP(name, group, field)                                          \
	static double name(const struct observation *o)                       \
	{                                                                     \
		return o->has_memory && !o->no_groups ? o->group.field : NAN; \
	}
OF_GROUP(total_bytes, server_group, total)
OF_GROUP(collected_total_bytes, collected_group, total)
OF_GROUP(socket_buffer_bytes, server_group, sockets)
OF_GROUP(kernel_stack_bytes, server_group, stacks)
OF_GROUP(page_table_bytes, server_group, page_tables)
OF_GROUP(kernel_object_bytes, server_group, objects)
OF_GROUP(kernel_charged_bytes, server_group, kernel)
OF_GROUP(load_kernel_bytes, load_group, kernel)
OF_GROUP(load_total_bytes, load_group, total)

/* Where the kernel does not count its own share, it is what is not the processes'. */
static double kernel_bytes(const struct observation *o)
{
	double charged = kernel_charged_bytes(o);

	return isnan(charged) ? total_bytes(o) - resident_bytes(o) : charged;
}

static double kernel_both_ends_bytes(const struct observation *o)
{
	return o->has_memory ? o->kernel_then.bytes - o->kernel_before.bytes : NAN;
}

#define NETWORK_DIFFERENCE(field)                        \
	static double field(const struct observation *o) \
	{                                                \
		return o->after.field - o->before.field; \
	}
NETWORK_DIFFERENCE(listen_overflows)
NETWORK_DIFFERENCE(listen_drops)
NETWORK_DIFFERENCE(retransmissions)
NETWORK_DIFFERENCE(memory_pressures)

static double time_wait(const struct observation *o)
{
	return o->after.time_wait;
}

#define NO_USAGE "known only of servers that end when they are told to"
#define NO_REST	 "it did not collect its garbage and come to rest within 5 s"
#define LATE	 "so many requests were sent over 1 ms late, which is the generator's doing"

/* clang-format off */
static const struct metric table[] = {
	{"requests_per_s", "Requests per second", "per_s", "higher", "rate", true, TO_LOAD,
	 .path = {NULL, "requests_per_s"}},
	{"achieved_ratio", "Achieved of offered", "ratio", "higher", "rate", false, TO_OPEN_LOOP,
	 .value = achieved},
	{"latency_p50_ns", "Response time, median", "ns", "lower", "latency", true, TO_LOAD,
	 .path = {"latency", "p50_ns"}},
	{"latency_p90_ns", "Response time, p90", "ns", "lower", "latency", false, TO_LOAD,
	 .path = {"latency", "p90_ns"}},
	{"latency_p99_ns", "Response time, p99", "ns", "lower", "latency", false, TO_LOAD,
	 .path = {"latency", "p99_ns"}},
	{"latency_p99_9_ns", "Response time, p99.9", "ns", "lower", "latency", false, TO_LOAD,
	 .path = {"latency", "p99_9_ns"}},
	{"latency_max_ns", "Response time, longest", "ns", "none", "latency", false, TO_LOAD,
	 .path = {"latency", "max_ns"}},
	{"burst_sent_ns", "Time until the last of a burst was sent", "ns", "lower", "latency", false, TO_BURST,
	 .path = {"send_lateness", "max_ns"}},
	{"connect_p99_ns", "Time to connect, p99", "ns", "lower", "latency", false, TO_ALL,
	 .path = {"connect", "p99_ns"}},
	{"connect_all_ns", "Time to open all connections", "ns", "lower", "latency", false, TO_ALL,
	 .path = {"connecting", "took_ns"}},
	{"error_count", "Errors", "count", "lower", "rate", true, TO_ALL, .value = error_count},
	{"server_cpu_per_request_ns", "Server CPU per request", "ns", "lower", "cpu", true, TO_LOAD,
	 .value = server_cpu_per_request},
	{"load_cpu_per_request_ns", "Generator CPU per request", "ns", "lower", "cpu", false, TO_LOAD,
	 .path = {"generator", "cpu_per_request_ns"}},
	{"total_cpu_per_request_ns", "CPU per request, both ends", "ns", "lower", "cpu", false, TO_LOAD,
	 .value = total_cpu_per_request},
	{"run_queue_delay_per_request_ns", "Waited for a core per request", "ns", "lower", "cpu", false, TO_LOAD,
	 .value = run_delay_per_request, .why = why_no_run_delay},
	{"server_cores_busy_ratio", "Server's cores busy", "ratio", "none", "cpu", false, TO_LOAD,
	 .value = server_cores_busy},
	{"server_cores_softirq_ratio", "Server's cores in softirq", "ratio", "none", "cpu", false, TO_LOAD,
	 .value = server_cores_softirq},
	{"load_cores_busy_ratio", "Generator's cores busy", "ratio", "none", "apparatus", false, TO_LOAD,
	 .value = load_cores_busy},
	{"load_utilisation_ratio", "Generator's busiest thread", "ratio", "none", "apparatus", false, TO_LOAD,
	 .path = {"generator", "utilisation_ratio"}},
	{"steal_ratio", "Time taken by the host", "ratio", "lower", "apparatus", false, TO_LOAD,
	 .value = steal},
	{"others_ratio", "Time taken by other work", "ratio", "lower", "apparatus", false, TO_LOAD,
	 .value = others},
	{"context_switches_per_request", "Context switches per request", "count", "lower", "cpu", false, TO_LOAD,
	 .value = switches_per_request, .missing = NO_USAGE},
	{"voluntary_switches_per_request", "Context switches per request, to wait", "count", "lower", "cpu", false, TO_LOAD,
	 .value = voluntary_switches, .missing = NO_USAGE},
	{"involuntary_switches_per_request", "Context switches per request, forced", "count", "lower", "cpu", false, TO_LOAD,
	 .value = involuntary_switches, .missing = NO_USAGE},
	{"page_faults_per_request", "Page faults per request", "count", "lower", "cpu", false, TO_LOAD,
	 .value = page_faults, .missing = NO_USAGE},
	{"server_system_share_ratio", "Server's CPU in the kernel", "ratio", "none", "cpu", false, TO_LOAD,
	 .value = system_share, .missing = NO_USAGE},
	{"send_lateness_p50_ns", "Sent late, median", "ns", "lower", "apparatus", false, TO_OPEN_LOOP,
	 .path = {"send_lateness", "p50_ns"}},
	{"send_lateness_p99_ns", "Sent late, p99", "ns", "lower", "apparatus", false, TO_OPEN_LOOP,
	 .path = {"send_lateness", "p99_ns"}},
	{"virtual_bytes", "Virtual memory", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = virtual_bytes},
	{"resident_bytes", "Resident memory", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = resident_bytes},
	{"proportional_bytes", "Resident memory, shared pages in part", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = proportional_bytes},
	{"kernel_bytes", "Kernel memory", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = kernel_bytes, .of_group = true},
	{"total_bytes", "Total memory", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = total_bytes, .of_group = true},
	{"collected_resident_bytes", "Resident memory, garbage collected", "bytes", "lower", "memory", false, TO_COLLECTED,
	 .value = collected_resident_bytes, .missing = NO_REST},
	{"collected_total_bytes", "Total memory, garbage collected", "bytes", "lower", "memory", false, TO_COLLECTED,
	 .value = collected_total_bytes, .of_group = true, .missing = NO_REST},
	{"kernel_object_bytes", "Kernel memory: sockets, files, tasks", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = kernel_object_bytes, .of_group = true},
	{"kernel_stack_bytes", "Kernel memory: stacks of threads", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = kernel_stack_bytes, .of_group = true},
	{"page_table_bytes", "Kernel memory: page tables", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = page_table_bytes, .of_group = true},
	{"socket_buffer_bytes", "Kernel memory: socket buffers", "bytes", "lower", "memory", false, TO_MEMORY,
	 .value = socket_buffer_bytes, .of_group = true},
	{"load_kernel_bytes", "Generator's kernel memory", "bytes", "none", "memory", false, TO_MEMORY,
	 .value = load_kernel_bytes, .of_group = true},
	{"load_total_bytes", "Generator's total memory", "bytes", "none", "memory", false, TO_MEMORY,
	 .value = load_total_bytes, .of_group = true},
	{"kernel_both_ends_bytes", "Kernel memory, both ends", "bytes", "none", "memory", false, TO_MEMORY,
	 .value = kernel_both_ends_bytes},
	{"threads", "Threads", "count", "none", "memory", false, TO_MEMORY, .value = threads},
	{"processes", "Processes", "count", "none", "memory", false, TO_MEMORY, .value = processes},
	{"listen_overflow_count", "Listen queue overflows", "count", "lower", "apparatus", false, TO_ALL,
	 .value = listen_overflows},
	{"listen_drop_count", "Connections dropped by the kernel", "count", "lower", "apparatus", false, TO_ALL,
	 .value = listen_drops},
	{"retransmission_count", "Retransmissions", "count", "lower", "apparatus", false, TO_ALL,
	 .value = retransmissions},
	{"tcp_memory_pressure_count", "TCP ran short of memory", "count", "lower", "apparatus", false, TO_ALL,
	 .value = memory_pressures},
	{"time_wait_count", "Sockets in TIME_WAIT after it", "count", "none", "apparatus", false, TO_ALL,
	 .value = time_wait},
	{"virtual_per_connection_bytes", "Virtual memory per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "virtual_bytes"},
	{"resident_per_connection_bytes", "Resident memory per connection", "bytes", "lower", "memory", true, 0,
	 .slope_of = "resident_bytes"},
	{"proportional_per_connection_bytes", "Resident memory per connection, shared pages in part", "bytes", "lower", "memory", false, 0,
	 .slope_of = "proportional_bytes"},
	{"kernel_per_connection_bytes", "Kernel memory per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "kernel_bytes", .of_group = true},
	{"total_per_connection_bytes", "Total memory per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "total_bytes", .of_group = true},
	{"collected_resident_per_connection_bytes", "Resident memory per connection, garbage collected", "bytes", "lower", "memory", false, 0,
	 .slope_of = "collected_resident_bytes"},
	{"collected_total_per_connection_bytes", "Total memory per connection, garbage collected", "bytes", "lower", "memory", false, 0,
	 .slope_of = "collected_total_bytes", .of_group = true},
	{"kernel_object_per_connection_bytes", "Sockets, files, tasks per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "kernel_object_bytes", .of_group = true},
	{"kernel_stack_per_connection_bytes", "Kernel's stacks per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "kernel_stack_bytes", .of_group = true},
	{"page_table_per_connection_bytes", "Page tables per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "page_table_bytes", .of_group = true},
	{"socket_buffer_per_connection_bytes", "Socket buffers per connection", "bytes", "lower", "memory", false, 0,
	 .slope_of = "socket_buffer_bytes", .of_group = true},
	{"load_kernel_per_connection_bytes", "Generator's kernel memory per connection", "bytes", "none", "memory", false, 0,
	 .slope_of = "load_kernel_bytes", .of_group = true},
	{"load_total_per_connection_bytes", "Generator's memory per connection", "bytes", "none", "memory", false, 0,
	 .slope_of = "load_total_bytes", .of_group = true},
	{"kernel_both_ends_per_connection_bytes", "Kernel memory per connection, both ends", "bytes", "none", "memory", false, 0,
	 .slope_of = "kernel_both_ends_bytes"},
};
/* clang-format on */

enum { METRICS = sizeof table / sizeof *table };

json_t *metrics_describe(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < METRICS; i++) {
		bool slope = table[i].slope_of != NULL;

		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s?, s:I}", "key",
					table[i].key, "title", table[i].title, "unit",
					table[i].unit, "better", table[i].better, "gating",
					table[i].gating, "group", table[i].group, "slope_of",
					table[i].slope_of, "slope_from_connections",
					(json_int_t)(slope && table[i].of_group ? SLOPE_FROM : 0)));
	}
	return list;
}

/* Response times hold as far as requests were sent on time; no burst can be. */
static bool is_late(const struct metric *metric, const struct observation *observation)
{
	return !observation->planned->load.burst && metric->path[0] &&
	       strcmp(metric->path[0], "latency") == 0 &&
	       from_load(observation, "send_lateness", metric->path[1]) > METRICS_LATE_NS;
}

static const char *why_missing(const struct metric *metric, const struct observation *observation)
{
	if (is_late(metric, observation))
		return LATE;
	if (metric->of_group && observation->no_groups)
		return observation->no_groups;
	if (metric->why && metric->why(observation))
		return metric->why(observation);
	return metric->missing ? metric->missing : "nothing was measured";
}

static double compute(const struct metric *metric, const struct observation *observation)
{
	if (is_late(metric, observation))
		return NAN;
	if (metric->value)
		return metric->value(observation);
	return from_load(observation, metric->path[0], metric->path[1]);
}

static bool applies(const struct metric *metric, const struct observation *observation)
{
	const struct planned_trial *planned = observation->planned;
	unsigned kind = planned->load.idle ? 0 : TO_LOAD;

	if (scenario_part_looks_at_memory(planned->part))
		kind |= TO_MEMORY;
	if (observation->collects)
		kind |= TO_COLLECTED;
	if (planned->load.burst)
		kind |= TO_BURST;
	if (planned->load.rate_per_s > 0)
		kind |= TO_OPEN_LOOP;
	return (metric->applies & kind) != 0;
}

json_t *metrics_compute(const struct observation *observation, json_t **unavailable)
{
	json_t *values = json_object();

	*unavailable = json_object();
	for (size_t i = 0; i < METRICS; i++) {
		const struct metric *metric = &table[i];
		double value;

		if (!applies(metric, observation))
			continue;
		value = compute(metric, observation);
		json_object_set_new(values, metric->key,
				    isfinite(value) ? json_real(value) : json_null());
		if (!isfinite(value))
			json_object_set_new(*unavailable, metric->key,
					    json_string(why_missing(metric, observation)));
	}
	return values;
}

double metrics_value(const struct observation *observation, const char *key)
{
	for (size_t i = 0; i < METRICS; i++)
		if (strcmp(table[i].key, key) == 0)
			return compute(&table[i], observation);
	return NAN;
}
