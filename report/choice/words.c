/* A choice in sentences. */
#include "report/choice/parts.h"

#include "report/finding_kinds.h"
#include "report/format.h"
#include "report/pair.h"
#include "stored/axis.h"
#include "stored/metric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names that a sentence has room for. */
enum { NAMES_MOST = 3 };

static const struct {
	const char *family, *words, *other; /* which one would ask about */
} families[] = {
	{"loops", "a loop", "threads"},
	{"threads", "threads", "loops"},
	{"hybrids", "threads and loops together", "threads"},
};

enum { FAMILIES = sizeof families / sizeof *families };

/* What one has more of than the other; %s is how many times as much. */
static const struct clause {
	enum choice_column column;
	const char *metric; /* NULL: that of the place */
	const char *times, *same, *untold;
} clauses[] = {
	{CHOICE_WORK, "requests_per_s", "answers %s times as many requests a second",
	 "answers as many requests a second", "rates"},
	{CHOICE_WORK, "server_cpu_per_request_ns", "takes %s times the CPU per request",
	 "takes as much CPU per request", "CPU"},
	{CHOICE_MEMORY, NULL, "holds %s times the memory", "holds as much memory", "memory"},
	{CHOICE_TAIL, NULL, "has %s times the response times of the slow ones",
	 "has the same response times", "response times"},
};

enum { CLAUSES = sizeof clauses / sizeof *clauses };

const char *choice_metric_words(const char *metric)
{
	static const struct {
		const char *metric, *words;
	} known[] = {
		{"requests_per_s", "rate"}, {"server_cpu_per_request_ns", "CPU a request"},
		{"total_bytes", "memory"},  {"resident_bytes", "resident memory"},
		{"latency_p99_ns", "p99"},  {"latency_p50_ns", "median time"},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(metric, known[i].metric) == 0)
			return known[i].words;
	return metric;
}

void choice_append_place(struct text_buffer *out, const struct choice_place *place)
{
	const char *connections = axis_at(AXIS_CONNECTIONS)->key;

	format_axis(out, connections, place->connections);
	for (enum axis_kind kind = 0; kind < AXIS_COUNT; kind++) {
		const char *key = axis_at(kind)->key;
		double value = kind == AXIS_SERVER_CORES
				       ? place->cores
				       : part_load(place->part, place->point, key);

		if (kind == AXIS_CONNECTIONS || !(value > 0))
			continue;
		text_append(out, ", ");
		format_axis(out, key, value);
	}
	if (place->part->idle)
		text_append(out, ", idle");
}

/* Whether it was worse in all blocks than the one that is taken by what decides, and by more than what matters. */
static bool is_behind(const struct choice *choice, const struct choice_row *row)
{
	const struct choice_place *place = &choice->places[choice->decides];
	const struct block_ratio *ratio = &row->figures[choice->decides].ratio;
	double matters =
		1 + metric_smallest_difference(results_metric(place->run->results, place->metric));

	if (ratio->kind != BLOCK_RATIO_FOUND)
		return true;
	/* What the table shows counts too: of few blocks their range, which is narrower. */
	return choice->higher ? fmin(ratio->sure.high, ratio->summary.high) < 1 / matters
			      : fmax(ratio->sure.low, ratio->summary.low) > matters;
}

/* "a loop (epoll, libev)": the best, and those of its family that are not known to be worse. */
static void append_taken(struct text_buffer *out, const struct choice *choice)
{
	const struct choice_row *best = &choice->rows[0];
	const char *words = NULL;
	size_t named = 1;

	for (size_t i = 0; i < FAMILIES; i++)
		if (strcmp(best->family, families[i].family) == 0)
			words = families[i].words;
	if (words)
		text_append_format(out, "%s (", words);
	text_append(out, best->server);
	for (size_t i = 0; words && i < choice->count && named < NAMES_MOST; i++) {
		const struct choice_row *row = &choice->rows[i];

		if (row == best || row->fit != best->fit || row->own != best->own ||
		    strcmp(row->family, best->family) != 0 || is_behind(choice, row))
			continue;
		text_append_format(out, ", %s", row->server);
		named++;
	}
	text_append(out, words ? ")" : "");
}

/*
 * The best of the other family, which threads and loops are to each other, as much tenk's own as the one that is taken. NULL:
 * none has a figure.
 */
static const struct choice_row *find_other(const struct choice *choice)
{
	const struct choice_row *best = &choice->rows[0];
	const char *family = "threads";

	for (size_t i = 0; i < FAMILIES; i++)
		if (strcmp(best->family, families[i].family) == 0)
			family = families[i].other;
	for (size_t i = 0; i < choice->count; i++)
		if (strcmp(choice->rows[i].family, family) == 0 &&
		    choice->rows[i].own == best->own &&
		    choice->rows[i].figures[choice->decides].summary.count > 0)
			return &choice->rows[i];
	return NULL;
}

/* What the other is to the best by one clause; a part of NULL: there are no two figures. */
static struct finding compare(const struct choice *choice, const struct choice_row *other,
			      const struct clause *clause)
{
	const struct choice_place *place = &other->places[clause->column];
	const struct choice_place *best = &choice->rows[0].places[clause->column];
	struct finding finding = {.of = other->server, .over = choice->rows[0].server};
	struct block_ratio ratio;

	if (!place->run || place->part != best->part || place->point != best->point)
		return finding;
	finding.point = place->point;
	finding.metric = clause->metric ? clause->metric : place->metric;
	finding.part = place->part;
	finding.of_value =
		part_shown_summary(place->part, finding.of, place->point, finding.metric).median;
	finding.over_value =
		part_shown_summary(place->part, finding.over, place->point, finding.metric).median;
	if (isnan(finding.of_value) || isnan(finding.over_value)) {
		finding.part = NULL;
		return finding;
	}
	ratio = choice_ratio(place, finding.metric, finding.of, finding.over);
	finding_set_ratio(&finding, &ratio);
	return finding;
}

static void append_clause(struct text_buffer *out, const struct clause *clause,
			  const struct finding *finding)
{
	char times[64], low[FORMAT_SIZE], high[FORMAT_SIZE], ratio[256];

	if (finding->direction == FINDING_SAME) {
		text_append(out, clause->same);
		return;
	}
	snprintf(ratio, sizeof ratio, "%s%s",
		 finding->state == FINDING_AT_LEAST  ? "at least "
		 : finding->state == FINDING_AT_MOST ? "at most "
						     : "",
		 finding_times(finding->value, times));
	text_append_format(out, clause->times, ratio);
	if (finding->state == FINDING_MEASURED && finding->blocks > 1)
		text_append_format(out, " [%s," TEXT_NBSP "%s]",
				   format_ratio_number(finding->low, low),
				   format_ratio_number(finding->high, high));
}

/* "10,000 connections, each request waiting": where clauses of one place are from. */
static void append_where(struct text_buffer *out, const struct choice_place *place)
{
	char count[FORMAT_SIZE];

	text_append_format(out, " at %s%s connections", format_integer(place->connections, count),
			   place->part->idle ? " idle" : "");
	finding_append_behind(out, place->part, place->point);
}

/* Of two that no run has measured together there is no ratio. */
static void append_memory_apart(struct text_buffer *out, const struct choice_row *best,
				const struct choice_row *other)
{
	static const char idle[] = " for idle connections";
	const struct choice_place *a = &best->places[CHOICE_MEMORY],
				  *b = &other->places[CHOICE_MEMORY];
	char own[FORMAT_SIZE], others[FORMAT_SIZE];

	if (isnan(best->needs_bytes) || isnan(other->needs_bytes) || a->point == b->point)
		return;
	text_append_format(out, " Measured apart, %s holds %s of memory%s and %s %s%s.",
			   other->server, format_value("bytes", other->needs_bytes, others),
			   b->part->idle ? idle : "", best->server,
			   format_value("bytes", best->needs_bytes, own),
			   a->part->idle ? idle : "");
}

/* Of one place what tells the two apart; then what does not. */
static void append_contrast(struct text_buffer *out, const struct choice *choice,
			    const struct choice_row *other)
{
	struct finding findings[CLAUSES];
	size_t told = 0, index = 0;
	const struct choice_place *last = NULL;

	for (size_t i = 0; i < CLAUSES; i++) {
		findings[i] = compare(choice, other, &clauses[i]);
		told += findings[i].part && findings[i].direction != FINDING_UNKNOWN;
	}
	text_append_format(out,
			   told > 0 ? " Compared with %s, %s "
				    : " Compared are %s and %s, the best of the others.",
			   choice->rows[0].server, other->server);
	for (size_t i = 0; i < CLAUSES; i++) {
		const struct choice_place *place = &other->places[clauses[i].column];

		if (!findings[i].part || findings[i].direction == FINDING_UNKNOWN)
			continue;
		if (last && last != place) {
			append_where(out, last);
			text_append(out, index + 1 == told ? "," : "");
		}
		format_separator(out, index++, told);
		append_clause(out, &clauses[i], &findings[i]);
		last = place;
	}
	if (last) {
		append_where(out, last);
		text_append(out, ".");
	}
	for (size_t i = 0; i < CLAUSES; i++)
		if (findings[i].part && findings[i].direction == FINDING_UNKNOWN)
			text_append_format(out, " Their %s cannot be told apart%s%s.",
					   clauses[i].untold,
					   findings[i].why && *findings[i].why ? ": " : "",
					   findings[i].why ? findings[i].why : "");
	append_memory_apart(out, &choice->rows[0], other);
	for (size_t i = 0; i < CLAUSES; i++)
		free(findings[i].why);
}

/* What was measured is not quite what was asked: nothing is extrapolated, so it is said. */
static void append_reservations(struct text_buffer *out, const struct choice *choice)
{
	const struct choice_place *place = &choice->places[choice->decides];
	char measured[FORMAT_SIZE], asked[FORMAT_SIZE];

	if (!place->near)
		text_append_format(out, " Measured at %s connections: at %s it may be otherwise.",
				   format_integer(place->connections, measured),
				   format_integer(choice->needs.connections, asked));
	if (!place->right_cores && isnan(place->cores))
		text_append(out, " On how many cores is not known.");
	else if (!place->right_cores)
		text_append_format(
			out, " Measured on %s core%s of the server: on %s it may be otherwise.",
			format_integer(place->cores, measured), place->cores == 1 ? "" : "s",
			format_integer(choice->needs.cores, asked));
	if (*place->run->changes)
		text_append(out, " It was measured on another machine, or on this one as it was.");
}

void choice_append_answer(struct text_buffer *out, const struct choice *choice)
{
	const struct choice_row *best, *other;

	if (choice->decides == CHOICE_COLUMNS) {
		text_append(out, "Not measured: no run here has a figure of it.");
		return;
	}
	if (!choice->taken) {
		text_append(out, "None of those that were measured fits.");
		append_reservations(out, choice);
		return;
	}
	best = &choice->rows[0];
	other = find_other(choice);
	if (choice->decides != CHOICE_WORK)
		text_append_format(out, "What a request costs is not measured. By %s alone: take ",
				   choice_metric_words(choice->places[choice->decides].metric));
	else
		text_append(out, "Take ");
	append_taken(out, choice);
	text_append(out, ".");
	if (best->fit == CHOICE_UNKNOWN)
		text_append_format(out, " Whether it fits is not known: %s.", best->why);
	if (other && other->fit == CHOICE_FAILS)
		text_append_format(out, " %s does not fit: %s.", other->server, other->why);
	if (other)
		append_contrast(out, choice, other);
	append_reservations(out, choice);
}
