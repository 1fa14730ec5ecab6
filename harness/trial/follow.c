/* A load at work, and what is sampled beside it. */
#include "harness/trial/parts.h"

#include "harness/process/interrupt.h"
#include "lib/clock.h"

#include <math.h>

#define CONNECT_PATIENCE_NS (60 * NS_PER_S)
#define CONNECT_EACH_NS	    (100 * NS_PER_US)
enum { TICK_MS = 100 };

void trial_sample(struct trial *trial, struct sample *sample, enum sample_edge edge)
{
	server_side_sample(trial, sample, edge);
	if (trial->server.unmeasured)
		sample->cpu_ns = NAN;
	for (size_t i = 0; i < BACKENDS; i++)
		if (trial->context->backends[i])
			sample->backend_cpu_ns +=
				sample_tree_cpu_ns(trial->context->backends[i]->pid);
}

static void take_memory(struct trial *trial)
{
	server_side_read_memory(trial);
	trial->memory_at_ns = clock_now_ns();
}

/* Of its step, how much is done: by what the generator tells, by the window's time, or by rounds. */
static void tell_step(const struct trial *trial)
{
	uint64_t window_ns = trial->planned->load.duration_ns;
	uint64_t gone_ns = clock_now_ns() - trial->step_at_ns;
	bool opens = trial->step == TRIAL_IS_CONNECTING || trial->step == TRIAL_IS_WARMING_UP;

	if (trial->rounds > 0)
		trial_tell_count(trial, TRIAL_IS_MEASURING, MOMENT_ROUNDS, trial->round,
				 trial->rounds);
	else if (trial->step == TRIAL_IS_MEASURING && trial->seen.slices)
		trial_tell(trial, TRIAL_IS_WARMING_UP); /* as others of its block are still */
	else if (trial->step == TRIAL_IS_MEASURING && !trial->planned->load.idle)
		trial_tell_count(trial, trial->step, MOMENT_NS,
				 gone_ns < window_ns ? gone_ns : window_ns, window_ns);
	else if (opens && trial->load.total > 0)
		trial_tell_count(trial, trial->step, MOMENT_CONNECTIONS, trial->load.done,
				 trial->load.total);
	else
		trial_tell(trial, trial->step);
}

void trial_tell_load(struct trial *trial, enum load_event event)
{
	static const enum trial_step steps[] = {[LOAD_EVENT_CONNECTING] = TRIAL_IS_CONNECTING,
						[LOAD_EVENT_CONNECTED] = TRIAL_IS_WARMING_UP,
						[LOAD_EVENT_WARMING] = TRIAL_IS_WARMING_UP,
						[LOAD_EVENT_WARM] = TRIAL_IS_MEASURING,
						[LOAD_EVENT_DONE] = TRIAL_IS_DRAINING,
						[LOAD_EVENT_NONE] = TRIAL_IS_STARTING};
	enum trial_step step = steps[event];

	process_look_for_stop(&trial->server.process);
	if (step != TRIAL_IS_STARTING && step != trial->step) {
		trial->step = step;
		trial->step_at_ns = clock_now_ns();
	}
	tell_step(trial);
}

/* Lets the generator work, samples at the edges of its window. */
void trial_follow_load(struct trial *trial)
{
	const struct load *load = &trial->planned->load;
	uint64_t deadline_ns = clock_now_ns() + load->warmup_ns + load->duration_ns +
			       2 * load->timeout_ns + CONNECT_PATIENCE_NS +
			       load->connections * CONNECT_EACH_NS;
	bool begun = false, in_time = true;

	while (!interrupt_seen()) {
		enum load_event event = load_process_next(&trial->load, TICK_MS);

		switch (event) {
		case LOAD_EVENT_CONNECTED:
			server_side_read_kernel_threads(trial, &trial->seen.kernel_threads_before,
							&trial->seen.load_kernel_threads_before);
			break;
		case LOAD_EVENT_WARM:
			trial_sample(trial, &trial->seen.begin, SAMPLE_IN_LOAD);
			begun = true;
			if (load->idle) {
				take_memory(trial);
				load_process_enough(&trial->load);
			}
			break;
		case LOAD_EVENT_INTERVAL:
			server_side_watch(trial);
			if (trial->memory_at_ns == 0 && trial_memory_is_due(&trial->seen))
				take_memory(trial);
			break;
		case LOAD_EVENT_DONE:
			trial_sample(trial, &trial->seen.end, SAMPLE_IN_LOAD);
			trial->seen.has_window = begun;
			server_side_read_kernel_threads(trial, &trial->seen.kernel_threads_after,
							&trial->seen.load_kernel_threads_after);
			if (trial->load.event_at_ns < trial->memory_at_ns)
				trial->seen.has_memory = false; /* connections were going */
			break;
		case LOAD_EVENT_CLOSED:
			in_time = process_wait(&trial->load.process, 5 * NS_PER_S);
			goto ended;
		default:
			break;
		}
		trial_tell_load(trial, event);
		if (trial_has_to_end(trial))
			break;
		if (clock_now_ns() > deadline_ns) {
			in_time = false;
			break;
		}
	}
ended:
	if (!interrupt_seen() && !in_time)
		trial_verdict_add(&trial->verdict, OUTCOME_INVALID, "setup",
				  "the generator did not end in time");
	process_stop(&trial->load.process, NS_PER_S);
}
