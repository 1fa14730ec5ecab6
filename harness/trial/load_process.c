#include "harness/trial/load_process.h"

#include "harness/scenario/plan.h"
#include "harness/trial/load_hosts.h"
#include "harness/trial/probe.h"
#include "lib/clock.h"
#include "lib/process_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Idle connections are held until load_process_enough, but never longer, where the load does not say. */
#define HOLD_LONGEST_NS (60 * NS_PER_S)

enum { ARGUMENTS_MOST = 100, EXPECTED_INLINE = 1024, MOST_THREADS = 1024 };

/* The command line, each argument formatted into storage of its own. */
struct command {
	char *arguments[ARGUMENTS_MOST];
	size_t count;
	bool failed;
};

static void __attribute__((format(printf, 2, 3)))
add(struct command *command, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	if (command->count + 1 >= ARGUMENTS_MOST ||
	    vasprintf(&command->arguments[command->count], format, values) < 0)
		command->failed = true;
	else
		command->count++;
	va_end(values);
}

static void free_command(struct command *command)
{
	for (size_t i = 0; i < command->count; i++)
		free(command->arguments[i]);
}

static void add_expected(struct command *command, const struct probe_body *expected)
{
	char text[EXPECTED_INLINE + 1] = "";
	FILE *file = fmemopen(text, sizeof text, "w");

	if (!file || probe_write_body(expected, file) < 0)
		command->failed = true;
	if (file && fclose(file) != 0)
		command->failed = true;
	add(command, "--expect-body=%s", text);
}

static void write_body(struct command *command, const struct probe_body *body, const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file || probe_write_body(body, file) < 0)
		command->failed = true;
	if (file && fclose(file) != 0)
		command->failed = true;
}

/* What is right of the answers to a request: of all, or behind a --request of those to it. */
static void add_right_answer(struct command *command, const struct load *load)
{
	struct probe_body expected = probe_expected_body(load);

	if (strcmp(load->method, "HEAD") == 0 || !*expected.pattern)
		return;
	if (expected.bytes > 0 && expected.bytes <= EXPECTED_INLINE)
		add_expected(command, &expected);
	else
		add(command, "--expect-length=%llu", (unsigned long long)expected.bytes);
}

static void add_request(struct command *command, const struct load *load,
			const struct load_files *files)
{
	struct probe_body body = probe_request_body(load);

	add(command, "--method=%s", load->method);
	if (strcmp(load->method, "POST") == 0) {
		write_body(command, &body, files->body);
		add(command, "--body=@%s", files->body);
	}
	add_right_answer(command, load);
}

/* All that are posted have the same body. */
static void add_mix(struct command *command, const struct load *load,
		    const struct load_files *files)
{
	for (size_t i = 0; i < load->kind_count; i++) {
		struct load kind = load_of_kind(load, i);
		struct probe_body body = probe_request_body(&kind);
		bool posts = strcmp(kind.method, "POST") == 0;

		if (posts)
			write_body(command, &body, files->body);
		add(command, "--request=%llu:%s %s %s%s%s",
		    (unsigned long long)load->kinds[i].weight, load->kinds[i].name, kind.method,
		    kind.target, posts ? " @" : "", posts ? files->body : "");
		add_right_answer(command, &kind);
	}
}

/*
 * Its threads: as many as it has cores, where the load does not say. 0: it chooses by itself, as for
 * connections that are held idle, and where the limit of open files asks for more threads.
 */
static uint64_t choose_threads(const struct load *load, const cpu_set_t *cores)
{
	uint64_t threads = load->threads;
	struct rlimit files;
	cpu_set_t all;

	if (threads > 0 || load->idle || getrlimit(RLIMIT_NOFILE, &files) < 0)
		return threads;
	if (!cores && sched_getaffinity(0, sizeof all, &all) == 0)
		cores = &all;
	threads = cores ? (uint64_t)CPU_COUNT(cores) : 1;
	if (threads > load->connections)
		threads = load->connections;
	if (threads > MOST_THREADS)
		threads = MOST_THREADS;
	return files.rlim_max / 2 > load->connections / threads ? threads : 0;
}

/* Of its connections, those that ask: one at least. */
static uint64_t count_active(const struct load *load)
{
	uint64_t active = load->connections * load->active_percent / 100;

	if (load->idle)
		return 0;
	return load->active_percent == 0 ? load->connections : active > 0 ? active : 1;
}

/*
 * Rank 0 is here, to write its files and tell its events on mpirun's standard output, and loads nothing; the others are
 * where they are to be. mpirun's own settings come from the environment (OMPI_MCA_...).
 */
static void add_ranks(struct command *command, const char *program, const char *hosts)
{
	add(command, "%s", load_hosts_mpirun());
	add(command, "--bind-to");
	add(command, "none");
	add(command, "--host");
	add(command, "localhost:1,%s", hosts);
	add(command, "-np");
	add(command, "%u", 1 + load_hosts_count(hosts));
	add(command, "%s-mpi", program);
	add(command, "--conductor");
}

static void fill_command(struct command *command, const char *program, const struct load *load,
			 const struct load_target *target, const struct load_files *files,
			 const cpu_set_t *cores)
{
	uint64_t threads = *load->hosts ? load->threads : choose_threads(load, cores);
	uint64_t active = count_active(load);

	if (*load->hosts)
		add_ranks(command, program, load->hosts);
	else
		add(command, "%s", program);
	add(command, "--quiet");
	add(command, "--events-fd=%d", *load->hosts ? STDOUT_FILENO : 3);
	add(command, "--json=%s", files->report);
	add(command, "--connections=%llu", (unsigned long long)active);
	if (active < load->connections)
		add(command, "--idle=%llu", (unsigned long long)(load->connections - active));
	if (!load->idle && *files->histogram)
		add(command, "--log=%s", files->histogram);
	if (*files->intervals)
		add(command, "--intervals=%s", files->intervals);
	if (threads > 1)
		add(command, "--threads=%llu", (unsigned long long)threads);
	if (target->many_sources)
		add(command, "--source=127.0.1.0/24");
	if (load->requests_per_connection > 0) /* by a reset, so that no port stays taken */
		add(command, "--requests-per-connection=%llu",
		    (unsigned long long)load->requests_per_connection);
	if (load->requests_per_connection > 0)
		add(command, "--close=reset");
	if (load->pipelining > 1)
		add(command, "--pipelining=%llu", (unsigned long long)load->pipelining);
	if (load->burst)
		add(command, "--burst");
	if (target->in_slices)
		add(command, "--slices-fd=3");
	else
		add(command, "--duration=%lluns",
		    (unsigned long long)(load->idle && load->duration_ns == 0 ? HOLD_LONGEST_NS
									      : load->duration_ns));
	add(command, "--warmup=%lluns", (unsigned long long)load->warmup_ns);
	add(command, "--timeout=%lluns", (unsigned long long)load->timeout_ns);
	if (load->rate_per_s > 0)
		add(command, "--rate=%.6f", load->rate_per_s);
	if (load->kind_count > 0)
		add_mix(command, load, files);
	else
		add_request(command, load, files);
	add(command, strchr(target->host, ':') ? "http://[%s]:%u%s" : "http://%s:%u%s",
	    target->host, target->port, load->kind_count > 0 ? "/" : load->target);
}

int load_process_start(struct load_process *load_process, const struct kept_program *program,
		       const struct load *load, const struct load_target *target,
		       const struct load_files *files, const struct process_place *place,
		       struct error *error)
{
	struct command command = {0};
	struct process_options options = {.arguments = command.arguments,
					  .kept = *load->hosts ? NULL : program,
					  .place = *place};
	int events[2], result;

	*load_process = (struct load_process){.events_fd = -1};
	load_process->process.pidfd = -1;
	load_process->process.stderr_fd = -1;
	fill_command(&command, program->path, load, target, files, place->cores);
	if (command.failed) {
		free_command(&command);
		error_set(error, "cannot prepare the generator's command: out of memory or disk");
		return -ENOMEM;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, events) < 0) {
		result = -errno;
		error_set(error, "cannot make a pair of sockets: %s", strerror(-result));
	} else {
		options.pass_fd = *load->hosts ? -1 : events[1];
		options.output_fd = *load->hosts ? events[1] : 0;
		options.environment = *load->hosts ? environ : NULL;
		result = process_spawn(&load_process->process, &options, error);
		close(events[1]);
		if (result == 0)
			load_process->events_fd = events[0];
		else
			close(events[0]);
	}
	free_command(&command);
	return result;
}

static uint64_t whole(const json_t *json, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(json, key));
}

static enum load_event read_event(struct load_process *load_process, const char *line,
				  size_t length)
{
	static const struct {
		const char *name;
		enum load_event event;
	} names[] = {{"connecting", LOAD_EVENT_CONNECTING},
		     {"connected", LOAD_EVENT_CONNECTED},
		     {"warming", LOAD_EVENT_WARMING},
		     {"warm", LOAD_EVENT_WARM},
		     {"interval", LOAD_EVENT_INTERVAL},
		     {"slice", LOAD_EVENT_SLICE},
		     {"done", LOAD_EVENT_DONE},
		     {"end", LOAD_EVENT_END}};
	json_t *json = json_loadb(line, length, 0, NULL);
	const char *name = json_string_value(json_object_get(json, "event"));
	enum load_event event = LOAD_EVENT_OTHER;

	for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].name, name) == 0)
			event = names[i].event;
	load_process->event_at_ns = whole(json, "at_ns");
	load_process->done = whole(json, event == LOAD_EVENT_WARMING ? "answered" : "open");
	load_process->total = whole(json, "of");
	if (event == LOAD_EVENT_SLICE)
		load_process->slice = (struct load_slice){.begin_ns = whole(json, "begin_ns"),
							  .end_ns = whole(json, "end_ns"),
							  .drained_ns = whole(json, "drained_ns"),
							  .good = whole(json, "good"),
							  .errors = whole(json, "errors")};
	if (event == LOAD_EVENT_INTERVAL)
		load_process->interval =
			(struct load_interval){.completed = whole(json, "completed"),
					       .errors = whole(json, "errors"),
					       .p99_ns = whole(json, "p99_ns")};
	json_decref(json);
	return event;
}

/* How long this thread could have run and had no core, so far; 0 where the kernel does not tell. */
static uint64_t queued_ns(void)
{
	uint64_t ran_ns, waited_ns;

	return process_schedstat_read("/proc/thread-self/schedstat", &ran_ns, &waited_ns)
		       ? waited_ns
		       : 0;
}

/* A server with a thousand threads that compute keeps us from our core for seconds, and nobody was stopped then. */
static int wait_for(struct load_process *load_process, struct pollfd *events, int timeout_ms)
{
	uint64_t queued_before_ns = queued_ns();
	uint64_t until_ns = clock_now_ns() + (uint64_t)timeout_ms * NS_PER_MS, now_ns, in_vain_ns;
	int ready = poll(events, 1, timeout_ms);

	now_ns = clock_now_ns();
	in_vain_ns = queued_ns() - queued_before_ns;
	if (now_ns > until_ns + in_vain_ns &&
	    now_ns - until_ns - in_vain_ns > load_process->overslept_ns)
		load_process->overslept_ns = now_ns - until_ns - in_vain_ns;
	process_look_for_stop(&load_process->process);
	return ready;
}

enum load_event load_process_next(struct load_process *load_process, int timeout_ms)
{
	struct pollfd events = {.fd = load_process->events_fd, .events = POLLIN};

	for (;;) {
		char *buffer = load_process->buffer;
		char *end = memchr(buffer, '\n', load_process->length);
		ssize_t got;
		int ready;

		if (end) {
			size_t length = (size_t)(end - buffer);
			enum load_event event = read_event(load_process, buffer, length);

			load_process->length -= length + 1;
			memmove(buffer, end + 1, load_process->length);
			return event;
		}
		if (load_process->length == sizeof load_process->buffer)
			load_process->length = 0; /* no line of ours is that long */
		ready = wait_for(load_process, &events, timeout_ms);
		if (ready <= 0)
			return LOAD_EVENT_NONE;
		got = read(load_process->events_fd, buffer + load_process->length,
			   sizeof load_process->buffer - load_process->length);
		if (got <= 0)
			return LOAD_EVENT_CLOSED;
		load_process->length += (size_t)got;
	}
}

void load_process_enough(struct load_process *load_process)
{
	if (!load_process->process.ended)
		kill(load_process->process.pid, SIGUSR1);
}

static bool tell(struct load_process *load_process, const char *line)
{
	size_t length = strlen(line);

	return send(load_process->events_fd, line, length, MSG_NOSIGNAL) == (ssize_t)length;
}

bool load_process_order(struct load_process *load_process, bool counts, uint64_t length_ns)
{
	char line[48];

	snprintf(line, sizeof line, "%s %lluns\n", counts ? "slice" : "lead",
		 (unsigned long long)length_ns);
	return tell(load_process, line);
}

bool load_process_finish(struct load_process *load_process)
{
	return tell(load_process, "end\n");
}

void load_process_destroy(struct load_process *load_process)
{
	if (load_process->events_fd >= 0)
		close(load_process->events_fd);
	load_process->events_fd = -1;
	process_destroy(&load_process->process);
}
