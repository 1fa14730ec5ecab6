#include "loadgen/failure.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *const error_class_names[ERROR_CLASSES] = {
	[ERROR_CONNECT] = "connect", [ERROR_RESET] = "reset",	[ERROR_TIMEOUT] = "timeout",
	[ERROR_STATUS] = "status",   [ERROR_LENGTH] = "length", [ERROR_PARSE] = "parse",
	[ERROR_BODY] = "body",	     [ERROR_HEADER] = "header",
};

const char *const error_phase_names[ERROR_PHASES] = {
	[PHASE_CONNECT] = "connect", [PHASE_HANDSHAKE] = "handshake", [PHASE_SEND] = "send",
	[PHASE_WAIT] = "wait",	     [PHASE_RECEIVE] = "receive",     [PHASE_IDLE] = "idle",
};

static int compare_kinds(const struct failure *a, const struct failure *b)
{
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->phase != b->phase)
		return a->phase < b->phase ? -1 : 1;
	return (a->problem > b->problem) - (a->problem < b->problem);
}

static void failure_merge(struct failure *into, const struct failure *from)
{
	into->count += from->count;
	if (from->first_ns < into->first_ns) {
		into->first_ns = from->first_ns;
		memcpy(into->example, from->example, sizeof(into->example));
	}
	if (from->last_ns > into->last_ns)
		into->last_ns = from->last_ns;
}

void failures_add(struct failures *failures, const struct failure *failure)
{
	size_t i = 0;

	while (i < failures->count && compare_kinds(&failures->kind[i], failure) < 0)
		i++;
	if (i < failures->count && compare_kinds(&failures->kind[i], failure) == 0) {
		failure_merge(&failures->kind[i], failure);
		return;
	}
	/* What is kept are the first kinds in their order, whoever was seen first: that is associative. */
	if (i == FAILURES_MAX) {
		failures->others += failure->count;
		return;
	}
	if (failures->count == FAILURES_MAX)
		failures->others += failures->kind[--failures->count].count;
	memmove(&failures->kind[i + 1], &failures->kind[i],
		(failures->count - i) * sizeof(failures->kind[0]));
	failures->kind[i] = *failure;
	failures->count++;
}

void failures_begin_at(struct failures *failures, uint64_t start_ns)
{
	for (size_t i = 0; i < failures->count; i++) {
		failures->kind[i].first_ns -= (int64_t)start_ns;
		failures->kind[i].last_ns -= (int64_t)start_ns;
	}
}

void failures_merge(struct failures *into, const struct failures *from)
{
	for (size_t i = 0; i < from->count; i++)
		failures_add(into, &from->kind[i]);
	into->others += from->others;
}

char *failure_show_bytes(const char *bytes, size_t count, char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < count && used + 5 < size; i++) {
		if (isprint((unsigned char)bytes[i]))
			out[used++] = bytes[i];
		else
			used += (size_t)snprintf(out + used, size - used, "\\x%02x",
						 (unsigned char)bytes[i]);
	}
	out[used] = '\0';
	return out;
}
