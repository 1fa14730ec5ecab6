/*
 * Replays the fuzzers' corpus: what they were given to start from, and all that ever broke the
 * core. How each input is judged stands in tests/fuzz/http_core.c.
 */
#include "tests/fuzz/environment.h"
#include "tests/fuzz/http_core.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_MOST = 1 << 20, INPUTS_LEAST = 50, SCHEDULES = 100, SCHEDULE_BYTES = 24 };

/* Runs a copy of exactly this size, so that a read beyond the end is found. */
static void run(const uint8_t *line, size_t line_length, const uint8_t *stream, size_t length)
{
	uint8_t *input = malloc(line_length + length);

	cr_assert_not_null(input);
	memcpy(input, line, line_length);
	memcpy(input + line_length, stream, length);
	LLVMFuzzerTestOneInput(input, line_length + length);
	free(input);
}

/* As it stands, then what the client sends with other schedules, always the same ones. */
static void replay(const char *name)
{
	static uint8_t data[INPUT_MOST];
	uint8_t line[SCHEDULE_BYTES + 1];
	uint32_t random = 1;
	size_t size, first;
	char path[512];
	FILE *file;

	snprintf(path, sizeof path, "tests/fuzz/corpus/%s", name);
	file = fopen(path, "rbe");
	cr_assert(file, "%s cannot be read", path);
	size = fread(data, 1, sizeof data, file);
	fclose(file);
	fprintf(stderr, "%s\n", path); /* the last one named is the one that broke it */
	run(data, 0, data, size);
	first = schedule_read(data, size).all;
	for (int i = 0; i < SCHEDULES; i++) {
		for (int j = 0; j < SCHEDULE_BYTES; j++) {
			random = random * 1664525 + 1013904223;
			line[j] = (uint8_t)(random >> 24 == '\n' ? 0 : random >> 24);
		}
		line[SCHEDULE_BYTES] = '\n';
		run(line, sizeof line, data + first, size - first);
	}
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
