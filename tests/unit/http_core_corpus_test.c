/*
 * Replays the fuzzers' corpus: what they were given to start from, and all that ever broke the
 * core. How each input is judged stands in tests/fuzz/http_core.c.
 */
#include "tests/fuzz/http_core.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUT_MOST = 1 << 20, INPUTS_LEAST = 50 };

/* Beside standard error, which Criterion shows when the test ends badly. */
static void replay(const char *name)
{
	char path[512];
	uint8_t *data = malloc(INPUT_MOST), *exact;
	FILE *file;
	size_t size;

	snprintf(path, sizeof path, "tests/fuzz/corpus/%s", name);
	file = fopen(path, "rbe");
	cr_assert(file && data, "%s cannot be read", path);
	size = fread(data, 1, INPUT_MOST, file);
	fclose(file);
	exact = realloc(data, size ? size : 1); /* so that a read beyond the end is found */
	cr_assert_not_null(exact);
	fprintf(stderr, "%s\n", path); /* the last one named is the one that broke it */
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

Test(http_core_corpus, every_input_is_answered_as_if_it_were_unsplit, .timeout = 60)
{
	DIR *folder = opendir("tests/fuzz/corpus");
	const struct dirent *entry;
	unsigned count = 0;

	cr_assert_not_null(folder, "tests/fuzz/corpus is not there");
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.') {
			replay(entry->d_name);
			count++;
		}
	closedir(folder);
	cr_expect(count >= INPUTS_LEAST, "only %u inputs", count);
}
