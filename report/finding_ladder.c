/* Findings on ladders: the wall that most servers met, and who stopped before it. */
#include "report/finding_kinds.h"

#include "report/format.h"
#include "stored/ladder_end.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A sentence holds three numbers: who came to more ends than that is in the table. */
enum { LIST_MOST = 3 };

/* The servers of a part, each with its end, and the end that most of them share. */
struct ladder {
	struct ladder_end *ends;
	size_t count, shared; /* `shared` of them came as far as ends[wall], for the same reason */
	size_t wall;
};

static bool is_shared(const struct ladder_end *a, const struct ladder_end *b)
{
	return a->held == b->held && isnan(a->next) == isnan(b->next) &&
	       strcmp(a->limit, b->limit) == 0 && (*a->limit || strcmp(a->text, b->text) == 0);
}

/* False: no memory. */
static bool read_ladder(struct ladder *ladder, const struct part *part)
{
	*ladder = (struct ladder){calloc(part->server_count + 1, sizeof *ladder->ends),
				  part->server_count, 0, 0};
	for (size_t i = 0; ladder->ends && i < ladder->count; i++) {
		const struct cell cell = part_cell(part, part->servers[i], NULL);

		ladder->ends[i] = ladder_find_end(part->results, &cell);
	}
	for (size_t i = 0; ladder->ends && i < ladder->count; i++) {
		size_t alike = 0;

		for (size_t j = 0; j < ladder->count; j++)
			alike += is_shared(&ladder->ends[i], &ladder->ends[j]);
		if (alike > ladder->shared) {
			ladder->shared = alike;
			ladder->wall = i;
		}
	}
	return ladder->ends != NULL;
}

/* Whether both families are among those at the wall. */
static bool is_alike_for_all(const struct ladder *ladder, const struct part *part)
{
	bool threads = false, loops = false;

	for (size_t i = 0; i < ladder->count; i++) {
		const char *family = pair_family(part, ladder->ends[i].server);

		if (!is_shared(&ladder->ends[i], &ladder->ends[ladder->wall]))
			continue;
		threads = threads || strcmp(family, "threads") == 0;
		loops = loops || strcmp(family, "loops") == 0;
	}
	return threads && loops;
}

/* What ended it, for so many servers alike. */
static void append_reason(struct text_buffer *out, const struct ladder_end *wall, size_t shared)
{
	const char *reason = *wall->limit ? wall->limit : wall->text;

	if (isnan(wall->next))
		text_append(out, wall->held > 0 ? ", all that were tried: nothing gave way"
						: ": none could be decided");
	else if (wall->held > 0)
		text_append_format(out, " and then met %s: %s",
				   shared > 1 ? "the same wall" : "a limit", reason);
	else
		text_append_format(out, ": %s", reason);
}

static void append_wall(struct text_buffer *out, const struct ladder *ladder,
			const struct part *part)
{
	const struct ladder_end *wall = &ladder->ends[ladder->wall];
	char held[FORMAT_SIZE];

	format_integer(wall->held, held);
	if (ladder->shared == 1)
		text_append(out, wall->server);
	else if (ladder->shared == ladder->count)
		text_append_format(out, ladder->count == 2 ? "both servers" : "all %zu servers",
				   ladder->count);
	else
		text_append_format(out, "%zu of %zu servers", ladder->shared, ladder->count);
	if (ladder->shared > 1 && is_alike_for_all(ladder, part))
		text_append(out, ", threads and loops alike,");
	text_append_format(out,
			   wall->held > 0 ? " held %s connections" : " did not hold the first step",
			   format_integer(wall->held, held));
	append_reason(out, wall, ladder->shared);
	text_append(out, ".");
}

/* How far somebody came: a number that has no interval, since the highest step of all trials counts. */
static void set_held(struct finding *finding, const struct ladder_end *end)
{
	char held[FORMAT_SIZE];

	finding->of = end->server;
	finding->unit = "count";
	finding->value = finding->of_value = finding->low = finding->high = end->held;
	finding->blocks = (size_t)json_number_value(json_object_get(finding->part->json, "trials"));
	finding->tile = true;
	finding->text = strdup(format_integer(end->held, held));
	finding->why = strdup("");
}

bool finding_wall(struct finding *finding, const struct finding_kind *kind, const struct part *part)
{
	struct text_buffer text = {0}, whom = {0};
	const struct ladder_end *wall;
	struct ladder ladder;

	(void)kind;
	if (!ladder_is(part->json) || part->server_count == 0 || !read_ladder(&ladder, part))
		return false;
	wall = &ladder.ends[ladder.wall];
	set_held(finding, wall);
	append_wall(&text, &ladder, part);
	finding->sentence = finding_take(&text);
	if (ladder.count == 1)
		text_append(&whom, wall->server);
	else
		text_append_format(&whom, "%zu of %zu servers", ladder.shared, ladder.count);
	text_append_format(&whom, ", then %s",
			   isnan(wall->next) ? "nothing gave way"
			   : *wall->limit    ? wall->limit
					     : "an error");
	finding->compared = text_failed(&whom) ? NULL : strdup(text_string(&whom));
	text_destroy(&whom);
	free(ladder.ends);
	return true;
}

static int compare_ends(const void *left, const void *right)
{
	const struct ladder_end *a = left, *b = right;

	return (a->held < b->held) - (a->held > b->held);
}

/* Puts those who are not at the wall to the front, who came furthest first. Returns how many they are. */
static size_t keep_others(struct ladder *ladder)
{
	const struct ladder_end wall = ladder->ends[ladder->wall];
	size_t kept = 0;

	for (size_t i = 0; i < ladder->count; i++)
		if (!is_shared(&ladder->ends[i], &wall))
			ladder->ends[kept++] = ladder->ends[i];
	qsort(ladder->ends, kept, sizeof *ladder->ends, compare_ends);
	return kept;
}

/* Names of those who came as far as the one at `first`: "prefork and thread-pool". Returns the next. */
static size_t append_equals(struct text_buffer *out, const struct ladder_end *ends, size_t count,
			    size_t first)
{
	size_t end = first;

	while (end < count && ends[end].held == ends[first].held)
		end++;
	for (size_t i = first; i < end; i++) {
		format_separator(out, i - first, end - first);
		text_append(out, ends[i].server);
	}
	return end;
}

/* "four stopped earlier: process-per-connection at 10,000, select at 1,000, ...". */
static void append_others(struct text_buffer *out, const struct ladder_end *ends, size_t count,
			  double wall)
{
	char number[FORMAT_SIZE], lowest[FORMAT_SIZE];
	size_t steps = 1;

	for (size_t i = 1; i < count; i++)
		steps += ends[i].held != ends[i - 1].held;
	text_append_format(out, "%s %s", format_count_word(count, number),
			   ends[0].held < wall		 ? "stopped earlier"
			   : ends[count - 1].held > wall ? "came further"
							 : "met limits of their own");
	if (steps > LIST_MOST) {
		text_append_format(out, ", between %s and %s connections.",
				   format_integer(ends[count - 1].held, lowest),
				   format_integer(ends[0].held, number));
		return;
	}
	for (size_t i = 0; i < count;) {
		size_t first = i;

		text_append(out, i ? ", " : ": ");
		i = append_equals(out, ends, count, i);
		text_append_format(out, " at %s", format_integer(ends[first].held, number));
	}
	text_append(out, ".");
}

bool finding_earlier(struct finding *finding, const struct finding_kind *kind,
		     const struct part *part)
{
	struct text_buffer text = {0}, whom = {0};
	struct ladder ladder;
	size_t count, last;
	double wall;

	(void)kind;
	if (!ladder_is(part->json) || part->server_count < 2 || !read_ladder(&ladder, part))
		return false;
	wall = ladder.ends[ladder.wall].held;
	count = keep_others(&ladder);
	last = count;
	while (last > 0 && ladder.ends[last - 1].held == ladder.ends[count - 1].held)
		last--;
	if (count > 0) {
		set_held(finding, &ladder.ends[last]);
		append_others(&text, ladder.ends, count, wall);
		finding->sentence = finding_take(&text);
		append_equals(&whom, ladder.ends, count, last);
		if (*ladder.ends[last].limit)
			text_append_format(&whom, ", then %s", ladder.ends[last].limit);
		finding->compared = text_failed(&whom) ? NULL : strdup(text_string(&whom));
		text_destroy(&whom);
	}
	free(ladder.ends);
	return count > 0;
}
