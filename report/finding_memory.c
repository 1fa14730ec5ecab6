/* Findings on memory: what a connection takes in all, whose share that is, and what is only reserved. */
#include "report/finding_kinds.h"

#include "report/format.h"
#include "stored/ladder_end.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char in_all[] = "total_per_connection_bytes", at_once[] = "total_bytes";

/* "10,000 idle connections take" where there are too few counts of them to say what one does. */
static bool compare_at_once(struct finding *finding, struct finding_words *words)
{
	const struct pair pair = {finding->of, finding->over, false};
	char number[FORMAT_SIZE], subject[2 * FORMAT_SIZE], place[2 * FORMAT_SIZE];
	char quantity[2 * FORMAT_SIZE];
	double connections;

	finding->point = pair_point(finding->part, &pair, at_once, true);
	if (!finding->point)
		return false;
	connections = part_load(finding->part, finding->point, "connections");
	format_integer(connections, number);
	snprintf(subject, sizeof subject, "%s %s connections take", number,
		 finding->part->idle ? "idle" : "busy");
	snprintf(place, sizeof place, "%s connections", number);
	snprintf(quantity, sizeof quantity, "memory for %s %s connections", number,
		 finding->part->idle ? "idle" : "busy");
	words->metric = at_once;
	words->subject = subject;
	words->place = place;
	words->quantity = quantity;
	return finding_compare(finding, words);
}

/* Whether a server's own memory was measured. */
static bool has_own_memory(const struct part *part, const char *server)
{
	return part_summary(part, server, NULL, "resident_bytes").count > 0;
}

/* Where only the process's own memory is known: of less than all nothing is concluded. */
static bool tell_unknown_share(struct finding *finding, const struct finding_words *words)
{
	struct text_buffer text = {0};

	if (!finding->over || !has_own_memory(finding->part, finding->of) ||
	    !has_own_memory(finding->part, finding->over))
		return false;
	finding->metric = words->metric;
	finding->unit = "ratio";
	finding->state = FINDING_UNTOLD;
	finding->tile = true;
	finding->why = strdup("the kernel's share is not known here");
	finding_set_tile(finding, words->place);
	text_append_format(&text, "this run cannot tell %s and %s apart by %s: %s.", finding->of,
			   finding->over, words->quantity, finding->why ? finding->why : "");
	finding->sentence = finding_take(&text);
	return true;
}

bool finding_memory(struct finding *finding, const struct finding_kind *kind,
		    const struct part *part)
{
	struct finding_words words = kind->words;
	const struct pair pair = pair_find(part);

	if (part->kind != PART_MEMORY || !pair.of)
		return false;
	finding->of = pair.of;
	finding->over = pair.over;
	words.subject = part->idle ? "an idle connection takes" : "a busy connection takes";
	words.place = part->idle ? "idle connections" : "busy connections";
	if (finding_compare(finding, &words))
		return true;
	if ((pair.over || !part->idle) && compare_at_once(finding, &words)) /* else: held */
		return true;
	words = kind->words;
	words.place = part->idle ? "idle connections" : "busy connections";
	return tell_unknown_share(finding, &words);
}

/* One metric of a server over another of the same blocks, as a share. */
static struct summary share_of(const struct part *part, const char *server, const char *metric,
			       const char *whole)
{
	const struct cell cell = part_cell(part, server, NULL);
	struct block_values values, wholes;
	struct summary share;

	block_values_read(&values, part->results, &cell, metric);
	block_values_read(&wholes, part->results, &cell, whole);
	block_values_pair(&values, &wholes);
	for (size_t i = 0; i < values.count; i++)
		values.values[i] = wholes.values[i] > 0 ? values.values[i] / wholes.values[i] : NAN;
	share = statistics_summarise(values.values, values.count, 0.95);
	block_values_destroy(&values);
	block_values_destroy(&wholes);
	return share;
}

/* A finding on one server that has its value, its sentence being made. */
static bool finish(struct finding *finding, const char *where, struct text_buffer *sentence)
{
	finding->tile = true;
	finding_set_tile(finding, where);
	finding->sentence = finding_take(sentence);
	return true;
}

bool finding_kernel_share(struct finding *finding, const struct finding_kind *kind,
			  const struct part *part)
{
	const struct pair pair = pair_find(part);
	struct text_buffer text = {0};
	struct summary share, total;
	char bytes[FORMAT_SIZE], percent[FORMAT_SIZE];

	if (part->kind != PART_MEMORY || !part->idle || !pair.of)
		return false;
	finding->of = pair.over ? pair.over : pair.of;
	finding->metric = kind->words.metric;
	finding->unit = "ratio";
	share = share_of(part, finding->of, finding->metric, in_all);
	total = part_summary(part, finding->of, NULL, in_all);
	if (share.count == 0 || !(share.median > 0.5))
		return false;
	finding_set_value(finding, &share, false);
	finding->of_value = part_summary(part, finding->of, NULL, finding->metric).median;
	text_append_format(&text, "of the %s that a connection takes with %s, %s are the kernel's.",
			   format_value("bytes", total.median, bytes), finding->of,
			   format_value("ratio", fmin(share.median, 1), percent));
	return finish(finding, "of an idle connection", &text);
}

bool finding_reserved(struct finding *finding, const struct finding_kind *kind,
		      const struct part *part)
{
	const struct pair pair = pair_find(part);
	struct summary reserved, used;
	struct text_buffer text = {0};
	char asked[FORMAT_SIZE], taken[FORMAT_SIZE];

	if (part->kind != PART_MEMORY || !part->idle || !pair.threads_and_loop)
		return false;
	finding->of = pair.of;
	finding->metric = kind->words.metric;
	finding->unit = "bytes";
	reserved = part_summary(part, pair.of, NULL, finding->metric);
	used = part_summary(part, pair.of, NULL, in_all);
	if (!(reserved.median > 10 * used.median))
		return false;
	finding_set_value(finding, &reserved, false);
	text_append_format(&text,
			   "for a connection %s reserves %s of address space and takes %s of "
			   "memory.",
			   pair.of, format_value("bytes", reserved.median, asked),
			   format_value("bytes", used.median, taken));
	return finish(finding, "reserved, not used", &text);
}

bool finding_held(struct finding *finding, const struct finding_kind *kind, const struct part *part)
{
	struct finding_words words = kind->words;

	if (!part->idle || part->server_count != 1 || ladder_is(part->json))
		return false;
	finding->of = part->servers[0];
	return compare_at_once(finding, &words);
}
