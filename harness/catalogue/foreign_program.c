/* The program behind a manifest: where it is, which version, and what to do when it is not there. */
#include "harness/catalogue/foreign.h"

#include "harness/machine/paths.h"
#include "lib/hash.h"
#include "lib/text_buffer.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Debian keeps servers where a person's PATH often does not lead. */
static const char more_folders[] = "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin";

/* What "build" fills, in the manifest's folder. */
static const char built[] = "built";

static bool is_program(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

static bool search(const char *folders, const char *name, char path[PATH_MAX])
{
	while (folders && *folders) {
		size_t length = strcspn(folders, ":");
		char folder[PATH_MAX];

		snprintf(folder, sizeof folder, "%.*s", (int)length, folders);
		if (length > 0 && length < sizeof folder &&
		    paths_join(path, folder, name, "") == 0 && is_program(path))
			return true;
		folders += length + (folders[length] == ':');
	}
	return false;
}

bool foreign_find_program(const struct manifest *manifest, const char *name, char path[PATH_MAX])
{
	if (*name == '/') {
		snprintf(path, PATH_MAX, "%s", name);
		return is_program(path);
	}
	if (strchr(name, '/'))
		return paths_join(path, manifest->folder, name, "") == 0 && is_program(path);
	return search(getenv("PATH"), name, path) || search(more_folders, name, path);
}

/* The folder that a word begins with a placeholder of, and in *rest what follows it. NULL: none. */
static const char *folder_of(const struct manifest *manifest, const char *word, const char **rest)
{
	const struct {
		const char *placeholder, *folder;
	} folders[] = {{"{folder}/", manifest->folder}, {"{shared}/", manifest->shared}};

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		size_t length = strlen(folders[i].placeholder);

		*rest = word + length;
		if (folders[i].folder && strncmp(word, folders[i].placeholder, length) == 0)
			return folders[i].folder;
	}
	*rest = word;
	return NULL;
}

/* The program's path, with its folder filled in; a program elsewhere has no placeholders. */
static bool find_command(const struct manifest *manifest, const char *word, char path[PATH_MAX])
{
	const char *rest, *folder = folder_of(manifest, word, &rest);

	return folder ? paths_join(path, folder, rest, "") == 0 && is_program(path)
		      : foreign_find_program(manifest, word, path);
}

/* "apt-get install nginx", "npm ci in servers/reference/ws"; "" if the manifest does not say. */
static void append_remedy(struct text_buffer *text, const struct manifest *manifest)
{
	const char *separator = " (";

	if (manifest->debian_count > 0) {
		text_append_format(text, "%sapt-get install", separator);
		for (size_t i = 0; i < manifest->debian_count; i++)
			text_append_format(text, " %s", manifest->debian[i]);
		separator = "; ";
	}
	if (manifest->npm) {
		text_append_format(text, "%snpm ci --ignore-scripts, in %s", separator,
				   manifest_npm_folder(manifest));
		separator = "; ";
	}
	if (manifest->build_count > 0) {
		text_append_format(text, "%smake reference builds it", separator);
		separator = "; ";
	}
	if (separator[0] == ';')
		text_append(text, ")");
}

static int is_visible(const struct dirent *file)
{
	return file->d_name[0] != '.';
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* Whether a file beside the manifest is what "built" is made from: descriptions are not. */
static int is_source(const struct dirent *file)
{
	const char *dot = strrchr(file->d_name, '.');

	return is_visible(file) && !(dot && strcmp(dot, ".yaml") == 0);
}

/* Whether one of a folder's files was changed after that. */
static bool has_later(const char *folder, const struct timespec *made)
{
	struct dirent **files;
	int count = scandir(folder, &files, is_source, alphasort);
	struct stat status;
	char path[PATH_MAX];
	bool later = false;

	for (int i = 0; i < count; i++) {
		later |= paths_join(path, folder, files[i]->d_name, "") == 0 &&
			 stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
			 is_later(&status.st_mtim, made);
		free(files[i]);
	}
	if (count >= 0)
		free(files);
	return later;
}

/* Why what is below "built" cannot be used; NULL: it can, or nothing is to be built. */
static const char *why_not_built(const struct manifest *manifest)
{
	struct stat made;
	char path[PATH_MAX];

	if (manifest->build_count == 0)
		return NULL;
	if (paths_join(path, manifest->folder, built, "") < 0 || stat(path, &made) < 0)
		return "it is not built";
	return has_later(manifest->folder, &made.st_mtim) ||
			       (manifest->shared && has_later(manifest->shared, &made.st_mtim))
		       ? "its source has changed since it was built"
		       : NULL;
}

static bool has_npm_packages(const struct manifest *manifest)
{
	char path[PATH_MAX];

	return paths_join(path, manifest_npm_folder(manifest), "node_modules", "") == 0 &&
	       access(path, R_OK) == 0;
}

/* What is started may be a script that starts it: then this is the program itself. */
static bool find_version_program(const struct manifest *manifest, char path[PATH_MAX])
{
	return manifest->version_command_count == 0 ||
	       find_command(manifest, manifest->version_command[0], path);
}

char *foreign_missing(const struct manifest *manifest, const struct manifest_profile *profile)
{
	struct text_buffer text = {0};
	const char *program = profile->command[0], *rest, *why = why_not_built(manifest);
	char path[PATH_MAX];

	folder_of(manifest, program, &rest);
	if (manifest->npm && !has_npm_packages(manifest))
		why = "its npm packages are not installed";
	if (why)
		text_append(&text, why);
	else if (!find_command(manifest, program, path))
		text_append_format(&text, "%s is not installed", rest);
	else if (!find_version_program(manifest, path))
		text_append_format(&text, "%s is not installed", manifest->version_command[0]);
	else
		return NULL;
	append_remedy(&text, manifest);
	return text.text;
}

enum { VERSION_BYTES = 64 };

/*
 * The first number with a dot in it: "1.22.1" in "nginx version: nginx/1.22.1"; and what it runs on, if that
 * is told behind it: "5.3.0 on Node.js 20.20.2".
 */
static bool find_number(const char *line, char number[VERSION_BYTES])
{
	static const char behind[] = " on ";

	for (const char *at = line; *at; at++) {
		size_t length = strspn(at, "0123456789.");

		if (!isdigit((unsigned char)*at)) {
			continue;
		} else if (memchr(at, '.', length)) {
			while (at[length - 1] == '.')
				length--;
			if (strncmp(at + length, behind, strlen(behind)) == 0)
				length += strcspn(at + length, "\r\n");
			snprintf(number, VERSION_BYTES, "%.*s", (int)length, at);
			return true;
		}
		at += length - 1;
	}
	return false;
}

char *foreign_version(const struct manifest *manifest)
{
	struct text_buffer command = {0};
	char path[PATH_MAX], line[512], number[VERSION_BYTES] = "", *version = NULL;
	FILE *output = NULL;

	if (manifest->version_command_count == 0 ||
	    !find_command(manifest, manifest->version_command[0], path) || strchr(path, '\''))
		return NULL;
	text_append_format(&command, "'%s'", path);
	for (size_t i = 1; i < manifest->version_command_count; i++) {
		const char *word = manifest->version_command[i];
		const char *rest, *folder = folder_of(manifest, word, &rest);

		if (strchr(word, '\'') || (folder && strchr(folder, '\'')))
			goto out;
		text_append_format(&command, " '%s%s%s'", folder ? folder : "", folder ? "/" : "",
				   rest);
	}
	text_append(&command, " 2>&1 </dev/null");
	if (!text_failed(&command))
		output = popen(text_string(&command), "re");
	while (output && fgets(line, sizeof line, output))
		if (!*number)
			find_number(line, number);
	if ((!output || pclose(output) == 0) && *number &&
	    asprintf(&version, "%s %s", manifest->title, number) < 0)
		version = NULL;
out:
	text_destroy(&command);
	return version;
}

bool foreign_is_tested(const struct manifest *manifest, const char *version)
{
	const char *number = version ? strrchr(version, ' ') : NULL;
	size_t length = manifest->tested ? strlen(manifest->tested) : 0;

	if (!number || length == 0)
		return true;
	return strncmp(number + 1, manifest->tested, length) == 0 &&
	       !isdigit((unsigned char)number[1 + length]);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	return hash_bytes(hash, text, strlen(text) + 1);
}

static uint64_t hash_content(uint64_t hash, const char *path)
{
	FILE *file = fopen(path, "re");
	char block[16384];
	size_t count;

	while (file && (count = fread(block, 1, sizeof block, file)) > 0)
		hash = hash_bytes(hash, block, count);
	if (file)
		fclose(file);
	return hash;
}

/* Programs can be large (node has 90 MB), and a new one has another size or date. */
static uint64_t hash_status(uint64_t hash, const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return hash;
	hash = hash_bytes(hash, &status.st_size, sizeof status.st_size);
	hash = hash_bytes(hash, &status.st_mtim.tv_sec, sizeof status.st_mtim.tv_sec);
	return hash_bytes(hash, &status.st_mtim.tv_nsec, sizeof status.st_mtim.tv_nsec);
}

/* A user's program as its command line begins with it, found as the shell would, in a folder or where we are. */
static uint64_t hash_first_word(uint64_t hash, const char *text, const char *folder)
{
	size_t skip = strspn(text, " \t"), length = strcspn(text + skip, " \t\n");
	char word[PATH_MAX], path[PATH_MAX];

	snprintf(word, sizeof word, "%.*s", (int)length, text + skip);
	if (strchr(word, '/') && *word != '/' && folder)
		return paths_join(path, folder, word, "") == 0 ? hash_status(hash, path) : hash;
	if (strchr(word, '/'))
		return hash_status(hash, word);
	return search(getenv("PATH"), word, path) ? hash_status(hash, path) : hash;
}

/* The files beside the manifest; folders, node_modules among them, are told by their dates. */
static uint64_t hash_folder(uint64_t hash, const char *folder)
{
	struct dirent **files;
	int count = scandir(folder, &files, is_visible, alphasort);
	struct stat status;

	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];

		if (paths_join(path, folder, files[i]->d_name, "") == 0 &&
		    stat(path, &status) == 0) {
			hash = hash_text(hash, files[i]->d_name);
			hash = S_ISREG(status.st_mode) ? hash_content(hash, path)
						       : hash_status(hash, path);
		}
		free(files[i]);
	}
	if (count >= 0)
		free(files);
	return hash;
}

void foreign_build(const struct manifest *manifest, const struct manifest_profile *profile,
		   char build[17])
{
	uint64_t hash = HASH_START;
	char path[PATH_MAX];

	for (size_t i = 0; i < profile->command_count; i++)
		hash = hash_text(hash, profile->command[i]);
	if (profile->config)
		hash = hash_text(hash, profile->config);
	if (find_command(manifest, profile->command[0], path))
		hash = hash_status(hash, path);
	if (manifest->shell)
		hash = hash_first_word(hash, profile->summary, manifest->folder);
	/* Beside a manifest of its own; other files beside a user's are none of its business. */
	if (manifest->file) {
		const char *slash = strrchr(manifest->file, '/');

		hash = strcmp(slash ? slash + 1 : manifest->file, "manifest.yaml") == 0
			       ? hash_folder(hash, manifest->folder)
			       : hash_content(hash, manifest->file);
		if (profile->config && paths_join(path, manifest->folder, profile->config, "") == 0)
			hash = hash_content(hash, path);
	}
	if (manifest->shared)
		hash = hash_folder(hash, manifest->shared);
	snprintf(build, 17, "%016" PRIx64, hash);
}
