/* What is said of a comparison, and how its interval is drawn. */
#include "report/compare/drawing.h"
#include "report/compare/words.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

TestSuite(compare_words, .timeout = 10);

#define CELL "throughput, 64 connections"

static char cell[] = CELL;

static json_t *descriptor(const char *title, const char *unit, const char *better)
{
	return json_pack("{s:s, s:s, s:s}", "title", title, "unit", unit, "better", better);
}

/* CPU per request, 20 pairs, 2 % matters. */
static struct comparison make(enum comparison_outcome outcome, double low, double change,
			      double high)
{
	return (struct comparison){
		.cell = cell,
		.metric = "server_cpu_per_request_ns",
		.descriptor = descriptor("Server CPU per request", "ns", "lower"),
		.outcome = outcome,
		.gating = true,
		.a = 5620,
		.b = 5603,
		.change = change,
		.low = low,
		.high = high,
		.smallest = 0.02,
		.pairs = 20,
		.detectable = 0.012,
	};
}

static void expect_sentence(struct comparison *items, size_t count, bool gates, const char *wanted)
{
	struct comparisons comparisons = {
		.items = items, .count = count, .paired = true, .gates = gates};
	struct text_buffer text = {0};

	words_sentence(&text, &comparisons);
	cr_expect_str_eq(text_string(&text), wanted);
	text_destroy(&text);
}

Test(compare_words, sentence_of_each_outcome)
{
	struct comparison one = make(COMPARISON_OK, -0.009, -0.003, 0.004);

	expect_sentence(&one, 1, true,
			"No regression: Server CPU per request (" CELL
			") changed by -0.3 % [-0.9, +0.4]; this run could have seen 1.2 %.");
	one.outcome = COMPARISON_REGRESSION;
	expect_sentence(&one, 1, true,
			"Regression: Server CPU per request (" CELL
			") changed by -0.3 % [-0.9, +0.4], and 2 % would matter.");
	one.outcome = COMPARISON_INCONCLUSIVE;
	one.pairs_needed = 38;
	expect_sentence(&one, 1, true,
			"Cannot tell: Server CPU per request (" CELL
			") changed by -0.3 % [-0.9, +0.4], and 2 % would matter; about 38 blocks "
			"would decide.");
	one.outcome = COMPARISON_IMPROVEMENT;
	expect_sentence(&one, 1, true,
			"Improvement: Server CPU per request (" CELL
			") changed by -0.3 % [-0.9, +0.4].");
	one.outcome = COMPARISON_INVALID;
	snprintf(one.why, sizeof one.why, "no pair is left");
	expect_sentence(&one, 1, true,
			"Nothing can be said: Server CPU per request (" CELL "): no pair is left.");
	expect_sentence(NULL, 0, true, "Nothing was compared.");
	json_decref((json_t *)one.descriptor);
}

/* The worst of those that decide is named; what only advises, or is accepted, is not. */
Test(compare_words, sentence_names_the_worst)
{
	struct comparison items[] = {
		make(COMPARISON_OK, -0.01, 0, 0.01),
		make(COMPARISON_REGRESSION, 0.04, 0.05, 0.06),
		make(COMPARISON_REGRESSION, 0.08, 0.09, 0.10),
		make(COMPARISON_REGRESSION, 0.5, 0.6, 0.7),
		make(COMPARISON_REGRESSION, 0.8, 0.9, 1.0),
	};

	items[3].accepted = true;
	items[4].gating = false;
	expect_sentence(
		items, 5, true,
		"Regression in 2 of 3 comparisons: the worst is Server CPU per request (" CELL
		") changed by +9.0 % [+8.0, +10.0], and 2 % would matter.");
	expect_sentence(
		items, 1, false,
		"No regression (this informs, and decides nothing): Server CPU per request (" CELL
		") changed by 0.0 % [-1.0, +1.0]; this run could have seen 1.2 %.");
	items[1].outcome = items[2].outcome = COMPARISON_OK;
	expect_sentence(
		items, 3, true,
		"No regression in 3 comparisons: the nearest to one is Server CPU per request (" CELL
		") changed by +9.0 % [+8.0, +10.0]; this run could have seen 1.2 %.");
	items[0].outcome = COMPARISON_INVALID;
	items[1].outcome = COMPARISON_REGRESSION;
	expect_sentence(items, 3, true,
			"Nothing can be said of 1 of 3 comparisons: Server CPU per request (" CELL
			"); and of the others 1 is a regression.");
	for (size_t i = 0; i < 5; i++)
		json_decref((json_t *)items[i].descriptor);
}

/* As the exit code: where nothing gates, a gate cannot pass. */
Test(compare_words, nothing_that_gates_is_no_pass)
{
	struct comparison one = make(COMPARISON_OK, -0.01, 0, 0.01);

	one.gating = false;
	expect_sentence(&one, 1, true, "Cannot tell: nothing that was measured gates.");
	json_decref((json_t *)one.descriptor);
}

static void expect_advice(struct comparison *items, size_t count, const char *wanted)
{
	struct comparisons comparisons = {
		.items = items, .count = count, .paired = true, .gates = true};
	struct text_buffer text = {0};

	words_advice(&text, &comparisons);
	cr_expect_str_eq(text_string(&text), wanted);
	text_destroy(&text);
}

Test(compare_words, advice_is_what_one_can_do)
{
	struct comparison items[] = {make(COMPARISON_INCONCLUSIVE, -0.01, 0.01, 0.03),
				     make(COMPARISON_INCONCLUSIVE, -0.01, 0.01, 0.03)};

	items[0].pairs_needed = 38;
	items[1].pairs_needed = 4714;
	expect_advice(
		items, 1,
		"To decide: about 38 blocks instead of 20, or a quieter machine (tenk doctor names "
		"what disturbs this one).");
	expect_advice(
		items, 2,
		"To decide 1 of 2: about 38 blocks instead of 20; the others need a quieter machine "
		"(tenk doctor names what disturbs this one).");
	expect_advice(
		items + 1, 1,
		"To decide: a quieter machine (tenk doctor names what disturbs this one), or very "
		"many blocks.");
	items[0].outcome = COMPARISON_OK;
	expect_advice(items, 1, "");
	for (size_t i = 0; i < 2; i++)
		json_decref((json_t *)items[i].descriptor);
}

/* More is better: what falls is the worse. */
Test(compare_words, direction_is_the_metrics)
{
	struct comparison items[] = {make(COMPARISON_REGRESSION, -0.06, -0.05, -0.04),
				     make(COMPARISON_REGRESSION, 0.08, 0.09, 0.10)};

	for (size_t i = 0; i < 2; i++) {
		json_decref((json_t *)items[i].descriptor);
		items[i].descriptor = descriptor("Rate", "per_s", "higher");
	}
	cr_expect_float_eq(words_badness(&items[0], -0.05), 2.5, 1e-9);
	expect_sentence(items, 2, true,
			"Regression in 2 of 2 comparisons: the worst is Rate (" CELL
			") changed by -5.0 % [-6.0, -4.0], and 2 % would matter.");
	for (size_t i = 0; i < 2; i++)
		json_decref((json_t *)items[i].descriptor);
}

static void expect_change(const struct comparison *one, const char *wanted)
{
	char text[WORDS_SIZE];

	cr_expect_str_eq(words_change(one, text), wanted);
}

Test(compare_words, change_has_the_digits_that_it_bears)
{
	struct comparison one = make(COMPARISON_OK, -0.0004, 0.0002, 0.0006);

	expect_change(&one, "+0.02 % [-0.04, +0.06]");
	one.low = -INFINITY;
	expect_change(&one, "0.0 % [?, +0.1]");
	one.change = NAN;
	expect_change(&one, "-");
	json_decref((json_t *)one.descriptor);
	one.descriptor = descriptor("Memory", "bytes", "lower");
	one.scale = COMPARISON_DIFFERENCE;
	one.low = 0;
	one.change = 1024;
	one.high = INFINITY;
	expect_change(&one, "+1.00 KiB [0 B, ?]");
	json_decref((json_t *)one.descriptor);
	one.descriptor = descriptor("Errors", "count", "lower");
	one.low = -0.0000012;
	one.change = 0.0000123;
	one.high = 0.0004;
	expect_change(&one, "+1.23e-05 [-1.2e-06, +0.0004]");
	json_decref((json_t *)one.descriptor);
}

static void expect_drawing(const struct comparison *one, bool utf8, const char *wanted)
{
	const struct drawing drawing = {.width = 21, .reach = 2, .utf8 = utf8};
	struct text_buffer text = {0};

	drawing_append(&text, &drawing, one);
	cr_expect_str_eq(text_string(&text), wanted);
	text_destroy(&text);
}

/* 0 is in the middle, 2 % five columns beside it; the worse side is the right, whatever the metric. */
Test(compare_words, drawing_has_one_scale)
{
	struct comparison one = make(COMPARISON_OK, -0.008, -0.004, 0.004);

	expect_drawing(&one, false, "     :  [*+]   :");
	expect_drawing(&one, true, "     \u250a  \u251c\u25cf\u253c\u2524   \u250a");
	json_decref((json_t *)one.descriptor);
	one.descriptor = descriptor("Rate", "per_s", "higher");
	expect_drawing(&one, false, "     :   [+*]  :");
	one.low = -INFINITY;
	one.high = one.change = 0.0;
	expect_drawing(&one, false, "     :    *----+---->");
	one.low = one.high = one.change = NAN;
	expect_drawing(&one, false, "     :    |    :");
	json_decref((json_t *)one.descriptor);
}

Test(compare_words, names_are_one_line_that_no_terminal_obeys)
{
	struct text_buffer text = {0};

	words_append(&text, "a\033[31m\n\xff\xc2\x9b\xef\xbf\xbe\xc3\xbc");
	cr_expect_str_eq(text_string(&text), "a [31m ???\u00fc");
	text_destroy(&text);
}
