#include "loadgen/events.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS_PATIENCE_MS = 1000, EVENTS_LINE_BYTES = 512 };

/* A line is shorter than PIPE_BUF: a pipe that polls as writable takes it whole at once. */
static void events_write(struct events *events, const char *line, size_t size)
{
	while (events->descriptor >= 0 && size > 0) {
		struct pollfd ready = {.fd = events->descriptor, .events = POLLOUT};
		int count = poll(&ready, 1, EVENTS_PATIENCE_MS);
		ssize_t written = -1;

		if (count < 0 && errno == EINTR)
			continue;
		if (count > 0)
			written = write(events->descriptor, line, size);
		if (written < 0 && count > 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (written < 0) {
			events->descriptor = -1;
			return;
		}
		line += written;
		size -= (size_t)written;
	}
}

void events_send_connected(struct events *events, uint64_t at_ns, uint64_t connections,
			   uint64_t idle)
{
	char line[EVENTS_LINE_BYTES];

	snprintf(line, sizeof(line),
		 "{\"event\":\"connected\",\"at_ns\":%" PRIu64 ",\"connections\":%" PRIu64
		 ",\"idle\":%" PRIu64 "}\n",
		 at_ns, connections, idle);
	events_write(events, line, strlen(line));
}

static void format_latency(char *out, size_t size, uint64_t ns)
{
	if (ns)
		snprintf(out, size, "%" PRIu64, ns);
	else
		snprintf(out, size, "null");
}

void events_send_interval(struct events *events, uint64_t at_ns,
			  const struct events_interval *interval)
{
	char line[EVENTS_LINE_BYTES], p50[32], p99[32], trial[32] = "", trial_key[48] = "";

	format_latency(p50, sizeof(p50), interval->p50_ns);
	format_latency(p99, sizeof(p99), interval->p99_ns);
	if (events->searching) {
		snprintf(trial, sizeof(trial), "%zu", events->trial);
		snprintf(trial_key, sizeof(trial_key), ",\"trial\":%s", trial);
	}
	snprintf(line, sizeof(line),
		 "{\"event\":\"interval\",\"at_ns\":%" PRIu64 ",\"completed\":%" PRIu64
		 ",\"errors\":%" PRIu64 ",\"p50_ns\":%s,\"p99_ns\":%s,\"cpu_ns\":%" PRIu64
		 ",\"connections\":%" PRIu64 "%s}\n",
		 at_ns, interval->completed, interval->errors, p50, p99, interval->cpu_ns,
		 interval->connections, trial_key);
	events_write(events, line, strlen(line));
	if (events->intervals_file)
		fputs(line, events->intervals_file);
	if (events->csv_file)
		fprintf(events->csv_file,
			"%.3f,%" PRIu64 ",%" PRIu64 ",%s,%s,%" PRIu64 ",%" PRIu64 ",%s\n",
			(double)interval->since_ns / 1e9, interval->completed, interval->errors,
			interval->p50_ns ? p50 : "", interval->p99_ns ? p99 : "", interval->cpu_ns,
			interval->connections, trial);
}

void events_send_slice(struct events *events, const struct events_slice *slice)
{
	char line[EVENTS_LINE_BYTES];

	snprintf(line, sizeof(line),
		 "{\"event\":\"slice\",\"at_ns\":%" PRIu64 ",\"counted\":%s,\"number\":%" PRIu64
		 ",\"begin_ns\":%" PRIu64 ",\"end_ns\":%" PRIu64 ",\"drained_ns\":%" PRIu64
		 ",\"due\":%" PRIu64 ",\"good\":%" PRIu64 ",\"errors\":%" PRIu64
		 ",\"cpu_ns\":%" PRIu64 "}\n",
		 slice->counts.rested_ns, slice->counted ? "true" : "false", slice->number,
		 slice->begin_ns, slice->end_ns, slice->counts.rested_ns, slice->counts.due,
		 slice->counts.good, slice->counts.errors, slice->counts.cpu_ns);
	events_write(events, line, strlen(line));
}

void events_begin_csv(const struct events *events)
{
	if (events->csv_file)
		fputs("seconds,completed,errors,p50_ns,p99_ns,cpu_ns,connections,trial\n",
		      events->csv_file);
}

void events_send_end(struct events *events, uint64_t at_ns, const char *outcome)
{
	char line[EVENTS_LINE_BYTES];

	snprintf(line, sizeof(line),
		 "{\"event\":\"end\",\"at_ns\":%" PRIu64 ",\"outcome\":\"%s\"}\n", at_ns, outcome);
	events_write(events, line, strlen(line));
}

void events_send(struct events *events, uint64_t at_ns, const char *name)
{
	char line[EVENTS_LINE_BYTES];

	snprintf(line, sizeof(line), "{\"event\":\"%s\",\"at_ns\":%" PRIu64 "}\n", name, at_ns);
	events_write(events, line, strlen(line));
}
