#include "harness/catalogue/revision.h"

#include "harness/machine/paths.h"
#include "harness/process/interrupt.h"
#include "harness/process/process.h"
#include "lib/clock.h"
#include "lib/temporary.h"
#include "lib/text_buffer.h"
#include "lib/utf8.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_NS	 (100 * NS_PER_MS)
#define GRACE_NS (2 * NS_PER_S)

enum { SAID_BYTES = 8192, LAST_LINES = 12 };

/* What a hook of git sets for itself would lead another repository's commands astray. */
static const char unset[] = "unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX; ";

/*
 * Has the shell run a command in a folder (NULL: here); what it says, on either stream, goes to `said`.
 * 0; -EINTR, when it has been ended; -ECHILD if it failed; -errno with a message.
 */
static int run(const char *folder, const char *command, char said[SAID_BYTES], struct error *error)
{
	struct text_buffer text = {0};
	char *arguments[] = {(char *)"/bin/sh", (char *)"-c", NULL, NULL};
	const struct process_options options = {
		.arguments = arguments, .pass_fd = -1, .environment = environ};
	struct process process;
	int result;

	text_append(&text, "exec 1>&2; ");
	if (folder) {
		text_append(&text, "cd ");
		text_append_shell(&text, folder);
		text_append_format(&text, " || exit; %s", unset);
	}
	text_append(&text, command);
	arguments[2] = text.text;
	said[0] = '\0';
	result = text_failed(&text) ? error_set(error, "out of memory")
				    : process_spawn(&process, &options, error);
	text_destroy(&text);
	if (result < 0)
		return result;
	while (!process_wait(&process, LOOK_NS) && !interrupt_seen())
		;
	if (interrupt_seen())
		process_stop(&process, GRACE_NS);
	process_stderr(&process, said, SAID_BYTES);
	result = interrupt_seen() ? -EINTR : process.exit_code == 0 ? 0 : -ECHILD;
	process_destroy(&process);
	return result;
}

/* The same of git, with a few words. The first line of what it says. */
static int ask_git(const char *folder, const char *words, const char *name, char *line, size_t size,
		   struct error *error)
{
	struct text_buffer text = {0};
	char said[SAID_BYTES];
	int result;

	text_append_format(&text, "git %s ", words);
	if (name)
		text_append_shell(&text, name);
	result = run(folder, text_string(&text), said, error);
	text_destroy(&text);
	snprintf(line, size, "%.*s", (int)strcspn(said, "\n"), said);
	return result;
}

static int find_repository(struct revision *revision, char *prefix, struct error *error)
{
	int result = ask_git(NULL, "rev-parse --show-toplevel", NULL, revision->repository,
			     PATH_MAX, error);

	if (result == 0)
		result = ask_git(NULL, "rev-parse --show-prefix", NULL, prefix, PATH_MAX, error);
	if (result == -ECHILD)
		return error_set(
			error,
			"a revision is one of a git repository, and here is none that git can "
			"read: %s",
			revision->repository);
	return result;
}

static int find_commit(struct revision *revision, const char *name, struct error *error)
{
	char quoted[512];
	int result;

	if (snprintf(quoted, sizeof quoted, "%s^{commit}", name) >= (int)sizeof quoted)
		return error_set(error, "that is no revision: %.100s...", name);
	result = ask_git(NULL, "rev-parse --verify --quiet --end-of-options", quoted,
			 revision->hash, sizeof revision->hash, error);
	if (result == -ECHILD)
		return error_set(
			error,
			"there is no revision \"%.200s\" in %s (a shallow clone lacks what was not "
			"fetched: git fetch --unshallow)",
			name, revision->repository);
	return result;
}

/* The last lines, of what may be thousands. */
static const char *last_lines(char *said)
{
	size_t length = strlen(said);
	char *from;

	while (length > 0 && said[length - 1] == '\n')
		said[--length] = '\0';
	utf8_mend(said);
	from = said + strlen(said);
	for (int lines = 0; from > said; from--)
		if (from[-1] == '\n' && from[0] != '\0' && ++lines == LAST_LINES)
			break;
	return from;
}

static int build(const struct revision *revision, const char *name, const char *command,
		 struct error *error)
{
	char said[SAID_BYTES];
	int result;

	fprintf(stderr, "building %s (%.8s) in %s: %s\n", name ? name : "the working tree",
		revision->hash, revision->folder, command);
	result = run(revision->folder, command, said, error);
	if (result == -ECHILD) {
		const char *last = last_lines(said);

		/* Its end is what counts, and an error has room for so much. */
		while (strlen(last) > sizeof error->text / 2 && strchr(last, '\n'))
			last = strchr(last, '\n') + 1;
		return error_set(error, "%s cannot be built with \"%.200s\":\n%.500s",
				 name ? name : "the working tree", command, last);
	}
	return result;
}

static int check_out(struct revision *revision, const char *prefix, struct error *error)
{
	char tree[PATH_MAX], said[SAID_BYTES];
	struct text_buffer text = {0};
	int result;

	temporary_template(revision->temporary, sizeof revision->temporary, "tenk-revision");
	if (!mkdtemp(revision->temporary)) {
		result = -errno;
		error_set(error, "cannot make a folder %s: %s", revision->temporary,
			  strerror(-result));
		revision->temporary[0] = '\0';
		return result;
	}
	/* It is looked at from other folders too. */
	if (realpath(revision->temporary, tree))
		memcpy(revision->temporary, tree, sizeof tree);
	result = paths_join(tree, revision->temporary, "tree", "");
	if (result == 0)
		result = *prefix ? paths_join(revision->folder, tree, prefix, "")
				 : paths_join(revision->folder, revision->temporary, "tree", "");
	text_append(&text, "git worktree add --quiet --detach ");
	text_append_shell(&text, tree);
	text_append_format(&text, " %s", revision->hash);
	if (result == 0)
		result = run(revision->repository, text_string(&text), said, error);
	if (result == -ECHILD)
		result = error_set(error, "git cannot check out %s: %.600s", revision->hash, said);
	text_destroy(&text);
	if (result == 0 && access(revision->folder, X_OK) < 0)
		result = error_set(error, "revision %.12s has no folder %s", revision->hash,
				   prefix);
	return result;
}

int revision_build(struct revision *revision, const char *name, const char *command,
		   struct error *error)
{
	char prefix[PATH_MAX];
	int result;

	*revision = (struct revision){.folder = ""};
	result = find_repository(revision, prefix, error);
	if (result == 0 && !name) {
		result = ask_git(NULL, "describe --always --dirty --abbrev=40 --exclude='*'", NULL,
				 revision->hash, sizeof revision->hash, error);
		if (!getcwd(revision->folder, sizeof revision->folder))
			result = error_set(error, "where are we? %s", strerror(errno));
	} else if (result == 0) {
		result = find_commit(revision, name, error);
		if (result == 0)
			result = check_out(revision, prefix, error);
	}
	return result == 0 ? build(revision, name, command, error) : result;
}

void revision_remove(struct revision *revision)
{
	struct text_buffer text = {0};

	if (!*revision->temporary)
		return;
	/* Also after Ctrl-C, so not by what looks at it. */
	temporary_remove(revision->temporary);
	text_append(&text, "git -C ");
	text_append_shell(&text, revision->repository);
	text_append(&text, " worktree prune");
	if (text_failed(&text) || system(text_string(&text)) != 0)
		fprintf(stderr, "warning: git worktree prune has failed in %s\n",
			revision->repository);
	text_destroy(&text);
	revision->temporary[0] = '\0';
}
