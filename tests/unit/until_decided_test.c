#include "harness/command/until_decided.h"

#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A run on disk with one claim, that a has 1 to 2, and a value of a in each block. */
struct stored {
	struct run run;
	struct run_request request;
};

static FILE *open_file(const struct stored *stored, const char *name)
{
	char path[PATH_MAX + 32];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", stored->run.store.directory, name);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	return file;
}

static void begin(struct stored *stored)
{
	*stored = (struct stored){0};
	temporary_template(stored->run.store.directory, sizeof stored->run.store.directory,
			   "tenk-until-decided");
	cr_assert_not_null(mkdtemp(stored->run.store.directory));
	until_decided_ask(&stored->request, &stored->run);
}

static void store_claim(const struct stored *stored, const char *status)
{
	FILE *file = open_file(stored, "run.json");

	fprintf(file,
		"{\"schema\":1,\"status\":\"%s\",\"looks\":3,"
		"\"metrics\":[{\"key\":\"m\",\"slope_of\":null,\"unit\":\"bytes\"}],"
		"\"scenarios\":[{\"name\":\"s\",\"parts\":[{\"name\":\"p\",\"claims\":["
		"{\"id\":\"c\",\"source\":\"x\",\"says\":\"y\",\"kind\":\"threshold\",\"metrics\":[\"m\"],"
		"\"of\":{\"server\":\"a\",\"point\":{}},\"over\":null,\"within\":[1,2],"
		"\"own_model\":true}]}]}]}\n",
		status);
	fclose(file);
}

/* Values alternate between the two. */
static void store_blocks(const struct stored *stored, unsigned blocks, double low, double high)
{
	FILE *file = open_file(stored, "trials.jsonl");

	for (unsigned i = 1; i <= blocks; i++)
		fprintf(file,
			"{\"schema\":1,\"scenario\":\"s\",\"part\":\"p\",\"server\":\"a\",\"point\":{},"
			"\"trial\":%u,\"outcome\":\"ok\",\"metrics\":{\"m\":%g}}\n",
			i, (i % 2 ? low : high) + 1e-3 * i);
	fclose(file);
}

static bool looks_done(const struct stored *stored, unsigned blocks)
{
	return stored->request.decided(stored->request.decided_context, blocks);
}

static void end(const struct stored *stored)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof path, "%s/run.json", stored->run.store.directory);
	unlink(path);
	snprintf(path, sizeof path, "%s/trials.jsonl", stored->run.store.directory);
	unlink(path);
	rmdir(stored->run.store.directory);
}

Test(until_decided, asks_for_the_three_looks)
{
	struct stored stored;

	begin(&stored);
	cr_expect_eq(stored.request.trials, 40);
	cr_expect_eq(stored.request.looks, 3);
	end(&stored);
}

Test(until_decided, ends_at_a_look_that_decides_and_nowhere_between)
{
	struct stored stored;

	begin(&stored);
	store_claim(&stored, "running");
	store_blocks(&stored, 9, 1.4, 1.6);
	cr_expect_not(looks_done(&stored, 9), "nine blocks are no look");
	store_blocks(&stored, 10, 1.4, 1.6);
	cr_expect(looks_done(&stored, 10), "all of it is within");
	store_blocks(&stored, 11, 1.4, 1.6);
	cr_expect_not(looks_done(&stored, 11), "eleven are none");
	end(&stored);
}

Test(until_decided, goes_on_while_a_claim_is_inconclusive)
{
	struct stored stored;

	begin(&stored);
	store_claim(&stored, "running");
	store_blocks(&stored, 10, 1.4, 2.6);
	cr_expect_not(looks_done(&stored, 10), "the interval reaches across the end");
	store_blocks(&stored, 20, 2.5, 2.6);
	cr_expect(looks_done(&stored, 20), "refuted is decided, too");
	end(&stored);
}

Test(until_decided, what_cannot_be_read_does_not_end_it)
{
	struct stored stored;

	begin(&stored);
	cr_expect_not(looks_done(&stored, 10));
	end(&stored);
}
