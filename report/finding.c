#include "report/finding.h"

#include "report/finding_kinds.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the order in which they are told. */
static const struct finding_kind kinds[] = {
	{"cpu",
	 "Server CPU per request",
	 "cpu",
	 FINDING_ONCE,
	 finding_contrast,
	 {"server_cpu_per_request_ns", "a request costs", " of server CPU", "", "as much",
	  "server CPU per request", NULL, finding_fits_cpu}},
	{"memory",
	 "Memory per connection",
	 "memory",
	 FINDING_ONCE,
	 finding_memory,
	 {"total_per_connection_bytes", "", "", ", the kernel's share included", "as much",
	  "memory per connection", "", NULL}},
	{"tail",
	 "Response time, p99",
	 "latency-rate",
	 FINDING_ONCE,
	 finding_contrast,
	 {"latency_p99_ns", "the p99 is", "", "", "as long", "p99", NULL, finding_fits_tail}},
	{"rate",
	 "Requests per second",
	 "throughput",
	 FINDING_ONCE,
	 finding_contrast,
	 {"requests_per_s", "the rate is", "", "", "as high", "rate", NULL, finding_fits_rate}},
	{"wall", "Held by most", "ladder", FINDING_SPECIAL, finding_wall, {0}},
	{"earlier", "First to stop", "ladder", FINDING_SPECIAL, finding_earlier, {0}},
	{"beside",
	 "Quick requests' p99",
	 "kinds",
	 FINDING_SPECIAL,
	 finding_beside,
	 {"latency_p99_ns", "", "", "", "as long", "", NULL, NULL}},
	{"silence",
	 "Tenths of a second without a quick answer",
	 "kinds",
	 FINDING_SPECIAL,
	 finding_silence,
	 {"silent_window_ratio", "", "", "", "", "", NULL, NULL}},
	{"offloaded",
	 "The same with threads behind",
	 "kinds",
	 FINDING_SPECIAL,
	 finding_offloaded,
	 {"latency_p99_ns", "", "", "", "", "", NULL, NULL}},
	{"gain",
	 "Gained by more",
	 "throughput",
	 FINDING_SPECIAL,
	 finding_gain,
	 {"requests_per_s", "", "", "", "", "", NULL, NULL}},
	{"burst",
	 "Until the last answer",
	 "throughput",
	 FINDING_SPECIAL,
	 finding_burst,
	 {"latency_max_ns", "", "", "", "", "", NULL, NULL}},
	{"unluckiest",
	 "Response time, p99.9",
	 "latency",
	 FINDING_SPECIAL,
	 finding_contrast,
	 {"latency_p99_9_ns", "one request in 1,000 takes more than", "", "", "as long", "p99.9",
	  NULL, finding_fits_unluckiest}},
	{"held",
	 "Memory in all",
	 "memory",
	 FINDING_SPECIAL,
	 finding_held,
	 {"total_bytes", "", "", ", the kernel's share included", "as much", "", NULL, NULL}},
	{"behind",
	 "Requests per second",
	 "throughput",
	 FINDING_SPECIAL,
	 finding_contrast,
	 {"requests_per_s", "the rate is", "", "", "as high", "rate", NULL, finding_fits_behind}},
	{"cpu-both",
	 "CPU per request, both sides",
	 "cpu",
	 FINDING_ONCE,
	 finding_contrast,
	 {"total_cpu_per_request_ns", "server and generator together spend", "", " on a request",
	  "as much", "CPU per request of both sides", NULL, finding_fits_cpu}},
	{"kernel-share",
	 "The kernel's share",
	 "memory",
	 FINDING_ONCE,
	 finding_kernel_share,
	 {"kernel_per_connection_bytes", "", "", "", "", "", NULL, NULL}},
	{"reserved",
	 "Address space per connection",
	 "memory",
	 FINDING_ONCE,
	 finding_reserved,
	 {"virtual_per_connection_bytes", "", "", "", "", "", NULL, NULL}},
};

enum {
	KINDS = sizeof kinds / sizeof *kinds,
	CONTRASTS = 4
}; /* the first so many are a conclusion's */

static void finding_destroy(struct finding *finding)
{
	free(finding->text);
	free(finding->compared);
	free(finding->sentence);
	free(finding->why);
	*finding = (struct finding){0};
}

void findings_destroy(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		finding_destroy(&findings->items[i]);
	free(findings->items);
	free(findings->headline);
	*findings = (struct findings){0};
}

/* A kind's finding on a part: 1, 0 if it has none, -ENOMEM. */
static int look(struct finding *finding, const struct finding_kind *kind, const struct part *part)
{
	*finding = (struct finding){.kind = kind->name,
				    .title = kind->title,
				    .chart = kind->chart,
				    .part = part,
				    .metric = "",
				    .unit = "count",
				    .value = NAN,
				    .low = NAN,
				    .high = NAN,
				    .of_value = NAN,
				    .over_value = NAN};
	if (!kind->find(finding, kind, part)) {
		finding_destroy(finding);
		return 0;
	}
	if (finding->text && finding->compared && finding->sentence && finding->why)
		return 1;
	finding_destroy(finding);
	return -ENOMEM;
}

/* Requests in heaps, as only benchmarks send them. */
static bool is_pipelined(const struct part *part)
{
	return json_number_of(json_object_get(part->json, "load"), "pipelining") > 1;
}

/*
 * Whether one finding tells more than another of its kind: of the two families, of requests that wait for
 * nothing else and come one by one, can tell at all, of idle connections, in more blocks.
 */
static bool tells_more(const struct finding *a, const struct finding *b)
{
	bool families_a = pair_find(a->part).threads_and_loop;
	bool families_b = pair_find(b->part).threads_and_loop;

	if (families_a != families_b)
		return families_a;
	if (!finding_waits_behind(a->part) != !finding_waits_behind(b->part))
		return !finding_waits_behind(a->part);
	if (is_pipelined(a->part) != is_pipelined(b->part))
		return is_pipelined(b->part);
	if ((a->state == FINDING_UNTOLD) != (b->state == FINDING_UNTOLD))
		return b->state == FINDING_UNTOLD;
	if (a->part->idle != b->part->idle)
		return a->part->idle;
	return a->blocks > b->blocks;
}

/* Adds what a kind finds in all parts. */
static int add_kind(struct findings *findings, const struct finding_kind *kind,
		    const struct part *parts, size_t part_count)
{
	size_t first = findings->count;

	for (size_t i = 0; i < part_count; i++) {
		struct finding *free_item = &findings->items[findings->count];
		int found = look(free_item, kind, &parts[i]);

		if (found < 0)
			return found;
		if (found && kind->telling == FINDING_ONCE && findings->count > first) {
			struct finding *kept = &findings->items[first];

			if (tells_more(free_item, kept)) {
				struct finding less = *kept;

				*kept = *free_item;
				*free_item = less;
			}
			finding_destroy(free_item);
		} else {
			findings->count += (size_t)found;
		}
	}
	return 0;
}

/*
 * Loads of their own are what their scenario is about; without a conclusion they come first. What a run
 * cannot tell comes behind all that it can.
 */
static int rank_of(const struct finding *finding)
{
	int last = finding->state == FINDING_UNTOLD ? KINDS + 1 : 0;
	size_t i = 0;

	while (strcmp(kinds[i].name, finding->kind) != 0)
		i++;
	return last + (kinds[i].telling == FINDING_SPECIAL ? 0 : (int)i + 1);
}

/* How far a ratio is from one; 0 of what is none, or not told. */
static double distance_of(const struct finding *finding)
{
	return finding->over && finding->direction != FINDING_UNKNOWN ? fabs(log(finding->value))
								      : 0;
}

/* What loads of its own show of the same two servers in several parts: first where they are furthest apart. */
static bool comes_before(const struct finding *a, const struct finding *b)
{
	if (rank_of(a) != rank_of(b) || strcmp(a->kind, b->kind) != 0)
		return rank_of(a) < rank_of(b);
	return distance_of(a) > distance_of(b);
}

/* Stable. */
static void put_in_order(struct findings *findings)
{
	for (size_t i = 1; i < findings->count; i++) {
		struct finding moving = findings->items[i];
		size_t j = i;

		for (; j > 0 && comes_before(&moving, &findings->items[j - 1]); j--)
			findings->items[j] = findings->items[j - 1];
		findings->items[j] = moving;
	}
}

static bool look_alike(const struct finding *one, const struct finding *other)
{
	return one->tile && other->tile && one->part != other->part &&
	       strcmp(one->title, other->title) == 0 && strcmp(one->compared, other->compared) == 0;
}

/* "With 300/s offered ", as its sentence begins. NULL: no memory. */
static char *where_of(const struct finding *finding)
{
	struct text_buffer where = {0};

	finding_append_where(&where, finding->part, finding->point);
	return finding_take(&where);
}

/* Puts the part's title before a text of the finding, of which `skip` bytes are left out. 0 or -ENOMEM. */
static int put_title(char **text, const struct finding *finding, size_t skip)
{
	char *named;

	if (asprintf(&named, "%s: %s", json_string_of(finding->part->json, "title"), *text + skip) <
	    0)
		return -ENOMEM;
	free(*text);
	*text = named;
	return 0;
}

/* A sentence that begins as another of its kind does says of which part it is, in place of that. */
static int name_part_in_sentence(struct finding *finding, const struct finding *alike)
{
	char *own = where_of(finding), *other = where_of(alike);
	int code = own && other ? 0 : -ENOMEM;

	if (code == 0 && strcmp(own, other) == 0 && *own &&
	    strncmp(finding->sentence, own, strlen(own)) == 0)
		code = put_title(&finding->sentence, finding, strlen(own));
	free(own);
	free(other);
	return code;
}

/* Tiles and sentences that else would be told apart by their figures only say of which part they are. */
static int name_parts(struct findings *findings)
{
	const struct finding **alike = calloc(findings->count + 1, sizeof *alike);
	int code = alike ? 0 : -ENOMEM;

	for (size_t i = 0; i < findings->count && code == 0; i++)
		for (size_t j = 0; j < findings->count; j++)
			if (look_alike(&findings->items[i], &findings->items[j]))
				alike[i] = &findings->items[j];
	for (size_t i = 0; i < findings->count && code == 0; i++) {
		struct finding *finding = &findings->items[i];

		if (!alike[i])
			continue;
		code = name_part_in_sentence(finding, alike[i]);
		code = code ? code : put_title(&finding->compared, finding, 0);
	}
	free(alike);
	return code;
}

int findings_make(struct findings *findings, const struct part *parts, size_t part_count)
{
	int code = 0;

	*findings =
		(struct findings){.items = calloc(KINDS * part_count + 1, sizeof *findings->items)};
	if (!findings->items)
		return -ENOMEM;
	for (size_t i = 0; i < KINDS && code == 0; i++)
		code = add_kind(findings, &kinds[i], parts, part_count);
	if (code == 0) {
		if (!finding_has_conclusion(findings))
			put_in_order(findings);
		code = name_parts(findings);
	}
	if (code == 0) {
		findings->headline = finding_headline(findings, parts, part_count);
		code = findings->headline ? 0 : -ENOMEM;
	}
	if (code < 0)
		findings_destroy(findings);
	return code;
}

const struct finding *findings_tile(const struct findings *findings, size_t index)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].tile && index-- == 0)
			return &findings->items[i];
	return NULL;
}

const char *finding_state_word(enum finding_state state)
{
	static const char *const words[] = {
		[FINDING_MEASURED] = "measured",
		[FINDING_AT_LEAST] = "at_least",
		[FINDING_AT_MOST] = "at_most",
		[FINDING_UNTOLD] = "untold",
	};

	return words[state];
}

const char *finding_direction_word(enum finding_direction direction)
{
	static const char *const words[] = {
		[FINDING_UNKNOWN] = "unknown",
		[FINDING_HIGHER] = "higher",
		[FINDING_LOWER] = "lower",
		[FINDING_SAME] = "same",
	};

	return words[direction];
}
