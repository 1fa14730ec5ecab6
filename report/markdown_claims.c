/* The verdicts on claims, as Markdown. */
#include "report/terminal_claims.h"

#include "lib/json.h"
#include "report/verdict_words.h"

#include <stdio.h>
#include <string.h>

typedef void (*words)(struct text_buffer *out, const struct verdict *verdict);

/* Markdown gets plain spaces for no-break ones (text_append_markdown). */
static void print_escaped(const char *text, FILE *out)
{
	struct text_buffer escaped = {0};

	text_append_markdown(&escaped, text);
	fputs(text_string(&escaped), out);
	text_destroy(&escaped);
}

static void print_words(words write, const struct verdict *verdict, FILE *out)
{
	struct text_buffer text = {0};

	write(&text, verdict);
	print_escaped(text_string(&text), out);
	text_destroy(&text);
}

/* Where a heading is found by a link: as readers of Markdown make it, without dots. */
static void print_anchor(const char *id, FILE *out)
{
	for (; *id; id++)
		if (*id != '.')
			fputc(*id, out);
}

static void print_row(const struct verdict *verdict, bool linked, FILE *out)
{
	static const words columns[] = {verdict_words_measured, verdict_words_claimed,
					verdict_words_factor, verdict_words_servers,
					verdict_words_blocks};
	const char *id = json_string_of(verdict->claim, "id");

	fprintf(out, linked ? "| [%s](#" : "| %s", id);
	if (linked) {
		print_anchor(id, out);
		fputc(')', out);
	}
	fprintf(out, " | %s", verdict_reads(verdict));
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		fputs(" | ", out);
		if (i == 0 && verdict->trials == 0) /* then the column says why */
			print_escaped(verdict->why, out);
		else
			print_words(columns[i], verdict, out);
	}
	fputs(" |\n", out);
}

static void print_why(const struct verdict *verdict, FILE *out)
{
	if (!*verdict->why)
		return;
	fputs(" ", out);
	print_escaped(verdict->why, out);
}

/* "**refuted here**, overstated x 26: 38.5 KiB [38.4, 38.6], claimed 1 MB to 2 MB; epoll, 5 blocks." */
static void print_verdict(const struct verdict *verdict, FILE *out)
{
	struct text_buffer factor = {0};

	verdict_words_factor(&factor, verdict);
	fprintf(out, "**%s**%s", verdict_reads(verdict), *text_string(&factor) ? ", " : "");
	print_escaped(text_string(&factor), out);
	text_destroy(&factor);
	if (verdict->trials == 0) {
		fputs(".", out);
		print_why(verdict, out);
		fputs("\n", out);
		return;
	}
	fprintf(out, ": %s ", verdict_words_metric(verdict));
	print_words(verdict_words_measured, verdict, out);
	fputs(", claimed ", out);
	print_words(verdict_words_claimed, verdict, out);
	fputs("; ", out);
	print_words(verdict_words_servers, verdict, out);
	fputs(", ", out);
	print_words(verdict_words_blocks, verdict, out);
	fputs(".", out);
	print_why(verdict, out);
	fputs("\n", out);
}

static void print_note(const struct verdict *verdict, FILE *out)
{
	fprintf(out, "- %s: ", verdict_words_metric(verdict));
	print_words(verdict_words_measured, verdict, out);
	fprintf(out, ", %s", verdict_reads(verdict));
	if (verdict->trials == 0)
		print_why(verdict, out);
	fputs("\n", out);
}

static void print_paragraph(const char *before, const char *text, FILE *out)
{
	if (!*text)
		return;
	fputs("\n", out);
	fputs(before, out);
	print_escaped(text, out);
	fputs("\n", out);
}

static void print_ground(const struct verdict *verdict, FILE *out)
{
	const json_t *claim = verdict->claim;
	struct text_buffer ground = {0};

	fputs(json_is_true(json_object_get(claim, "own_model"))
		      ? "\nDecided on tenk's own model, from "
		      : "\nDecided from ",
	      out);
	verdict_words_ground(&ground, verdict, false);
	print_escaped(text_string(&ground), out);
	fprintf(out, ". Again: `tenk claims run %s`.\n", json_string_of(claim, "id"));
	text_destroy(&ground);
}

static void print_claim(const struct claims_collection *collection, size_t headline, FILE *out)
{
	const struct verdict *verdict = &collection->verdicts[headline];
	const json_t *claim = verdict->claim;
	struct text_buffer sources = {0};
	bool any = false;

	verdict_words_sources(&sources, claim);
	fprintf(out, "\n### %s\n", json_string_of(claim, "id"));
	fputs("\n> ", out);
	print_escaped(json_string_of(claim, "says"), out);
	fputs("  \n> *", out);
	print_escaped(text_string(&sources), out);
	fputs("*\n\n", out);
	print_verdict(verdict, out);
	print_paragraph("", json_string_of(claim, "explained"), out);
	for (size_t i = 0; i < collection->count; i++) {
		if (i == headline || collection->verdicts[i].claim != claim)
			continue;
		if (!any)
			fputs("\n", out);
		any = true;
		print_note(&collection->verdicts[i], out);
	}
	print_paragraph("What is meant: ", json_string_of(claim, "because"), out);
	print_paragraph("How this set-up differs: ", json_string_of(claim, "differs"), out);
	if (!verdict_words_is_untested(verdict))
		print_ground(verdict, out);
	text_destroy(&sources);
}

void markdown_print_collection(const struct claims_collection *collection, bool full, FILE *out)
{
	fputs("| claim | verdict | measured | claimed | factor | server | decided from |\n"
	      "|---|---|---|---|---|---|---|\n",
	      out);
	for (size_t i = 0; i < collection->count; i++)
		if (collection->verdicts[i].headline)
			print_row(&collection->verdicts[i], full, out);
	fputs("\n", out);
	terminal_print_claims_count(collection, out);
	for (size_t i = 0; full && i < collection->count; i++)
		if (collection->verdicts[i].headline)
			print_claim(collection, i, out);
}
