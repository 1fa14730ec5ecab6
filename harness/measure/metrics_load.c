/* What a load shows of a server: rates, times, CPU, and how well it was measured. */
#include "harness/measure/metrics_parts.h"

#include "lib/clock.h"

#include <math.h>
#include <unistd.h>

static double ticks_ns(uint64_t ticks)
{
	return (double)ticks * (double)NS_PER_S / (double)sysconf(_SC_CLK_TCK);
}

static double timeval_ns(const struct timeval *time)
{
	return (double)time->tv_sec * (double)NS_PER_S + (double)time->tv_usec * (double)NS_PER_US;
}

/* All that was answered cost CPU, also what was answered wrongly; here nearly always the same. */
static double answered(const struct observation *o)
{
	double good = metrics_from_load(o, "requests", "good");

	return good > 0 ? good : NAN;
}

/*
 * A difference between the window's edges, brought to the generator's own window. At the edges of slices
 * the server was at rest, so that all of it is of what was asked in them.
 */
static double over_window(const struct observation *o, double begin, double end)
{
	double window_ns = metrics_from_load(o, NULL, "window_ns");

	if (!o->has_window || o->end.at_ns <= o->begin.at_ns)
		return NAN;
	if (o->slices)
		return end - begin;
	return (end - begin) * window_ns / (double)(o->end.at_ns - o->begin.at_ns);
}

static double requests_per_s(const struct observation *o)
{
	return o->slices ? o->slices->figures[SLICE_REQUESTS_PER_S]
			 : metrics_from_load(o, NULL, "requests_per_s");
}

/* Of all slices together: with what comes in few of them only, be it the server's doing or others'. */
static double mean_cpu_per_request(const struct observation *o)
{
	return over_window(o, o->begin.cpu_ns, o->end.cpu_ns) / answered(o);
}

static double server_cpu_per_request(const struct observation *o)
{
	return o->slices ? o->slices->figures[SLICE_CPU_PER_REQUEST_NS] : mean_cpu_per_request(o);
}

static double total_cpu_per_request(const struct observation *o)
{
	return server_cpu_per_request(o) + metrics_from_load(o, "generator", "cpu_per_request_ns");
}

static double backend_cpu_per_request(const struct observation *o)
{
	return over_window(o, o->begin.backend_cpu_ns, o->end.backend_cpu_ns) / answered(o);
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
	double all = metrics_from_load(o, "requests", "good") +
		     metrics_from_load(o, "requests", "good_outside") + o->calls.good;

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

static double calls_per_request(const struct observation *o)
{
	return o->calls.counted ? o->calls.per_request : NAN;
}

static double futexes_per_request(const struct observation *o)
{
	return o->calls.counted ? o->calls.futexes_per_request : NAN;
}

static const char *why_no_calls(const struct observation *o)
{
	return *o->calls.why ? o->calls.why : NULL;
}

static double work_alone(const struct observation *o)
{
	return o->work_alone_ns;
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
 * The CPU that the server used, of what it can: each of its threads that work has one core at the
 * most, so of one that has a single loop it is one core's, however many there are.
 */
static double server_capacity_used(const struct observation *o)
{
	double cores = o->end.server_cores.cores, workers, used_ns, waited_ns;
	double asked_ns = o->slices ? slices_active_ns(o->slices)
				    : (double)(o->end.at_ns - o->begin.at_ns);

	if (!o->has_window || cores == 0)
		return NAN;
	used_ns = o->end.cpu_ns - o->begin.cpu_ns;
	workers = read_run_delay(o, &waited_ns) ? 0
						: run_delay_workers(&o->begin.delay, &o->end.delay);
	if (o->interrupts_apart) /* which are its work, and charged to no process */
		used_ns += ticks_ns(o->end.server_cores.softirq - o->begin.server_cores.softirq);
	if (workers > 0)
		cores = fmin(cores, workers);
	return used_ns / (cores * asked_ns);
}

/*
 * What part of some cores' time went neither to resting, nor to the host, nor to whom they are reserved
 * for. Interrupts are not counted where the kernel keeps them apart, since no process has been
 * charged for them; elsewhere they are in the CPU of whom they interrupted. NAN where the kernel tells
 * nothing of its cores: some sandboxes have a /proc/stat of zeros.
 */
static double others_share(const struct observation *o, double own_ns, bool interrupts_apart,
			   const struct core_times *begin, const struct core_times *end)
{
	double all_ns = (double)end->cores * (double)(o->end.at_ns - o->begin.at_ns);
	double other_ns = all_ns - own_ns - ticks_ns(end->idle - begin->idle) -
			  ticks_ns(end->steal - begin->steal);

	if (interrupts_apart)
		other_ns -= ticks_ns(end->interrupts - begin->interrupts);
	return all_ns > 0 && end->total > begin->total ? fmax(0, other_ns / all_ns) : NAN;
}

/*
 * By what is missing on the cores, and not by looking for whom it was: in a container one does not see
 * the programs of others. What can be seen is the kernel working for the server, in threads of its own.
 */
static double others(const struct observation *o)
{
	double elapsed_ns = (double)(o->end.at_ns - o->begin.at_ns);
	double load_ns = metrics_from_load(o, "generator", "cpu_ns") * elapsed_ns /
			 metrics_from_load(o, NULL, "window_ns");
	double kernel_ns = elapsed_ns * kernel_threads_between(&o->kernel_threads_before,
							       &o->kernel_threads_after);
	double load_kernel_ns = elapsed_ns * kernel_threads_between(&o->load_kernel_threads_before,
								    &o->load_kernel_threads_after);
	double server_ns = o->end.cpu_ns - o->begin.cpu_ns + kernel_ns;

	if (!o->has_window)
		return NAN;
	load_ns += o->end.own_cpu_ns - o->begin.own_cpu_ns;
	if (o->backends_on_load)
		load_ns += o->end.backend_cpu_ns - o->begin.backend_cpu_ns;
	if (o->one_core)
		return others_share(o, server_ns + load_ns, o->interrupts_apart,
				    &o->begin.server_cores, &o->end.server_cores);
	return fmax(others_share(o, server_ns, o->interrupts_apart, &o->begin.server_cores,
				 &o->end.server_cores),
		    others_share(o, load_ns + load_kernel_ns, o->load_interrupts_apart,
				 &o->begin.load_cores, &o->end.load_cores));
}

/* Of a core, in its own turns: those that have had theirs, or will. */
static double neighbours(const struct observation *o)
{
	return o->turns_ns > 0 ? o->neighbours_ns / o->turns_ns : NAN;
}

/* Of all cores together. */
static double throttled(const struct observation *o)
{
	return o->has_window ? o->end.throttling.stopped_ns - o->begin.throttling.stopped_ns : NAN;
}

static double throttled_periods(const struct observation *o)
{
	return o->has_window ? (double)(o->end.throttling.periods - o->begin.throttling.periods)
			     : NAN;
}

static double achieved(const struct observation *o)
{
	double good_of_due = metrics_from_load(o, "requests", "good") /
			     metrics_from_load(o, "requests", "due");

	/* A backlog that grew may all be answered in the end. */
	return isnan(good_of_due)
		       ? NAN
		       : fmin(good_of_due, metrics_from_load(o, "requests", "kept_up_ratio"));
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

/* clang-format off */
static const struct metric rows[] = {
	{"requests_per_s", "Requests per second", "per_s", "higher", "rate", true, TO_LOAD,
	 .value = requests_per_s, .of_kinds = KINDS_HAVE_ONE, .kind_value = metrics_kind_rate},
	{"achieved_ratio", "Achieved of offered", "ratio", "higher", "rate", false, TO_OPEN_LOOP,
	 .value = achieved},
	{"latency_p50_ns", "Response time, median", "ns", "lower", "latency", true, TO_LOAD,
	 .path = {"latency", "p50_ns"}, .of_kinds = KINDS_GATE},
	{"latency_p90_ns", "Response time, p90", "ns", "lower", "latency", false, TO_LOAD,
	 .path = {"latency", "p90_ns"}, .of_kinds = KINDS_HAVE_ONE},
	{"latency_p99_ns", "Response time, p99", "ns", "lower", "latency", false, TO_LOAD,
	 .path = {"latency", "p99_ns"}, .of_kinds = KINDS_HAVE_ONE},
	{"latency_p99_9_ns", "Response time, p99.9", "ns", "lower", "latency", false, TO_LOAD,
	 .path = {"latency", "p99_9_ns"}, .of_kinds = KINDS_HAVE_ONE},
	{"latency_max_ns", "Response time, longest", "ns", "none", "latency", false, TO_LOAD,
	 .path = {"latency", "max_ns"}, .of_kinds = KINDS_HAVE_ONE},
	{"burst_sent_ns", "Time until the last of a burst was sent", "ns", "lower", "latency", false, TO_BURST,
	 .path = {"send_lateness", "max_ns"}, .smallest_difference = 0.10},
	{"connect_p99_ns", "Time to connect, p99", "ns", "lower", "latency", false, TO_ALL,
	 .path = {"connect", "p99_ns"}},
	{"connect_all_ns", "Time to open all connections", "ns", "lower", "latency", false, TO_ALL,
	 .path = {"connecting", "took_ns"}},
	{"answer_bytes", "Bytes of an answer, with its headers", "bytes", "none", "rate", false, TO_LOAD,
	 .path = {"bytes", "per_answer"}, .missing = "nothing was answered"},
	{"fairness_index", "Evenness of answers over connections", "ratio", "higher", "latency", false, TO_LOAD,
	 .path = {"fairness", "jain_index"}},
	{"error_count", "Errors", "count", "lower", "rate", true, TO_ALL, .value = error_count,
	 .of_kinds = KINDS_HAVE_ONE, .kind_value = metrics_kind_errors},
	{"server_cpu_per_request_ns", "Server CPU per request", "ns", "lower", "cpu", true, TO_LOAD,
	 .value = server_cpu_per_request},
	{"server_cpu_per_request_mean_ns", "Server CPU per request, all slices as one", "ns", "lower", "cpu", false, TO_LOAD,
	 .value = mean_cpu_per_request},
	{"load_cpu_per_request_ns", "Generator CPU per request", "ns", "lower", "cpu", false, TO_LOAD,
	 .path = {"generator", "cpu_per_request_ns"}},
	{"backend_cpu_per_request_ns", "Backends' CPU per request", "ns", "lower", "cpu", false, TO_BACKENDS,
	 .value = backend_cpu_per_request, .missing = "their processes could not be looked at"},
	{"total_cpu_per_request_ns", "CPU per request, both ends", "ns", "lower", "cpu", false, TO_LOAD,
	 .value = total_cpu_per_request},
	{"run_queue_delay_per_request_ns", "Waited for a core per request", "ns", "lower", "cpu", false, TO_LOAD,
	 .value = run_delay_per_request, .why = why_no_run_delay, .compared_by = "difference", .smallest_absolute = 500},
	{"server_cores_busy_ratio", "Server's cores busy", "ratio", "none", "cpu", false, TO_LOAD,
	 .value = server_cores_busy},
	{"server_capacity_used_ratio", "Server's CPU, of what its threads can use", "ratio", "none", "cpu", false, TO_LOAD,
	 .value = server_capacity_used},
	{"server_cores_softirq_ratio", "Server's cores in softirq", "ratio", "none", "cpu", false, TO_LOAD,
	 .value = server_cores_softirq},
	{"load_cores_busy_ratio", "Generator's cores busy", "ratio", "none", "apparatus", false, TO_LOAD,
	 .value = load_cores_busy},
	{"load_occupied_ratio", "Generator's busiest thread, with its waits for a core", "ratio", "none", "apparatus", false, TO_LOAD,
	 .path = {"generator", "occupied_ratio"}},
	{"load_utilisation_ratio", "Generator's busiest thread", "ratio", "none", "apparatus", false, TO_LOAD,
	 .path = {"generator", "utilisation_ratio"}},
	{"steal_ratio", "Time taken by the host", "ratio", "lower", "apparatus", false, TO_LOAD,
	 .value = steal},
	{"others_ratio", "Time taken by other work", "ratio", "lower", "apparatus", false, TO_LOAD,
	 .value = others},
	{"neighbours_ratio", "Time taken by servers that were not asked", "ratio", "lower", "apparatus", false, TO_SLICES,
	 .value = neighbours},
	{"throttled_ns", "Stopped by a CPU quota, all cores together", "ns", "lower", "apparatus", false, TO_LOAD,
	 .value = throttled, .compared_by = "difference", .smallest_absolute = 1e6},
	{"throttled_period_count", "Periods stopped by a CPU quota", "count", "lower", "apparatus", false, TO_LOAD,
	 .value = throttled_periods},
	{"context_switches_per_request", "Context switches per request", "count", "lower", "cpu", false, TO_LOAD,
	 .value = switches_per_request, .missing = NO_USAGE},
	{"voluntary_switches_per_request", "Context switches per request, to wait", "count", "lower", "cpu", false, TO_LOAD,
	 .value = voluntary_switches, .missing = NO_USAGE},
	{"involuntary_switches_per_request", "Context switches per request, forced", "count", "lower", "cpu", false, TO_LOAD,
	 .value = involuntary_switches, .missing = NO_USAGE},
	{"page_faults_per_request", "Page faults per request", "count", "lower", "cpu", false, TO_LOAD,
	 .value = page_faults, .missing = NO_USAGE},
	{"system_calls_per_request", "System calls per request", "count", "lower", "cpu", true, TO_CALLS,
	 .value = calls_per_request, .why = why_no_calls, .smallest_absolute = 0.25},
	{"futex_calls_per_request", "Calls of futex per request", "count", "lower", "cpu", false, TO_CALLS,
	 .value = futexes_per_request, .why = why_no_calls, .smallest_absolute = 0.05},
	{"work_alone_ns", "A request's work, alone", "ns", "lower", "cpu", false, TO_WORK,
	 .value = work_alone, .missing = "it was not answered when it was asked for alone"},
	{"server_system_share_ratio", "Server's CPU in the kernel", "ratio", "none", "cpu", false, TO_LOAD,
	 .value = system_share, .missing = NO_USAGE},
	{"send_lateness_p50_ns", "Sent late, median", "ns", "lower", "apparatus", false, TO_OPEN_LOOP,
	 .path = {"send_lateness", "p50_ns"}},
	{"send_lateness_p99_ns", "Sent late, p99", "ns", "lower", "apparatus", false, TO_OPEN_LOOP,
	 .path = {"send_lateness", "p99_ns"}},
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
};
/* clang-format on */

const struct metric_rows metrics_of_load = {rows, sizeof rows / sizeof *rows};
