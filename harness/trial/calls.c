#include "harness/trial/calls.h"

#include "harness/process/interrupt.h"
#include "harness/measure/system_calls.h"
#include "lib/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#define WARMUP_NS   (200 * NS_PER_MS)
#define DURATION_NS (500 * NS_PER_MS)
#define PATIENCE_NS (60 * NS_PER_S) /* besides the timeout: until all is connected */
enum { TICK_MS = 100 };

/* Less than this share of the window tells too little of it. */
#define SEEN_LEAST 0.5

double calls_per_request(const struct calls_window *window)
{
	uint64_t length_ns = window->ended_ns - window->began_ns;
	uint64_t seen_ns = window->ended_ns - window->looked_ns;

	if (window->began_ns == 0 || window->ended_ns <= window->began_ns ||
	    window->looked_ns >= window->ended_ns || !(window->good > 0) ||
	    (double)seen_ns < SEEN_LEAST * (double)length_ns)
		return NAN;
	return window->calls * (double)length_ns / (double)seen_ns / window->good;
}

double calls_futexes_per_request(const struct calls_window *window)
{
	struct calls_window only = *window;

	only.calls = window->futexes;
	return calls_per_request(&only);
}

/* What is counted of the server. */
struct counters {
	struct system_calls all, futexes;
};

static void counters_open(struct counters *counters, pid_t pid)
{
	system_calls_open(&counters->all, pid, SYSTEM_CALLS_ALL, "");
	system_calls_open(&counters->futexes, pid, SYS_futex, "");
}

static void counters_close(struct counters *counters)
{
	system_calls_close(&counters->all);
	system_calls_close(&counters->futexes);
}

/* Lets the generator work, and reads the counters at the edges of its window. */
static void follow(const struct trial_calls *calls, struct load_process *load,
		   const struct counters *counters, struct calls_window *window)
{
	uint64_t deadline_ns = clock_now_ns() + 2 * calls->load->timeout_ns + PATIENCE_NS;

	while (!interrupt_seen() && clock_now_ns() < deadline_ns) {
		switch (load_process_next(load, TICK_MS)) {
		case LOAD_EVENT_WARM:
			window->began_ns = load->event_at_ns;
			window->looked_ns = clock_now_ns();
			window->calls = -system_calls_read(&counters->all);
			window->futexes = -system_calls_read(&counters->futexes);
			break;
		case LOAD_EVENT_DONE:
			window->ended_ns = load->event_at_ns;
			window->calls += system_calls_read(&counters->all);
			window->futexes += system_calls_read(&counters->futexes);
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

static void judge(const json_t *report, struct calls_window *window, struct calls_counted *counted)
{
	window->good = number(report, "requests", "good");
	counted->good = window->good + number(report, "requests", "good_outside");
	counted->per_request = calls_per_request(window);
	counted->futexes_per_request = calls_futexes_per_request(window);
	counted->counted = !isnan(counted->per_request);
	if (!counted->counted)
		snprintf(counted->why, sizeof counted->why, "%s",
			 window->good > 0 && window->ended_ns
				 ? "tenk was kept from looking while the same load ran once more"
				 : "the same load was not answered a second time");
}

void trial_calls_count(const struct trial_calls *calls, const struct server_process *server,
		       struct calls_counted *counted)
{
	struct load load = *calls->load;
	struct load_target target = *calls->target;
	struct counters counters;
	struct load_process process;
	struct calls_window window = {0};
	struct error error;
	json_t *report;

	load.warmup_ns = load.warmup_ns < WARMUP_NS ? load.warmup_ns : WARMUP_NS;
	load.duration_ns = load.duration_ns < DURATION_NS ? load.duration_ns : DURATION_NS;
	target.in_slices = false; /* nobody would order any */
	counters_open(&counters, server->pid);
	if (*counters.all.why) {
		snprintf(counted->why, sizeof counted->why, "%s", counters.all.why);
		counters_close(&counters);
		return;
	}
	if (load_process_start(&process, calls->program, &load, &target, calls->files, calls->place,
			       &error) == 0) {
		follow(calls, &process, &counters, &window);
		process_stop(&process.process, NS_PER_S);
	}
	load_process_destroy(&process);
	counters_close(&counters);
	report = json_load_file(calls->files->report, 0, NULL);
	judge(report, &window, counted);
	json_decref(report);
}
