/* The verdicts on claims, for the terminal. */
#include "report/terminal_claims.h"

#include "lib/json.h"
#include "lib/terminal.h"
#include "report/plain.h"
#include "report/verdict_words.h"
#include "stored/claims/claims.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 80, ID_COLUMNS = 40, VERDICT_COLUMNS = 20, DETAIL_INDENT = 4 };

static void print_wrapped(const struct text_buffer *text, FILE *out)
{
	plain_print_wrapped(text_string(text), DETAIL_INDENT, COLUMNS, terminal_has_utf8(), out);
}

/* "LABEL: text", where there is one. */
static void print_labelled(const char *label, const char *text, FILE *out)
{
	struct text_buffer line = {0};

	if (!*text)
		return;
	text_append_format(&line, "%s: %s", label, text);
	print_wrapped(&line, out);
	text_destroy(&line);
}

/* "loop-250x-leaner    direction only    overstated x 18.7" */
static void print_verdict(const struct verdict *verdict, FILE *out)
{
	bool utf8 = terminal_has_utf8();
	struct text_buffer factor = {0};

	verdict_words_factor(&factor, verdict);
	plain_print_padded(json_string_of(verdict->claim, "id"), ID_COLUMNS, utf8, out);
	if (*text_string(&factor)) {
		plain_print_padded(verdict_reads(verdict), VERDICT_COLUMNS, utf8, out);
		plain_print(text_string(&factor), utf8, out);
	} else {
		plain_print(verdict_reads(verdict), utf8, out);
	}
	fputc('\n', out);
	text_destroy(&factor);
}

/* What was measured, of whom, and in how many blocks; or why nothing was. */
static void print_measured(const struct verdict *verdict, FILE *out)
{
	struct text_buffer line = {0};

	if (verdict->kind == VERDICT_NOT_TESTABLE && verdict->trials == 0) {
		text_append(&line, verdict->why);
	} else {
		verdict_words_measured(&line, verdict);
		text_append(&line, ", claimed ");
		verdict_words_claimed(&line, verdict);
		text_append(&line, "; ");
		verdict_words_servers(&line, verdict);
		text_append(&line, ", ");
		verdict_words_blocks(&line, verdict);
		if (*verdict->why)
			text_append_format(&line, ". %s", verdict->why);
	}
	print_wrapped(&line, out);
	text_destroy(&line);
}

/* The verdict on another metric than the one that is meant. */
static void print_note(const struct verdict *verdict, FILE *out)
{
	struct text_buffer line = {0}, factor = {0};

	text_append_format(&line, "%s: ", verdict_words_metric(verdict));
	verdict_words_measured(&line, verdict);
	text_append_format(&line, ", %s", verdict_reads(verdict));
	verdict_words_factor(&factor, verdict);
	if (*text_string(&factor))
		text_append_format(&line, ", %s", text_string(&factor));
	if (*verdict->why)
		text_append_format(&line, ". %s", verdict->why);
	print_wrapped(&line, out);
	text_destroy(&factor);
	text_destroy(&line);
}

static void print_full(const struct claims_collection *collection, size_t headline, FILE *out)
{
	const struct verdict *verdict = &collection->verdicts[headline];
	const json_t *claim = verdict->claim;
	struct text_buffer sources = {0}, ground = {0};

	for (size_t i = 0; i < collection->count; i++)
		if (i != headline && collection->verdicts[i].claim == claim)
			print_note(&collection->verdicts[i], out);
	verdict_words_sources(&sources, claim);
	print_labelled("says", json_string_of(claim, "says"), out);
	print_labelled("from", text_string(&sources), out);
	print_labelled(verdict_words_metric(verdict), json_string_of(claim, "because"), out);
	print_labelled("differs", json_string_of(claim, "differs"), out);
	if (verdict_words_is_untested(verdict)) {
		text_destroy(&sources);
		return;
	}
	if (json_is_true(json_object_get(claim, "own_model")))
		print_labelled("decided on", "tenk's own model, not the system that is named", out);
	verdict_words_ground(&ground, verdict, true);
	print_labelled("decided from", text_string(&ground), out);
	print_labelled("again", json_string_of(verdict->runs[0]->run, "repeat"), out);
	text_destroy(&ground);
	text_destroy(&sources);
}

void terminal_print_claims_count(const struct claims_collection *collection, FILE *out)
{
	struct text_buffer text = {0};

	verdict_words_count(&text, collection->verdicts, collection->count);
	fprintf(out, "%s\n", text_string(&text));
	text_destroy(&text);
}

void terminal_print_collection(const struct claims_collection *collection, bool full, FILE *out)
{
	for (size_t i = 0; i < collection->count; i++) {
		const struct verdict *verdict = &collection->verdicts[i];

		if (!verdict->headline)
			continue;
		print_verdict(verdict, out);
		print_measured(verdict, out);
		if (full) {
			print_full(collection, i, out);
			fputc('\n', out);
		}
	}
	if (collection->count > 0)
		terminal_print_claims_count(collection, out);
}

long terminal_print_claims(const struct results *results, bool full, FILE *out)
{
	struct claims_collection collection = {0};
	long count = claims_evaluate(results, 1, &collection.verdicts);

	if (count < 0)
		return count;
	collection.count = (size_t)count;
	terminal_print_collection(&collection, full, out);
	free(collection.verdicts);
	return count;
}
