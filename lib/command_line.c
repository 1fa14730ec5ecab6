#include "lib/command_line.h"

#include "lib/nearest.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_WRONG_USE = 2, NAMES_MOST = 128 };

/* Every long option of a parser and of its children, with argp's own. */
struct long_options {
	struct argp_option list[NAMES_MOST];
	size_t count;
};

static void add(struct long_options *all, const struct argp_option *option)
{
	if (all->count < NAMES_MOST)
		all->list[all->count++] = *option;
}

static void collect(struct long_options *all, const struct argp *argp)
{
	const struct argp_option *option = argp->options;
	const struct argp_child *child = argp->children;

	for (; option && (option->name || option->key || option->doc); option++)
		add(all, option);
	for (; child && child->argp; child++)
		collect(all, child->argp);
}

/* The option of that name, or of that letter where the name is NULL. */
static const struct argp_option *find(const struct long_options *all, const char *name,
				      size_t length, int letter)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct argp_option *option = &all->list[i];

		if (name ? option->name && strlen(option->name) == length &&
				    strncmp(option->name, name, length) == 0
			 : option->key == letter)
			return option;
	}
	return NULL;
}

static bool takes_next_word(const struct argp_option *option)
{
	return option && option->arg && !(option->flags & OPTION_ARG_OPTIONAL);
}

/* Whether the last letter of a word such as -qn takes the word behind it. */
static bool letters_take_next(const struct long_options *all, const char *letters)
{
	for (; *letters; letters++) {
		const struct argp_option *option = find(all, NULL, 0, *letters);

		if (option && option->arg)
			return !letters[1] && takes_next_word(option);
	}
	return false;
}

/* What it may have been the beginning of comes before what is spelled alike. */
static const char *nearest_option(const struct long_options *all, const char *name, size_t length)
{
	const char *names[NAMES_MOST];
	char *word = strndup(name, length);
	const char *near = NULL;

	for (size_t i = 0; i < all->count; i++) {
		bool shown = all->list[i].name && !(all->list[i].flags & OPTION_HIDDEN);

		names[i] = shown ? all->list[i].name : NULL;
		if (!near && names[i] && length > 0 && strncmp(names[i], name, length) == 0)
			near = names[i];
	}
	if (!near && word)
		near = nearest_word(word, names, all->count);
	free(word);
	return near;
}

static _Noreturn void complain(const struct long_options *all, const char *program,
			       const char *name, size_t length)
{
	const char *near = nearest_option(all, name, length);

	fprintf(stderr, "%s: there is no option --%.*s%s%s%s\nTry `%s --help'.\n", program,
		(int)length, name, near ? "; did you mean --" : "", near ? near : "",
		near ? "?" : "", program);
	exit(EXIT_WRONG_USE);
}

void (*command_line_values)(const char *option, const char *kind, const char *begun);

/* What stands before a value in the same word, "--servers=", when values are offered. */
static char offered_behind[64];

void command_line_offer(const char *word, const char *meaning, const char *begun)
{
	if (strncmp(word, begun, strlen(begun)) == 0)
		printf("%s%s\t%s\n", offered_behind, word, meaning);
}

static void offer_values(const char *option, const char *kind, const char *begun)
{
	if (command_line_values && kind)
		command_line_values(option, kind, begun);
}

static void offer_options(const struct long_options *all, const char *begun)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct argp_option *option = &all->list[i];
		char word[80];

		if (!option->name || option->flags & OPTION_HIDDEN)
			continue;
		snprintf(word, sizeof word, "--%s%s", option->name, option->arg ? "=" : "");
		command_line_offer(word, option->doc ? option->doc : "", begun);
	}
}

static bool is_long(const char *word)
{
	return word[0] == '-' && word[1] == '-';
}

/* The option whose value a word is, since the word before it wants one; NULL: there is none. */
static const struct argp_option *find_before(const struct long_options *all, const char *word)
{
	const struct argp_option *option = NULL;

	if (is_long(word))
		option = strchr(word, '=') ? NULL : find(all, word + 2, strlen(word + 2), 0);
	else if (word[0] == '-' && word[1] && !word[2])
		option = find(all, NULL, 0, word[1]);
	return takes_next_word(option) ? option : NULL;
}

static _Noreturn void complete(const struct long_options *all, const struct argp *argp, int count,
			       char **words)
{
	const char *begun = count > 0 ? words[count - 1] : "", *value = strchr(begun, '=');
	const struct argp_option *option = count > 1 ? find_before(all, words[count - 2]) : NULL;

	if (option) {
		offer_values(option->name, option->arg, begun);
	} else if (is_long(begun) && value) {
		option = find(all, begun + 2, (size_t)(value - begun - 2), 0);
		snprintf(offered_behind, sizeof offered_behind, "%.*s", (int)(value + 1 - begun),
			 begun);
		if (option)
			offer_values(option->name, option->arg, value + 1);
	} else if (*begun == '-') {
		offer_options(all, begun);
	} else {
		offer_values(NULL, argp->args_doc, begun);
	}
	exit(EXIT_SUCCESS);
}

error_t command_line_read(const struct argp *argp, int argc, char **argv, void *input)
{
	struct long_options all = {.list = {{.name = "help", .key = '?'},
					    {.name = "usage"},
					    {.name = "version", .key = 'V'}},
				   .count = argp_program_version ? 3 : 2};

	collect(&all, argp);
	if (argc > 1 && strcmp(argv[1], "--complete") == 0)
		complete(&all, argp, argc - 2, argv + 2);
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *name = argv[i] + 2;
		const struct argp_option *option;
		size_t length;

		if (strncmp(argv[i], "--", 2) != 0) {
			i += argv[i][0] == '-' && letters_take_next(&all, argv[i] + 1);
			continue;
		}
		length = strcspn(name, "=");
		option = find(&all, name, length, 0);
		if (!option)
			complain(&all, basename(argv[0]), name, length);
		i += !name[length] && takes_next_word(option);
	}
	argp_err_exit_status = EXIT_WRONG_USE;
	return argp_parse(argp, argc, argv, 0, NULL, input);
}

static void close_output(void)
{
	bool written = !ferror(stdout);

	errno = 0;
	if (fclose(stdout) == 0 && written)
		return;
	if (errno == EBADF &&
	    written) /* it was closed from the beginning, and nothing was printed */
		return;
	if (errno != EPIPE)
		fprintf(stderr, "%s: cannot write to standard output%s%s\n",
			program_invocation_short_name, errno ? ": " : "",
			errno ? strerror(errno) : "");
	_exit(EXIT_FAILURE);
}

void command_line_guard_output(void)
{
	atexit(close_output);
}
