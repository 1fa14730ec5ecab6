/*
 * Commands to the runner of GitHub Actions ("workflow commands"), each a line that becomes an annotation. A step
 * may show ten, so what is alike shares one: first the sentence, then one for each metric and outcome.
 */
#include "report/compare/format.h"
#include "report/compare/words.h"

#include <string.h>

enum { ANNOTATIONS_MOST = 10 };

/* A value of a property ends at a colon or a comma; a message does not. */
static void append_escaped(struct text_buffer *out, const char *text, bool property)
{
	for (; *text; text++) {
		if (strchr(property ? "%\r\n:," : "%\r\n", *text))
			text_append_format(out, "%%%02X", (unsigned char)*text);
		else
			text_append_bytes(out, text, 1);
	}
}

static const char *level(const struct comparison *one)
{
	if (!one->gating || one->accepted)
		return "notice";
	return one->outcome == COMPARISON_REGRESSION || one->outcome == COMPARISON_INVALID ? "error"
	       : one->outcome == COMPARISON_INCONCLUSIVE ? "warning"
							 : "notice";
}

static void append_command(struct text_buffer *out, const char *command,
			   const struct comparisons *comparisons, const char *message)
{
	struct text_buffer title = {0};

	text_append(&title, "tenk compare: ");
	words_append(&title, comparisons->b_label);
	text_append(&title, " against ");
	words_append(&title, comparisons->a_label);
	text_append_format(out, "::%s title=", command);
	append_escaped(out, text_string(&title), true);
	text_append(out, "::");
	append_escaped(out, message, false);
	text_append(out, "\n");
	text_destroy(&title);
}

static bool is_alike(const struct comparison *a, const struct comparison *b)
{
	return strcmp(a->metric, b->metric) == 0 && strcmp(level(a), level(b)) == 0 &&
	       strcmp(words_verdict(a), words_verdict(b)) == 0;
}

/* Of what only advises, a regression alone is worth a word. */
static bool is_told(const struct comparisons *comparisons, const struct comparison *one)
{
	return one->outcome == COMPARISON_REGRESSION ||
	       (one->outcome != COMPARISON_OK && words_decides(comparisons, one));
}

/* Whether it is to be told, and the first of those that share its annotation. */
static bool begins_group(const struct comparisons *comparisons, size_t index)
{
	if (!is_told(comparisons, &comparisons->items[index]))
		return false;
	for (size_t i = 0; i < index; i++)
		if (is_alike(&comparisons->items[i], &comparisons->items[index]))
			return false;
	return true;
}

/* "Server CPU per request: regression: +5.0 % [+4.0, +6.0] (64 connections); ..." */
static void append_group(struct text_buffer *out, const struct comparisons *comparisons,
			 size_t first)
{
	const struct comparison *group = &comparisons->items[first];
	struct text_buffer message = {0};
	char text[WORDS_SIZE];

	words_append(&message, words_metric(group));
	text_append_format(&message, ": %s", words_verdict(group));
	for (size_t i = first; i < comparisons->count; i++) {
		const struct comparison *one = &comparisons->items[i];

		if (!is_alike(one, group))
			continue;
		text_append_format(&message, "%s %s (", i == first ? ":" : ";",
				   words_change(one, text));
		words_append(&message, one->cell);
		text_append(&message, ")");
	}
	append_command(out, level(group), comparisons, text_string(&message));
	text_destroy(&message);
}

/* The gravest first. Returns how many of at most `room` annotations there were. */
static size_t append_groups(struct text_buffer *out, const struct comparisons *comparisons,
			    size_t room)
{
	static const char *const levels[] = {"error", "warning", "notice"};
	size_t written = 0;

	for (size_t l = 0; l < sizeof levels / sizeof *levels; l++)
		for (size_t i = 0; i < comparisons->count && written < room; i++)
			if (begins_group(comparisons, i) &&
			    strcmp(level(&comparisons->items[i]), levels[l]) == 0) {
				append_group(out, comparisons, i);
				written++;
			}
	return written;
}

static void append_warnings(struct text_buffer *out, const struct comparisons *comparisons)
{
	struct text_buffer message = {0};

	for (size_t i = 0; i < comparisons->warning_count; i++) {
		text_append(&message, i ? "\n" : "");
		words_append(&message, comparisons->warnings[i]);
	}
	if (message.length > 0)
		append_command(out, "warning", comparisons, text_string(&message));
	text_destroy(&message);
}

static void append_all_groups(struct text_buffer *out, const struct comparisons *comparisons)
{
	size_t room = ANNOTATIONS_MOST - 1 - (comparisons->warning_count > 0), groups = 0, told = 0;
	char more[WORDS_SIZE];

	for (size_t i = 0; i < comparisons->count; i++) {
		groups += begins_group(comparisons, i);
		told += is_told(comparisons, &comparisons->items[i]);
	}
	if (told <= 1) /* the sentence was about it */
		return;
	told = append_groups(out, comparisons, groups > room ? room - 1 : room);
	if (groups == told)
		return;
	snprintf(more, sizeof more, "and %zu more; the table has all of them", groups - told);
	append_command(out, "notice", comparisons, more);
}

int compare_write_annotations(FILE *out, const struct comparisons *comparisons)
{
	const struct comparison all = {.gating = comparisons->gates,
				       .outcome = comparisons->outcome};
	struct text_buffer text = {0}, sentence = {0};

	words_sentence(&sentence, comparisons);
	append_command(&text, level(&all), comparisons, text_string(&sentence));
	text_destroy(&sentence);
	append_all_groups(&text, comparisons);
	append_warnings(&text, comparisons);
	return compare_finish(&text, out);
}
