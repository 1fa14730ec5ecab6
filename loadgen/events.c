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

void events_send_part(struct events *events, uint64_t at_ns, const char *name, const char *key,
		      uint64_t count, uint64_t of)
{
	char line[EVENTS_LINE_BYTES];

	snprintf(line, sizeof(line),
		 "{\"event\":\"%s\",\"at_ns\":%" PRIu64 ",\"%s\":%" PRIu64 ",\"of\":%" PRIu64 "}\n",
		 name, at_ns, key, count, of);
	events_write(events, line, strlen(line));
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

/* The keys of a mix's kinds, behind the line's own, which is cut before its end. */
static void write_kinds(const struct events *events, const struct events_interval *interval,
			FILE *out)
{
	fputs(",\"kinds\":{", out);
	for (size_t i = 0; i < events->mix->count; i++) {
		const struct events_counts *counts = &interval->kinds[i];
		char p50[32], p99[32];

		format_latency(p50, sizeof(p50), counts->p50_ns);
		format_latency(p99, sizeof(p99), counts->p99_ns);
		fprintf(out,
			"%s\"%s\":{\"completed\":%" PRIu64 ",\"errors\":%" PRIu64
			",\"p50_ns\":%s,\"p99_ns\":%s}",
			i > 0 ? "," : "", events->mix->request[i].name, counts->completed,
			counts->errors, p50, p99);
	}
	fputs("}}\n", out);
}

static void write_csv(const struct events *events, const struct events_interval *interval)
{
	FILE *out = events->csv_file;
	size_t kinds = events->mix && events->mix->count > 1 ? events->mix->count : 0;

	fprintf(out, "%.3f", (double)interval->since_ns / 1e9);
	for (size_t i = 0; i <= kinds; i++) {
		const struct events_counts *counts = i > 0 ? &interval->kinds[i - 1]
							   : &interval->all;
		char p50[32], p99[32];

		format_latency(p50, sizeof(p50), counts->p50_ns);
		format_latency(p99, sizeof(p99), counts->p99_ns);
		fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%s,%s", counts->completed, counts->errors,
			counts->p50_ns ? p50 : "", counts->p99_ns ? p99 : "");
		if (i == 0)
			fprintf(out, ",%" PRIu64 ",%" PRIu64 ",", interval->cpu_ns,
				interval->connections);
		if (i == 0 && events->searching)
			fprintf(out, "%zu", events->trial);
	}
	fputc('\n', out);
}

/* The kinds of a mix are told apart in files only: a pipe takes lines whole that are short. */
void events_send_interval(struct events *events, uint64_t at_ns,
			  const struct events_interval *interval)
{
	char line[EVENTS_LINE_BYTES], p50[32], p99[32], trial_key[48] = "";
	size_t length;

	format_latency(p50, sizeof(p50), interval->all.p50_ns);
	format_latency(p99, sizeof(p99), interval->all.p99_ns);
	if (events->searching)
		snprintf(trial_key, sizeof(trial_key), ",\"trial\":%zu", events->trial);
	snprintf(line, sizeof(line),
		 "{\"event\":\"interval\",\"at_ns\":%" PRIu64 ",\"completed\":%" PRIu64
		 ",\"errors\":%" PRIu64 ",\"p50_ns\":%s,\"p99_ns\":%s,\"cpu_ns\":%" PRIu64
		 ",\"connections\":%" PRIu64 "%s}\n",
		 at_ns, interval->all.completed, interval->all.errors, p50, p99, interval->cpu_ns,
		 interval->connections, trial_key);
	length = strlen(line);
	events_write(events, line, length);
	if (events->intervals_file && events->mix && events->mix->count > 1) {
		fwrite(line, 1, length - strlen("}\n"), events->intervals_file);
		write_kinds(events, interval, events->intervals_file);
	} else if (events->intervals_file) {
		fputs(line, events->intervals_file);
	}
	if (events->csv_file)
		write_csv(events, interval);
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
	FILE *out = events->csv_file;

	if (!out)
		return;
	fputs("seconds,completed,errors,p50_ns,p99_ns,cpu_ns,connections,trial", out);
	for (size_t i = 0; events->mix && events->mix->count > 1 && i < events->mix->count; i++) {
		const char *name = events->mix->request[i].name;

		fprintf(out, ",%s_completed,%s_errors,%s_p50_ns,%s_p99_ns", name, name, name, name);
	}
	fputc('\n', out);
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
