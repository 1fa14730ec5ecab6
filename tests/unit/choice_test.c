/* Which way to serve is taken, of made-up runs whose best is known. */
#include "report/choice/choice.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 6, RUNS_MOST = 4 };

#define METRIC(key, unit, better) "{'key':'" key "','unit':'" unit "','better':'" better "'}"

struct made {
	struct results results[RUNS_MOST];
	struct choice_run runs[RUNS_MOST];
	size_t count;
};

static json_t *parse(const char *text)
{
	char *copy = strdup(text);
	json_error_t problem;
	json_t *json;

	for (char *at = copy; *at; at++)
		*at = (char)(*at == '\'' ? '"' : *at);
	json = json_loads(copy, 0, &problem);
	cr_assert_not_null(json, "%s: %s", problem.text, copy);
	free(copy);
	return json;
}

/* A run of one scenario of its name with one part, whose load and axes are JSON with ' for ". */
static struct results *begin(struct made *made, const char *name, const char *load,
			     const char *more)
{
	struct results *results = &made->results[made->count++];
	char text[4096];

	snprintf(
		text, sizeof text,
		"{'schema':1,'id':'%s','started_at':'2026-11-2%zuT00:00:00Z','repeats':'blocks',"
		"'cores':{'server':[0]},"
		"'servers':[{'name':'epoll','family':'loops'},{'name':'libuv','family':'loops'},"
		"{'name':'select','family':'loops'},{'name':'null','family':'floor'},"
		"{'name':'threads','family':'threads'},"
		"{'name':'nginx','family':'reference','architecture':'loops'}],"
		"'metrics':[" METRIC("requests_per_s", "per_s", "higher") "," METRIC(
			"server_cpu_per_request_ns", "ns",
			"lower") "," METRIC("latency_p99_ns", "ns",
					    "lower") "," METRIC("total_bytes", "bytes",
								"lower") "],"
									 "'scenarios':[{'name':'%s','file':'%s.yaml','parts':[{'name':'%s',"
									 "'servers':['epoll','libuv','select','null','threads','nginx'],"
									 "'load':%s%s%s}]}]}",
		name, made->count, name, name, name, load, *more ? "," : "", more);
	*results = (struct results){.directory = strdup(name), .run = parse(text)};
	return results;
}

/* One trial of each block; `metrics` are those of the first, and drift from block to block, as machines do. */
static void add(struct results *results, const char *server, double connections,
		const char *outcome, double rate, double cpu, double bytes, bool bound)
{
	for (int block = 1; block <= BLOCKS; block++) {
		double drift = 1 + 0.1 * block, noise = 1 + 0.001 * ((block * 7) % 3);
		json_t *trial = json_pack(
			"{s:i, s:s, s:s, s:s, s:{s:f}, s:i, s:i, s:s, s:b, s:i, "
			"s:[{s:s, s:s}], s:{s:f, s:f, s:f, s:f}}",
			"schema", 1, "scenario", results->directory, "part", results->directory,
			"server", server, "point", "connections", connections, "trial", block,
			"order", (int)results->trial_count + 1, "outcome", outcome,
			"rate_is_lower_bound", bound, "latency_count", 100000, "reasons", "code",
			"x", "text", "so it is", "metrics", "requests_per_s", rate / drift * noise,
			"server_cpu_per_request_ns", cpu * drift * noise, "total_bytes",
			isnan(bytes) ? 0 : bytes, "latency_p99_ns", 1e6 * cpu * noise);

		cr_assert_not_null(trial);
		if (isnan(bytes))
			json_object_del(json_object_get(trial, "metrics"), "total_bytes");
		results->trials = reallocarray(results->trials, results->trial_count + 1,
					       sizeof *results->trials);
		results->trials[results->trial_count++] = trial;
	}
}

static void open_all(struct made *made)
{
	for (size_t i = 0; i < made->count; i++)
		cr_assert_eq(choice_run_open(&made->runs[i], &made->results[i], false), 0);
}

static void end(struct made *made, struct choice *choice)
{
	choice_destroy(choice);
	for (size_t i = 0; i < made->count; i++) {
		choice_run_close(&made->runs[i]);
		results_destroy(&made->results[i]);
	}
}

static struct choice choose(struct made *made, const struct choice_needs *needs)
{
	struct choice choice;

	cr_assert_eq(choice_make(&choice, made->runs, made->count, needs), 0);
	return choice;
}

static const struct choice_row *row_of(const struct choice *choice, const char *server)
{
	for (size_t i = 0; i < choice->count; i++)
		if (strcmp(choice->rows[i].server, server) == 0)
			return &choice->rows[i];
	cr_assert_fail("%s has no row", server);
	return NULL;
}

/* What is printed of it; to be freed. */
static char *printed(const struct choice *choice, const struct choice_run *scenarios)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	cr_assert_not_null(out);
	choice_print(choice, scenarios, false, false, out);
	fclose(out);
	for (char *at = text; *at; at++) /* lines are broken anywhere */
		*at = (char)(*at == '\n' ? ' ' : *at);
	for (char *at; (at = strstr(text, "  ")) != NULL;)
		memmove(at, at + 1, strlen(at));
	return text;
}

#define expect_has(text, what) cr_expect(strstr(text, what), "no \"%s\" in: %s", what, text)

#define BUSY	   "{'target':'/plaintext','connections':null,'idle':false}"
#define WAIT	   "{'target':'/wait/{wait_ms}','wait_ns':1000000000,'connections':null,'idle':false}"
#define IDLE	   "{'target':'/plaintext','connections':null,'idle':true}"
#define AT(values) "'vary':[{'axis':'connections','values':[" values "]}]"

static const struct choice_needs thousand = {.connections = 1000, .work = "plaintext"};

Test(choice, the_quickest_of_those_that_differ_in_waiting_alone_is_taken)
{
	struct made made = {0};
	struct results *run = begin(&made, "busy", BUSY, AT("1000"));
	struct choice choice;
	char *text;

	add(run, "threads", 1000, "ok", 50e3, 20e3, 1, false);
	add(run, "libuv", 1000, "ok", 90e3, 11e3, 1, false);
	add(run, "epoll", 1000, "ok", 100e3, 10e3, 1, false);
	add(run, "nginx", 1000, "ok", 200e3, 5e3, 1, false);
	add(run, "null", 1000, "ok", 900e3, 1e3, 1, false);
	open_all(&made);
	choice = choose(&made, &thousand);
	cr_assert_eq(choice.count, 4);
	cr_expect(choice.taken);
	cr_expect_str_eq(choice.rows[0].server, "epoll");
	cr_expect_str_eq(choice.rows[1].server, "nginx");
	cr_expect_eq(choice.decides, CHOICE_WORK);
	cr_expect_str_eq(choice.places[CHOICE_WORK].metric, "requests_per_s");
	/* What the machine did to a block falls on both: the ratio is exact where the figures drift by half. */
	cr_expect_float_eq(row_of(&choice, "threads")->figures[CHOICE_WORK].ratio.summary.median,
			   0.5, 1e-9);
	cr_expect_eq(choice.rows[0].figures[CHOICE_WORK].ratio.summary.count, 0);
	cr_expect_eq(choice.rows[0].figures[CHOICE_MEMORY].summary.count, 0);
	text = printed(&choice, NULL);
	expect_has(text, "Take a loop (epoll).");
	expect_has(text, "threads answers 0.5 times as many requests a second");
	expect_has(text, "and takes 2 times the CPU per request");
	expect_has(text, "at 1,000 connections");
	expect_has(text, "run busy of 2026-11-21");
	expect_has(text, "not measured: memory");
	expect_has(text, "not measured: response times");
	free(text);
	end(&made, &choice);
}

Test(choice, whose_rates_are_bounds_are_compared_by_their_cpu)
{
	struct made made = {0};
	struct results *run = begin(&made, "wait", WAIT, AT("1000"));
	const struct choice_needs needs = {.connections = 1000, .work = "wait"};
	struct choice choice;
	char *text;

	add(run, "threads", 1000, "ok", 990, 36e3, 1, true);
	add(run, "epoll", 1000, "ok", 980, 10e3, 1, true);
	add(run, "libuv", 1000, "ok", 985, 10.05e3, 1, true);
	open_all(&made);
	choice = choose(&made, &needs);
	cr_expect_str_eq(choice.rows[0].server, "epoll");
	cr_expect_str_eq(choice.places[CHOICE_WORK].metric, "server_cpu_per_request_ns");
	text = printed(&choice, NULL);
	expect_has(text, "Take a loop (epoll, libuv).");
	expect_has(text, "threads takes 3.6 times the CPU per request");
	expect_has(text, "neither was driven to its limit");
	expect_has(text, "at 1,000 connections, each request waiting a second.");
	free(text);
	end(&made, &choice);
}

Test(choice, memory_over_the_limit_does_not_fit_and_is_named)
{
	struct made made = {0};
	struct results *busy = begin(&made, "busy", BUSY, AT("1000"));
	struct results *idle = begin(&made, "idle", IDLE, AT("800, 4000"));
	struct choice_needs needs = thousand;
	struct choice choice;
	char *text;

	add(busy, "epoll", 1000, "ok", 100e3, 10e3, 1, false);
	add(busy, "threads", 1000, "ok", 120e3, 20e3, 1, false);
	add(busy, "libuv", 1000, "ok", 90e3, 20e3, 1, false);
	add(idle, "epoll", 800, "ok", 1, 1, 8e6, false);
	add(idle, "threads", 800, "ok", 1, 1, 80e6, false);
	add(idle, "epoll", 4000, "ok", 1, 1, 30e6, false);
	add(idle, "threads", 4000, "ok", 1, 1, 400e6, false);
	open_all(&made);
	needs.memory_bytes = 20e6;
	choice = choose(&made, &needs);
	/* What is best by rate does not fit; what fits for certain comes before what may. */
	cr_expect_str_eq(choice.rows[0].server, "epoll");
	cr_expect_eq(choice.rows[0].fit, CHOICE_FITS);
	cr_expect_float_eq(choice.rows[0].needs_bytes, 10e6, 1);
	cr_expect_eq(row_of(&choice, "threads")->fit, CHOICE_FAILS);
	cr_expect_eq(row_of(&choice, "libuv")->fit, CHOICE_UNKNOWN);
	text = printed(&choice, NULL);
	expect_has(text, "does not fit: threads: takes 95.4 MiB, by 800 connections");
	expect_has(text, "not known to fit: libuv: what memory it takes is not measured");
	expect_has(text, "memory in proportion to the connections");
	free(text);
	choice_destroy(&choice);
	needs.memory_bytes = 0; /* without a limit the quickest */
	choice = choose(&made, &needs);
	cr_expect_str_eq(choice.rows[0].server, "threads");
	end(&made, &choice);
}

Test(choice, idle_connections_do_not_stand_for_those_at_work_where_others_were_measured_at_work)
{
	struct made made = {0};
	struct results *busy = begin(&made, "busy", BUSY, AT("1000") ",'charts':['memory']");
	struct results *idle = begin(&made, "idle", IDLE, AT("1000"));
	struct choice_needs needs = thousand;
	struct choice choice;
	char *text;

	needs.memory_bytes = 20e6;
	add(busy, "epoll", 1000, "ok", 100e3, 10e3, 15e6, false);
	add(busy, "select", 1000, "ok", 90e3, 10e3, 30e6, false);
	add(busy, "libuv", 1000, "ok", 120e3, 10e3, NAN, false);
	add(busy, "threads", 1000, "ok", 50e3, 20e3, NAN, false);
	add(idle, "libuv", 1000, "ok", 1, 1, 8e6, false);
	add(idle, "threads", 1000, "ok", 1, 1, 80e6, false);
	open_all(&made);
	choice = choose(&made, &needs);
	cr_expect_str_eq(choice.rows[0].server, "epoll");
	cr_expect_eq(choice.rows[0].fit, CHOICE_FITS);
	cr_expect_eq(row_of(&choice, "select")->fit, CHOICE_FAILS);
	/* It was asked at work, and has no figure there: the idle ones are known, and may be too few bytes. */
	cr_expect_eq(row_of(&choice, "libuv")->fit, CHOICE_UNKNOWN);
	/* Those at work would take no less. */
	cr_expect_eq(row_of(&choice, "threads")->fit, CHOICE_FAILS);
	text = printed(&choice, NULL);
	expect_has(text, "not known to fit: libuv: measured of idle connections alone");
	expect_has(text, "does not fit: threads: takes 76.3 MiB");
	free(text);
	choice_destroy(&choice);
	needs.memory_bytes = 0;
	choice = choose(&made, &needs);
	cr_expect_str_eq(choice.rows[0].server, "libuv");
	end(&made, &choice);
}

Test(choice, nothing_is_extrapolated)
{
	struct made made = {0};
	struct results *busy = begin(&made, "busy", BUSY, AT("100"));
	struct results *idle = begin(&made, "idle", IDLE, AT("100"));
	struct choice_needs needs = thousand;
	struct choice choice;
	char *text;

	add(busy, "epoll", 100, "ok", 100e3, 10e3, 1, false);
	add(busy, "threads", 100, "ok", 80e3, 20e3, 1, false);
	add(idle, "epoll", 100, "ok", 1, 1, 1e6, false);
	add(idle, "threads", 100, "ok", 1, 1, 50e6, false);
	open_all(&made);
	choice = choose(&made, &needs);
	cr_expect(!choice.places[CHOICE_WORK].near);
	cr_expect(isnan(choice.rows[0].needs_bytes));
	cr_expect_eq(choice.rows[0].fit, CHOICE_UNKNOWN);
	text = printed(&choice, NULL);
	expect_has(text, "Measured at 100 connections: at 1,000 it may be otherwise.");
	expect_has(text, "not measured: what a request costs near 1,000 connections");
	expect_has(text, "memory of so many connections");
	free(text);
	choice_destroy(&choice);
	/* More connections take no less: what 100 of them exceed 1,000 do, too. */
	needs.memory_bytes = 20e6;
	choice = choose(&made, &needs);
	cr_expect_eq(row_of(&choice, "threads")->fit, CHOICE_FAILS);
	cr_expect_eq(row_of(&choice, "epoll")->fit, CHOICE_UNKNOWN);
	choice_destroy(&choice);
	needs.connections = 200; /* twice as many are near */
	choice = choose(&made, &needs);
	cr_expect(choice.places[CHOICE_WORK].near);
	cr_expect_float_eq(row_of(&choice, "epoll")->needs_bytes, 2e6, 1);
	choice_destroy(&choice);
	needs.connections = 201;
	choice = choose(&made, &needs);
	cr_expect(!choice.places[CHOICE_WORK].near);
	choice_destroy(&choice);
	needs = thousand;
	needs.connections = 100;
	needs.cores = 4; /* the run had one */
	choice = choose(&made, &needs);
	cr_expect(!choice.places[CHOICE_WORK].right_cores);
	text = printed(&choice, NULL);
	expect_has(text, "Measured on 1 core of the server: on 4 it may be otherwise.");
	free(text);
	end(&made, &choice);
}

Test(choice, who_failed_is_named_with_the_reason_and_not_taken)
{
	struct made made = {0};
	struct results *run = begin(&made, "busy", BUSY, AT("1000"));
	struct choice choice;
	char *text;

	add(run, "select", 1000, "failed", 1, 1, 1, false);
	add(run, "libuv", 1000, "invalid", 1, 1, 1, false);
	add(run, "epoll", 1000, "ok", 100e3, 10e3, 1, false);
	add(run, "threads", 1000, "ok", 90e3, 10e3, 1, false);
	open_all(&made);
	choice = choose(&made, &thousand);
	cr_assert_eq(choice.count, 4);
	cr_expect_str_eq(choice.rows[0].server, "epoll");
	cr_expect_eq(row_of(&choice, "select")->fit, CHOICE_FAILS);
	cr_expect_eq(row_of(&choice, "libuv")->fit, CHOICE_UNKNOWN);
	text = printed(&choice, NULL);
	expect_has(text, "does not fit: select: failed in 6 of 6 trials at 1,000 connections: so "
			 "it is");
	expect_has(text, "not known to fit: libuv: all trials are invalid at 1,000 connections");
	free(text);
	choice_destroy(&choice);
	/* With somewhat fewer connections it might not have failed. */
	choice = choose(&made, &(struct choice_needs){.connections = 600, .work = "plaintext"});
	cr_expect_eq(row_of(&choice, "select")->fit, CHOICE_UNKNOWN);
	end(&made, &choice);
}

Test(choice, the_run_of_this_machine_comes_before_others_and_the_nearest_before_all)
{
	struct made made = {0};
	static const char *const names[] = {"other", "here", "far"};
	static const char *const points[] = {AT("1000"), AT("1500"), AT("10")};
	static const double connections[] = {1000, 1500, 10};
	struct choice choice;
	char *text;

	for (size_t i = 0; i < 3; i++) {
		struct results *run = begin(&made, names[i], BUSY, points[i]);

		add(run, "epoll", connections[i], "ok", 100e3, 10e3, 1, false);
		add(run, "threads", connections[i], "ok", 90e3, 10e3, 1, false);
	}
	open_all(&made);
	strcpy(made.runs[0].changes, "cpu_model A -> B");
	choice = choose(&made, &thousand);
	cr_expect_str_eq(choice.places[CHOICE_WORK].run->results->directory, "here");
	choice_destroy(&choice);
	choice = choose(&made, &(struct choice_needs){.connections = 600, .work = "plaintext"});
	cr_expect_str_eq(choice.places[CHOICE_WORK].run->results->directory, "other");
	text = printed(&choice, NULL);
	expect_has(text, "another machine, or on this one as it was");
	expect_has(text, "there and here: cpu_model A -> B");
	free(text);
	end(&made, &choice);
}

Test(choice, only_plain_loads_of_the_work_are_asked)
{
	static const char *const loads[] = {
		"{'target':'/plaintext','connections':1000,'pipelining':16}",
		"{'target':'/plaintext','connections':1000,'active_percent':1}",
		"{'target':'/plaintext','connections':1000,'mix':[{'name':'a'}]}",
		"{'target':'/plaintext','connections':1000,'burst':true}",
		"{'target':'/json','connections':1000}",
		"{'target':'/plaintext','connections':1000,'rate_per_s':10}",
	};

	for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
		struct made made = {0};
		struct results *run = begin(&made, "busy", loads[i], "");
		struct choice choice;
		char *text;

		add(run, "epoll", 1000, "ok", 100e3, 10e3, 1, false);
		add(run, "threads", 1000, "ok", 90e3, 10e3, 1, false);
		open_all(&made);
		choice = choose(&made, &thousand);
		cr_expect_null(choice.places[CHOICE_WORK].run, "%s", loads[i]);
		cr_expect_eq(choice.places[CHOICE_TAIL].run != NULL, i == 5, "%s", loads[i]);
		text = printed(&choice, NULL);
		if (i == 5)
			expect_has(text, "What a request costs is not measured. By p99 alone");
		else
			expect_has(text, "Not measured: no run here has a figure of it.");
		free(text);
		end(&made, &choice);
	}
}

Test(choice, what_is_not_measured_comes_with_the_command_that_measures_it)
{
	struct made made = {0}, planned = {0};
	struct choice choice;
	char *text;

	begin(&planned, "hello", "{'target':'/plaintext','connections':64}", "");
	begin(&planned, "mine", "{'target':'/plaintext','connections':64}", "");
	open_all(&planned);
	begin(&made, "none", IDLE, AT("10"));
	open_all(&made);
	choice = choose(
		&made, &(struct choice_needs){.connections = 100, .work = "plaintext", .cores = 1});
	cr_expect_eq(choice.decides, CHOICE_COLUMNS);
	text = printed(&choice, &planned.runs[0]);
	expect_has(text, "not measured: what a request costs: tenk run hello ");
	expect_has(text, "not measured: memory: no scenario measures it");
	free(text);
	choice_destroy(&choice);
	choice = choose(&made, &thousand);
	text = printed(&choice, &planned.runs[0]);
	expect_has(text, "tenk run hello measures it at 64 connections");
	free(text);
	end(&made, &choice);
	end(&planned, &choice);
}

Test(choice, as_json_it_has_every_server_with_where_its_figures_are_from)
{
	struct made made = {0};
	struct results *run = begin(&made, "busy", BUSY, AT("1000"));
	struct choice choice;
	json_t *json, *row, *figure;

	add(run, "epoll", 1000, "ok", 100e3, 10e3, 1, false);
	add(run, "threads", 1000, "ok", 50e3, 20e3, 1, false);
	open_all(&made);
	choice = choose(&made, &thousand);
	json = choice_to_json(&choice, NULL);
	cr_assert_not_null(json);
	cr_expect_str_eq(json_string_of(json, "take"), "epoll");
	cr_expect_eq(json_array_size(json_object_get(json, "rows")), 2);
	row = json_array_get(json_object_get(json, "rows"), 1);
	cr_expect_str_eq(json_string_of(row, "server"), "threads");
	figure = json_object_get(json_object_get(row, "figures"), "work");
	cr_expect_str_eq(json_string_of(json_object_get(figure, "place"), "run"), "busy");
	cr_expect_float_eq(json_number_of(json_object_get(figure, "ratio"), "estimate"), 0.5, 1e-9);
	figure = json_object_get(json_object_get(row, "figures"), "memory");
	cr_expect_str_eq(json_string_of(figure, "why"), "not measured");
	cr_expect_eq(json_array_size(json_object_get(json, "missing")), 2);
	json_decref(json);
	end(&made, &choice);
}
