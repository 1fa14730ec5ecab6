#include "loadgen/stages.h"
#include "lib/clock.h"
#include "lib/units.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES = 64 };

#define STAGE_MAX_NS (24 * 3600 * NS_PER_S)

static double stage_seconds(const struct stage *stage)
{
	return (double)(stage->end_ns - stage->begin_ns) / 1e9;
}

static double stage_arrivals(const struct stage *stage)
{
	return (stage->from + stage->to) / 2 * stage_seconds(stage);
}

/* "1k" or, of connections, "1kc". */
static int parse_level(const char *text, size_t length, double *level, bool *of_connections,
		       struct error *error)
{
	char number[TEXT_BYTES];
	uint64_t count;

	if (length == 0 || length >= sizeof(number))
		return error_set(error, "a stage is TIME:RATE or TIME:RATE-RATE");
	snprintf(number, sizeof(number), "%.*s", (int)length, text);
	*of_connections = number[length - 1] == 'c';
	if (!*of_connections) {
		if (units_parse_real(UNIT_RATE, number, level, error) < 0)
			return -EINVAL;
		if (*level < 0 || *level > 1e7)
			return error_set(error, "%s is outside 0/s to 10M/s", number);
		return 0;
	}
	number[length - 1] = '\0';
	if (units_parse_integer(UNIT_COUNT, number, &count, error) < 0)
		return -EINVAL;
	*level = (double)count;
	return count <= 1000000 ? 0 : error_set(error, "%s connections are too many", number);
}

static int parse_stage(struct stages *stages, const char *text, size_t length, struct error *error)
{
	struct stage *stage = &stages->stage[stages->count];
	const char *colon = memchr(text, ':', length), *end = text + length, *dash;
	bool from_connections, to_connections;
	char time[TEXT_BYTES];
	uint64_t duration_ns;

	if (!colon || (size_t)(colon - text) >= sizeof(time))
		return error_set(error, "\"%.*s\" is not TIME:RATE", (int)length, text);
	snprintf(time, sizeof(time), "%.*s", (int)(colon - text), text);
	if (units_parse_integer(UNIT_DURATION, time, &duration_ns, error) < 0)
		return -EINVAL;
	if (duration_ns == 0 || duration_ns > STAGE_MAX_NS)
		return error_set(error, "a stage of %s is too short or too long", time);
	dash = memchr(colon, '-', (size_t)(end - colon));
	if (parse_level(colon + 1, (size_t)((dash ? dash : end) - colon - 1), &stage->from,
			&from_connections, error) < 0)
		return -EINVAL;
	stage->to = stage->from;
	to_connections = from_connections;
	if (dash &&
	    parse_level(dash + 1, (size_t)(end - dash - 1), &stage->to, &to_connections, error) < 0)
		return -EINVAL;
	if (from_connections != to_connections ||
	    (stages->count > 0 && stages->of_connections != from_connections))
		return error_set(error, "stages are either of rates or of connections (\"100c\")");
	stages->of_connections = from_connections;
	stage->begin_ns = stages_duration_ns(stages);
	stage->end_ns = stage->begin_ns + duration_ns;
	stage->before = stages_arrivals(stages);
	stages->count++;
	return 0;
}

int stages_parse(struct stages *stages, const char *text, struct error *error)
{
	*stages = (struct stages){0};
	for (;;) {
		size_t length = strcspn(text, ",");

		if (stages->count == STAGES_MAX)
			return error_set(error, "more than %d stages", STAGES_MAX);
		if (parse_stage(stages, text, length, error) < 0)
			return -EINVAL;
		if (text[length] == '\0')
			break;
		text += length + 1;
	}
	if (stages_peak(stages) <= 0)
		return error_set(error, "a load of nothing at all");
	return 0;
}

uint64_t stages_duration_ns(const struct stages *stages)
{
	return stages->count ? stages->stage[stages->count - 1].end_ns : 0;
}

double stages_peak(const struct stages *stages)
{
	double peak = 0;

	for (size_t i = 0; i < stages->count; i++)
		peak = fmax(peak, fmax(stages->stage[i].from, stages->stage[i].to));
	return peak;
}

size_t stages_at(const struct stages *stages, uint64_t since_ns)
{
	size_t i = 0;

	while (i + 1 < stages->count && since_ns >= stages->stage[i].end_ns)
		i++;
	return i;
}

double stages_level(const struct stages *stages, uint64_t since_ns)
{
	const struct stage *stage = &stages->stage[stages_at(stages, since_ns)];
	double share;

	if (since_ns >= stage->end_ns)
		return stage->to;
	share = (double)(since_ns - stage->begin_ns) / (double)(stage->end_ns - stage->begin_ns);
	return stage->from + (stage->to - stage->from) * share;
}

double stages_arrivals(const struct stages *stages)
{
	const struct stage *last;

	if (stages->count == 0)
		return 0;
	last = &stages->stage[stages->count - 1];
	return last->before + stage_arrivals(last);
}

/*
 * In a stage the rate at t is a + (b - a) t / T, so until t there are a t + (b - a) t^2 / 2T
 * arrivals. Solved for t in the form that loses no digits where a and b are close.
 */
double stages_when(const struct stages *stages, double n)
{
	const struct stage *stage;
	double wanted, slope, root;
	size_t i = 0;

	while (i + 1 < stages->count && n >= stages->stage[i + 1].before)
		i++;
	stage = &stages->stage[i];
	wanted = n - stage->before;
	if (wanted <= 0)
		return (double)stage->begin_ns;
	if (wanted > stage_arrivals(stage))
		return INFINITY;
	slope = (stage->to - stage->from) / stage_seconds(stage);
	root = stage->from * stage->from + 2 * slope * wanted;
	return (double)stage->begin_ns + 2e9 * wanted / (stage->from + sqrt(fmax(root, 0)));
}
