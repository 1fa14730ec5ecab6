#include "harness/bundle/bundle.h"

#include "harness/process/process.h"
#include "lib/clock.h"
#include "lib/temporary.h"
#include "lib/text_buffer.h"
#include "stored/checksum.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAR_NS (600 * NS_PER_S)
enum { WALK_DESCRIPTORS = 16, FILES_MOST = 100000 };

static const char sums_name[] = "SHA256SUMS";

/* --- the files of a folder ------------------------------------------------------------------- */

/* Names below a folder, in order. */
struct names {
	char **list;
	size_t count;
	size_t prefix; /* of the folder's own path, with its slash */
	int result;    /* 0; -ENOMEM; -ELOOP: there is something else than files and folders */
};

static struct names walked; /* nftw hands on no context, and one thread walks */

static int take_name(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	char **list;

	(void)walk;
	if (kind == FTW_D)
		return 0;
	if (kind != FTW_F || !S_ISREG(status->st_mode)) {
		walked.result = -ELOOP;
		return 1;
	}
	if (strcmp(path + walked.prefix, sums_name) == 0)
		return 0;
	list = walked.count < FILES_MOST
		       ? realloc(walked.list, (walked.count + 1) * sizeof *walked.list)
		       : NULL;
	if (list)
		walked.list = list;
	walked.result = list && (list[walked.count] = strdup(path + walked.prefix)) ? 0 : -ENOMEM;
	walked.count += walked.result == 0;
	return walked.result < 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_destroy(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
}

static int names_read(struct names *names, const char *folder, struct error *error)
{
	int result;

	walked = (struct names){.prefix = strlen(folder) + 1};
	result = nftw(folder, take_name, WALK_DESCRIPTORS, FTW_PHYS) < 0 ? -errno : walked.result;
	*names = walked;
	if (result == -ELOOP)
		error_set(error, "%s holds something that is neither file nor folder", folder);
	else if (result < 0)
		error_set(error, "%s: %s", folder, strerror(-result));
	else if (names->count > 0)
		qsort(names->list, names->count, sizeof *names->list, by_name);
	return result;
}

/* --- tar -------------------------------------------------------------------------------------- */

static int run_tar(char *const *arguments, const char *file, struct error *error)
{
	struct process_options options = {.arguments = arguments, .pass_fd = -1};
	struct process process;
	char said[300];
	int result = process_spawn(&process, &options, error);

	if (result < 0)
		return result;
	if (!process_wait(&process, TAR_NS))
		process_stop(&process, NS_PER_S);
	process_stderr(&process, said, sizeof said);
	said[strcspn(said, "\n")] = '\0';
	if (!process.ended || process.exit_code != 0) {
		error_set(error, "%s: tar failed%s%s", file, *said ? ": " : "", said);
		result = -EIO;
	}
	process_destroy(&process);
	return result;
}

/* The folder that a path is in, and its name there. */
static int split_path(const char *path, char parent[PATH_MAX], char name[NAME_MAX + 1],
		      struct error *error)
{
	char whole[PATH_MAX];
	char *slash;

	if (!realpath(path, whole))
		return error_set(error, "%s: %s", path, strerror(errno));
	slash = strrchr(whole, '/');
	if (slash[1] == '\0')
		return error_set(error, "%s is no run", path);
	snprintf(name, NAME_MAX + 1, "%s", slash + 1);
	*slash = '\0';
	snprintf(parent, PATH_MAX, "%s", *whole ? whole : "/");
	return 0;
}

/* TEMPORARY/NAME/SHA256SUMS, from where tar takes it as if it lay in the run's folder. */
static int write_sums(const char *directory, const char *temporary, const char *name,
		      struct error *error)
{
	char folder[PATH_MAX + NAME_MAX + 2], path[PATH_MAX + NAME_MAX + 32];
	char file[2 * PATH_MAX], sum[CHECKSUM_SIZE];
	struct names names;
	int result = names_read(&names, directory, error);
	FILE *out = NULL;

	snprintf(folder, sizeof folder, "%s/%s", temporary, name);
	snprintf(path, sizeof path, "%s/%s", folder, sums_name);
	if (result == 0 && (mkdir(folder, 0700) < 0 || !(out = fopen(path, "we")))) {
		result = -errno;
		error_set(error, "%s: %s", path, strerror(errno));
	}
	for (size_t i = 0; result == 0 && i < names.count; i++) {
		snprintf(file, sizeof file, "%s/%s", directory, names.list[i]);
		if (!*checksum_file(file, sum))
			result = error_set(
				error,
				"%s has no checksum: it cannot be read, or tenk was built "
				"without libcrypto",
				file);
		fprintf(out, "%s  %s\n", sum, names.list[i]);
	}
	if (out && fclose(out) != 0 && result == 0) {
		result = -errno;
		error_set(error, "%s: %s", path, strerror(errno));
	}
	names_destroy(&names);
	return result;
}

int bundle_write(const char *directory, const char *file, struct error *error)
{
	char parent[PATH_MAX], name[NAME_MAX + 1], temporary[PATH_MAX];
	char part[PATH_MAX + 8], sums[NAME_MAX + 32];
	char *arguments[] = {
		(char *)"/usr/bin/env",
		(char *)"tar",
		(char *)"--create",
		(char *)"--file",
		part,
		(char *)"--use-compress-program=gzip -9n",
		(char *)"--sort=name",
		(char *)"--format=ustar",
		(char *)"--mtime=@0",
		(char *)"--owner=0",
		(char *)"--group=0",
		(char *)"--numeric-owner",
		(char *)"--mode=u=rwX,go=rX",
		(char *)"--directory",
		parent,
		name,
		(char *)"--directory", /* behind one that an earlier bundle may have left */
		temporary,
		sums,
		NULL};
	int result = split_path(directory, parent, name, error);

	if (result < 0)
		return result;
	snprintf(part, sizeof part, "%s.part", file);
	snprintf(sums, sizeof sums, "%s/%s", name, sums_name);
	temporary_template(temporary, sizeof temporary, "tenk-bundle");
	if (!mkdtemp(temporary)) {
		error_set(error, "%s: %s", temporary, strerror(errno));
		return -EIO;
	}
	result = write_sums(directory, temporary, name, error);
	if (result == 0)
		result = run_tar(arguments, file, error);
	if (result == 0 && rename(part, file) < 0) {
		result = -errno;
		error_set(error, "%s: %s", file, strerror(errno));
	}
	if (result < 0)
		unlink(part);
	temporary_remove(temporary);
	return result;
}

/* --- reading ------------------------------------------------------------------------------------ */

/* The one folder that an archive has at its top. */
static int find_run(struct bundle *bundle, const char *path, struct error *error)
{
	DIR *folder = opendir(bundle->folder.path);
	const struct dirent *entry;
	char file[PATH_MAX + 16];
	int count = 0;

	while (folder && (entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    ++count == 1 &&
		    snprintf(bundle->run, sizeof bundle->run, "%s/%s", bundle->folder.path,
			     entry->d_name) >= (int)sizeof bundle->run)
			count = 0;
	if (folder)
		closedir(folder);
	snprintf(file, sizeof file, "%s/run.json", bundle->run);
	if (count == 1 && access(file, F_OK) == 0)
		return 0;
	return error_set(error, "%s holds no run, as tenk bundle writes it", path);
}

static int unpack(struct bundle *bundle, char *archive, struct error *error)
{
	char *arguments[] = {(char *)"/usr/bin/env",
			     (char *)"tar",
			     (char *)"--extract",
			     (char *)"--gzip",
			     (char *)"--file",
			     archive,
			     (char *)"--directory",
			     bundle->folder.path,
			     (char *)"--no-same-owner",
			     (char *)"--no-same-permissions",
			     NULL};
	int result = kept_folder_make(&bundle->folder, "tenk-bundle", error);

	if (result == 0)
		result = run_tar(arguments, archive, error);
	return result < 0 ? result : find_run(bundle, archive, error);
}

int bundle_open(struct bundle *bundle, const char *path, struct error *error)
{
	char archive[PATH_MAX];
	struct stat status;
	int result;

	*bundle = (struct bundle){.run = ""};
	if (stat(path, &status) < 0 ||
	    S_ISDIR(status.st_mode)) { /* who reads it says what is missing */
		if (snprintf(bundle->run, sizeof bundle->run, "%s", path) >=
		    (int)sizeof bundle->run)
			return error_set(error, "%.60s...: the path is too long", path);
		return 0;
	}
	if (realpath(path, archive))
		return unpack(bundle, archive, error);
	result = -errno;
	error_set(error, "%s: %s", path, strerror(errno));
	return result;
}

void bundle_close(struct bundle *bundle)
{
	kept_folder_remove(&bundle->folder);
}

int bundle_load(struct results *results, const char *path, struct error *error)
{
	struct bundle bundle;
	int result = bundle_open(&bundle, path, error);

	return result < 0 ? result : results_load(results, bundle.run, error);
}

/* --- checking ----------------------------------------------------------------------------------- */

struct check {
	const struct bundle *bundle;
	const struct names *names;
	bool *seen;
	void (*tell)(void *context, const char *text);
	void *context;
	long good;
};

static void tell_file(struct check *check, const char *name, const char *what)
{
	char text[PATH_MAX + 64];

	snprintf(text, sizeof text, "%s %s", name, what);
	check->tell(check->context, text);
}

/* A line of SHA256SUMS: the sum, two spaces, the name. */
static void check_line(struct check *check, char *line)
{
	char path[2 * PATH_MAX], sum[CHECKSUM_SIZE];
	char *name = line + CHECKSUM_SIZE + 1, **found;

	line[strcspn(line, "\n")] = '\0';
	if (strlen(line) < CHECKSUM_SIZE + 2 || strncmp(line + CHECKSUM_SIZE - 1, "  ", 2) != 0) {
		tell_file(check, sums_name, "has a line that is none");
		return;
	}
	line[CHECKSUM_SIZE - 1] = '\0';
	found = check->names->count > 0 ? bsearch(&name, check->names->list, check->names->count,
						  sizeof *check->names->list, by_name)
					: NULL;
	if (!found) {
		tell_file(check, name, "is missing");
		return;
	}
	check->seen[found - check->names->list] = true;
	snprintf(path, sizeof path, "%s/%s", check->bundle->run, name);
	if (strcmp(checksum_file(path, sum), line) == 0)
		check->good++;
	else
		tell_file(check, name, "is not as it was packed");
}

long bundle_check(const struct bundle *bundle, void (*tell)(void *context, const char *text),
		  void *context, struct error *error)
{
	char path[PATH_MAX + 16], *line = NULL;
	struct names names;
	struct check check = {bundle, &names, NULL, tell, context, 0};
	size_t room = 0;
	FILE *file;
	int result;

	snprintf(path, sizeof path, "%s/%s", bundle->run, sums_name);
	file = fopen(path, "re");
	if (!file)
		return error_set(error, "%s: %s; tenk bundle writes it", path, strerror(errno));
	result = names_read(&names, bundle->run, error);
	check.seen = calloc(names.count + 1, sizeof *check.seen);
	while (result == 0 && check.seen && getline(&line, &room, file) > 0)
		check_line(&check, line);
	for (size_t i = 0; result == 0 && check.seen && i < names.count; i++)
		if (!check.seen[i])
			tell_file(&check, names.list[i], "was added");
	free(line);
	fclose(file);
	free(check.seen);
	names_destroy(&names);
	return result < 0 ? result : check.good;
}
