/* Runs to read: the one of tests/fixtures, and such as a test makes up. */
#ifndef TENK_RESULTS_FIXTURE_H
#define TENK_RESULTS_FIXTURE_H

#include "stored/blocks/blocks.h"
#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 2 servers at 4 counts of connections, 5 blocks, and a last line that was cut short. */
#define RUN "tests/fixtures/run"

#define RUN_JSON                                                                          \
	"{\"schema\":1,\"status\":\"complete\",\"scenarios\":[{\"name\":\"s\",\"parts\":" \
	"[{\"name\":\"p\",\"load\":{\"connections\":64}}]}],"                             \
	"\"metrics\":[{\"key\":\"requests_per_s\",\"slope_of\":null},"                    \
	"{\"key\":\"per_connection\",\"slope_of\":\"bytes\"}]}\n"

static inline void results_get(struct results *results, const char *directory)
{
	struct error error = {""};

	cr_assert_eq(results_load(results, directory, &error), 0, "%s", error.text);
}

static inline long values_by_block(const struct results *results, const struct cell *cell,
				   const char *metric, double **values, long **blocks)
{
	struct block_values read;

	cr_assert_eq(block_values_read(&read, results, cell, metric), 0);
	if (read.count == 0)
		block_values_destroy(&read);
	*values = read.values;
	*blocks = read.blocks;
	return (long)read.count;
}

static inline long values_of(const struct results *results, const struct cell *cell,
			     const char *metric, double **values)
{
	long *blocks, count = values_by_block(results, cell, metric, values, &blocks);

	free(blocks);
	return count;
}

static inline void write_file(const char *directory, const char *name, const char *content,
			      size_t length)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	file = fopen(path, "we");
	cr_assert_not_null(file);
	cr_assert_eq(fwrite(content, 1, length, file), length);
	fclose(file);
}

/* Loads a run with these two files; NULL leaves one out. */
static inline int load_made(struct results *results, const char *run, const char *trials,
			    struct error *error)
{
	char directory[256], path[512];
	int code;

	*error = (struct error){""};
	temporary_template(directory, sizeof directory, "tenk-results");
	cr_assert_not_null(mkdtemp(directory));
	if (run)
		write_file(directory, "run.json", run, strlen(run));
	if (trials)
		write_file(directory, "trials.jsonl", trials, strlen(trials));
	code = results_load(results, directory, error);
	snprintf(path, sizeof path, "%s/run.json", directory);
	unlink(path);
	snprintf(path, sizeof path, "%s/trials.jsonl", directory);
	unlink(path);
	rmdir(directory);
	return code;
}

/* One line of trials.jsonl. */
#define TRIAL(server, block, outcome, connections, metric, value)                             \
	"{\"schema\":1,\"scenario\":\"s\",\"part\":\"p\",\"server\":\"" server                \
	"\",\"trial\":" #block ",\"outcome\":\"" outcome                                      \
	"\",\"point\":{\"connections\":" #connections "},\"metrics\":{\"" metric "\":" #value \
	"}}\n"

#endif
