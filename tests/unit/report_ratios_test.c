/* How servers stand to each other within blocks: the same in the terminal, the page and the data. */
#include "report/figures.h"
#include "report/files.h"
#include "report/finding.h"
#include "report/report.h"
#include "report/terminal.h"
#include "lib/json.h"
#include "lib/temporary.h"
#include "tests/unit/blocks_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define expect_has(text, what) \
	cr_expect_not_null(strstr(text, what), "missing: %s in\n%s", what, text)
#define expect_has_not(text, what) cr_expect_null(strstr(text, what), "should not be: %s", what)

/* The machine's speed in each block. */
static const double halving[] = {1, 0.5, 0.25};

static struct made_blocks made;
static char folder[256];

static void init(void)
{
	temporary_template(folder, sizeof folder, "tenk-ratios");
	cr_assert_not_null(mkdtemp(folder));
}

static void fini(void)
{
	made_blocks_end(&made);
	cr_assert_eq(folder_remove(folder), 0);
}

TestSuite(report_ratios, .init = init, .fini = fini, .timeout = 20);

/* A thread takes 1.25, 1.26 and 1.28 times the CPU of epoll, on a machine that halves its speed. */
static void make(void)
{
	static const double ratios[] = {1.25, 1.26, 1.28};

	made_blocks_begin(&made, "select epoll threads");
	for (int i = 0; i < 3; i++) {
		made_blocks_trial(&made, "threads", i + 1, 1e5 * halving[i] / ratios[i]);
		made_blocks_trial(&made, "select", i + 1, 1e5 * halving[i] / (2 * ratios[i]));
		made_blocks_trial(&made, "epoll", i + 1, 1e5 * halving[i]);
	}
	made_blocks_open(&made);
}

static char *printed(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	terminal_print_tables(&made.results, out);
	fclose(out);
	return text;
}

/* A file of the report, to be freed. */
static char *written(const char *name)
{
	struct report_options options = {.report_directory = folder,
					 .resource_directory = "report",
					 .gnuplot = "/no/gnuplot"};
	struct text_buffer text = {0};
	struct error error = {""};

	cr_assert_geq(report_write(&made.results, &options, &error), 0, "%s", error.text);
	cr_assert_eq(file_read(&text, folder, name, &error), 0, "%s", error.text);
	return text.text;
}

/* The numbers of this server's record for a metric, behind the name of what they are ratios to. */
static void csv_ratio(const char *csv, const char *server, const char *metric, double numbers[4])
{
	char begin[128];
	const char *record, *place;

	snprintf(begin, sizeof begin, "%s,16,%s,", server, metric);
	record = strstr(csv, begin);
	cr_assert_not_null(record, "no %s in\n%s", begin, csv);
	place = strstr(record, ",epoll,");
	cr_assert(place && place < strchr(record, '\n'), "no ratio in %s", record);
	cr_assert_eq(sscanf(place, ",epoll,%lf,%lf,%lf,%*f,%lf", &numbers[0], &numbers[1],
			    &numbers[2], &numbers[3]),
		     4);
}

/* The numbers of a finding of that kind in what is written for programs. */
static void summary_ratio(const char *kind, double numbers[4])
{
	char *text = written("summary.json");
	json_t *summary = json_loads(text, 0, NULL), *finding;
	size_t i;

	numbers[0] = 0;
	json_array_foreach(json_object_get(summary, "findings"), i, finding)
	{
		if (strcmp(json_string_of(finding, "kind"), kind) != 0)
			continue;
		numbers[0] = json_number_of(finding, "estimate");
		numbers[1] = json_number_of(finding, "low");
		numbers[2] = json_number_of(finding, "high");
		numbers[3] = json_number_of(finding, "blocks");
	}
	cr_assert_gt(numbers[0], 0, "no %s in\n%s", kind, text);
	json_decref(summary);
	free(text);
}

/* The finding of a kind has these numbers, and its tile and its sentence say them. */
static void check_finding(const char *kind, const double numbers[4])
{
	struct findings findings;
	const struct finding *found = NULL;
	char text[64];

	cr_assert_eq(findings_make(&findings, &made.part, 1), 0);
	for (size_t i = 0; i < findings.count; i++)
		if (strcmp(findings.items[i].kind, kind) == 0)
			found = &findings.items[i];
	cr_assert_not_null(found);
	if (!found)
		return;
	cr_expect_float_eq(found->value, numbers[0], 1e-9);
	cr_expect_float_eq(found->low, numbers[1], 1e-9);
	cr_expect_float_eq(found->high, numbers[2], 1e-9);
	cr_expect_eq((double)found->blocks, numbers[3]);
	snprintf(text, sizeof text, "\xc3\x97\xc2\xa0%.2f [%.2f,\xc2\xa0%.2f]", numbers[0],
		 numbers[1], numbers[2]);
	cr_expect_str_eq(found->text, text, "%s", found->text);
	snprintf(text, sizeof text, ": %.2f times as", numbers[0]);
	expect_has(found->sentence, text);
	findings_destroy(&findings);
}

Test(report_ratios, terminal_page_sentence_and_data_have_one_value)
{
	char *terminal, *page, *csv, cell[128];
	double cpu[4], rate[4];

	make();
	terminal = printed();
	page = written("report.md");
	summary_ratio("cpu", cpu);
	csv = written("data/s-p-throughput-ratio.csv");
	csv_ratio(csv, "threads", "requests_per_s", rate);
	cr_expect_float_eq(cpu[0], 1.26, 1e-9);
	cr_expect_float_eq(cpu[1], 1.25, 1e-9);
	cr_expect_float_eq(cpu[2], 1.28, 1e-9);
	cr_expect_eq(cpu[3], 3);
	snprintf(cell, sizeof cell, "%.2f ±%.1f%%\n", cpu[0], 50 * (cpu[2] - cpu[1]) / cpu[0]);
	expect_has(terminal, cell);
	snprintf(cell, sizeof cell, "\xc3\x97 %.2f [%.2f, %.2f] |", cpu[0], cpu[1], cpu[2]);
	expect_has(page, cell);
	check_finding("cpu", cpu);
	check_finding("rate", rate);
	snprintf(cell, sizeof cell, "| \xc3\x97 %.3f [%.3f, %.3f] |", rate[0], rate[1], rate[2]);
	expect_has(page, cell);
	expect_has(page, "the rate is highest with epoll");
	expect_has(page, ", in every block, and lowest with select");
	free(terminal);
	free(page);
	free(csv);
}

/* The ratio of a server's metric in what `tenk run --json` prints. */
static const json_t *json_ratio(const json_t *cells, const char *server, const char *metric)
{
	const json_t *figures = json_object_get(json_find(cells, "server", server), "metrics");

	return json_object_get(json_object_get(figures, metric), "ratio");
}

Test(report_ratios, figures_for_machines_have_it_too)
{
	const json_t *ratio;
	json_t *cells;

	make();
	cells = figures_to_json(&made.results);
	ratio = json_ratio(cells, "threads", "server_cpu_per_request_ns");
	cr_expect_str_eq(json_string_of(ratio, "to"), "epoll");
	cr_expect_float_eq(json_number_of(ratio, "estimate"), 1.26, 1e-9);
	cr_expect_float_eq(json_number_of(ratio, "low"), 1.25, 1e-9);
	cr_expect_float_eq(json_number_of(ratio, "high"), 1.28, 1e-9);
	cr_expect_eq(json_number_of(ratio, "blocks"), 3);
	cr_expect_null(json_ratio(cells, "epoll", "server_cpu_per_request_ns"));
	json_decref(cells);
}

Test(report_ratios, the_reference_is_named_and_has_no_ratio_of_its_own)
{
	char *terminal, *page;

	make();
	terminal = printed();
	page = written("report.md");
	cr_expect_str_eq(made.part.against, "epoll", "though select is named first");
	expect_has(terminal, "x epoll   connections\n");
	expect_has(terminal, "                1\n");
	expect_has(page, "\xc3\x97 epoll |");
	free(terminal);
	free(page);
}

Test(report_ratios, without_epoll_it_is_the_first_loop_and_alone_there_is_none)
{
	char *terminal;

	made_blocks_begin(&made, "threads select other");
	for (int i = 0; i < 2; i++) {
		made_blocks_trial(&made, "threads", i + 1, 1e5);
		made_blocks_trial(&made, "select", i + 1, i ? 1e5 : NAN);
		made_blocks_trial(&made, "other", i + 1, NAN);
	}
	made_blocks_open(&made);
	cr_expect_str_eq(made.part.against, "select");
	cr_expect_eq(part_ratio(&made.part, "threads", NULL, "requests_per_s").summary.count, 1);
	terminal = printed();
	expect_has(terminal, "1.00 ±?\n");
	expect_has_not(terminal, "nan");
	free(terminal);
	made_blocks_end(&made);

	made_blocks_begin(&made, "threads select");
	made_blocks_trial(&made, "threads", 1, 1e5);
	made_blocks_trial(&made, "select", 1, NAN);
	made_blocks_open(&made);
	cr_expect_null(made.part.against);
	terminal = printed();
	expect_has_not(terminal, "x ");
	free(terminal);
}

Test(report_ratios, of_a_lower_bound_one_end_is_open)
{
	char *page;

	make();
	for (size_t i = 0; i < made.results.trial_count; i++)
		if (strcmp(json_string_of(made.results.trials[i], "server"), "threads") == 0)
			json_object_set_new(made.results.trials[i], "rate_is_lower_bound",
					    json_true());
	page = written("report.md");
	expect_has(page, "\xc3\x97 \xe2\x89\xa5 0.794 [0.781, \xe2\x80\x93]");
	expect_has_not(page, "nan,");
	expect_has_not(page, "nan]");
	free(page);
}

/* Blocks that differ by factors of two are worth many trials, and what is left is what was put in. */
Test(report_ratios, the_page_says_what_blocks_were_worth)
{
	char *page;

	make();
	page = written("report.md");
	expect_has(page, "what is left of chance there is 0.");
	expect_has(page, "% (Server CPU per request), as with ");
	expect_has(page, " times as many trials in no blocks");
	free(page);
}

Test(report_ratios, who_has_no_figure_where_the_others_are_compared_is_told)
{
	char *page;

	made_blocks_begin(&made, "select epoll threads");
	for (int i = 0; i < 3; i++) {
		made_blocks_trial(&made, "select", i + 1, NAN);
		made_blocks_trial(&made, "epoll", i + 1, 1e5 * halving[i]);
		made_blocks_trial(&made, "threads", i + 1, 1e5 * halving[i] * (i % 2 ? 1.1 : 0.9));
	}
	made_blocks_open(&made);
	page = written("report.md");
	expect_has(page, "Without a figure there: one of 3 servers.");
	expect_has(page, "none is ahead in every block");
	expect_has_not(page, "highest");
	free(page);
}
