/* tenk claims list: every claim of every scenario, who makes it, and what was found of it. */
#include "harness/command/claims.h"

#include "harness/command/command.h"
#include "harness/machine/paths.h"
#include "harness/measure/metrics.h"
#include "harness/scenario/folder.h"
#include "lib/command_line.h"
#include "lib/json.h"
#include "lib/terminal.h"
#include "report/plain.h"
#include "report/verdict_words.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COLUMNS = 80, ID_COLUMNS = 40, INDENT = 4, DAY_S = 24 * 3600, HOUR_S = 3600, MINUTE_S = 60 };

/* The claims of all scenarios that tenk brings along, each with its "scenario". New reference, or NULL. */
static json_t *read_claims(struct error *error)
{
	json_t *metrics = metrics_describe(), *list = json_array();
	struct paths paths;
	json_t *scenarios = paths_find(&paths, error) < 0
				    ? NULL
				    : scenario_folder_describe(paths.scenarios, metrics, error);
	json_t *scenario, *part, *claim;
	size_t i, j, k;

	json_array_foreach(scenarios, i, scenario)
		json_array_foreach(json_object_get(scenario, "parts"), j, part)
			json_array_foreach(json_object_get(part, "claims"), k, claim)
	{
		json_object_set(claim, "scenario", json_object_get(scenario, "name"));
		json_array_append(list, claim);
	}
	json_decref(metrics);
	if (scenarios) {
		json_decref(scenarios);
		return list;
	}
	json_decref(list);
	return NULL;
}

/* The one of a scenario, by its id; NULL: there is none, or no more. */
static const json_t *find_claim(const json_t *claims, const char *scenario, const char *id)
{
	const json_t *claim;
	size_t i;

	json_array_foreach(claims, i, claim) if (strcmp(json_string_of(claim, "id"), id) == 0 &&
						 strcmp(json_string_of(claim, "scenario"),
							scenario) == 0) return claim;
	return NULL;
}

int claims_renew_words(struct claims_collection *collection, struct error *error)
{
	static const char *const keys[] = {"sources", "explained"};
	json_t *claims = read_claims(error);

	if (!claims)
		return -1;
	for (size_t i = 0; i < collection->count; i++) {
		const struct verdict *verdict = &collection->verdicts[i];
		const json_t *today = find_claim(claims, verdict->scenario,
						 json_string_of(verdict->claim, "id"));

		for (size_t j = 0; today && j < sizeof keys / sizeof *keys; j++)
			if (json_object_get(today, keys[j]))
				json_object_set((json_t *)(uintptr_t)verdict->claim, keys[j],
						json_object_get(today, keys[j]));
	}
	json_decref(claims);
	return 0;
}

/* The headline verdict on a claim; the index, or the count if there is none. */
static size_t find_verdict(const struct claims_collection *collection, const json_t *claim)
{
	for (size_t i = 0; i < collection->count; i++) {
		const struct verdict *verdict = &collection->verdicts[i];

		if (verdict->headline &&
		    strcmp(verdict->scenario, json_string_of(claim, "scenario")) == 0 &&
		    strcmp(json_string_of(verdict->claim, "id"), json_string_of(claim, "id")) == 0)
			return i;
	}
	return collection->count;
}

/* Some are only listed, with the reason why. */
static bool is_tested(const json_t *claim)
{
	const struct claim_kind *kind = claim_kind_of(claim);

	return !kind || kind->needs != 0;
}

size_t claims_count_untested(const struct claims_collection *collection)
{
	struct error error;
	json_t *claims = read_claims(&error);
	const json_t *claim;
	size_t count = 0, i;

	json_array_foreach(claims, i, claim)
		count += is_tested(claim) && find_verdict(collection, claim) == collection->count;
	json_decref(claims);
	return count;
}

/* "3 days ago", from "2026-11-21T09:30:00Z". */
static void append_age(struct text_buffer *out, const char *then)
{
	static const struct {
		double seconds;
		const char *name;
	} units[] = {{DAY_S, "day"}, {HOUR_S, "hour"}, {MINUTE_S, "minute"}};
	struct tm parts = {0};
	double seconds;

	if (!strptime(then, "%Y-%m-%dT%H:%M:%S", &parts))
		return;
	seconds = difftime(time(NULL), timegm(&parts));
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (seconds >= units[i].seconds) {
			long count = (long)(seconds / units[i].seconds);

			text_append_format(out, ", %ld %s%s ago", count, units[i].name,
					   count == 1 ? "" : "s");
			return;
		}
	text_append(out,
		    seconds > -MINUTE_S ? ", just now" : ", by a clock that was ahead of this one");
}

static void print_line(const char *label, const char *text, FILE *out)
{
	struct text_buffer line = {0};

	text_append_format(&line, "%s%s", label, text);
	plain_print_wrapped(text_string(&line), INDENT, COLUMNS, terminal_has_utf8(), out);
	text_destroy(&line);
}

static const char *age_of(const struct claims_collection *collection, size_t index)
{
	return json_string_of(collection->verdicts[index].runs[0]->run, "finished_at");
}

static void print_claim(const struct claims_collection *collection, const json_t *claim, bool twice)
{
	size_t index = find_verdict(collection, claim);
	const char *id = json_string_of(claim, "id"), *scenario = json_string_of(claim, "scenario");
	struct text_buffer verdict = {0}, sources = {0}, again = {0};

	if (index < collection->count) {
		text_append(&verdict, verdict_reads(&collection->verdicts[index]));
		append_age(&verdict, age_of(collection, index));
	} else {
		text_append(&verdict, is_tested(claim) ? "never tested here" : "not tested");
	}
	verdict_words_sources(&sources, claim);
	text_append_format(&again, "tenk claims run %s%s%s", twice ? scenario : "",
			   twice ? " " : "", id);
	plain_print_padded(id, ID_COLUMNS, false, stdout);
	printf("%s\n", text_string(&verdict));
	print_line("", json_string_of(claim, "says"), stdout);
	print_line("from: ", text_string(&sources), stdout);
	if (is_tested(claim))
		print_line("again: ", text_string(&again), stdout);
	else
		print_line("", json_string_of(claim, "why"), stdout);
	text_destroy(&verdict);
	text_destroy(&sources);
	text_destroy(&again);
}

/* Whether another scenario has a claim of the same id. */
static bool stands_twice(const json_t *claims, const json_t *claim)
{
	const json_t *other;
	size_t i;

	json_array_foreach(claims, i,
			   other) if (other != claim &&
				      strcmp(json_string_of(other, "id"),
					     json_string_of(claim, "id")) == 0) return true;
	return false;
}

static void print_json(const struct claims_collection *collection, const json_t *claims)
{
	json_t *list = json_array();
	const json_t *claim;
	size_t i;

	json_array_foreach(claims, i, claim)
	{
		json_t *one = json_copy((json_t *)(uintptr_t)claim);
		size_t index = find_verdict(collection, claim);
		bool tested = index < collection->count;

		json_object_set_new(one, "verdict",
				    tested ? verdict_to_json(&collection->verdicts[index])
					   : json_null());
		json_object_set_new(one, "finished_at",
				    tested ? json_string(age_of(collection, index)) : json_null());
		json_object_set_new(one, "again",
				    json_sprintf("tenk claims run %s %s",
						 json_string_of(claim, "scenario"),
						 json_string_of(claim, "id")));
		json_array_append_new(list, one);
	}
	json_dumpf(list, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(list);
}

enum key { KEY_JSON = 256 };

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	bool *json = state->input;

	if (key == KEY_JSON)
		*json = true;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "\"%s\": list takes nothing; tenk claims RUN judges a run", text);
	else if (key > 255 || key == ARGP_KEY_ARGS)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

int command_claims_list(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"json", KEY_JSON, NULL, 0, "print them as JSON", 0}, {0}};
	static const struct argp argp = {
		options,
		parse_option,
		NULL,
		"Lists every claim of every scenario: what it says, who says so, the verdict of the "
		"newest run that tests it and how old that is, and the command that measures it "
		"again.",
		NULL,
		NULL,
		NULL};
	struct claims_collection collection = {0};
	struct error error = {"out of memory"};
	const json_t *claim;
	bool json = false;
	json_t *claims;
	size_t i;

	argv[0] = (char *)"tenk claims list";
	command_line_read(&argp, argc, argv, &json);
	claims = read_claims(&error);
	if (!claims || claims_collect_here(&collection, false, &error) < 0) {
		json_decref(claims);
		claims_collection_destroy(&collection);
		return command_fail(EXIT_USAGE, error.text);
	}
	if (json)
		print_json(&collection, claims);
	else
		json_array_foreach(claims, i, claim)
			print_claim(&collection, claim, stands_twice(claims, claim));
	json_decref(claims);
	claims_collection_destroy(&collection);
	return EXIT_OK;
}
