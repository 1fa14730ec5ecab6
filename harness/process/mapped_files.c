#include "harness/process/mapped_files.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_known(const struct mapped_files *files, const char *path)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->files[i].path, path) == 0)
			return true;
	return false;
}

/* Without memory, or without the file, it is not looked at. */
static void add(struct mapped_files *files, const char *path)
{
	struct mapped_file *grown, file;

	if (file_identity_read(path, &file.then) < 0)
		return;
	grown = reallocarray(files->files, files->count + 1, sizeof *grown);
	if (grown)
		files->files = grown;
	file.path = grown ? strdup(path) : NULL;
	if (file.path)
		files->files[files->count++] = file;
}

/* proc(5): "address perms offset dev inode path"; a file that is not there any more has " (deleted)" behind it. */
void mapped_files_note(struct mapped_files *files, pid_t pid, bool with_program)
{
	char name[64], program[PATH_MAX] = "", *line = NULL;
	size_t room = 0;
	FILE *maps;

	snprintf(name, sizeof name, "/proc/%d/exe", (int)pid);
	if (!with_program && readlink(name, program, sizeof program - 1) < 0)
		return;
	snprintf(name, sizeof name, "/proc/%d/maps", (int)pid);
	maps = pid > 0 ? fopen(name, "re") : NULL;
	while (maps && getline(&line, &room, maps) > 0) {
		char *path = strchr(line, '/'), executable = '-';

		if (!path || sscanf(line, "%*s %*c%*c%c", &executable) != 1 || executable != 'x')
			continue;
		path[strcspn(path, "\n")] = '\0';
		if (!strstr(path, " (deleted)") && strcmp(path, program) != 0 &&
		    !is_known(files, path))
			add(files, path);
	}
	free(line);
	if (maps)
		fclose(maps);
}

const char *mapped_files_find_other(const struct mapped_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		struct file_identity now;

		if (file_identity_read(files->files[i].path, &now) < 0 ||
		    file_identity_differs(&now, &files->files[i].then))
			return files->files[i].path;
	}
	return NULL;
}

void mapped_files_destroy(struct mapped_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->files[i].path);
	free(files->files);
	*files = (struct mapped_files){0};
}
