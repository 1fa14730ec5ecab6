/*
 * GitHub's and GitLab's Markdown, for a comment or a step's summary: the sentence, the table of what
 * gates, and folded what only advises and how sure each figure is.
 */
#include "report/compare/format.h"
#include "report/compare/words.h"

#include <math.h>

/* Cleaned and escaped. */
static void append(struct text_buffer *out, const char *text)
{
	struct text_buffer clean = {0};

	words_append(&clean, text);
	text_append_markdown(out, text_string(&clean));
	text_destroy(&clean);
}

static void append_cell(struct text_buffer *out, const char *text)
{
	text_append(out, " ");
	append(out, text);
	text_append(out, " |");
}

static void append_row(struct text_buffer *out, const struct comparison *one)
{
	char text[WORDS_SIZE];
	const char *strong = words_fails(one) ? "**" : "";

	text_append(out, "|");
	append_cell(out, words_metric(one));
	append_cell(out, one->cell);
	append_cell(out, words_value(one, one->a, text));
	append_cell(out, words_value(one, one->b, text));
	append_cell(out, words_change(one, text));
	text_append_format(out, " %s%s%s |\n", strong, words_verdict(one), strong);
}

/* The rows that gate, or those that do not. */
static void append_table(struct text_buffer *out, const struct comparisons *comparisons,
			 bool gating)
{
	size_t rows = 0;

	for (size_t i = 0; i < comparisons->count; i++) {
		if (comparisons->items[i].gating != gating)
			continue;
		if (rows++ == 0)
			text_append(
				out,
				"\n| metric | cell | A | B | change of B against A | verdict |\n"
				"| --- | --- | ---: | ---: | ---: | --- |\n");
		append_row(out, &comparisons->items[i]);
	}
}

static void append_p(struct text_buffer *out, double p)
{
	text_append_format(out, isnan(p) ? " - |" : p < 0.0005 ? " &lt;0.001 |" : " %.3f |", p);
}

static void append_certainty(struct text_buffer *out, const struct comparisons *comparisons)
{
	char text[WORDS_SIZE];

	text_append_format(
		out,
		"\n| metric | cell | %s | coverage | would matter | could be seen | p | p adjusted | p of "
		"the sign test | would decide |\n"
		"| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
		words_pairs(comparisons));
	for (size_t i = 0; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];

		text_append(out, "|");
		append_cell(out, words_metric(one));
		append_cell(out, one->cell);
		text_append_format(out, " %zu |", one->pairs);
		text_append_format(out, isnan(one->coverage) ? " - |" : " %.1f %% |",
				   100 * one->coverage);
		text_append_format(out, " %s |", words_amount(one, one->smallest, text));
		text_append_format(out, " %s |", words_amount(one, one->detectable, text));
		append_p(out, one->p);
		append_p(out, one->p_adjusted);
		append_p(out, one->sign_p);
		text_append_format(out, one->pairs_needed ? " %zu |\n" : " - |\n",
				   one->pairs_needed);
	}
}

static void append_warnings(struct text_buffer *out, const struct comparisons *comparisons)
{
	struct text_buffer advice = {0};

	for (size_t i = 0; i < comparisons->warning_count; i++) {
		text_append(out, "\n- warning: ");
		append(out, comparisons->warnings[i]);
	}
	words_advice(&advice, comparisons);
	if (advice.length > 0)
		text_append_format(out, "\n- %s", text_string(&advice));
	text_destroy(&advice);
	text_append(out, "\n");
}

/* Of what decides. */
static void append_reasons(struct text_buffer *out, const struct comparisons *comparisons)
{
	struct text_buffer text = {0};

	for (size_t i = 0; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];

		if (!*one->why || !words_decides(comparisons, one))
			continue;
		text_append_format(out, "\n- %s: ", words_verdict(one));
		words_subject(&text, one);
		text_append(&text, ": ");
		words_append(&text, one->why);
		text_append_markdown(out, text_string(&text));
		text_destroy(&text);
	}
	text_append(out, "\n");
}

int compare_write_markdown(FILE *out, const struct comparisons *comparisons)
{
	struct text_buffer text = {0}, sentence = {0};

	words_sentence(&sentence, comparisons);
	text_append(&text, "**");
	text_append_markdown(&text, text_string(&sentence));
	text_append(&text, "**\n\nA is ");
	append(&text, comparisons->a_label);
	text_append(&text, ", B is ");
	append(&text, comparisons->b_label);
	text_append(&text, comparisons->paired ? ", measured side by side.\n"
					       : ", not measured side by side.\n");
	append_table(&text, comparisons, true);
	append_warnings(&text, comparisons);
	if (comparisons->count > 0) {
		text_append(&text,
			    "\n<details><summary>What advises, and how sure this is</summary>\n");
		append_reasons(&text, comparisons);
		append_table(&text, comparisons, false);
		append_certainty(&text, comparisons);
		text_append(&text, "\n</details>\n");
	}
	text_destroy(&sentence);
	return compare_finish(&text, out);
}
