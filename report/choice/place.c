/* Where a figure was measured that is nearest to what is asked for. */
#include "report/choice/parts.h"

#include "stored/axis.h"

#include <errno.h>
#include <math.h>
#include <string.h>

int choice_run_open(struct choice_run *run, const struct results *results, bool published)
{
	*run = (struct choice_run){.results = results, .published = published};
	return parts_open(&run->parts, &run->part_count, results);
}

void choice_run_close(struct choice_run *run)
{
	parts_close(run->parts, run->part_count);
	*run = (struct choice_run){0};
}

/* Whether all its connections ask one thing after the other, without anything that would explain the figures. */
static bool is_plain(const struct part *part)
{
	static const char *const special[] = {"mix",
					      "burst",
					      "pipelining",
					      "requests_per_connection",
					      "active_percent",
					      "memory_limit_bytes"};
	const json_t *load = json_object_get(part->json, "load");

	for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
		const json_t *value = json_object_get(load, special[i]);

		if (json_number_value(value) > 0 || json_is_true(value) || json_is_array(value) ||
		    part_varies(part, special[i]))
			return false;
	}
	return json_is_object(load);
}

char *choice_work(const struct part *part, char out[CHOICE_WORD])
{
	const char *target = json_string_of(json_object_get(part->json, "load"), "target");
	size_t length = *target == '/' ? strcspn(target + 1, "/?{") : 0;

	if (!is_plain(part) || part->idle || length >= CHOICE_WORD)
		length = 0;
	memcpy(out, target + (length > 0), length);
	out[length] = '\0';
	return out;
}

static bool asks_for(const struct part *part, const char *work)
{
	char word[CHOICE_WORD];

	return *work && strcmp(choice_work(part, word), work) == 0;
}

/* Whether a part has the figures of a column. */
static bool is_of_column(const struct part *part, const struct choice_needs *needs,
			 enum choice_column column)
{
	if (column == CHOICE_MEMORY)
		return part->has_memory && is_plain(part) &&
		       (part->idle || asks_for(part, needs->work));
	return asks_for(part, needs->work) && part_is_open_loop(part) == (column == CHOICE_TAIL);
}

bool choice_is_floor(const struct part *part, const char *server)
{
	const json_t *servers = json_object_get(part->results->run, "servers");

	return strcmp(json_string_of(json_find(servers, "name", server), "family"), "floor") == 0;
}

static bool is_counted(const struct choice_search *search, const struct part *part,
		       const char *server)
{
	const struct part *decides = search->decides;

	if (search->server)
		return strcmp(server, search->server) == 0;
	for (size_t i = 0; decides && i < decides->server_count; i++)
		if (strcmp(server, decides->servers[i]) == 0)
			return true;
	return !decides && !choice_is_floor(part, server);
}

static size_t count_figures(const struct choice_search *search, const struct choice_place *place,
			    const char *metric)
{
	const struct part *part = place->part;
	size_t count = 0;

	for (size_t i = 0; i < part->server_count; i++)
		count += is_counted(search, part, part->servers[i]) &&
			 part_shown_summary(part, part->servers[i], place->point, metric).count > 0;
	return count;
}

/* What is looked for first; where control groups are not to be had memory is known of the processes alone. */
static const char *const metrics[CHOICE_COLUMNS][2] = {
	[CHOICE_WORK] = {"requests_per_s", "server_cpu_per_request_ns"},
	[CHOICE_MEMORY] = {"total_bytes", "resident_bytes"},
	[CHOICE_TAIL] = {"latency_p99_ns", "latency_p50_ns"},
};

static void find_figures(const struct choice_search *search, struct choice_place *place)
{
	for (size_t i = 0; i < 2 && place->figures == 0; i++) {
		place->metric = metrics[search->column][i];
		place->figures = count_figures(search, place, place->metric);
	}
}

static double cores_of(const struct part *part, const json_t *point)
{
	const char *key = axis_at(AXIS_SERVER_CORES)->key;
	const json_t *given = json_object_get(json_object_get(part->results->run, "cores"),
					      "server");
	double asked = part_load(part, point, key);

	if (asked > 0)
		return asked;
	return json_is_array(given) ? (double)json_array_size(given) : NAN;
}

static struct choice_place place_at(const struct choice_run *run, const struct part *part,
				    const json_t *point, const struct choice_needs *needs)
{
	struct choice_place place = {
		.run = run,
		.part = part,
		.point = point,
		.connections = part_load(part, point, axis_at(AXIS_CONNECTIONS)->key),
		.cores = cores_of(part, point),
		.right_work = asks_for(part, needs->work),
	};

	place.near = fabs(log(place.connections / needs->connections)) <= log(CHOICE_NEAR) + 1e-9;
	place.right_cores = needs->cores == 0 || place.cores == needs->cores ||
			    (isnan(place.cores) && run->results->trial_count == 0);
	return place;
}

/* In their order; what is smaller is preferred. */
enum order {
	ORDER_NEAR,
	ORDER_CORES,
	ORDER_ALONE,  /* one server alone can be set against nothing */
	ORDER_METRIC, /* what is looked for first */
	ORDER_WORK,
	ORDER_CHANGES, /* of another machine, or of this one as it was */
	ORDER_DISTANCE,
	ORDER_PUBLISHED,
	ORDER_FIGURES,
	ORDERS
};

static void find_order(const struct choice_place *place, const struct choice_needs *needs,
		       enum choice_column column, double order[ORDERS])
{
	order[ORDER_NEAR] = !place->near;
	order[ORDER_CORES] = !place->right_cores && column != CHOICE_MEMORY;
	order[ORDER_WORK] = !place->right_work;
	order[ORDER_ALONE] = place->figures < 2;
	order[ORDER_METRIC] = place->metric && strcmp(place->metric, metrics[column][0]) != 0;
	order[ORDER_CHANGES] = *place->run->changes != '\0';
	order[ORDER_DISTANCE] = fabs(log(place->connections / needs->connections));
	order[ORDER_PUBLISHED] = place->run->published;
	order[ORDER_FIGURES] = -(double)place->figures;
}

static double best_rate(const struct choice_place *place)
{
	double best = 0;

	for (size_t i = 0; i < place->part->server_count; i++)
		best = fmax(best, part_summary(place->part, place->part->servers[i], place->point,
					       "requests_per_s")
					  .median);
	return best;
}

static size_t count_behind(const struct choice_place *place)
{
	size_t behind = 0;

	for (size_t i = 0; i < place->part->server_count; i++)
		behind += part_count(place->part, place->part->servers[i], place->point).saturated >
			  0;
	return behind;
}

/*
 * Of two points of a part, which differ in what nobody asked for: where servers do most, as those with a choice would set
 * them; and of rates that are offered the highest with which most of them keep up.
 */
static bool is_better_set(const struct choice_place *a, const struct choice_place *b,
			  enum choice_column column)
{
	size_t behind_a, behind_b;

	if (column == CHOICE_MEMORY)
		return false;
	if (column == CHOICE_TAIL) {
		behind_a = count_behind(a);
		behind_b = count_behind(b);
		if (behind_a != behind_b)
			return behind_a < behind_b;
	}
	return best_rate(a) > best_rate(b);
}

static bool is_preferred(const struct choice_place *a, const struct choice_place *b,
			 const struct choice_needs *needs, enum choice_column column)
{
	double order_a[ORDERS], order_b[ORDERS];
	int later;

	if (!b->run)
		return true;
	find_order(a, needs, column, order_a);
	find_order(b, needs, column, order_b);
	for (size_t i = 0; i < ORDERS; i++)
		if (order_a[i] != order_b[i])
			return order_a[i] < order_b[i];
	if (a->part == b->part)
		return is_better_set(a, b, column);
	later = strcmp(json_string_of(a->run->results->run, "started_at"),
		       json_string_of(b->run->results->run, "started_at"));
	return later > 0;
}

/* `measured`: only where some server has a figure. */
static struct choice_place find(const struct choice_search *search, bool measured)
{
	struct choice_place best = {0};

	for (size_t i = 0; i < search->count; i++)
		for (size_t j = 0; j < search->runs[i].part_count; j++) {
			const struct part *part = &search->runs[i].parts[j];

			if (!is_of_column(part, search->needs, search->column))
				continue;
			for (size_t k = 0; k < part->point_count; k++) {
				struct choice_place place = place_at(
					&search->runs[i], part, part->points[k], search->needs);

				if (isnan(place.connections))
					continue;
				if (measured)
					find_figures(search, &place);
				if ((!measured || place.figures > 0) &&
				    is_preferred(&place, &best, search->needs, search->column))
					best = place;
			}
		}
	return best;
}

struct choice_place choice_find_place(const struct choice_search *search)
{
	return find(search, true);
}

bool choice_plan(struct choice_place *place, const struct choice_run *scenarios,
		 const struct choice_needs *needs, enum choice_column column)
{
	const struct choice_search search = {
		.runs = scenarios, .count = 1, .needs = needs, .column = column};

	*place = find(&search, false);
	return place->run != NULL;
}
