#include "harness/machine/commit.h"

#include "lib/text_buffer.h"

#include <stdio.h>
#include <string.h>

/* The first line of what git says there; "" if it says nothing or fails. */
static void ask_git(const char *folder, const char *question, char *answer, size_t size)
{
	struct text_buffer command = {0};
	FILE *output;

	answer[0] = '\0';
	text_append(&command, "git -C ");
	text_append_shell(&command, folder);
	text_append_format(&command, " %s 2>/dev/null", question);
	output = text_failed(&command) ? NULL : popen(text_string(&command), "re");
	text_destroy(&command);
	if (!output)
		return;
	if (!fgets(answer, (int)size, output))
		answer[0] = '\0';
	/* What is left is read, or git would complain of a broken pipe. */
	while (fgetc(output) != EOF)
		;
	if (pclose(output) != 0)
		answer[0] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
}

json_t *commit_read(const char *folder)
{
	char hash[80], change[8];

	ask_git(folder, "rev-parse --verify HEAD", hash, sizeof hash);
	if (!*hash)
		return NULL;
	ask_git(folder, "status --porcelain --untracked-files=no", change, sizeof change);
	return json_pack("{s:s, s:b}", "hash", hash, "dirty", *change != '\0');
}
