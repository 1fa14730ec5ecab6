/* What the commands share. */
#include "harness/command/command.h"

#include "lib/error.h"
#include "lib/units.h"

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

uint64_t command_parse_number(struct argp_state *state, const char *option, const char *text,
			      uint64_t most)
{
	struct error error;
	uint64_t value = 0;

	if (units_parse_integer(UNIT_COUNT, text, &value, &error) < 0)
		argp_error(state, "--%s: %s", option, error.text);
	else if (value < 1 || value > most)
		argp_error(state, "--%s: %s is outside 1 to %llu", option, text,
			   (unsigned long long)most);
	return value;
}

size_t command_parse_names(struct argp_state *state, const char *option, const char *example,
			   char *text, const char **words, size_t most)
{
	long count = command_split(text, words, most);

	if (count < 1)
		argp_error(state, "--%s: give 1 to %zu names with commas between them, such as %s",
			   option, most, example);
	return (size_t)count;
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
