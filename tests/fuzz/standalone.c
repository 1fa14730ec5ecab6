/*
 * Runs the fuzz target without libFuzzer: once for each file that is named, to look at a crash with
 * any compiler and debugger; or, built by afl-clang-fast, as AFL++ wants it.
 */
#include "tests/fuzz/http_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { INPUT_MOST = 1 << 20 };

static int replay(const char *path)
{
	static uint8_t buffer[INPUT_MOST];
	FILE *file = fopen(path, "rbe");
	uint8_t *exact;
	size_t size;

	if (!file) {
		perror(path);
		return 1;
	}
	size = fread(buffer, 1, sizeof buffer, file);
	fclose(file);
	exact = malloc(size ? size : 1); /* so that a read beyond the end is found */
	if (!exact)
		return 1;
	for (size_t i = 0; i < size; i++)
		exact[i] = buffer[i];
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	return 0;
}

#ifdef __AFL_FUZZ_TESTCASE_LEN
__AFL_FUZZ_INIT();

/* Many inputs a process: starting one takes longer than the input. */
static void fuzz(void)
{
	const uint8_t *data;

	__AFL_INIT();
	data = __AFL_FUZZ_TESTCASE_BUF;
	while (__AFL_LOOP(10000))
		LLVMFuzzerTestOneInput(data, (size_t)__AFL_FUZZ_TESTCASE_LEN);
}
#else
static void fuzz(void)
{
}
#endif

int main(int argc, char **argv)
{
	int result = 0;

	if (argc == 1)
		fuzz();
	for (int i = 1; i < argc; i++)
		result |= replay(argv[i]);
	return result;
}
