/* Which two servers findings are about, where they are compared, and what stands at the top. */
#include "tests/unit/finding_fixture.h"

#include <stdio.h>

TestSuite(finding_pair, .timeout = 20);

#define T    "thread-per-connection"
#define NBSP "\xc2\xa0"

static const char busy[] =
	"{'name':'busy','servers':['" T "','epoll'],'vary':[],"
	"'load':{'target':'/plaintext','connections':64},'trials':3,'charts':['throughput','cpu']}";
static const char offered[] =
	"{'name':'offered','servers':['" T "','epoll'],'vary':[],'load':{'target':'/plaintext',"
	"'connections':64,'rate_per_s':5000},'trials':3,'charts':['latency']}";

/* --- who is compared ------------------------------------------------------------------------------ */

/* A run of the rates of servers, "epoll null", each a tenth slower than the one before. */
static const struct finding *find_rate_of(struct made_run *made, const char *servers)
{
	char part[400], metrics[60], *copy = strdup(servers), *rest = copy, *server;
	double rate = 100000;

	snprintf(part, sizeof part,
		 "{'name':'busy','servers':['%s'],'vary':[],'load':{'target':'/plaintext',"
		 "'connections':64},'trials':2,'charts':['throughput']}",
		 servers);
	for (char *at = part; (at = strchr(at, ' '));) /* 'a b' becomes 'a','b' */
		memmove(at + 3, at + 1, strlen(at)), memcpy(at, "','", 3);
	made_begin(made);
	made_part(made, part);
	for (; (server = strsep(&rest, " ")); rate *= 0.9)
		for (int i = 1; i <= 2; i++) {
			snprintf(metrics, sizeof metrics, "{'requests_per_s':%g}", rate);
			made_trial(made, "busy", server, i, "{}", metrics);
		}
	free(copy);
	made_find(made);
	return made_finding(made, "rate");
}

Test(finding_pair, a_thread_for_each_connection_stands_against_epoll_where_both_are)
{
	static const char *const runs[][3] = {
		{"libuv thread-pool epoll " T, T, "epoll"},
		{"libuv thread-pool epoll", "thread-pool", "epoll"},
		{"thread-pool libuv", "thread-pool", "libuv"},
		{"null nginx epoll", "nginx", "epoll"},
		{"null libuv nginx", "nginx", "libuv"},
		{T " thread-pool", "thread-pool", T},
	};

	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		struct made_run made;
		const struct finding *rate = find_rate_of(&made, runs[i][0]);

		cr_assert_not_null(rate->over, "%s", runs[i][0]);
		expect_text(rate->of, runs[i][1]);
		expect_text(rate->over, runs[i][2]);
		made_end(&made);
	}
}

/* Of requests in heaps a run tells only where it has nothing else, and then it says so. */
Test(finding_pair, requests_that_come_one_by_one_come_first)
{
	static const char heaps[] = "{'name':'heaps','servers':['" T "','epoll'],'vary':[],'load':{"
				    "'target':'/plaintext','connections':64,'pipelining':16},"
				    "'trials':3,'charts':['throughput']}";
	static const char single[] = "{'name':'busy','servers':['" T "','epoll'],'vary':[],'load':{"
				     "'target':'/plaintext','connections':64},'trials':3,"
				     "'charts':['throughput']}";
	static const double clear[] = {0.5, 0.5, 0.5}, unclear[] = {0.5, 1, 2};
	struct made_run made;

	for (int alone = 0; alone < 2; alone++) {
		made_begin(&made);
		made_part(&made, heaps);
		made_pair(&made, "heaps", "requests_per_s", 900000, clear, 3);
		if (!alone) {
			made_part(&made, single);
			made_pair(&made, "busy", "requests_per_s", 90000, unclear, 3);
		}
		made_find(&made);
		expect_text(
			made_finding(&made, "rate")->sentence,
			alone ? "At 64 connections, with 16 requests under way on each, the rate is "
				"450k/s with " T
				" and 900k/s with epoll: 0.5 times as high, in every block."
			      : "At 64 connections this run cannot tell " T
				" and epoll apart by rate: the ratio lies between 0.5 and 2.");
		made_end(&made);
	}
}

Test(finding_pair, one_server_is_told_by_itself)
{
	struct made_run made;
	const struct finding *rate = find_rate_of(&made, "null libuv");

	cr_expect_null(rate->over, "a floor stands for nobody");
	expect_text(rate->of, "libuv");
	expect_text(rate->unit, "per_s");
	expect_text(rate->text, "90.0k/s [90.0," NBSP "90.0]");
	expect_text(rate->sentence, "At 64 connections the rate is 90.0k/s with libuv.");
	made_end(&made);
}

Test(finding_pair, a_server_that_failed_is_missed_by_name)
{
	struct made_run made;
	const struct finding *cpu;

	made_begin(&made);
	made_part(&made, busy);
	for (int i = 1; i <= 3; i++) {
		made_failed(made_trial(&made, "busy", T, i, "{}", "{}"),
			    "[{'code':'errors','text':'it died'}]");
		made_trial(&made, "busy", "epoll", i, "{}", "{'server_cpu_per_request_ns':6000}");
	}
	made_find(&made);
	cpu = made_finding(&made, "cpu");
	cr_expect_eq(cpu->state, FINDING_UNTOLD);
	expect_text(cpu->sentence,
		    "At 64 connections this run cannot tell " T
		    " and epoll apart by server CPU per request: all trials of " T " failed.");
	made_end(&made);
}

Test(finding_pair, a_run_without_figures_says_so)
{
	struct made_run made;

	made_begin(&made);
	made_part(&made, busy);
	made_failed(made_trial(&made, "busy", "epoll", 1, "{}", "{}"),
		    "[{'code':'errors','text':'it died'}]");
	made_find(&made);
	cr_expect_eq(made.findings.count, 0);
	expect_text(made.findings.headline,
		    "This run has no finding: no trial gave a figure that counts.");
	made_end(&made);
}

/* The idle are what the two differ in. */
Test(finding_pair, where_a_share_is_active_the_smallest_is_told)
{
	static const char *const points[] = {"{'active_percent':1}", "{'active_percent':100}"};
	struct made_run made;

	made_begin(&made);
	made_part(&made, "{'name':'busy','servers':['poll','epoll'],'vary':[{'axis':"
			 "'active_percent','values':[1,100]}],'load':{'target':'/plaintext',"
			 "'connections':1000},'trials':3,'charts':['throughput','cpu']}");
	for (int i = 0; i < 6; i++) {
		const char *poll = i < 3 ? "{'server_cpu_per_request_ns':20000}"
					 : "{'server_cpu_per_request_ns':7000}";

		made_trial(&made, "busy", "poll", i % 3 + 1, points[i / 3], poll);
		made_trial(&made, "busy", "epoll", i % 3 + 1, points[i / 3],
			   "{'server_cpu_per_request_ns':6000}");
	}
	made_find(&made);
	cr_expect_float_eq(made_finding(&made, "cpu")->value, 20.0 / 6, 1e-9);
	cr_expect_str_eq(made_finding(&made, "cpu")->compared,
			 "poll against epoll, 1 % of the connections active");
	made_end(&made);
}

/* --- the headline --------------------------------------------------------------------------------- */

/* CPU, rate and tail in two parts; the ratios are those of every block. */
static void make_three(struct made_run *made, double cpu, double rate, double tail)
{
	char text[160];

	made_begin(made);
	made_part(made, busy);
	made_part(made, offered);
	for (int i = 1; i <= 3; i++) {
		snprintf(text, sizeof text, "{'server_cpu_per_request_ns':%g,'requests_per_s':%g}",
			 6000 * cpu, 100000 * rate);
		made_trial(made, "busy", T, i, "{}", text);
		made_trial(made, "busy", "epoll", i, "{}",
			   "{'server_cpu_per_request_ns':6000,'requests_per_s':100000}");
	}
	made_pair(made, "offered", "latency_p99_ns", 500000, (double[]){tail, tail, tail}, 3);
	made_find(made);
}

Test(finding_pair, the_conclusion_has_one_ratio_the_greatest)
{
	struct made_run made;

	make_three(&made, 1.5, 0.7, 4);
	expect_text(made.findings.headline, "Compared with epoll, " T
					    " takes more CPU per request, has 4 times the p99 and "
					    "answers fewer requests a second.");
	expect_text(findings_tile(&made.findings, 0)->kind, "cpu");
	made_end(&made);
	make_three(&made, 0.4, 1.2, 1);
	expect_text(made.findings.headline,
		    "Compared with epoll, " T " takes 0.4 times the CPU per request, has as long a "
		    "tail and answers more requests a second.");
	made_end(&made);
}

Test(finding_pair, the_conclusion_says_what_the_run_cannot_tell)
{
	struct made_run made;
	static const char *const memory[] = {"1000", "2000", "3000", "4000"};
	char point[60], text[60];

	make_three(&made, 1.5, 0.7, 4);
	made_end(&made);
	made_begin(&made);
	made_part(&made, busy);
	made_part(&made, offered);
	made_part(&made, "{'name':'idle','servers':['" T "','epoll'],'vary':[{'axis':'connections',"
			 "'values':[1000,2000,3000,4000]}],'load':{'idle':true},'trials':3,"
			 "'charts':['memory']}");
	for (int i = 1; i <= 3; i++) {
		made_trial(&made, "busy", T, i, "{}",
			   "{'server_cpu_per_request_ns':9000,'requests_per_s':70000}");
		made_trial(&made, "busy", "epoll", i, "{}",
			   "{'server_cpu_per_request_ns':6000,'requests_per_s':100000}");
		for (size_t j = 0; j < 4; j++) {
			snprintf(point, sizeof point, "{'connections':%s}", memory[j]);
			snprintf(text, sizeof text, "{'total_bytes':%s0000}", memory[j]);
			made_trial(&made, "idle", T, i, point, text);
			snprintf(text, sizeof text, "{'total_bytes':%s000}", memory[j]);
			made_trial(&made, "idle", "epoll", i, point, text);
		}
	}
	made_pair(&made, "offered", "latency_p99_ns", 500000, (double[]){0.5, 1, 2}, 3);
	made_find(&made);
	expect_text(made.findings.headline,
		    "Compared with epoll, " T
		    " takes more CPU per request, needs 10 times the memory "
		    "and answers fewer requests a second; this run cannot tell their tails apart.");
	made_end(&made);
}

Test(finding_pair, what_a_run_can_tell_comes_before_what_it_cannot)
{
	static const double ratios[] = {0.6, 0.6, 0.6};
	struct made_run made;

	made_begin(&made);
	made_part(&made, "{'name':'rows','servers':['" T "','epoll'],'vary':[],'load':{"
			 "'target':'/query/1','connections':64},'trials':3,"
			 "'charts':['throughput','cpu']}");
	made_pair(&made, "rows", "requests_per_s", 50000, ratios, 3);
	for (size_t i = 0; i < made.results.trial_count; i++)
		json_object_set_new(json_object_get(made.results.trials[i], "metrics"),
				    "server_cpu_per_request_ns", json_real(i % 2 ? 10000 : 30000));
	for (size_t i = 0; i < made.results.trial_count; i++)
		json_object_set_new(made.results.trials[i], "rate_is_lower_bound", json_true());
	made_find(&made);
	cr_expect_str_eq(made.findings.items[0].kind, "cpu");
	cr_expect_str_eq(made.findings.items[made.findings.count - 1].kind, "behind");
	expect_text(made.findings.headline, made_finding(&made, "cpu")->sentence);
	made_end(&made);
}
