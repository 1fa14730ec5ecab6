#include "report/verdict_words.h"

#include "tests/unit/claims_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

typedef void (*words)(struct text_buffer *out, const struct verdict *verdict);

/* What is written for pages, with plain spaces. */
static void expect_words(words write, const struct verdict *verdict, const char *expected)
{
	struct text_buffer text = {0};
	char plain[256];
	size_t length = 0;

	write(&text, verdict);
	for (const char *at = text_string(&text); *at && length + 1 < sizeof plain; at++) {
		bool no_break = strncmp(at, TEXT_NBSP, 2) == 0;

		plain[length++] = no_break ? ' ' : *at;
		at += no_break;
	}
	plain[length] = '\0';
	cr_expect_str_eq(plain, expected);
	text_destroy(&text);
}

Test(verdict_words, a_threshold_has_the_unit_of_its_metric)
{
	static const double values[] = {2048, 2048, 2048, 2048, 2048};
	struct made made;
	const struct verdict *verdict;

	made_begin(&made, "threshold", 1e6, 2e6);
	made_values(&made, "a", values, 5);
	verdict = made_verdict(&made);
	expect_words(verdict_words_measured, verdict, "2.00 KiB [2.00, 2.00]");
	expect_words(verdict_words_claimed, verdict, "1 MB to 2 MB");
	expect_words(verdict_words_factor, verdict, "overstated \xc3\x97 488");
	expect_words(verdict_words_servers, verdict, "a");
	expect_words(verdict_words_blocks, verdict, "5 blocks");
	made_end(&made);
}

Test(verdict_words, a_ratio_is_times_something)
{
	static const double more[] = {30, 30, 30, 30, 30, 30}, less[] = {10, 10, 10, 10, 10, 10};
	struct made made;
	const struct verdict *verdict;

	made_begin(&made, "ratio", 4, 8);
	made_values(&made, "a", more, 6);
	made_values(&made, "b", less, 6);
	verdict = made_verdict(&made);
	expect_words(verdict_words_measured, verdict, "\xc3\x97 3.00 [3.00, 3.00]");
	expect_words(verdict_words_claimed, verdict, "\xc3\x97 4.00 to 8.00");
	expect_words(verdict_words_factor, verdict, "overstated \xc3\x97 1.33");
	expect_words(verdict_words_servers, verdict, "a over b");
	made_end(&made);
}

Test(verdict_words, what_is_not_decided_or_only_rounded_has_no_factor)
{
	static const double wide[] = {500, 3000, 600, 2500, 400}, close[] = {98, 98, 98, 98, 98};
	const struct verdict *verdict;
	struct made made;

	made_begin(&made, "threshold", 1000, 2000);
	made_values(&made, "a", wide, 5);
	verdict = made_verdict(&made);
	cr_assert_eq(verdict->kind, VERDICT_INCONCLUSIVE);
	expect_words(verdict_words_factor, verdict, "");
	made_end(&made);
	made_begin(&made, "threshold", 100, 200);
	made_values(&made, "a", close, 5);
	verdict = made_verdict(&made);
	cr_assert(verdict->at_edge);
	expect_words(verdict_words_factor, verdict, "");
	made_end(&made);
}

/* Who says "a twentieth" where it is a tenth says too much. */
Test(verdict_words, a_ratio_below_one_is_overstated_where_it_is_larger)
{
	static const double less[] = {1, 1, 1, 1, 1, 1}, more[] = {10, 10, 10, 10, 10, 10};
	struct made made;

	made_begin(&made, "ratio", 0.04, 0.0625);
	made_values(&made, "a", less, 6);
	made_values(&made, "b", more, 6);
	expect_words(verdict_words_factor, made_verdict(&made), "overstated \xc3\x97 1.60");
	made_end(&made);
}

Test(verdict_words, what_was_not_measured_has_no_figure)
{
	struct made made;
	const struct verdict *verdict;

	made_begin(&made, "threshold", 1, 2);
	verdict = made_verdict(&made);
	expect_words(verdict_words_measured, verdict, "not measured");
	expect_words(verdict_words_factor, verdict, "");
	expect_words(verdict_words_blocks, verdict, "");
	made_end(&made);
}

Test(verdict_words, few_blocks_give_a_range)
{
	static const double values[] = {100, 200};
	struct made made;
	const struct verdict *verdict;

	made_begin(&made, "threshold", 1, 2);
	made_values(&made, "a", values, 2);
	verdict = made_verdict(&made);
	expect_words(verdict_words_measured, verdict, "150 B [100, 200]");
	expect_words(verdict_words_blocks, verdict, "range of 2 blocks");
	made_end(&made);
}

Test(verdict_words, sources_are_told_with_what_is_known_of_them)
{
	json_t *claim = json_pack("{s:s, s:[{s:s, s:s, s:i, s:s}, {s:s}]}", "source", "a, b",
				  "sources", "title", "An A", "kind", "paper", "year", 2003,
				  "reported_by", "its abstract", "title", "B");
	struct text_buffer text = {0};

	verdict_words_sources(&text, claim);
	cr_expect_str_eq(text_string(&text), "An A (paper, 2003, as reported by its abstract); B");
	text_destroy(&text);
	json_object_del(claim, "sources");
	verdict_words_sources(&text, claim);
	cr_expect_str_eq(text_string(&text), "a, b", "a run of before");
	text_destroy(&text);
	json_decref(claim);
}
