/* What the commands share. */
#include "harness/command/command.h"

#include <stdio.h>
#include <string.h>

int command_fail(int code, const char *text)
{
	fprintf(stderr, "tenk: %s\n", text);
	return code;
}

long command_split(char *text, const char **words, size_t most)
{
	size_t count = 0;
	char *rest = text, *word;

	while ((word = strsep(&rest, ",")) != NULL) {
		if (count == most || !*word)
			return -1;
		words[count++] = word;
	}
	return (long)count;
}

json_t *command_words(const char *name, int argc, char **argv)
{
	json_t *list = json_pack("[s, s]", "tenk", name);

	for (int i = 1; i < argc; i++) {
		json_t *word = json_string(argv[i]);

		json_array_append_new(list, word ? word : json_string("?"));
	}
	return list;
}
