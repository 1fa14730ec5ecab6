#include "harness/measure/metrics_parts.h"

#include "lib/json.h"
#include "stored/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/*
 * A group is charged for up to 64 pages a core in advance, and a server makes room in advance too:
 * what fewer connections than these take is no measure of one of them. The same for all slopes, so
 * that parts and sums are of the same connections.
 */
enum { SLOPE_FROM = 1000 };

enum { KEY_BYTES = 100 };

#define THEIRS \
	"servers that were not asked worked on in its turns, so that the slowest answers are late by their doing"
#define LATE "so many requests were sent over 1 ms late, which is the generator's doing"

static const struct metric_rows *const parts[] = {&metrics_of_load, &metrics_of_kinds,
						  &metrics_of_memory, &metrics_of_programs};

double metrics_from_load(const struct observation *o, const char *object, const char *key)
{
	const json_t *value = object ? json_object_get(o->load, object) : o->load;

	value = json_object_get(value, key);
	return json_is_number(value) ? json_number_value(value) : NAN;
}

/* Row by row, until NULL. */
static const struct metric *next_metric(size_t *at)
{
	size_t index = (*at)++;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (index < parts[i]->count)
			return &parts[i]->rows[index];
		index -= parts[i]->count;
	}
	return NULL;
}

/*
 * How its values are compared, as readers see it who find nothing of it (stored/metric.h), but for what
 * the row says otherwise: so a reader of the run need not know more than the run.
 */
static void describe_comparison(json_t *descriptor, const struct metric *metric)
{
	if (metric->compared_by)
		json_object_set_new(descriptor, "compared_by", json_string(metric->compared_by));
	if (metric->smallest_difference > 0)
		json_object_set_new(descriptor, "smallest_difference",
				    json_real(metric->smallest_difference));
	if (metric->smallest_absolute > 0)
		json_object_set_new(descriptor, "smallest_absolute",
				    json_real(metric->smallest_absolute));
	json_object_set_new(descriptor, "compared_by",
			    json_string(metric_comparison_word(metric_compared_by(descriptor))));
	json_object_set_new(descriptor, "smallest_difference",
			    json_real(metric_smallest_difference(descriptor)));
	json_object_set_new(descriptor, "smallest_absolute",
			    json_real(metric_smallest_absolute(descriptor)));
	json_object_set_new(descriptor, "may_be_lower_bound",
			    json_boolean(metric_may_be_lower_bound(descriptor)));
}

/* One that only kinds have stands there for all of them. */
static json_t *describe(const struct metric *metric)
{
	char key[KEY_BYTES];
	json_t *descriptor;

	snprintf(key, sizeof key, "%s%s", metric->key,
		 metric->applies || metric->slope_of ? "" : "@KIND");
	descriptor = json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s?, s:I}", "key", key, "title",
			       metric->title, "unit", metric->unit, "better", metric->better,
			       "gating", metric->gating, "group", metric->group, "slope_of",
			       metric->slope_of, "slope_from_connections",
			       (json_int_t)(metric->slope_of && !metric->most ? SLOPE_FROM : 0));
	if (metric->most)
		json_object_set_new(descriptor, "over_connections", json_string("most"));

	describe_comparison(descriptor, metric);
	if (metric->of_kinds)
		json_object_set_new(descriptor, "kinds", json_true());
	return descriptor;
}

json_t *metrics_describe(void)
{
	json_t *list = json_array();
	const struct metric *metric;

	for (size_t i = 0; (metric = next_metric(&i)) != NULL;)
		json_array_append_new(list, describe(metric));
	return list;
}

static void kind_key(const struct metric *metric, const char *kind, char *key, size_t size)
{
	snprintf(key, size, "%s@%s", metric->key, kind);
}

/* Adds what a kind has, unless another part has a kind of that name. */
static void describe_kind(json_t *list, const char *kind)
{
	const struct metric *metric;
	char key[KEY_BYTES], title[200];

	for (size_t i = 0; (metric = next_metric(&i)) != NULL;) {
		json_t *descriptor;

		if (!metric->of_kinds)
			continue;
		kind_key(metric, kind, key, sizeof key);
		if (json_find(list, "key", key))
			return;
		descriptor = describe(metric);
		snprintf(title, sizeof title, "%s (%s)", metric->title, kind);
		json_object_set_new(descriptor, "key", json_string(key));
		json_object_set_new(descriptor, "title", json_string(title));
		json_object_set_new(descriptor, "gating",
				    json_boolean(metric->of_kinds == KINDS_GATE));
		json_object_set_new(descriptor, "kind", json_string(kind));
		json_object_del(descriptor, "kinds");
		json_array_append_new(list, descriptor);
	}
}

json_t *metrics_describe_run(const struct scenario *scenarios, size_t count)
{
	json_t *list = json_array();
	const struct metric *metric;
	bool observes = false;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < scenarios[i].part_count; j++)
			observes = observes || scenarios[i].parts[j].observes;
	for (size_t i = 0; (metric = next_metric(&i)) != NULL;)
		if (metric->applies == TO_OBSERVED ? observes : metric->applies || metric->slope_of)
			json_array_append_new(list, describe(metric));
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < scenarios[i].part_count; j++)
			for (size_t k = 0; k < scenarios[i].parts[j].kind_count; k++)
				describe_kind(list, scenarios[i].parts[j].kinds[k].name);
	return list;
}

static bool is_late_at(const struct observation *observation, const char *percentile,
		       double latency_ns)
{
	double late_ns = metrics_from_load(observation, "send_lateness", percentile);

	return !observation->planned->load.burst &&
	       late_ns > fmax(METRICS_LATE_NS, METRICS_LATE_SHARE * latency_ns);
}

bool metrics_is_late(const struct observation *observation, const char *percentile)
{
	return is_late_at(observation, percentile,
			  metrics_from_load(observation, "latency", percentile));
}

/* How many of all response times lie beyond it. */
static double share_beyond(const char *percentile)
{
	static const struct {
		const char *name;
		double share;
	} shares[] = {{"p50_ns", 0.5}, {"p90_ns", 0.1}, {"p99_ns", 0.01}, {"p99_9_ns", 0.001}};

	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
		if (strcmp(shares[i].name, percentile) == 0)
			return shares[i].share;
	return 0; /* the longest */
}

bool metrics_is_neighbours(const struct observation *observation, const char *percentile)
{
	return observation->slices &&
	       observation->neighbours_ns >
		       METRICS_NEIGHBOURS * share_beyond(percentile) * observation->turns_ns;
}

static bool is_latency(const struct metric *metric)
{
	return metric->path[0] && strcmp(metric->path[0], "latency") == 0;
}

static const char *why_missing(const struct metric *metric, const struct observation *observation)
{
	if (is_latency(metric) && is_late_at(observation, metric->path[1], NAN))
		return LATE;
	if (is_latency(metric) && metrics_is_neighbours(observation, metric->path[1]))
		return THEIRS;
	if (*observation->no_memory && strcmp(metric->group, "memory") == 0)
		return observation->no_memory;
	if (metric->of_group && observation->no_groups)
		return observation->no_groups;
	if (metric->why && metric->why(observation))
		return metric->why(observation);
	return metric->missing ? metric->missing : "nothing was measured";
}

static double compute(const struct metric *metric, const struct observation *observation)
{
	if (metric->applies == TO_OBSERVED)
		return json_number_of(observation->printed, metric->key);
	if (is_latency(metric) && (metrics_is_late(observation, metric->path[1]) ||
				   metrics_is_neighbours(observation, metric->path[1])))
		return NAN;
	if (metric->value)
		return metric->value(observation);
	return metrics_from_load(observation, metric->path[0], metric->path[1]);
}

static bool applies(const struct metric *metric, const struct observation *observation)
{
	const struct planned_trial *planned = observation->planned;
	unsigned kind = planned->load.idle ? 0 : TO_LOAD;

	if (planned->part->observes) /* of what such programs print, what this one has */
		return metric->applies == TO_OBSERVED &&
		       json_object_get(observation->printed, metric->key);
	if (scenario_part_looks_at_memory(planned->part))
		kind |= TO_MEMORY;
	if (observation->collects)
		kind |= TO_COLLECTED;
	if (planned->load.burst)
		kind |= TO_BURST;
	if (observation->slices)
		kind |= TO_SLICES;
	if (planned->load.rate_per_s > 0)
		kind |= observation->slices ? TO_OPEN_LOOP | TO_RESTED : TO_OPEN_LOOP;
	if (planned->load.idle)
		kind |= TO_IDLE;
	if (planned->load.count_calls)
		kind |= TO_CALLS;
	if (planned->load.cpu_ns > 0)
		kind |= TO_WORK;
	if (planned->part->backends)
		kind |= TO_BACKENDS;
	return (metric->applies & kind) != 0;
}

static void set_value(json_t *values, json_t *unavailable, const char *key, double value,
		      const struct metric *metric, const struct observation *observation)
{
	json_object_set_new(values, key, isfinite(value) ? json_real(value) : json_null());
	if (!isfinite(value))
		json_object_set_new(unavailable, key,
				    json_string(why_missing(metric, observation)));
}

/* Of each kind of a mix, from its entry in tenk-load's report. */
static void compute_kinds(json_t *values, json_t *unavailable, const struct metric *metric,
			  const struct observation *observation)
{
	const json_t *mix = json_object_get(observation->load, "mix");
	const struct load *load = &observation->planned->load;
	char key[KEY_BYTES];

	for (size_t i = 0; metric->of_kinds && i < load->kind_count; i++) {
		const json_t *entry = json_find(mix, "name", load->kinds[i].name);
		double value = metric->kind_value
				       ? metric->kind_value(observation, entry)
				       : json_number_of(json_object_get(entry, metric->path[0]),
							metric->path[1]);

		if (is_latency(metric) && (is_late_at(observation, metric->path[1], value) ||
					   metrics_is_neighbours(observation, metric->path[1])))
			value = NAN;
		kind_key(metric, load->kinds[i].name, key, sizeof key);
		set_value(values, unavailable, key, value, metric, observation);
	}
}

json_t *metrics_compute(const struct observation *observation, json_t **unavailable)
{
	json_t *values = json_object();
	const struct metric *metric;

	*unavailable = json_object();
	for (size_t i = 0; (metric = next_metric(&i)) != NULL;) {
		if (applies(metric, observation))
			set_value(values, *unavailable, metric->key, compute(metric, observation),
				  metric, observation);
		compute_kinds(values, *unavailable, metric, observation);
	}
	return values;
}

bool metrics_may_be_printed(const char *key)
{
	const struct metric *metric;

	for (size_t i = 0; (metric = next_metric(&i)) != NULL;)
		if (metric->applies == TO_OBSERVED && strcmp(metric->key, key) == 0)
			return true;
	return false;
}

double metrics_value(const struct observation *observation, const char *key)
{
	const struct metric *metric;

	for (size_t i = 0; (metric = next_metric(&i)) != NULL;)
		if (strcmp(metric->key, key) == 0)
			return compute(metric, observation);
	return NAN;
}
