#include "report/pair.h"

#include "stored/axis.h"

#include <math.h>
#include <string.h>

/* Where rates and CPU are compared if the scenario does not say otherwise. */
static const double usual_connections = 64, half_of_capacity = 50;

const char *pair_family(const struct part *part, const char *server)
{
	const json_t *servers = json_object_get(part->results->run, "servers");
	const json_t *described = json_find(servers, "name", server);
	const char *family = json_string_of(described, "family");

	return strcmp(family, "reference") == 0 ? json_string_of(described, "architecture")
						: family;
}

static bool has_figures(const struct part *part, const char *server)
{
	const struct part_outcomes outcomes = part_count(part, server, NULL);

	return outcomes.ok + outcomes.saturated > 0;
}

/* How well a server stands for its family: by name, else as one of it that has figures. */
static int fitness(const struct part *part, const char *server, const char *name,
		   const char *family)
{
	if (strcmp(server, name) == 0)
		return 3;
	return has_figures(part, server) + (strcmp(pair_family(part, server), family) == 0);
}

/* The fittest but `other`, the first of equals; a floor does no work and stands for nobody. */
static const char *choose(const struct part *part, const char *name, const char *family,
			  const char *other)
{
	const char *best = NULL;
	int most = -1;

	for (size_t i = 0; i < part->server_count; i++) {
		const char *server = part->servers[i];
		int fit = fitness(part, server, name, family);

		if ((other && strcmp(server, other) == 0) ||
		    strcmp(pair_family(part, server), "floor") == 0 || fit <= most)
			continue;
		most = fit;
		best = server;
	}
	return best;
}

struct pair pair_find(const struct part *part)
{
	struct pair pair = {0};

	pair.over = choose(part, "epoll", "loops", NULL);
	pair.of = choose(part, "thread-per-connection", "threads", pair.over);
	if (!pair.of) {
		pair.of = pair.over ? pair.over : part->server_count ? part->servers[0] : NULL;
		pair.over = NULL;
	}
	pair.threads_and_loop = pair.over && strcmp(pair_family(part, pair.of), "threads") == 0 &&
				strcmp(pair_family(part, pair.over), "loops") == 0;
	return pair;
}

static size_t figures_at(const struct part *part, const struct pair *pair, const json_t *point,
			 const char *metric)
{
	size_t count = part_shown_summary(part, pair->of, point, metric).count > 0;

	if (pair->over)
		count += part_shown_summary(part, pair->over, point, metric).count > 0;
	return count;
}

/* How far a point is from where servers are best compared. */
static double distance_of(const struct part *part, const json_t *point, bool most)
{
	double connections = part_load(part, point, axis_at(AXIS_CONNECTIONS)->key);
	double active = json_number_of(point, axis_at(AXIS_ACTIVE)->key);
	double distance = most ? -connections : fabs(log(connections / usual_connections));

	if (isnan(distance))
		distance = 0;
	return isnan(active) ? distance : distance + log(active); /* the idle are what differs */
}

const json_t *pair_point(const struct part *part, const struct pair *pair, const char *metric,
			 bool most)
{
	const json_t *best = NULL;
	size_t best_figures = 1;
	double nearest = INFINITY;

	for (size_t i = 0; i < part->point_count; i++) {
		const json_t *point = part->points[i];
		size_t figures = figures_at(part, pair, point, metric);
		double distance = distance_of(part, point, most);

		if (figures < best_figures || (figures == best_figures && distance > nearest))
			continue;
		best = point;
		best_figures = figures;
		nearest = distance;
	}
	return best;
}

static bool keeps_up(const struct part *part, const char *server, const json_t *point)
{
	return !server || part_count(part, server, point).saturated == 0;
}

const json_t *pair_point_kept_up(const struct part *part, const struct pair *pair,
				 const char *metric)
{
	const char *share = axis_at(AXIS_SHARE)->key;
	size_t both = pair->over ? 2 : 1;
	const json_t *best = NULL;
	double nearest = INFINITY;

	for (size_t i = 0; i < part->point_count; i++) {
		const json_t *point = part->points[i];
		double distance = fabs(log(json_number_of(point, share) / half_of_capacity));

		if (isnan(distance))
			distance = 0;
		if (figures_at(part, pair, point, metric) < both ||
		    !keeps_up(part, pair->of, point) || !keeps_up(part, pair->over, point) ||
		    distance > nearest)
			continue;
		best = point;
		nearest = distance;
	}
	return best ? best : pair_point(part, pair, metric, false);
}
