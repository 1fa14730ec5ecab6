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

/* Lets the generator work, samples at the edges of its window. */
void trial_follow_load(struct trial *trial)
{
	const struct load *load = &trial->planned->load;
	uint64_t deadline_ns = clock_now_ns() + load->warmup_ns + load->duration_ns +
			       2 * load->timeout_ns + CONNECT_PATIENCE_NS +
			       load->connections * CONNECT_EACH_NS;
	bool begun = false, in_time = true;

	while (!interrupt_seen()) {
		switch (load_process_next(&trial->load, TICK_MS)) {
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
		if (trial->context->tick)
			trial->context->tick(trial->context->tick_context);
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
