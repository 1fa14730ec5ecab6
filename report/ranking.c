#include "report/ranking.h"

#include "report/format.h"
#include "stored/metric.h"

/* "131k/s [129k, 133k]", "≥" before a lower bound. */
static void append_figure(struct text_buffer *out, const struct part *part,
			  const struct contender *one, const char *metric)
{
	format_summary(out, format_metric_unit(part->results, metric), &one->summary, one->bound);
}

/* Whether it is compared within more blocks than one; then it is that ratio. */
static bool is_compared(const struct part *part, const struct contender *one, const char *metric,
			struct block_ratio *ratio)
{
	*ratio = part_ratio(part, one->server, one->point, metric);
	return part->kind != PART_MEMORY && ratio->summary.count > 1;
}

/* " (× 1.42 [1.38, 1.45])"; nothing of what is not compared. */
static void append_ratio(struct text_buffer *out, const struct part *part,
			 const struct contender *one, const char *metric)
{
	struct block_ratio ratio;
	char value[FORMAT_SIZE], interval[FORMAT_SIZE];

	if (is_compared(part, one, metric, &ratio))
		text_append_format(out, " (%s %s)", format_ratio_value(&ratio, value),
				   format_ratio_interval(&ratio, interval));
}

/* The figure of one of many: alone, with the interval of what it is compared by, or with its own. */
static void append_short_figure(struct text_buffer *out, const struct part *part,
				const struct contender *one, const char *metric)
{
	struct block_ratio ratio;
	char text[FORMAT_SIZE];

	if (!is_compared(part, one, metric, &ratio)) {
		append_figure(out, part, one, metric);
		return;
	}
	text_append_format(
		out, "%s%s", one->bound ? "\xe2\x89\xa5" TEXT_NBSP : "",
		format_value(format_metric_unit(part->results, metric), one->summary.median, text));
	append_ratio(out, part, one, metric);
}

/* Begins a sentence with where it holds: "At 64 connections"; false: nothing varies. */
static bool append_where(struct text_buffer *out, const json_t *point)
{
	if (!json_object_size(point))
		return false;
	text_append(out, "At ");
	format_point(out, point, NULL);
	return true;
}

/* On the first screen a long list is cut to its first few and its last. */
static bool list_shows(size_t index, size_t count, bool brief)
{
	return !brief || count <= 5 || index < 3 || index + 1 == count;
}

static void append_server(struct text_buffer *out, const struct part *part,
			  const struct contender *one, const char *metric)
{
	if (part->kind == PART_MEMORY) {
		append_figure(out, part, one, metric);
		text_append_format(out, " in %s", one->server);
		return;
	}
	text_append_format(out, "%s%s ", one->server, part->kind == PART_RATE ? " with" : "");
	append_short_figure(out, part, one, metric);
}

/* "epoll with 131k/s [..] at ..., libuv ..." for items from `first` to before `end`. */
void ranking_append_list(struct text_buffer *out, const struct part *part,
			 const struct contenders *all, size_t first, size_t end, const char *metric,
			 bool brief)
{
	size_t count = end - first;

	for (size_t i = 0; i < count; i++) {
		if (!list_shows(i, count, brief)) {
			if (i == 3)
				text_append_format(out, ", %zu more", count - 4);
			continue;
		}
		format_separator(out, i, count);
		append_server(out, part, &all->items[first + i], metric);
	}
}

/* What ratios are to; false: there are none. */
static bool append_reference(struct text_buffer *out, const struct part *part,
			     const struct contenders *all, const char *metric)
{
	struct block_ratio ratio;
	bool any = false;

	for (size_t i = 0; i < all->count; i++)
		any = any || is_compared(part, &all->items[i], metric, &ratio);
	if (any)
		text_append_format(out, "\xc3\x97 is the ratio to %s, block by block; ",
				   part->against);
	return any;
}

/* "In brackets the range of 3 trials." for the fewest trials among the contenders. */
void ranking_append_spread(struct text_buffer *out, const struct part *part,
			   const struct contenders *all, const char *metric, bool brief)
{
	const struct summary *fewest = NULL;
	bool differ = false, ratios;

	for (size_t i = 0; i < all->count; i++) {
		const struct summary *one = &all->items[i].summary;

		differ = differ || (fewest && one->count != fewest->count);
		if (!fewest || one->count < fewest->count)
			fewest = one;
	}
	if (!fewest)
		return;
	if (fewest->count == 1) {
		text_append(out, differ ? " (In brackets the range of the trials; of some there is "
					  "only one.)"
					: " (1 trial, so no spread.)");
		return;
	}
	text_append(out, brief ? " (" : " (Medians; ");
	ratios = append_reference(out, part, all, metric);
	text_append(out, brief && !ratios ? "In brackets the " : "in brackets the ");
	format_spread(out, fewest);
	text_append(out, differ ? " or more.)" : ".)");
}

/* Those that are not ranked, each kind with its reason. */
void ranking_append_unranked(struct text_buffer *out, const struct part *part,
			     const struct contenders *all, const char *metric, bool brief)
{
	static const char *const reasons[] = {
		[CONTENDER_BOUND] = "Not driven to their limit, so lower bounds and not ranked",
		[CONTENDER_SINGLE] = "One trial each, so not ranked",
		[CONTENDER_FLOOR] = "For scale, not ranked",
	};
	size_t first = all->of_rank[CONTENDER_RANKED];

	for (size_t rank = CONTENDER_BOUND; rank < CONTENDER_RANKS; rank++) {
		const struct contender *one = &all->items[first];
		size_t count = all->of_rank[rank];

		if (!count)
			continue;
		text_append(out, first ? " " : "");
		if (rank == CONTENDER_BOUND && count == 1 && first) {
			text_append_format(out, "%s was not driven to its limit: its rate, ",
					   one->server);
			append_figure(out, part, one, metric);
			text_append(out, ", is a lower bound and not ranked.");
		} else {
			text_append_format(
				out, "%s: ",
				rank == CONTENDER_BOUND && !first && !all->of_rank[CONTENDER_SINGLE]
					? "No server was driven to its limit, so the rates are "
					  "lower bounds and not ranked"
					: reasons[rank]);
			ranking_append_list(out, part, all, first, first + count, metric, brief);
			text_append(out, ".");
		}
		first += count;
	}
}

/* "are within 2 % of the first, or may be": what servers of one tier have in common. */
void ranking_append_tier(struct text_buffer *out, const struct part *part, const char *metric)
{
	double smallest = metric_smallest_difference(results_metric(part->results, metric));

	text_append_format(
		out,
		"share the first tier: block by block, none is for certain %.3g" TEXT_NBSP
		"%% behind the first",
		100 * smallest);
}

void ranking_append_ranked(struct text_buffer *out, const struct part *part,
			   const struct contenders *all, const char *metric, bool brief)
{
	size_t tier = all->first_tier, ranked = all->of_rank[CONTENDER_RANKED];
	bool where = append_where(out, all->items[0].point);

	if (all->of_rank[CONTENDER_BOUND])
		text_append_format(out, "%s the servers driven to their limit, ",
				   where ? ", of" : "Of");
	else
		text_append(out, where ? " " : "");
	if (tier == 1) {
		text_append_format(out, "%s answered %s", all->items[0].server,
				   ranked == 1 ? "" : "the most: ");
		append_figure(out, part, &all->items[0], metric);
		append_ratio(out, part, &all->items[0], metric);
		text_append(out, ranked == 1	     ? ""
				 : all->always_ahead ? ", ahead of the others in every block"
						     : ", and its lead within blocks is certain");
	} else {
		ranking_append_list(out, part, all, 0, tier, metric, brief);
		text_append(out, " ");
		ranking_append_tier(out, part, metric);
		text_append(out, ", so no winner is named");
	}
	text_append(out, ".");
	if (tier < ranked) {
		text_append(out, " Then ");
		ranking_append_list(out, part, all, tier, ranked, metric, brief);
		text_append(out, ".");
	}
}
