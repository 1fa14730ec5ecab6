/*
 * JUnit's XML as Jenkins, GitLab and others read it (there is no standard; tests/cli/junit.xsd is what they have in
 * common): a test case a metric and cell. A regression that fails the gate is a failure; where the gate
 * has nothing to go by, an error; whatever else is not well is skipped, with its reason.
 */
#include "report/compare/format.h"
#include "report/compare/words.h"

#include "lib/json.h"

#include <math.h>
#include <string.h>

/* The element of a test case; NULL: it has passed. */
static const char *element(const struct comparison *one)
{
	if (words_fails(one))
		return "failure";
	if (one->outcome == COMPARISON_INVALID && one->gating)
		return "error";
	return one->outcome == COMPARISON_OK || one->outcome == COMPARISON_IMPROVEMENT ? NULL
										       : "skipped";
}

static size_t count_of(const struct comparisons *comparisons, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < comparisons->count; i++) {
		const char *own = element(&comparisons->items[i]);

		count += own && strcmp(own, name) == 0;
	}
	return count;
}

static void append_attribute(struct text_buffer *out, const char *name, const char *text)
{
	struct text_buffer clean = {0};

	words_append(&clean, text);
	text_append_format(out, " %s=\"", name);
	text_append_html(out, text_string(&clean));
	text_append(out, "\"");
	text_destroy(&clean);
}

static void append_property(struct text_buffer *out, const char *name, const char *text)
{
	text_append(out, "        <property");
	append_attribute(out, "name", name);
	append_attribute(out, "value", text);
	text_append(out, "/>\n");
}

/* What is not known has no property. */
static void append_figure(struct text_buffer *out, const char *name, double value)
{
	char text[32];

	if (!isfinite(value))
		return;
	snprintf(text, sizeof text, "%.15g", value);
	append_property(out, name, text);
}

static void append_properties(struct text_buffer *out, const struct comparison *one)
{
	text_append(out, "      <properties>\n");
	append_property(out, "metric", one->metric);
	append_property(out, "unit", json_string_of(one->descriptor, "unit"));
	append_property(out, "outcome", comparison_outcome_name(one->outcome));
	append_property(out, "gating", one->gating ? "true" : "false");
	append_figure(out, "a", one->a);
	append_figure(out, "b", one->b);
	append_figure(out, "change", one->change);
	append_figure(out, "low", one->low);
	append_figure(out, "high", one->high);
	append_figure(out, "coverage", one->coverage);
	append_figure(out, "smallest", one->smallest);
	append_figure(out, "p_adjusted", one->p_adjusted);
	append_figure(out, "pairs", (double)one->pairs);
	append_figure(out, "detectable", one->detectable);
	text_append(out, "      </properties>\n");
}

/* "regression, which only advises: +5.0 % [...], from 5.62 us to 5.90 us; why" */
static void describe(struct text_buffer *out, const struct comparison *one)
{
	char text[WORDS_SIZE];

	text_append(out, words_verdict(one));
	if (!one->gating)
		text_append(out, ", which only advises");
	text_append_format(out, ": %s", words_change(one, text));
	text_append_format(out, ", from %s", words_value(one, one->a, text));
	text_append_format(out, " to %s", words_value(one, one->b, text));
	text_append_format(out, "; %s would matter", words_amount(one, one->smallest, text));
	if (*one->why)
		text_append(out, "; ");
	words_append(out, one->why);
}

static void append_case(struct text_buffer *out, const struct comparison *one)
{
	struct text_buffer name = {0}, said = {0};
	const char *as = element(one);

	words_subject(&name, one);
	describe(&said, one);
	text_append(out, "    <testcase");
	append_attribute(out, "classname", "tenk.compare");
	append_attribute(out, "name", text_string(&name));
	text_append(out, " time=\"0\">\n");
	append_properties(out, one);
	if (as) {
		text_append_format(out, "      <%s", as);
		if (strcmp(as, "skipped") != 0)
			append_attribute(out, "type", words_verdict(one));
		append_attribute(out, "message", text_string(&said));
		text_append(out, ">");
		text_append_html(out, text_string(&said));
		text_append_format(out, "</%s>\n", as);
	} else {
		text_append(out, "      <system-out>");
		text_append_html(out, text_string(&said));
		text_append(out, "</system-out>\n");
	}
	text_append(out, "    </testcase>\n");
	text_destroy(&name);
	text_destroy(&said);
}

static void append_suite(struct text_buffer *out, const struct comparisons *comparisons)
{
	struct text_buffer name = {0};

	words_append(&name, comparisons->b_label);
	text_append(&name, " against ");
	words_append(&name, comparisons->a_label);
	text_append(out, "  <testsuite");
	append_attribute(out, "name", text_string(&name));
	text_append_format(
		out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"0\">\n",
		comparisons->count, count_of(comparisons, "failure"),
		count_of(comparisons, "error"), count_of(comparisons, "skipped"));
	text_destroy(&name);
}

int compare_write_junit(FILE *out, const struct comparisons *comparisons)
{
	struct text_buffer text = {0}, sentence = {0};

	text_append(&text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	text_append_format(
		&text,
		"<testsuites name=\"tenk compare\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
		comparisons->count, count_of(comparisons, "failure"),
		count_of(comparisons, "error"));
	append_suite(&text, comparisons);
	for (size_t i = 0; i < comparisons->count; i++)
		append_case(&text, &comparisons->items[i]);
	words_sentence(&sentence, comparisons);
	for (size_t i = 0; i < comparisons->warning_count; i++) {
		text_append(&sentence, "\nwarning: ");
		words_append(&sentence, comparisons->warnings[i]);
	}
	text_append(&text, "    <system-out>");
	text_append_html(&text, text_string(&sentence));
	text_append(&text, "</system-out>\n  </testsuite>\n</testsuites>\n");
	text_destroy(&sentence);
	return compare_finish(&text, out);
}
