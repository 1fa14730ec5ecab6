#include "loadgen/tally.h"

void tally_init(struct tally *tally)
{
	*tally = (struct tally){.latency_bound_ns = UINT64_MAX,
				.service_bound_ns = UINT64_MAX,
				.fastest_ns = UINT64_MAX};
	histogram_init(&tally->latency);
	histogram_init(&tally->service_time);
}

static uint64_t lower(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void tally_merge(struct tally *into, const struct tally *from)
{
	into->due += from->due;
	into->sent += from->sent;
	into->good += from->good;
	into->unanswered += from->unanswered;
	for (size_t i = 0; i < ERROR_CLASSES; i++)
		into->errors[i] += from->errors[i];
	into->bytes_received += from->bytes_received;
	into->latency_bound_ns = lower(into->latency_bound_ns, from->latency_bound_ns);
	into->service_bound_ns = lower(into->service_bound_ns, from->service_bound_ns);
	into->fastest_ns = lower(into->fastest_ns, from->fastest_ns);
	histogram_merge(&into->latency, &from->latency);
	histogram_merge(&into->service_time, &from->service_time);
	into->windows += from->windows;
	into->silent_windows += from->silent_windows;
}
