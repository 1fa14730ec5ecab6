#include "harness/demo/side.h"

#include "harness/measure/sampler.h"
#include "harness/trial/probe.h"
#include "lib/clock.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

void demo_side_init(struct demo_side *side, const struct demonstration *kind, size_t index)
{
	double rate_per_s = kind->loads[0].rate_per_s;

	*side = (struct demo_side){
		.kind = kind,
		.subject = &kind->subjects[index],
		.server.process = {.pidfd = -1, .stderr_fd = -1},
		.due_every_ns = rate_per_s > 0 ? (uint64_t)((double)NS_PER_S / rate_per_s) : 0,
	};
}

/* Of the server's process and of what the kernel has charged to it; NAN: not known. */
static void read_memory(const struct demo_side *side, double *process_bytes, double *kernel_bytes)
{
	struct memory_sample sample;
	struct group_memory group;

	*process_bytes = *kernel_bytes = NAN;
	if (!memory_sample_take(&sample, side->server.pid))
		return;
	*process_bytes = sample.resident_bytes;
	if (memory_group_read(&side->group, &group))
		*kernel_bytes = group.kernel;
}

int demo_side_start(struct demo_side *side, const struct demo_place *place, struct error *error)
{
	const struct demo_subject *subject = side->subject;
	const struct server_entry *entry = catalogue_find(place->catalogue, subject->server);
	struct process_place where = {.cores = &place->cores->server};
	struct server_settings settings = {0};
	char name[32];
	int result;

	if (!entry)
		return catalogue_complain(place->catalogue, subject->server, error);
	if (side->kind->grows) {
		snprintf(name, sizeof name, "demo-%td", subject - side->kind->subjects);
		result = memory_group_make(&side->group, place->groups, name, 0, error);
		if (result < 0)
			return result;
		where.group_entry = *side->group.path ? side->group.entry : NULL;
	}
	server_settings_set(&settings, SETTING_OFFLOAD, subject->offload);
	result = server_process_start(&side->server, entry, &settings, &where, error);
	for (size_t i = 0; result == 0 && i < side->kind->load_count; i++)
		result = probe_server(side->server.host, side->server.port, &side->kind->loads[i],
				      error);
	if (result == 0 && side->kind->grows)
		read_memory(side, &side->process_before, &side->kernel_before);
	return result;
}

int demo_side_load(struct demo_side *side, const struct demo_place *place, const struct load *load,
		   struct error *error)
{
	static const struct load_files files = {.report = "/dev/null"};
	const struct process_place where = {.cores = &place->cores->load};
	const struct load_target target = {.host = side->server.host, .port = side->server.port};
	const struct kept_program program = {.path = place->paths->load_generator, .fd = -1};
	struct load_process *generator = &side->generators[side->generator_count];
	int result = load_process_start(generator, &program, load, &target, &files, &where, error);

	if (result < 0)
		return result;
	if (side->generator_count == 0 || side->kind->grows)
		side->connections += load->connections;
	side->generator_count++;
	return 0;
}

/*
 * A tenth of a second has passed. Where no answer came in it, the first request that was due since the last answer
 * waits for all of that time but for what lies between two requests: the delay is seen before its end is.
 */
static void add_interval(struct demo_side *side, uint64_t at_ns,
			 const struct load_interval *interval)
{
	uint64_t length_ns = at_ns - side->told_ns, waited_ns;

	side->told_ns = at_ns;
	side->answers += interval->completed;
	if (interval->completed > 0) {
		side->silent_ns = 0;
		side->slowest_ns = fmax(side->slowest_ns, (double)interval->p99_ns);
		return;
	}
	side->silent_ns += length_ns;
	waited_ns = side->silent_ns > side->due_every_ns ? side->silent_ns - side->due_every_ns : 0;
	if (side->due_every_ns > 0 && waited_ns > 0)
		side->slowest_ns = fmax(side->slowest_ns, (double)waited_ns);
}

static int explain(const struct demo_side *side, const struct process *process, const char *whose,
		   struct error *error)
{
	char said[600];

	process_stderr(process, said, sizeof said);
	error_set(error, "%s of %s ended before the demonstration did%s%s", whose,
		  side->subject->server, *said ? "; it said: " : "", said);
	return -ECHILD;
}

int demo_side_follow(struct demo_side *side, struct error *error)
{
	if (server_process_has_ended(&side->server))
		return explain(side, &side->server.process, "the server", error);
	for (size_t i = 0; i < side->generator_count; i++) {
		struct load_process *generator = &side->generators[i];
		enum load_event event;

		while ((event = load_process_next(generator, 0)) != LOAD_EVENT_NONE) {
			if (event == LOAD_EVENT_WARM && !side->warm[i]) {
				side->warm[i] = true;
				side->warm_count++;
				if (i == 0)
					side->told_ns = generator->event_at_ns;
			} else if (event == LOAD_EVENT_INTERVAL && i == 0) {
				add_interval(side, generator->event_at_ns, &generator->interval);
			} else if (event == LOAD_EVENT_CLOSED || event == LOAD_EVENT_DONE) {
				process_wait(&generator->process, NS_PER_S);
				return explain(side, &generator->process, "the load", error);
			}
		}
	}
	return 0;
}

bool demo_side_is_warm(const struct demo_side *side)
{
	return side->warm_count == side->generator_count;
}

void demo_side_begin_column(struct demo_side *side)
{
	side->begun_ns = clock_now_ns();
	side->cpu_ns = sample_processes_cpu_ns(&side->server.pid, 1);
	side->told_before_ns = side->told_ns;
	side->answers = 0;
	side->slowest_ns = NAN;
}

void demo_side_end_column(struct demo_side *side)
{
	struct demo_column *column = &side->columns[side->column_count++];
	double elapsed_ns = (double)(clock_now_ns() - side->begun_ns);
	double told_ns = (double)(side->told_ns - side->told_before_ns);
	double process_bytes, kernel_bytes;

	*column = (struct demo_column){
		.slowest_ns = side->slowest_ns,
		.answers_per_s = told_ns > 0 ? (double)side->answers * 1e9 / told_ns : NAN,
		.cpu_ratio = (sample_processes_cpu_ns(&side->server.pid, 1) - side->cpu_ns) /
			     elapsed_ns,
		.process_bytes = NAN,
		.kernel_bytes = NAN,
		.together_bytes = NAN,
	};
	if (!side->kind->grows || side->connections == 0)
		return;
	read_memory(side, &process_bytes, &kernel_bytes);
	column->process_bytes = (process_bytes - side->process_before) / (double)side->connections;
	column->kernel_bytes = (kernel_bytes - side->kernel_before) / (double)side->connections;
	column->together_bytes = column->process_bytes + column->kernel_bytes;
}

void demo_side_stop(struct demo_side *side)
{
	for (size_t i = 0; i < side->generator_count; i++) {
		process_stop(&side->generators[i].process, NS_PER_S);
		load_process_destroy(&side->generators[i]);
	}
	server_process_stop(&side->server);
	server_process_destroy(&side->server);
	memory_group_remove(&side->group);
}
