#include "loadgen/result.h"

#include <stdlib.h>
#include <string.h>

struct result *result_create(size_t tallies)
{
	struct result *result = calloc(1, sizeof(*result) + tallies * sizeof(result->tally[0]));

	if (!result)
		return NULL;
	histogram_init(&result->latency);
	histogram_init(&result->service_time);
	histogram_init(&result->first_byte);
	histogram_init(&result->send_lateness);
	histogram_init(&result->read_lateness);
	histogram_init(&result->early);
	histogram_init(&result->late);
	histogram_init(&result->unanswered_age);
	histogram_init(&result->connect);
	histogram_init(&result->handshakes.full);
	histogram_init(&result->handshakes.resumed);
	result->latency_bound_ns = result->service_bound_ns = result->fastest_ns = UINT64_MAX;
	result->tally_count = tallies;
	for (size_t i = 0; i < tallies; i++)
		tally_init(&result->tally[i]);
	return result;
}

static void handshakes_merge(struct handshakes *into, const struct handshakes *from)
{
	histogram_merge(&into->full, &from->full);
	histogram_merge(&into->resumed, &from->resumed);
	into->kernel_sends += from->kernel_sends;
	into->kernel_receives += from->kernel_receives;
	if (into->name[0] == '\0')
		memcpy(into->name, from->name, sizeof(into->name));
}

void result_merge(struct result *into, const struct result *from)
{
	result_bound(&into->latency_bound_ns, from->latency_bound_ns);
	result_bound(&into->fastest_ns, from->fastest_ns);
	result_bound(&into->service_bound_ns, from->service_bound_ns);
	into->due += from->due;
	into->unopened += from->unopened;
	into->sent += from->sent;
	into->good += from->good;
	into->waited += from->waited;
	into->resent += from->resent;
	for (size_t i = 0; i < RESULT_STATUSES; i++)
		into->statuses[i] += from->statuses[i];
	into->bytes_sent += from->bytes_sent;
	into->bytes_received += from->bytes_received;
	for (size_t i = 0; i < ERROR_CLASSES; i++) {
		into->errors[i] += from->errors[i];
		into->errors_outside[i] += from->errors_outside[i];
	}
	into->cpu_ns += from->cpu_ns;
	into->user_ns += from->user_ns;
	into->system_ns += from->system_ns;
	into->spin_ns += from->spin_ns;
	into->run_delay_ns += from->run_delay_ns;
	into->run_delay_unknown += from->run_delay_unknown;
	if (from->busiest_cpu_ns > into->busiest_cpu_ns)
		into->busiest_cpu_ns = from->busiest_cpu_ns;
	if (from->busiest_occupied_ns > into->busiest_occupied_ns)
		into->busiest_occupied_ns = from->busiest_occupied_ns;
	into->threads += from->threads;
	into->unstamped += from->unstamped;
	into->unanswered_outside += from->unanswered_outside;
	into->good_outside += from->good_outside;
	into->crowd_answered += from->crowd_answered;
	into->crowd_open += from->crowd_open;
	into->crowd_slow_answers += from->crowd_slow_answers;
	into->crowd_slow_cut += from->crowd_slow_cut;
	histogram_merge(&into->latency, &from->latency);
	histogram_merge(&into->service_time, &from->service_time);
	histogram_merge(&into->first_byte, &from->first_byte);
	histogram_merge(&into->send_lateness, &from->send_lateness);
	histogram_merge(&into->read_lateness, &from->read_lateness);
	histogram_merge(&into->early, &from->early);
	histogram_merge(&into->late, &from->late);
	histogram_merge(&into->unanswered_age, &from->unanswered_age);
	histogram_merge(&into->connect, &from->connect);
	handshakes_merge(&into->handshakes, &from->handshakes);
	fairness_merge(&into->fairness, &from->fairness);
	failures_merge(&into->failures, &from->failures);
	failures_merge(&into->failures_outside, &from->failures_outside);
	for (size_t i = 0; i < into->tally_count && i < from->tally_count; i++)
		tally_merge(&into->tally[i], &from->tally[i]);
}

uint64_t result_count_errors(const uint64_t errors[ERROR_CLASSES])
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ERROR_CLASSES; i++)
		sum += errors[i];
	return sum;
}
