/* Findings on ladders, mixes and bursts. */
#include "tests/unit/finding_fixture.h"
#include "tests/unit/sentences.h"

#include <stdio.h>

TestSuite(finding_load, .timeout = 20);

#define T    "thread-per-connection"
#define NBSP "\xc2\xa0"
#define X    "\xc3\x97" NBSP

/* --- ladders -------------------------------------------------------------------------------------- */

static void add_ladder(struct made_run *made, const char *server, int held, const char *limit)
{
	static const int steps[] = {200, 1000, 5000, 10000, 19000, 28000};
	char point[60], reason[160];

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		json_t *trial;

		snprintf(point, sizeof point, "{'connections':%d}", steps[i]);
		trial = made_trial(made, "ladder", server, 1, point, "{}");
		if (steps[i] <= held)
			continue;
		snprintf(reason, sizeof reason,
			 "[{'code':'errors','text':'it is over','limit':'%s'}]", limit);
		made_failed(trial, reason);
		return;
	}
}

static void begin_ladder(struct made_run *made, const char *servers)
{
	char part[400];

	snprintf(part, sizeof part,
		 "{'name':'ladder','ladder':true,'servers':[%s],'vary':[{'axis':'connections',"
		 "'values':[200,1000,5000,10000,19000,28000]}],'load':{'idle':true},'trials':1,"
		 "'charts':['memory']}",
		 servers);
	made_begin(made);
	made_part(made, part);
}

Test(finding_load, the_wall_of_most_comes_first_then_who_stopped_before)
{
	struct made_run made;
	const struct finding *earlier;

	begin_ladder(&made, "'" T "','epoll','libuv','nginx','thread-pool'");
	add_ladder(&made, T, 19000, "descriptors");
	add_ladder(&made, "epoll", 19000, "descriptors");
	add_ladder(&made, "libuv", 19000, "descriptors");
	add_ladder(&made, "nginx", 5000, "connections");
	add_ladder(&made, "thread-pool", 200, "workers");
	made_find(&made);
	expect_text(
		made.findings.headline,
		"3 of 5 servers, threads and loops alike, held 19,000 connections and then met the "
		"same wall: descriptors.");
	earlier = made_finding(&made, "earlier");
	expect_text(earlier->sentence, "Two stopped earlier: nginx at 5,000, thread-pool at 200.");
	expect_text(earlier->text, "200");
	expect_text(earlier->compared, "thread-pool, then workers");
	cr_expect_float_eq(earlier->value, 200, 1e-9);
	made_end(&made);
}

Test(finding_load, a_wall_of_one_family_is_not_called_that_of_both)
{
	struct made_run made;

	begin_ladder(&made, "'" T "','epoll','libuv'");
	add_ladder(&made, T, 200, "memory");
	add_ladder(&made, "epoll", 19000, "descriptors");
	add_ladder(&made, "libuv", 19000, "descriptors");
	made_find(&made);
	expect_text(made.findings.headline,
		    "2 of 3 servers held 19,000 connections and then met the "
		    "same wall: descriptors.");
	made_end(&made);
}

Test(finding_load, more_ends_than_a_sentence_holds_are_a_range)
{
	struct made_run made;
	const char *sentence;

	begin_ladder(&made, "'a','b','c','d','epoll','libuv'");
	add_ladder(&made, "a", 200, "x");
	add_ladder(&made, "b", 1000, "x");
	add_ladder(&made, "c", 5000, "x");
	add_ladder(&made, "d", 10000, "x");
	add_ladder(&made, "epoll", 19000, "descriptors");
	add_ladder(&made, "libuv", 19000, "descriptors");
	made_find(&made);
	sentence = made_finding(&made, "earlier")->sentence;
	expect_text(sentence, "Four stopped earlier, between 200 and 10,000 connections.");
	sentences_check(sentence, "earlier");
	made_end(&made);
}

Test(finding_load, a_ladder_without_an_end_says_that_nothing_gave_way)
{
	struct made_run made;

	begin_ladder(&made, "'" T "','epoll'");
	add_ladder(&made, T, 28000, "");
	add_ladder(&made, "epoll", 28000, "");
	made_find(&made);
	expect_text(made.findings.headline, "Both servers, threads and loops alike, held 28,000 "
					    "connections, all that were tried: nothing gave way.");
	expect_text(findings_tile(&made.findings, 0)->compared,
		    "2 of 2 servers, then nothing gave way");
	made_end(&made);
}

Test(finding_load, who_did_not_hold_the_first_step_has_held_nothing)
{
	struct made_run made;

	begin_ladder(&made, "'epoll','libuv'");
	add_ladder(&made, "epoll", 0, "descriptors");
	add_ladder(&made, "libuv", 0, "descriptors");
	made_find(&made);
	expect_text(made.findings.headline,
		    "Both servers did not hold the first step: descriptors.");
	made_end(&made);
}

Test(finding_load, one_server_on_a_ladder_is_named)
{
	struct made_run made;

	begin_ladder(&made, "'epoll'");
	add_ladder(&made, "epoll", 5000, "ports");
	made_find(&made);
	expect_text(made.findings.headline,
		    "Epoll held 5,000 connections and then met a limit: ports.");
	made_end(&made);
}

/* --- mixes and bursts ------------------------------------------------------------------------------ */

static void add_mix(struct made_run *made, const char *server, int offload, double p99_ms,
		    double silent)
{
	char point[60], metrics[160];

	for (int block = 1; block <= 3; block++) {
		snprintf(point, sizeof point, "{'rate_per_s':1800,'offload':%d}", offload);
		snprintf(metrics, sizeof metrics,
			 "{'latency_p99_ns':9e8,'latency_p99_ns@quick':%g,"
			 "'silent_window_ratio@quick':%g}",
			 p99_ms * 1e6 * (1 + 0.01 * block), silent);
		made_trial(made, "mix", server, block, point, metrics);
	}
}

static void begin_mix(struct made_run *made, const char *servers)
{
	char part[500];

	snprintf(
		part, sizeof part,
		"{'name':'mix','servers':[%s],'vary':[{'axis':'rate_per_s','values':[1800]},"
		"{'axis':'offload','values':[0,16]}],'load':{'connections':256,'target':'/plaintext',"
		"'mix':[{'name':'quick','method':'GET','target':'/plaintext','weight':99},"
		"{'name':'slow','method':'GET','target':'/block/50','weight':1}]},'trials':3,"
		"'charts':['kinds','latency','throughput']}",
		servers);
	made_begin(made);
	made_part(made, part);
}

Test(finding_load, quick_requests_beside_slow_ones)
{
	struct made_run made;
	const struct finding *offloaded;

	begin_mix(&made, "'" T "','epoll'");
	add_mix(&made, T, 0, 1, 0);
	add_mix(&made, T, 16, 1, 0);
	add_mix(&made, "epoll", 0, 400, 0.25);
	add_mix(&made, "epoll", 16, 2, 0);
	made_find(&made);
	expect_text(made.findings.headline,
		    "With 1.8k/s offered the p99 of quick requests beside slow ones is 408" NBSP
		    "ms with epoll and 1.02" NBSP "ms with " T
		    ": 400 times as long, in every block.");
	expect_text(findings_tile(&made.findings, 0)->compared,
		    "epoll against " T ", 1.8k/s offered");
	expect_text(made_finding(&made, "silence")->sentence,
		    "With 1.8k/s offered epoll leaves 25.0" NBSP
		    "% of the tenths of a second without any quick answer.");
	offloaded = made_finding(&made, "offloaded");
	expect_text(
		offloaded->sentence,
		"With 16 threads behind epoll for slow requests, the p99 of quick ones is 2.04" NBSP
		"ms instead of 408" NBSP "ms, in every block.");
	cr_expect_float_eq(offloaded->value, 0.005, 1e-9);
	expect_text(offloaded->text, X "0.005 [0.005," NBSP "0.005]");
	expect_text(offloaded->compared, "epoll with 16 threads behind it against none");
	for (size_t i = 0; i < made.findings.count; i++)
		sentences_check(made.findings.items[i].sentence, made.findings.items[i].kind);
	made_end(&made);
}

/* Two mixes at one rate: where the two are furthest apart is told first, and each says which it is. */
Test(finding_load, mixes_at_one_rate_are_told_apart_by_what_they_are)
{
	static const char *const names[] = {"short", "long"};
	struct made_run made;

	made_begin(&made);
	for (size_t i = 0; i < 2; i++) {
		char part[500], metrics[100];

		snprintf(part, sizeof part,
			 "{'name':'%s','title':'A %s burst','servers':['" T "','epoll'],'vary':[],"
			 "'load':{'connections':256,'rate_per_s':300,'target':'/plaintext','mix':["
			 "{'name':'quick','method':'GET','target':'/plaintext','weight':9},"
			 "{'name':'slow','method':'GET','target':'/block/50','weight':1}]},"
			 "'trials':3,'charts':['kinds']}",
			 names[i], names[i]);
		made_part(&made, part);
		for (int block = 1; block <= 3; block++) {
			made_trial(&made, names[i], T, block, "{}",
				   "{'latency_p99_ns@quick':3000000}");
			snprintf(metrics, sizeof metrics, "{'latency_p99_ns@quick':%d}",
				 i ? 90000000 : 6000000);
			made_trial(&made, names[i], "epoll", block, "{}", metrics);
		}
	}
	made_find(&made);
	cr_assert_eq(made.findings.count, 2);
	expect_text(made.findings.headline,
		    "A long burst: the p99 of quick requests beside slow ones is 90.0" NBSP
		    "ms with epoll and 3.00" NBSP "ms with " T
		    ": 30 times as long, in every block.");
	expect_text(made.findings.items[0].sentence, made.findings.headline);
	cr_expect_eq(strncmp(made.findings.items[1].sentence, "A short burst: the p99 ", 23), 0,
		     "%s", made.findings.items[1].sentence);
	made_end(&made);
}

/* Three blocks of one server, with so many threads behind it. */
static void add_pool(struct made_run *made, const char *server, int offload, double rate,
		     bool bound)
{
	char point[60], metrics[160];

	for (int block = 1; block <= 3; block++) {
		json_t *trial;

		snprintf(point, sizeof point, "{'offload':%d}", offload);
		snprintf(metrics, sizeof metrics, "{'requests_per_s':%g}",
			 rate * (1 + 0.001 * block));
		trial = made_trial(made, "pool", server, block, point, metrics);
		json_object_set_new(trial, "rate_is_lower_bound", json_boolean(bound));
	}
}

static void begin_pool(struct made_run *made)
{
	made_begin(made);
	json_object_set_new(json_array_get(json_object_get(made->results.run, "metrics"), 0),
			    "may_be_lower_bound", json_true());
	made_part(made, "{'name':'pool','servers':['epoll','libuv'],'vary':[{'axis':'offload',"
			"'values':[0,1,16]}],'load':{'connections':64,'target':'/block/10'},"
			"'trials':3,'charts':['throughput']}");
}

Test(finding_load, what_more_threads_behind_a_loop_bring_comes_first)
{
	struct made_run made;
	const struct finding *gain;

	begin_pool(&made);
	add_pool(&made, "epoll", 0, 99, false); /* without any is another question */
	add_pool(&made, "epoll", 1, 98, false);
	add_pool(&made, "epoll", 16, 1568, false);
	add_pool(&made, "libuv", 16, 1500, false);
	made_find(&made);
	gain = made_finding(&made, "gain");
	expect_text(gain->sentence,
		    "With 16 threads behind it epoll answers 1.57k/s, with one 98.2/s: 16 times as "
		    "much, in every block.");
	expect_text(made.findings.headline, gain->sentence);
	expect_text(gain->compared, "epoll with 16 threads behind it against one");
	cr_expect_float_eq(gain->value, 16, 1e-3);
	sentences_check(gain->sentence, "gain");
	made_end(&made);
}

Test(finding_load, what_was_not_driven_to_its_limit_gains_at_least)
{
	struct made_run made;

	begin_pool(&made);
	add_pool(&made, "epoll", 1, 98, false);
	add_pool(&made, "epoll", 16, 1470, true);
	made_find(&made);
	expect_text(made_finding(&made, "gain")->sentence,
		    "With 16 threads behind it epoll answers at least 1.47k/s, with one 98.2/s: at "
		    "least 15 times as much, in every block.");
	made_end(&made);
	begin_pool(&made);
	add_pool(&made, "epoll", 1, 98, true);
	add_pool(&made, "epoll", 16, 1470, true);
	made_find(&made);
	expect_text(
		made_finding(&made, "gain")->sentence,
		"This run cannot tell what epoll gains with 16 threads behind it in place of one: "
		"neither was driven to its limit.");
	made_end(&made);
}

Test(finding_load, a_mix_that_is_answered_has_no_silence_to_tell_of)
{
	struct made_run made;

	begin_mix(&made, "'" T "','epoll'");
	add_mix(&made, T, 0, 1, 0);
	add_mix(&made, "epoll", 0, 1, 0);
	made_find(&made);
	cr_expect_eq(made.findings.count, 1, "neither silence nor threads behind the loop");
	cr_expect_eq(made.findings.items[0].direction, FINDING_SAME);
	made_end(&made);
}

Test(finding_load, a_burst_is_told_by_its_last_answer)
{
	struct made_run made;

	made_begin(&made);
	made_part(&made,
		  "{'name':'burst','servers':['epoll'],'vary':[{'axis':'connections','values':"
		  "[1000000]}],'load':{'burst':true,'target':'/plaintext'},'trials':1,"
		  "'charts':['throughput','latency']}");
	made_trial(&made, "burst", "epoll", 1, "{'connections':1000000}",
		   "{'requests_per_s':65000,'latency_max_ns':15.4e9,'latency_p99_ns':15e9}");
	made_find(&made);
	cr_expect_eq(made.findings.count, 1, "its rate and its tail are the burst's");
	expect_text(
		made.findings.headline,
		"Of 1,000,000 requests that are due at once, epoll answers the last after 15.4" NBSP
		"s.");
	made_end(&made);
}

Test(finding_load, a_closed_loop_whose_question_is_response_times_tells_them_first)
{
	static const char *const orders[] = {"'latency','throughput'", "'throughput','latency'"};

	for (size_t i = 0; i < 2; i++) {
		struct made_run made;
		char part[300];

		snprintf(part, sizeof part,
			 "{'name':'crowd','servers':['" T "','epoll'],'vary':[],'load':{"
			 "'connections':1024,'target':'/cpu/1'},'trials':1,'charts':[%s]}",
			 orders[i]);
		made_begin(&made);
		made_part(&made, part);
		made_trial(&made, "crowd", T, 1, "{}",
			   "{'requests_per_s':4000,'latency_p99_9_ns':1.2e9}");
		made_trial(&made, "crowd", "epoll", 1, "{}",
			   "{'requests_per_s':5000,'latency_p99_9_ns':2e8}");
		made_find(&made);
		cr_expect_eq(made.findings.count, 2 - i);
		expect_text(made.findings.headline,
			    i == 0 ? "At 1,024 connections, each computing, one request in 1,000 "
				     "takes more than 1.20" NBSP "s with " T " and 200" NBSP
				     "ms with epoll: 6 times as long, in one trial of each."
				   : "At 1,024 connections, each computing, the rate is 4.00k/s "
				     "with " T " and 5.00k/s with epoll: 0.8 times as high, in "
				     "one trial of each.");
		made_end(&made);
	}
}

/* --- what is behind ------------------------------------------------------------------------------- */

Test(finding_load, requests_that_wait_for_something_say_so)
{
	static const struct {
		const char *load, *begins;
	} loads[] = {
		{"'target':'/query/1','database_connections':16",
		 "With 16 connections to the database, the rate is "},
		{"'target':'/query/1','database_connections':1",
		 "With 1 connection to the database, the rate is "},
		{"'target':'/fetch/{wait_ms}'",
		 "At 64 connections, each asking another server, the rate is "},
		{"'target':'/wait/{wait_ms}'",
		 "At 64 connections, each request waiting, the rate is "},
		{"'target':'/wait/{wait_ms}','wait_ns':100000000",
		 "At 64 connections, each request waiting a tenth of a second, the rate is "},
	};

	for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
		struct made_run made;
		char part[400];
		const char *sentence;

		snprintf(part, sizeof part,
			 "{'name':'busy','servers':['" T "','epoll'],'vary':[],'load':{"
			 "'connections':64,%s},'trials':1,'charts':['throughput']}",
			 loads[i].load);
		made_begin(&made);
		made_part(&made, part);
		made_trial(&made, "busy", T, 1, "{}", "{'requests_per_s':9000}");
		made_trial(&made, "busy", "epoll", 1, "{}", "{'requests_per_s':12000}");
		made_find(&made);
		sentence = made_finding(&made, "behind")->sentence;
		cr_expect_eq(strncmp(sentence, loads[i].begins, strlen(loads[i].begins)), 0, "%s",
			     sentence);
		sentences_check(sentence, "behind");
		made_end(&made);
	}
}

Test(finding_load, tiles_that_look_alike_say_of_which_part_they_are)
{
	static const char *const names[] = {"first", "second"};
	struct made_run made;

	made_begin(&made);
	for (size_t i = 0; i < 2; i++) {
		char part[400];

		snprintf(
			part, sizeof part,
			"{'name':'%s','title':'Part %s','servers':['" T
			"','epoll'],'vary':[],'load':{"
			"'connections':64,'target':'/wait/{wait_ms}','wait_ns':%zu000000},'trials':1,"
			"'charts':['throughput']}",
			names[i], names[i], i + 1);
		made_part(&made, part);
		made_trial(&made, names[i], T, 1, "{}", "{'requests_per_s':9000}");
		made_trial(&made, names[i], "epoll", 1, "{}", "{'requests_per_s':12000}");
	}
	made_find(&made);
	cr_assert_eq(made.findings.count, 2);
	expect_text(made.findings.items[0].compared,
		    "Part first: " T " against epoll, 64 connections");
	expect_text(made.findings.items[1].compared,
		    "Part second: " T " against epoll, 64 connections");
	made_end(&made);
}
