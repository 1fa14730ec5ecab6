/* Findings on two servers: what is told, what is not, and in which words. */
#include "tests/unit/finding_fixture.h"

#include <math.h>
#include <stdio.h>

TestSuite(finding, .timeout = 20);

#define T    "thread-per-connection"
#define NBSP "\xc2\xa0"
#define X    "\xc3\x97" NBSP
#define DASH "\xe2\x80\x93"

static const char busy[] =
	"{'name':'busy','servers':['" T "','epoll'],'vary':[],"
	"'load':{'target':'/plaintext','connections':64},'trials':3,'charts':['throughput','cpu']}";
static const char offered[] =
	"{'name':'offered','servers':['" T "','epoll'],'vary':[],'load':{'target':'/plaintext',"
	"'connections':64,'rate_per_s':5000},'trials':3,'charts':['latency']}";

static const struct finding *find_cpu(struct made_run *made, const double *ratios, int blocks)
{
	made_begin(made);
	made_part(made, busy);
	made_pair(made, "busy", "server_cpu_per_request_ns", 6000, ratios, blocks);
	made_find(made);
	return made_finding(made, "cpu");
}

Test(finding, what_every_block_shows_is_told)
{
	struct made_run made;
	const struct finding *cpu = find_cpu(&made, (double[]){1.5, 1.4, 1.6}, 3);

	cr_expect_eq(cpu->state, FINDING_MEASURED);
	cr_expect_eq(cpu->direction, FINDING_HIGHER);
	cr_expect(cpu->every_block);
	cr_expect_eq(cpu->blocks, 3);
	cr_expect_float_eq(cpu->value, 1.5, 1e-9);
	cr_expect_float_eq(cpu->low, 1.4, 1e-9);
	cr_expect_float_eq(cpu->high, 1.6, 1e-9);
	expect_text(cpu->text, X "1.50 [1.40," NBSP "1.60]");
	expect_text(cpu->compared, T " against epoll, 64 connections");
	expect_text(cpu->sentence,
		    "At 64 connections a request costs 9.00" NBSP "\xc2\xb5s of server CPU with " T
		    " and 6.00" NBSP "\xc2\xb5s with epoll: 1.5 times as much, in every block.");
	expect_text(made.findings.headline, cpu->sentence);
	expect_text(cpu->why, "");
	made_end(&made);
}

Test(finding, blocks_that_disagree_tell_nothing)
{
	struct made_run made;
	const struct finding *cpu = find_cpu(&made, (double[]){1.5, 0.9, 1.2}, 3);

	cr_expect_eq(cpu->state, FINDING_UNTOLD);
	cr_expect_eq(cpu->direction, FINDING_UNKNOWN);
	cr_expect_float_eq(cpu->low, 0.9, 1e-9, "the numbers stay");
	expect_text(cpu->text, "cannot tell");
	expect_text(cpu->sentence,
		    "At 64 connections this run cannot tell " T " and epoll apart by "
		    "server CPU per request: the ratio lies between 0.9 and 1.5.");
	made_end(&made);
}

Test(finding, less_than_matters_is_not_told_as_more)
{
	struct made_run made;
	const struct finding *cpu = find_cpu(&made, (double[]){1.5, 1.01, 1.2}, 3);

	cr_expect_eq(cpu->state, FINDING_UNTOLD);
	expect_text(cpu->why, "the ratio, between 1.01 and 1.5, may be less than matters");
	made_end(&made);
}

Test(finding, no_difference_that_matters_is_a_finding_too)
{
	struct made_run made;
	const struct finding *cpu = find_cpu(&made, (double[]){1.01, 0.99, 1}, 3);

	cr_expect_eq(cpu->state, FINDING_MEASURED);
	cr_expect_eq(cpu->direction, FINDING_SAME);
	expect_text(cpu->sentence, "At 64 connections the server CPU per request of " T
				   " is that of epoll to within 2" NBSP "%, in every block.");
	made_end(&made);
}

Test(finding, a_single_trial_is_told_as_one)
{
	struct made_run made;
	const struct finding *cpu = find_cpu(&made, (double[]){3}, 1);

	cr_expect_eq(cpu->state, FINDING_MEASURED);
	cr_expect_eq(cpu->direction, FINDING_UNKNOWN, "one block ranks nobody");
	cr_expect_not(cpu->every_block);
	expect_text(cpu->text, X "3.0, 1" NBSP "trial");
	expect_text(cpu->sentence, "At 64 connections a request costs 18.0" NBSP
				   "\xc2\xb5s of server CPU with " T " and 6.00" NBSP
				   "\xc2\xb5s with epoll: 3 times as much, in one trial of each.");
	made_end(&made);
}

Test(finding, two_blocks_are_called_both)
{
	struct made_run made;
	const struct finding *cpu = find_cpu(&made, (double[]){0.54, 0.56}, 2);

	cr_expect_eq(cpu->direction, FINDING_LOWER);
	cr_expect_not_null(strstr(cpu->sentence, ": 0.55 times as much, in both blocks."), "%s",
			   cpu->sentence);
	made_end(&made);
}

/*
 * In one case of four three blocks agree by luck: these were the p99 of two servers that other runs could not
 * tell apart.
 */
Test(finding, few_blocks_that_agree_by_luck_tell_nothing)
{
	struct made_run made;
	const struct finding *cpu = find_cpu(&made, (double[]){0.24, 0.13, 0.42}, 3);

	cr_expect_eq(cpu->state, FINDING_UNTOLD);
	cr_expect_not(cpu->every_block);
	expect_text(cpu->text, "cannot tell");
	expect_text(cpu->why, "3 blocks, between 0.13 and 0.42, are too few for so wide a range");
	made_end(&made);
	cpu = find_cpu(&made, (double[]){0.24, 0.23, 0.26}, 3);
	cr_expect_eq(cpu->direction, FINDING_LOWER);
	made_end(&made);
	cpu = find_cpu(&made, (double[]){0.24, 0.13, 0.42, 0.3, 0.2, 0.25}, 6);
	cr_expect_eq(cpu->direction, FINDING_LOWER, "six blocks agree by luck once in 32 cases");
	made_end(&made);
}

/* From six blocks on the interval is exact, and one block that says otherwise is only not mentioned. */
Test(finding, one_block_of_many_may_disagree)
{
	struct made_run made;
	const struct finding *cpu = find_cpu(
		&made, (double[]){1.5, 1.4, 1.6, 1.5, 1.45, 0.9, 1.5, 1.55, 1.5, 1.52}, 10);

	cr_expect_eq(cpu->direction, FINDING_HIGHER);
	cr_expect_not(cpu->every_block);
	cr_expect_null(strstr(cpu->sentence, "every block"));
	made_end(&made);
}

/* A machine that halves its speed: medians are of different blocks, and would contradict the ratio. */
Test(finding, medians_that_contradict_the_ratio_are_left_out)
{
	static const double speeds[] = {1, 0.5, 0.25}, ratios[] = {1.9, 2, 2.1};
	struct made_run made;
	const struct finding *cpu;
	char text[100];

	made_begin(&made);
	made_part(&made, busy);
	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof text, "{'server_cpu_per_request_ns':%g}",
			 6000 * ratios[i] * speeds[i]);
		made_trial(&made, "busy", T, i + 1, "{}", text);
		snprintf(text, sizeof text, "{'server_cpu_per_request_ns':%g}", 6000 * speeds[i]);
		made_trial(&made, "busy", "epoll", i + 1, "{}", text);
	}
	/* Another of epoll's own, in a block without the other. */
	made_trial(&made, "busy", "epoll", 4, "{}", "{'server_cpu_per_request_ns':60000}");
	made_find(&made);
	cpu = made_finding(&made, "cpu");
	cr_expect_float_eq(cpu->value, 2, 1e-9);
	expect_text(cpu->sentence, "At 64 connections the server CPU per request of " T
				   " is 2 times that of epoll, in every block.");
	made_end(&made);
}

/* --- bounds -------------------------------------------------------------------------------------- */

static const struct finding *find_rate(struct made_run *made, double ratio, bool of_bound,
				       bool over_bound)
{
	const double ratios[] = {ratio, ratio, ratio};

	made_begin(made);
	made_part(made, busy);
	made_pair(made, "busy", "requests_per_s", 100000, ratios, 3);
	for (size_t i = 0; i < made->results.trial_count; i++)
		json_object_set_new(made->results.trials[i], "rate_is_lower_bound",
				    json_boolean(i % 2 ? over_bound : of_bound));
	made_find(made);
	return made_finding(made, "rate");
}

Test(finding, a_lower_bound_says_at_least_where_that_is_enough)
{
	struct made_run made;
	const struct finding *rate = find_rate(&made, 1.5, true, false);

	cr_expect_eq(rate->state, FINDING_AT_LEAST);
	cr_expect_eq(rate->direction, FINDING_HIGHER);
	cr_expect(isnan(rate->high));
	expect_text(rate->text, "at least " X "1.50 [1.50," NBSP DASH "]");
	expect_text(rate->sentence,
		    "At 64 connections the rate is at least 150k/s with " T
		    " and 100k/s with epoll: at least 1.5 times as high, in every block.");
	made_end(&made);
}

Test(finding, a_bound_of_the_other_says_at_most)
{
	struct made_run made;
	const struct finding *rate = find_rate(&made, 0.6, false, true);

	cr_expect_eq(rate->state, FINDING_AT_MOST);
	cr_expect_eq(rate->direction, FINDING_LOWER);
	cr_expect(isnan(rate->low));
	expect_text(rate->text, "at most " X "0.60 [" DASH "," NBSP "0.60]");
	expect_text(rate->sentence,
		    "At 64 connections the rate is 60.0k/s with " T
		    " and at least 100k/s with epoll: at most 0.6 times as high, in every block.");
	made_end(&made);
}

Test(finding, a_bound_that_decides_nothing_tells_nothing)
{
	struct made_run made;
	const struct finding *rate = find_rate(&made, 0.6, true, false);

	cr_expect_eq(rate->state, FINDING_UNTOLD, "it is at least 0.6, which may be 2");
	expect_text(rate->why, T " was not driven to its limit");
	made_end(&made);
	rate = find_rate(&made, 0.6, true, true);
	cr_expect_eq(rate->state, FINDING_UNTOLD);
	expect_text(rate->sentence, "At 64 connections this run cannot tell " T
				    " and epoll apart by rate: neither was driven to its limit.");
	made_end(&made);
}

/* Who falls behind has response times that grow for as long as it is measured. */
Test(finding, who_falls_behind_has_a_tail_of_at_least_what_was_seen)
{
	static const double ratios[] = {4, 4, 4};
	struct made_run made;
	const struct finding *tail;

	for (size_t who = 0; who < 3; who++) { /* the thread, the loop, both */
		made_begin(&made);
		made_part(&made, offered);
		made_pair(&made, "offered", "latency_p99_ns", 500000, ratios, 3);
		for (size_t i = 0; i < made.results.trial_count; i++)
			if (who == 2 || i % 2 == who)
				json_object_set_new(made.results.trials[i], "outcome",
						    json_string("saturated"));
		made_find(&made);
		tail = made_finding(&made, "tail");
		if (who == 0) {
			cr_expect_eq(tail->state, FINDING_AT_LEAST);
			expect_text(tail->sentence,
				    "With 5k/s offered the p99 is at least 2.00" NBSP "ms with " T
				    " and 500" NBSP "\xc2\xb5s with epoll: at least 4 times as "
				    "long, in every block.");
		} else {
			cr_expect_eq(tail->state, FINDING_UNTOLD);
			expect_text(tail->why, who == 1 ? "epoll fell behind the rate offered"
							: "both fell behind the rate offered");
		}
		made_end(&made);
	}
}

/* Above its capacity a server has no tail that could be compared, so half of it is where they are. */
Test(finding, tails_are_compared_where_both_keep_up)
{
	static const int shares[] = {10, 50, 90, 120};
	struct made_run made;
	char point[60], text[60];

	made_begin(&made);
	made_part(&made,
		  "{'name':'more','servers':['" T "','epoll'],'vary':[{'axis':'share_percent',"
		  "'values':[10,50,90,120]}],'load':{'target':'/plaintext','connections':64},"
		  "'trials':3,'charts':['latency']}");
	for (int block = 1; block <= 3; block++)
		for (size_t i = 0; i < 4; i++) {
			json_t *of, *over;

			snprintf(point, sizeof point, "{'share_percent':%d}", shares[i]);
			snprintf(text, sizeof text, "{'latency_p99_ns':%d}", shares[i] * 40000);
			of = made_trial(&made, "more", T, block, point, text);
			snprintf(text, sizeof text, "{'latency_p99_ns':%d}", shares[i] * 10000);
			over = made_trial(&made, "more", "epoll", block, point, text);
			if (shares[i] == 120) {
				json_object_set_new(of, "outcome", json_string("saturated"));
				json_object_set_new(over, "outcome", json_string("saturated"));
			}
		}
	made_find(&made);
	expect_text(made.findings.headline,
		    "With 50 % of the capacity offered the p99 is 2.00" NBSP "ms with " T
		    " and 500" NBSP "\xc2\xb5s with epoll: 4 times as long, in every block.");
	made_end(&made);
}

Test(finding, a_percentile_without_enough_responses_is_not_compared)
{
	static const double ratios[] = {4, 4, 4};
	struct made_run made;

	made_begin(&made);
	made_part(&made, offered);
	made_pair(&made, "offered", "latency_p99_ns", 500000, ratios, 3);
	json_object_set_new(made.results.trials[0], "latency_count", json_integer(1999));
	made_find(&made);
	cr_expect_eq(made_finding(&made, "tail")->state, FINDING_UNTOLD);
	expect_text(made_finding(&made, "tail")->why, T " has no figure for it");
	made_end(&made);
}

/* Who has a p99 then is who had a quiet machine: of five blocks two are a choice, three are most. */
Test(finding, a_percentile_that_most_trials_lack_is_not_compared)
{
	static const double ratios[] = {4, 4, 4, 4, 4};

	for (size_t lacking = 2; lacking <= 3; lacking++) {
		struct made_run made;

		made_begin(&made);
		made_part(&made, offered);
		made_pair(&made, "offered", "latency_p99_ns", 500000, ratios, 5);
		for (size_t i = 0; i < lacking; i++)
			json_object_set_new(json_object_get(made.results.trials[2 * i], "metrics"),
					    "latency_p99_ns", json_null());
		made_find(&made);
		cr_expect_eq(made_finding(&made, "tail")->state == FINDING_UNTOLD, lacking == 3);
		cr_expect_eq(part_tail(&made.parts[0], T, NULL, "latency_p99_ns"),
			     lacking == 3 ? RESULTS_TAIL_WITHHELD : RESULTS_TAIL_TELLS);
		made_end(&made);
	}
}
