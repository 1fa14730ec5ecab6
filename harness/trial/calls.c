#include "harness/trial/calls.h"

#include "harness/process/interrupt.h"
#include "harness/measure/system_calls.h"
#include "lib/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define WARMUP_NS   (200 * NS_PER_MS)
#define DURATION_NS (500 * NS_PER_MS)
#define PATIENCE_NS (60 * NS_PER_S) /* besides the timeout: until all is connected */
enum { TICK_MS = 100 };

struct edges {
	double begin, end; /* counted so far */
	uint64_t begin_ns, end_ns;
};

/* Lets the generator work, and reads the counter at the edges of its window. */
static void follow(const struct trial_calls *calls, struct load_process *load,
		   const struct system_calls *counter, struct edges *edges)
{
	uint64_t deadline_ns = clock_now_ns() + 2 * calls->load->timeout_ns + PATIENCE_NS;

	while (!interrupt_seen() && clock_now_ns() < deadline_ns) {
		switch (load_process_next(load, TICK_MS)) {
		case LOAD_EVENT_WARM:
			edges->begin_ns = clock_now_ns();
			edges->begin = system_calls_read(counter);
			break;
		case LOAD_EVENT_DONE:
			edges->end_ns = clock_now_ns();
			edges->end = system_calls_read(counter);
			break;
		case LOAD_EVENT_CLOSED:
			process_wait(&load->process, NS_PER_S);
			return;
		default:
			break;
		}
		if (calls->tick)
			calls->tick(calls->tick_context);
		if (calls->is_over(calls->is_over_context))
			return;
	}
}

static double number(const json_t *report, const char *object, const char *key)
{
	return json_number_value(
		json_object_get(object ? json_object_get(report, object) : report, key));
}

static void judge(const json_t *report, const struct edges *edges, struct calls_counted *counted)
{
	double good = number(report, "requests", "good");
	double elapsed_ns = (double)(edges->end_ns - edges->begin_ns);

	counted->good = good + number(report, "requests", "good_outside");
	counted->counted = edges->begin_ns && edges->end_ns > edges->begin_ns && good > 0;
	if (counted->counted)
		counted->per_request = (edges->end - edges->begin) *
				       number(report, NULL, "window_ns") / elapsed_ns / good;
	else
		snprintf(counted->why, sizeof counted->why,
			 "the same load was not answered a second time");
}

void trial_calls_count(const struct trial_calls *calls, const struct server_process *server,
		       struct calls_counted *counted)
{
	struct load load = *calls->load;
	struct load_target target = *calls->target;
	struct system_calls counter;
	struct load_process process;
	struct edges edges = {0};
	struct error error;
	json_t *report;

	load.warmup_ns = load.warmup_ns < WARMUP_NS ? load.warmup_ns : WARMUP_NS;
	load.duration_ns = load.duration_ns < DURATION_NS ? load.duration_ns : DURATION_NS;
	target.in_slices = false; /* nobody would order any */
	system_calls_open(&counter, server->pid, "");
	if (*counter.why) {
		snprintf(counted->why, sizeof counted->why, "%s", counter.why);
		return;
	}
	if (load_process_start(&process, calls->program, &load, &target, calls->files, calls->place,
			       &error) == 0) {
		follow(calls, &process, &counter, &edges);
		process_stop(&process.process, NS_PER_S);
	}
	load_process_destroy(&process);
	system_calls_close(&counter);
	report = json_load_file(calls->files->report, 0, NULL);
	judge(report, &edges, counted);
	json_decref(report);
}
