#include "loadgen/stored.h"
#include "lib/json.h"
#include "lib/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whose windows share at least as much of the longer one were measured at the same time. */
static const double common_least = 0.9;

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

static void read_errors(uint64_t errors[ERROR_CLASSES], const json_t *object)
{
	for (size_t i = 0; i < ERROR_CLASSES; i++)
		errors[i] = count_of(object, error_class_names[i]);
}

/* A kind of a mix: what it is, and what came of it. */
static int read_kind(struct request *request, struct tally *tally, const json_t *entry)
{
	const json_t *latency = json_object_get(entry, "latency");

	snprintf(request->name, sizeof(request->name), "%s", json_string_of(entry, "name"));
	request->label = strdup(json_string_of(entry, "request"));
	request->weight = count_of(entry, "weight");
	if (!request->label)
		return -ENOMEM;
	tally->due = count_of(entry, "due");
	tally->sent = count_of(entry, "sent");
	tally->good = count_of(entry, "good");
	tally->unanswered = count_of(entry, "unanswered");
	tally->bytes_received = count_of(entry, "bytes_received");
	tally->windows = count_of(entry, "windows");
	tally->silent_windows = count_of(entry, "silent_windows");
	tally->latency_bound_ns = read_bound(latency);
	read_errors(tally->errors, json_object_get(entry, "errors_by_class"));
	return read_histogram(&tally->latency, json_object_get(entry, "histogram"), latency);
}

/* Results from before kinds had names and histograms are merged without them. */
static int read_mix(struct stored *stored)
{
	const json_t *list = json_object_get(stored->report, "mix"), *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		int result;

		if (i >= stored->result->tally_count)
			return -EINVAL;
		stored->mix.count++;
		result = read_kind(&stored->mix.request[i], &stored->result->tally[i], entry);
		if (result < 0)
			return result;
		stored->mix.weight += stored->mix.request[i].weight;
	}
	return 0;
}

/* How many kinds a result tells of, with all that is to be put together. */
static size_t count_kinds(const json_t *report)
{
	const json_t *list = json_object_get(report, "mix");
	size_t count = json_array_size(list);

	return count <= OPTIONS_REQUESTS_MAX &&
			       json_object_get(json_array_get(list, 0), "histogram")
		       ? count
		       : 0;
}

static int read_result(struct stored *stored)
{
	const json_t *report = stored->report, *requests = json_object_get(report, "requests");
	const json_t *bytes = json_object_get(report, "bytes");
	const json_t *latency = json_object_get(report, "latency");
	struct result *result = stored->result;

	stored->window_ns = count_of(report, "window_ns");
	stored->window_started_ns = count_of(report, "window_started_ns");
	stored->rate_per_s = json_number_of(report, "requests_per_s");
	stored->unanswered = count_of(requests, "unanswered");
	result->due = count_of(requests, "due");
	result->sent = count_of(requests, "sent");
	result->good = count_of(requests, "good");
	result->resent = count_of(requests, "resent");
	result->bytes_sent = count_of(bytes, "sent");
	result->bytes_received = count_of(bytes, "received");
	result->latency_bound_ns = read_bound(latency);
	read_errors(result->errors, json_object_get(report, "errors"));
	for (size_t i = 0; i < RESULT_STATUSES; i++) {
		char status[24];

		snprintf(status, sizeof(status), "%zu", i + RESULT_STATUS_LOWEST);
		result->statuses[i] = count_of(json_object_get(report, "statuses"), status);
	}
	if (result->tally_count > 0 && read_mix(stored) < 0)
		return -EINVAL;
	return read_histogram(&result->latency, json_object_get(report, "histogram"), latency);
}

int stored_read(struct stored *stored, const char *file, struct error *error)
{
	json_error_t problem;
	const char *tool;

	*stored = (struct stored){.report = json_load_file(file, 0, &problem)};
	stored->result = result_create(count_kinds(stored->report));
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
	mix_destroy(&stored->mix);
}

static size_t count_requests(const struct stored *stored)
{
	return json_array_size(json_object_get(stored->report, "mix"));
}

/* Of a mix from before its kinds were stored whole nothing is known but how many they are. */
static bool is_same_mix(const struct stored *a, const struct stored *b)
{
	for (size_t i = 0; i < a->mix.count && i < b->mix.count; i++)
		if (strcmp(a->mix.request[i].name, b->mix.request[i].name) != 0 ||
		    strcmp(a->mix.request[i].label, b->mix.request[i].label) != 0 ||
		    a->mix.request[i].weight != b->mix.request[i].weight)
			return false;
	return count_requests(a) == count_requests(b);
}

/* Kinds that are not the same, or not known of one, are not told of both together. */
static void add_counts(struct stored *into, const struct stored *from)
{
	if (!is_same_mix(into, from) || into->mix.count != from->mix.count) {
		mix_destroy(&into->mix);
		into->result->tally_count = 0;
	}
	result_merge(into->result, from->result);
	into->unanswered += from->unanswered;
}

void stored_merge(struct stored *into, const struct stored *from)
{
	double good = into->rate_per_s * (double)into->window_ns +
		      from->rate_per_s * (double)from->window_ns;

	add_counts(into, from);
	into->window_ns += from->window_ns;
	into->window_started_ns = 0;
	into->rate_per_s = good / (double)into->window_ns;
}

/* What parts of a load have of it, each its own: in sum it is the load's. */
static const char *const shared_keys[] = {"connections", "connections_max", "idle",
					  "rate_per_s",	 "slow_readers",    "slow_writers",
					  "outstanding", "threads"};

static bool is_shared(const char *key)
{
	for (size_t i = 0; i < sizeof(shared_keys) / sizeof(shared_keys[0]); i++)
		if (strcmp(key, shared_keys[i]) == 0)
			return true;
	return false;
}

static void add_loads(json_t *into, const json_t *from)
{
	for (size_t i = 0; i < sizeof(shared_keys) / sizeof(shared_keys[0]); i++) {
		json_t *a = json_object_get(into, shared_keys[i]);
		const json_t *b = json_object_get(from, shared_keys[i]);

		if (json_is_integer(a) && json_is_integer(b))
			json_integer_set(a, json_integer_value(a) + json_integer_value(b));
		else if (json_is_real(a) && json_is_number(b))
			json_real_set(a, json_real_value(a) + json_number_value(b));
	}
}

static bool is_in_slices(const struct stored *stored)
{
	return json_is_integer(json_object_get(stored->report, "slices"));
}

static uint64_t window_end_ns(const struct stored *stored)
{
	return stored->window_started_ns + stored->window_ns;
}

/* When the time that both share begins, and how long it is. */
static int find_common(const struct stored *a, const struct stored *b, uint64_t *start_ns,
		       uint64_t *length_ns, struct error *error)
{
	uint64_t longest_ns = a->window_ns > b->window_ns ? a->window_ns : b->window_ns, end_ns;
	char shared[32], whole[32];

	if (is_in_slices(a) || is_in_slices(b))
		return error_set(error, "what was measured in slices has no time in common");
	if (a->window_started_ns == 0 || b->window_started_ns == 0)
		return error_set(error, "it is not known when both were measured");
	*start_ns = a->window_started_ns > b->window_started_ns ? a->window_started_ns
								: b->window_started_ns;
	end_ns = window_end_ns(a) < window_end_ns(b) ? window_end_ns(a) : window_end_ns(b);
	*length_ns = end_ns > *start_ns ? end_ns - *start_ns : 0;
	if ((double)*length_ns >= common_least * (double)longest_ns)
		return 0;
	return error_set(error, "they share %s of %s by the clock of day",
			 units_format(UNIT_DURATION, (double)*length_ns, shared, sizeof(shared)),
			 units_format(UNIT_DURATION, (double)longest_ns, whole, sizeof(whole)));
}

int stored_join(struct stored *into, const struct stored *from, bool anyway, struct error *error)
{
	uint64_t start_ns = 0, length_ns = 0;

	if (find_common(into, from, &start_ns, &length_ns, error) < 0) {
		if (!anyway)
			return -EINVAL;
		start_ns = 0;
		length_ns = into->window_ns < from->window_ns ? into->window_ns : from->window_ns;
	}
	add_counts(into, from);
	for (size_t i = 0; i < into->result->tally_count; i++)
		into->result->tally[i].windows = into->result->tally[i].silent_windows = 0;
	add_loads(json_object_get(into->report, "load"), json_object_get(from->report, "load"));
	into->window_started_ns = start_ns;
	into->window_ns = length_ns;
	into->rate_per_s += from->rate_per_s;
	return 0;
}

static bool may_differ(const char *key)
{
	return strcmp(key, "seed") == 0 || strcmp(key, "source") == 0 ||
	       strcmp(key, "threads") == 0;
}

/* Keys of both count: one may be of another version. What a version did not know is no difference. */
static bool find_difference(const struct stored *a, const struct stored *b, const char *part,
			    bool parts, char *found, size_t size)
{
	const json_t *theirs = json_object_get(b->report, part);
	json_t *value;
	const char *key;

	json_object_foreach(json_object_get(a->report, part), key, value)
	{
		const json_t *other = json_object_get(theirs, key);

		if (!other || may_differ(key) || (parts && is_shared(key)) ||
		    json_equal(value, other))
			continue;
		snprintf(found, size, "%s.%s", part, key);
		return true;
	}
	return false;
}

const char *stored_find_difference(const struct stored *a, const struct stored *b, bool parts,
				   char *key, size_t size)
{
	if (!is_same_mix(a, b)) {
		snprintf(key, size, "mix");
		return key;
	}
	return find_difference(a, b, "target", parts, key, size) ||
			       find_difference(a, b, "load", parts, key, size)
		       ? key
		       : NULL;
}
