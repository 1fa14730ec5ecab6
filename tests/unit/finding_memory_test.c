/* Findings on memory: of one connection, of all, and whose it is. */
#include "tests/unit/finding_fixture.h"
#include "tests/unit/sentences.h"

#include <stdio.h>

TestSuite(finding_memory, .timeout = 20);

#define T    "thread-per-connection"
#define NBSP "\xc2\xa0"
#define X    "\xc3\x97" NBSP
#define DASH "\xe2\x80\x93"

#define IDLE(servers, counts)                                                                    \
	"{'name':'idle','servers':[" servers "],'vary':[{'axis':'connections','values':[" counts \
	"]}],'load':{'idle':true,'connections':null},'trials':3,'charts':['memory']}"

/* In blocks of four counts; so many bytes a connection, on a megabyte. */
static void add_memory(struct made_run *made, const char *server, double total, double kernel,
		       double address_space)
{
	char point[60], metrics[200];

	for (int block = 1; block <= 3; block++)
		for (int count = 1000; count <= 4000; count += 1000) {
			snprintf(point, sizeof point, "{'connections':%d}", count);
			snprintf(metrics, sizeof metrics,
				 "{'total_bytes':%.0f,'kernel_bytes':%.0f,'virtual_bytes':%.0f}",
				 1e6 + total * count, kernel * count, 1e6 + address_space * count);
			made_trial(made, "idle", server, block, point, metrics);
		}
}

Test(finding_memory, memory_is_total_and_then_whose)
{
	struct made_run made;

	made_begin(&made);
	made_part(&made, IDLE("'" T "','epoll'", "1000,2000,3000,4000"));
	add_memory(&made, T, 40960, 30000, 8388608);
	add_memory(&made, "epoll", 4096, 4000, 4096);
	made_find(&made);
	expect_text(made_finding(&made, "memory")->text, X "10.0 [10.0," NBSP "10.0]");
	expect_text(
		made_finding(&made, "memory")->sentence,
		"An idle connection takes 40.0" NBSP "KiB with " T " and 4.00" NBSP
		"KiB with epoll, the kernel's share included: 10 times as much, in every block.");
	expect_text(made_finding(&made, "kernel-share")->sentence,
		    "Of the 4.00" NBSP "KiB that a connection takes with epoll, 97.7" NBSP
		    "% are the kernel's.");
	expect_text(made_finding(&made, "reserved")->sentence,
		    "For a connection " T " reserves 8.00" NBSP
		    "MiB of address space and takes 40.0" NBSP "KiB of memory.");
	made_end(&made);
}

/* Of a part that tests a claim on the same two, with a range of 25 % either way about it. */
static void check_claimed(const char *within, const char *end)
{
	struct made_run made;
	char claim[300];
	const char *sentence;

	snprintf(claim, sizeof claim,
		 "[{'id':'c','kind':'ratio','metrics':['virtual_per_connection_bytes',"
		 "'total_per_connection_bytes'],'of':{'server':'" T
		 "','point':{'connections':4000}},"
		 "'over':{'server':'epoll'},'within':%s}]",
		 within);
	made_begin(&made);
	made_part(&made, IDLE("'" T "','epoll'", "1000,2000,3000,4000"));
	json_object_set_new(
		json_array_get(
			json_object_get(
				json_array_get(json_object_get(made.results.run, "scenarios"), 0),
				"parts"),
			0),
		"claims", made_json(claim));
	add_memory(&made, T, 40960, 30000, 8388608);
	add_memory(&made, "epoll", 4096, 4000, 4096);
	made_find(&made);
	sentence = made_finding(&made, "memory")->sentence;
	cr_expect_str_eq(sentence + strlen(sentence) - strlen(end), end, "%s", sentence);
	sentences_check(sentence, "memory");
	made_end(&made);
}

Test(finding_memory, what_is_claimed_of_the_same_ratio_stands_beside_it)
{
	check_claimed("[187,312]", ": 10 times as much, in every block, not 250 as claimed.");
	check_claimed("[7.5,12.5]", ": 10 times as much, in every block, as claimed.");
	check_claimed("[100,312]", ": 10 times as much, in every block."); /* no single figure */
	check_claimed("[187,null]", ": 10 times as much, in every block.");
}

/* One that needs nothing for a connection divides by nothing: the ratio is at least something, or not known. */
Test(finding_memory, what_comes_down_to_zero_divides_nothing)
{
	struct made_run made;
	const struct finding *memory;

	made_begin(&made);
	made_part(&made, IDLE("'" T "','epoll'", "1000,2000,3000,4000"));
	add_memory(&made, T, 40960, 30000, 40960);
	add_memory(&made, "epoll", 0, 0, 0);
	made_find(&made);
	memory = made_finding(&made, "memory");
	cr_expect_eq(memory->state, FINDING_UNTOLD);
	expect_text(memory->text, "cannot tell");
	expect_text(memory->why, "that of epoll comes down to zero");
	made_end(&made);
}

Test(finding_memory, near_zero_reads_at_least)
{
	struct made_run made;
	const struct finding *memory;
	char point[60], metrics[60];
	static const double slopes[] = {-8, 40, 64};

	made_begin(&made);
	made_part(&made, IDLE("'" T "','epoll'", "1000,2000,3000,4000"));
	add_memory(&made, T, 40960, 30000, 40960);
	for (int block = 1; block <= 3; block++)
		for (int count = 1000; count <= 4000; count += 1000) {
			snprintf(point, sizeof point, "{'connections':%d}", count);
			snprintf(metrics, sizeof metrics, "{'total_bytes':%.0f}",
				 1e6 + slopes[block - 1] * count);
			made_trial(&made, "idle", "epoll", block, point, metrics);
		}
	made_find(&made);
	memory = made_finding(&made, "memory");
	cr_expect_eq(memory->state, FINDING_AT_LEAST);
	cr_expect_eq(memory->direction, FINDING_HIGHER);
	expect_text(memory->text, "at least " X "640 [640," NBSP DASH "]");
	expect_text(memory->sentence, "The memory per connection of " T
				      " is at least 640 times that of epoll, in every block.");
	made_end(&made);
}

/* What is left where no memory cgroup tells the kernel's share: the process's own. */
static void forget_kernel(struct made_run *made)
{
	json_array_append_new(json_object_get(made->results.run, "metrics"),
			      made_json("{'key':'resident_per_connection_bytes','unit':'bytes',"
					"'slope_of':'resident_bytes','slope_from_connections':0}"));
	for (size_t i = 0; i < made->results.trial_count; i++) {
		json_t *metrics = json_object_get(made->results.trials[i], "metrics");

		json_object_set(metrics, "resident_bytes", json_object_get(metrics, "total_bytes"));
		json_object_del(metrics, "total_bytes");
		json_object_del(metrics, "kernel_bytes");
		json_object_del(metrics, "virtual_bytes");
	}
}

/* The fixture's other counts belong to no point of a part with 1,000 and 4,000. */
static void leave_two_counts(struct made_run *made)
{
	for (size_t i = 0; i < made->results.trial_count; i++) {
		json_t *point = json_object_get(made->results.trials[i], "point");

		if (json_number_of(point, "connections") == 2000 ||
		    json_number_of(point, "connections") == 3000)
			json_object_set_new(made->results.trials[i], "outcome",
					    json_string("failed"));
	}
}

static void check_own_memory(const char *part, bool of_two_counts)
{
	struct made_run made;

	made_begin(&made);
	made_part(&made, part);
	add_memory(&made, T, 40960, 30000, 40960);
	add_memory(&made, "epoll", 4096, 4000, 4096);
	if (of_two_counts)
		leave_two_counts(&made);
	forget_kernel(&made);
	made_find(&made);
	cr_expect_eq(made.findings.count, 1);
	cr_expect_eq(made_finding(&made, "memory")->state, FINDING_UNTOLD);
	expect_text(made.findings.headline,
		    "This run cannot tell " T
		    " and epoll apart by memory per connection: the kernel's "
		    "share is not known here.");
	made_end(&made);
}

Test(finding_memory, that_of_the_process_alone_concludes_nothing)
{
	check_own_memory(IDLE("'" T "','epoll'", "1000,2000,3000,4000"), false);
	check_own_memory(IDLE("'" T "','epoll'", "1000,4000"), true);
}

Test(finding_memory, too_few_counts_are_told_at_the_highest)
{
	struct made_run made;

	made_begin(&made);
	made_part(&made, IDLE("'" T "','epoll'", "1000,4000"));
	add_memory(&made, T, 40960, 30000, 40960);
	add_memory(&made, "epoll", 4096, 4000, 4096);
	leave_two_counts(&made);
	made_find(&made);
	expect_text(
		made_finding(&made, "memory")->sentence,
		"4,000 idle connections take 157" NBSP "MiB with " T " and 16.6" NBSP
		"MiB with epoll, the kernel's share included: 9.5 times as much, in every block.");
	made_end(&made);
}

Test(finding_memory, one_server_that_held_them_is_told_in_all)
{
	struct made_run made;

	made_begin(&made);
	made_part(&made, IDLE("'epoll'", "20000"));
	made_trial(&made, "idle", "epoll", 1, "{'connections':20000}", "{'total_bytes':78643200}");
	made_find(&made);
	cr_expect_eq(made.findings.count, 1);
	expect_text(made.findings.headline, "20,000 idle connections take 75.0" NBSP
					    "MiB with epoll, the kernel's share included.");
	made_end(&made);
}
