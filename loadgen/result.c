#include "loadgen/result.h"

#include <stdlib.h>

const char *const error_class_names[ERROR_CLASSES] = {
	[ERROR_CONNECT] = "connect", [ERROR_RESET] = "reset",	[ERROR_TIMEOUT] = "timeout",
	[ERROR_STATUS] = "status",   [ERROR_LENGTH] = "length", [ERROR_PARSE] = "parse",
	[ERROR_BODY] = "body",
};

struct result *result_create(void)
{
	struct result *result = calloc(1, sizeof(*result));

	if (!result)
		return NULL;
	histogram_init(&result->latency);
	histogram_init(&result->service_time);
	histogram_init(&result->send_lateness);
	histogram_init(&result->connect);
	result->length_seen = RESULT_NO_LENGTH;
	return result;
}

void result_merge(struct result *into, const struct result *from)
{
	into->due += from->due;
	into->sent += from->sent;
	into->good += from->good;
	into->unanswered += from->unanswered;
	into->bytes_sent += from->bytes_sent;
	into->bytes_received += from->bytes_received;
	for (size_t i = 0; i < ERROR_CLASSES; i++) {
		into->errors[i] += from->errors[i];
		into->errors_outside[i] += from->errors_outside[i];
	}
	into->cpu_ns += from->cpu_ns;
	into->user_ns += from->user_ns;
	into->system_ns += from->system_ns;
	if (from->busiest_cpu_ns > into->busiest_cpu_ns)
		into->busiest_cpu_ns = from->busiest_cpu_ns;
	into->threads += from->threads;
	into->good_outside += from->good_outside;
	into->crowd_answered += from->crowd_answered;
	histogram_merge(&into->latency, &from->latency);
	histogram_merge(&into->service_time, &from->service_time);
	histogram_merge(&into->send_lateness, &from->send_lateness);
	histogram_merge(&into->connect, &from->connect);
	if (into->connect_errno == 0)
		into->connect_errno = from->connect_errno;
	if (into->status_seen == 0)
		into->status_seen = from->status_seen;
	if (into->length_seen == RESULT_NO_LENGTH)
		into->length_seen = from->length_seen;
}

uint64_t result_count_errors(const uint64_t errors[ERROR_CLASSES])
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ERROR_CLASSES; i++)
		sum += errors[i];
	return sum;
}
