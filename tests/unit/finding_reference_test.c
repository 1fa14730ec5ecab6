/* What the published runs say: read these aloud. */
#include "report/answer.h"
#include "report/finding.h"
#include "tests/unit/sentences.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(finding_reference, .timeout = 20);

static struct results results;
static struct part *parts;
static size_t count_open;
static struct findings findings;

static void open_run(const char *directory)
{
	struct error error = {""};

	cr_assert_eq(results_load(&results, directory, &error), 0, "%s", error.text);
	cr_assert_eq(parts_open(&parts, &count_open, &results), 0);
	cr_assert_eq(findings_make(&findings, parts, count_open), 0);
}

static void close_run(void)
{
	findings_destroy(&findings);
	parts_close(parts, count_open);
	results_destroy(&results);
}

/* A headline, and the first tiles: text and whom it compares. */
struct expected {
	const char *run, *headline;
	const char *tiles[FINDINGS_TILES][2];
	const char *sentences[FINDINGS_SENTENCES];
};

#define NBSP "\xc2\xa0"
#define X    "\xc3\x97" NBSP
#define MU   "\xc2\xb5s"

/* clang-format off */
static const struct expected published[] = {
	{"results/reference/quick",
	 "Compared with epoll, thread-per-connection takes more CPU per request, needs 10 times the memory and answers fewer requests a second; this run cannot tell their tails apart.",
	 {{X "1.57 [1.51," NBSP "1.68]", "thread-per-connection against epoll, 64 connections"},
	  {X "10.0 [9.9," NBSP "10.1]", "thread-per-connection against epoll, idle connections"},
	  {"cannot tell", "thread-per-connection against epoll, 5k/s offered"}},
	 {"At 64 connections a request costs 9.45" NBSP MU " of server CPU with thread-per-connection and 6.01" NBSP MU " with epoll: 1.57 times as much, in every block.",
	  "An idle connection takes 38.4" NBSP "KiB with thread-per-connection and 3.83" NBSP "KiB with epoll, the kernel's share included: 10 times as much, in every block.",
	  "With 5k/s offered this run cannot tell thread-per-connection and epoll apart by p99: the ratio lies between 0.24 and 12.8."}},
	{"results/reference/memory",
	 "An idle connection takes 38.5" NBSP "KiB with thread-per-connection and 3.84" NBSP "KiB with epoll, the kernel's share included: 10 times as much, in every block, not 250 as claimed.",
	 {{X "10.0 [10.0," NBSP "10.0]", "thread-per-connection against epoll, idle connections"},
	  {"98.4" NBSP "% [98.3," NBSP "98.4]", "epoll, of an idle connection"},
	  {"8.00" NBSP "MiB [8.00," NBSP "8.00]", "thread-per-connection, reserved, not used"}},
	 {"An idle connection takes 38.5" NBSP "KiB with thread-per-connection and 3.84" NBSP "KiB with epoll, the kernel's share included: 10 times as much, in every block, not 250 as claimed.",
	  "Of the 3.84" NBSP "KiB that a connection takes with epoll, 98.4" NBSP "% are the kernel's.",
	  "For a connection thread-per-connection reserves 8.00" NBSP "MiB of address space and takes 38.5" NBSP "KiB of memory."}},
	{"results/reference/limits",
	 "16 of 20 servers, threads and loops alike, held 19,000 connections and then met the same wall: descriptors.",
	 {{"19,000", "16 of 20 servers, then descriptors"},
	  {"200", "prefork and thread-pool, then workers"},
	  {X "10.0, 1" NBSP "trial", "thread-per-connection against epoll, idle connections"}},
	 {"16 of 20 servers, threads and loops alike, held 19,000 connections and then met the same wall: descriptors.",
	  "Four stopped earlier: process-per-connection at 10,000, select at 1,000, prefork and thread-pool at 200.",
	  "An idle connection takes 38.5" NBSP "KiB with thread-per-connection and 3.84" NBSP "KiB with epoll, the kernel's share included: 10 times as much, in one trial of each."}},
	{"results/reference/million",
	 "Of 1,000,000 requests that are due at once, loop-per-core/loops-64 answers the last after 15.4" NBSP "s.",
	 {{"15.4" NBSP "s, 1" NBSP "trial", "loop-per-core/loops-64, 1,000,000 connections"},
	  {"3.66" NBSP "GiB, 1" NBSP "trial", "loop-per-core/loops-64, 1,000,000 connections"},
	  {"3.83" NBSP "KiB, 1" NBSP "trial", "loop-per-core/loops-64, idle connections"}},
	 {"Of 1,000,000 requests that are due at once, loop-per-core/loops-64 answers the last after 15.4" NBSP "s.",
	  "1,000,000 idle connections take 3.66" NBSP "GiB with loop-per-core/loops-64, the kernel's share included.",
	  "An idle connection takes 3.83" NBSP "KiB with loop-per-core/loops-64, the kernel's share included."}},
	{"results/reference/small-machine",
	 "20,000 idle connections take 75.3" NBSP "MiB with loop-per-core/loops-2, the kernel's share included.",
	 {{"75.3" NBSP "MiB [75.2," NBSP "75.5]", "loop-per-core/loops-2, 20,000 connections"},
	  {X "9.0 [9.0," NBSP "9.0]", "thread-per-connection/stack-64k against epoll, idle connections"},
	  {"98.3" NBSP "% [98.2," NBSP "98.5]", "epoll, of an idle connection"}},
	 {"20,000 idle connections take 75.3" NBSP "MiB with loop-per-core/loops-2, the kernel's share included.",
	  "An idle connection takes 34.5" NBSP "KiB with thread-per-connection/stack-64k and 3.84" NBSP "KiB with epoll, the kernel's share included: 9 times as much, in every block.",
	  "Of the 3.84" NBSP "KiB that a connection takes with epoll, 98.3" NBSP "% are the kernel's."}},
};
/* clang-format on */

static void check(const struct expected *expected)
{
	open_run(expected->run);
	cr_expect_str_eq(findings.headline, expected->headline, "%s", findings.headline);
	for (size_t i = 0; i < FINDINGS_TILES; i++) {
		const struct finding *tile = findings_tile(&findings, i);

		cr_assert_eq(tile == NULL, expected->tiles[i][0] == NULL, "%s, tile %zu",
			     expected->run, i);
		if (!tile)
			continue;
		cr_expect_str_eq(tile->text, expected->tiles[i][0], "%s", tile->text);
		cr_expect_str_eq(tile->compared, expected->tiles[i][1], "%s", tile->compared);
	}
	for (size_t i = 0; i < FINDINGS_SENTENCES && expected->sentences[i]; i++) {
		cr_assert_lt(i, findings.count);
		cr_expect_str_eq(findings.items[i].sentence, expected->sentences[i], "%s",
				 findings.items[i].sentence);
	}
	close_run();
}

Test(finding_reference, published_runs_say_what_one_would_say_to_a_colleague)
{
	for (size_t i = 0; i < sizeof published / sizeof *published; i++)
		check(&published[i]);
}

Test(finding_reference, no_sentence_has_more_than_three_numbers_and_one_ratio)
{
	for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
		open_run(published[i].run);
		sentences_check(findings.headline, published[i].run);
		for (size_t j = 0; j < findings.count; j++) {
			size_t words = sentences_check(findings.items[j].sentence,
						       findings.items[j].kind);

			cr_expect_leq(words, 40, "%s", findings.items[j].sentence);
		}
		close_run();
	}
}

/* Each answer has room for a reader's ten seconds; lists and the rest are in tables. */
Test(finding_reference, no_answer_has_more_than_forty_words)
{
	static const char made_up[] = "tests/fixtures/report-run";
	size_t runs = sizeof published / sizeof *published;

	for (size_t i = 0; i <= runs; i++) {
		const char *run = i < runs ? published[i].run : made_up;

		open_run(run);
		for (size_t j = 0; j < count_open; j++) {
			struct text_buffer text = {0};
			size_t words;

			answer_append(&text, &parts[j]);
			words = sentences_check(text_string(&text), parts[j].id);
			cr_expect_geq(words, 4, "%s: %s", parts[j].id, text_string(&text));
			cr_expect_leq(words, ANSWER_WORDS, "%s: %s", parts[j].id,
				      text_string(&text));
			text_destroy(&text);
		}
		close_run();
	}
}
