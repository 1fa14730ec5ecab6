/* What a run found, on one screen of the terminal: sentences, a table, a caveat. */
#include "report/terminal.h"

#include "lib/terminal.h"
#include "report/finding.h"
#include "report/format.h"
#include "report/plain.h"
#include "report/terminal_brief.h"
#include "report/terminal_claims.h"
#include "stored/claims/claims.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 2, SENTENCE_LINES = 6 };

/* Text for the terminal that is laid out before it is printed, since what follows depends on its lines. */
struct block {
	char *text;
	size_t length;
	FILE *out; /* where it is written to; NULL: no memory */
};

static void block_open(struct block *block)
{
	*block = (struct block){0};
	block->out = open_memstream(&block->text, &block->length);
}

static void block_close(struct block *block)
{
	if (block->out)
		fclose(block->out);
	block->out = NULL;
}

static size_t block_lines(const struct block *block)
{
	size_t lines = 0;

	for (const char *at = block->text; at && (at = strchr(at, '\n')); at++)
		lines++;
	return lines;
}

/* Whether it was printed: a sentence that would leave too little room for the table is not. */
static bool add_sentence(const char *sentence, bool utf8, struct block *block)
{
	struct block own;
	bool fits;

	block_open(&own);
	if (own.out)
		plain_print_wrapped(sentence, INDENT, PLAIN_COLUMNS, utf8, own.out);
	block_close(&own);
	fflush(block->out);
	fits = own.text && block_lines(block) + block_lines(&own) <= SENTENCE_LINES;
	if (fits)
		fputs(own.text, block->out);
	free(own.text);
	return fits;
}

/* The conclusion if there is one, and the first findings: three sentences in all. */
static void print_sentences(const struct findings *findings, bool utf8, struct block *block)
{
	size_t said = 0;

	if (findings->count == 0 || strcmp(findings->headline, findings->items[0].sentence) != 0)
		said += add_sentence(findings->headline, utf8, block);
	for (size_t i = 0; i < findings->count && said < FINDINGS_SENTENCES; i++)
		if (add_sentence(findings->items[i].sentence, utf8, block))
			said++;
		else
			break;
}

/* How many claims were decided how, and where more is said of them. */
static void print_claims(const struct results *results, FILE *out)
{
	struct claims_collection collection = {0};
	long count = claims_evaluate(results, 1, &collection.verdicts);

	if (count > 0) {
		collection.count = (size_t)count;
		fprintf(out, "%*s", INDENT, "");
		terminal_print_claims_count(&collection, out);
	}
	if (count >= 0)
		free(collection.verdicts);
}

static size_t count_notes(const struct results *results, const char *code)
{
	size_t count = 0;

	for (size_t i = 0; i < results->trial_count; i++)
		count += json_find(json_object_get(results->trials[i], "notes"), "code", code) !=
			 NULL;
	return count;
}

/* The fewest trials of a cell that any part was planned with; 0: it is not known. */
static size_t fewest_trials(const struct part *parts, size_t part_count)
{
	size_t fewest = 0;

	for (size_t i = 0; i < part_count; i++) {
		json_int_t trials = json_integer_value(json_object_get(parts[i].json, "trials"));

		if (trials > 0 && (fewest == 0 || (size_t)trials < fewest))
			fewest = (size_t)trials;
	}
	return fewest;
}

static bool is_quick_look(const json_t *run)
{
	const json_t *scenarios = json_object_get(run, "scenarios"), *scenario;
	size_t i;

	json_array_foreach(scenarios, i, scenario)
	{
		if (json_is_true(json_object_get(scenario, "quick_look")))
			return true;
	}
	return false;
}

/* What most limits how far the rest may be trusted. */
static void print_caveat(const struct results *results, const struct part *parts, size_t part_count,
			 bool utf8, FILE *out)
{
	double planned = json_number_of(results->run, "planned_trials");
	size_t disturbed = count_notes(results, "disturbed");
	size_t trials = fewest_trials(parts, part_count);
	struct text_buffer text = {0};

	if (planned > (double)results->trial_count)
		text_append_format(&text, "It stopped before its end: %zu of %.0f trials.",
				   results->trial_count, planned);
	else if (disturbed > 0)
		text_append_format(
			&text,
			"Other work was on these cores in %zu of %zu trials: ratios hold, "
			"rates and times are of a busy machine.",
			disturbed, results->trial_count);
	else if (trials == 1)
		text_append(&text,
			    "One trial of each: nothing is known of its spread (--trials 10).");
	else if (trials > 0 && trials < BLOCK_PAIRS_EXACT)
		text_append_format(&text,
				   is_quick_look(results->run)
					   ? "A first impression: %zu trials of each, not for "
					     "citation (--trials 10)."
					   : "%zu trials of each: an interval is their range "
					     "(--trials 10).",
				   trials);
	else
		text_append(&text, "Over loopback: no network card, no wire.");
	plain_print_wrapped(text_string(&text), INDENT, PLAIN_COLUMNS, utf8, out);
	text_destroy(&text);
}

static int print_screen(const struct results *results, const struct part *parts, size_t part_count,
			FILE *out)
{
	bool utf8 = terminal_has_utf8();
	struct block sentences, end;
	struct findings findings;
	struct brief brief;
	int code = findings_make(&findings, parts, part_count);
	size_t used;

	if (code < 0)
		return code;
	block_open(&sentences);
	block_open(&end);
	code = sentences.out && end.out ? brief_make(&brief, &findings) : -ENOMEM;
	if (code == 0) {
		print_sentences(&findings, utf8, &sentences);
		brief_print_notes(&brief, utf8, end.out);
		print_claims(results, end.out);
		print_caveat(results, parts, part_count, utf8, end.out);
	}
	block_close(&sentences);
	block_close(&end);
	if (code == 0) {
		used = block_lines(&sentences) + block_lines(&end) + 1;
		fputs(sentences.text, out);
		fputc('\n', out);
		brief_print(&brief, used < TERMINAL_LINES ? TERMINAL_LINES - used : 0, utf8, out);
		fputs(end.text, out);
		brief_destroy(&brief);
	}
	free(sentences.text);
	free(end.text);
	findings_destroy(&findings);
	return code;
}

int terminal_print(const struct results *results, FILE *out)
{
	struct part *parts;
	size_t count;
	int code = parts_open(&parts, &count, results);

	if (code == 0)
		code = print_screen(results, parts, count, out);
	parts_close(parts, count);
	return code;
}
