#include "loadgen/stored.h"
#include "lib/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t count_of(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 ? (uint64_t)value : 0;
}

/* Each slot is [its highest value, how many]; what is known exactly follows from the distribution. */
static int read_histogram(struct histogram *histogram, const json_t *slots,
			  const json_t *distribution)
{
	size_t i;
	const json_t *slot;

	if (!json_is_array(slots))
		return -EINVAL;
	json_array_foreach(slots, i, slot)
	{
		json_int_t value = json_integer_value(json_array_get(slot, 0));
		json_int_t count = json_integer_value(json_array_get(slot, 1));

		if (value <= 0 || count <= 0)
			return -EINVAL;
		histogram_record_many(histogram, (uint64_t)value, (uint64_t)count);
	}
	if (histogram->total != count_of(distribution, "count"))
		return -EINVAL;
	if (histogram->total > 0) {
		histogram->min_ns = count_of(distribution, "min_ns");
		histogram->max_ns = count_of(distribution, "max_ns");
		histogram->sum_ns = json_number_of(distribution, "mean_ns") *
				    (double)histogram->total;
	}
	return 0;
}

/*
 * From where on times are lower bounds is stored only as the names of the percentiles that are. It lies
 * above the highest one that is none, and may lie right behind it.
 */
static uint64_t read_bound(const json_t *distribution)
{
	static const char *const names[] = {"p50", "p90", "p99", "p99_9", "p99_99"};
	const json_t *at_least = json_object_get(distribution, "at_least");
	uint64_t bound_ns = 0;

	if (json_array_size(at_least) == 0)
		return UINT64_MAX;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char key[16];
		bool listed = false;

		for (size_t j = 0; j < json_array_size(at_least); j++) {
			const char *name = json_string_value(json_array_get(at_least, j));

			listed |= name && strcmp(name, names[i]) == 0;
		}
		snprintf(key, sizeof(key), "%s_ns", names[i]);
		if (!listed && count_of(distribution, key) >= bound_ns)
			bound_ns = count_of(distribution, key) + 1;
	}
	return bound_ns;
}

static int read_result(struct stored *stored)
{
	const json_t *report = stored->report, *requests = json_object_get(report, "requests");
	const json_t *bytes = json_object_get(report, "bytes");
	const json_t *latency = json_object_get(report, "latency");
	struct result *result = stored->result;

	stored->window_ns = count_of(report, "window_ns");
	stored->unanswered = count_of(requests, "unanswered");
	result->due = count_of(requests, "due");
	result->sent = count_of(requests, "sent");
	result->good = count_of(requests, "good");
	result->resent = count_of(requests, "resent");
	result->bytes_sent = count_of(bytes, "sent");
	result->bytes_received = count_of(bytes, "received");
	result->latency_bound_ns = read_bound(latency);
	for (size_t i = 0; i < ERROR_CLASSES; i++)
		result->errors[i] = count_of(json_object_get(report, "errors"),
					     error_class_names[i]);
	for (size_t i = 0; i < RESULT_STATUSES; i++) {
		char status[24];

		snprintf(status, sizeof(status), "%zu", i + RESULT_STATUS_LOWEST);
		result->statuses[i] = count_of(json_object_get(report, "statuses"), status);
	}
	return read_histogram(&result->latency, json_object_get(report, "histogram"), latency);
}

int stored_read(struct stored *stored, const char *file, struct error *error)
{
	json_error_t problem;
	const char *tool;

	*stored = (struct stored){.report = json_load_file(file, 0, &problem),
				  .result = result_create(0)};
	if (!stored->result) {
		error_set(error, "out of memory");
		return -ENOMEM;
	}
	if (!stored->report && problem.line <= 0)
		return error_set(error, "%s: %s", file, problem.text);
	if (!stored->report)
		return error_set(error, "%s:%d: it is no JSON: %s", file, problem.line,
				 problem.text);
	tool = json_string_of(stored->report, "tool");
	if (strcmp(tool, "tenk-load") != 0 && strcmp(tool, "tenk-load merge") != 0)
		return error_set(error,
				 "%s: it is no result of tenk-load: those are written by --json",
				 file);
	if (!json_is_object(json_object_get(stored->report, "target")) ||
	    !json_is_object(json_object_get(stored->report, "load")) ||
	    count_of(stored->report, "window_ns") == 0)
		return error_set(error, "%s: it has no measured window: the run ended before",
				 file);
	if (read_result(stored) < 0)
		return error_set(error,
				 "%s: its histogram does not go with latency.count: it is damaged, "
				 "or was edited",
				 file);
	return 0;
}

void stored_destroy(struct stored *stored)
{
	json_decref(stored->report);
	free(stored->result);
}

void stored_merge(struct stored *into, const struct stored *from)
{
	result_merge(into->result, from->result);
	into->unanswered += from->unanswered;
	into->window_ns += from->window_ns;
}

static bool may_differ(const char *key)
{
	return strcmp(key, "seed") == 0 || strcmp(key, "source") == 0 ||
	       strcmp(key, "threads") == 0;
}

/* Keys of both count: one may be of another version. What a version did not know is no difference. */
static bool find_difference(const struct stored *a, const struct stored *b, const char *part,
			    char *found, size_t size)
{
	const json_t *theirs = json_object_get(b->report, part);
	json_t *value;
	const char *key;

	json_object_foreach(json_object_get(a->report, part), key, value)
	{
		const json_t *other = json_object_get(theirs, key);

		if (!other || may_differ(key) || json_equal(value, other))
			continue;
		snprintf(found, size, "%s.%s", part, key);
		return true;
	}
	return false;
}

const char *stored_find_difference(const struct stored *a, const struct stored *b, char *key,
				   size_t size)
{
	return find_difference(a, b, "target", key, size) ||
			       find_difference(a, b, "load", key, size)
		       ? key
		       : NULL;
}
