#include "harness/catalogue/foreign.h"

#include "harness/machine/paths.h"
#include "harness/process/process.h"
#include "lib/temporary.h"
#include "lib/text_buffer.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMPLATE_MAX_BYTES = 256 * 1024 };

/* Those of settings follow. */
enum placeholder {
	PORT,
	HOST,
	DIR_OF_START,
	FOLDER,
	SHARED,
	USER,
	CONFIG,
	SET,
	PLACEHOLDERS = SET + SETTINGS
};

const char *foreign_placeholder(size_t index)
{
	static const char *const names[SET] = {
		[PORT] = "port",     [HOST] = "host", [DIR_OF_START] = "dir", [FOLDER] = "folder",
		[SHARED] = "shared", [USER] = "user", [CONFIG] = "config"};

	if (index >= PLACEHOLDERS)
		return NULL;
	return index < SET ? names[index] : server_setting_rows[index - SET].option;
}

/* Whether a text says "{name}" within its first bytes. */
static bool says(const char *text, size_t bytes, const char *name)
{
	char placeholder[48];

	snprintf(placeholder, sizeof placeholder, "{%s}", name);
	return memmem(text, bytes, placeholder, strlen(placeholder)) != NULL;
}

bool foreign_says(const struct manifest *manifest, const struct manifest_profile *profile,
		  const char *placeholder)
{
	char *template = NULL;
	struct error error;
	bool found = false;

	for (size_t i = 0; i < profile->command_count; i++)
		found |= says(profile->command[i], strlen(profile->command[i]), placeholder);
	if (!found && profile->config &&
	    foreign_read_template(manifest, profile, &template, &error) == 0)
		found = says(template, strlen(template), placeholder);
	free(template);
	return found;
}

int foreign_read_template(const struct manifest *manifest, const struct manifest_profile *profile,
			  char **text, struct error *error)
{
	char path[PATH_MAX];
	FILE *file = NULL;
	size_t length;
	int code = 0;

	*text = NULL;
	if (strchr(profile->config, '/'))
		return error_set(error, "\"%.100s\" must be a file beside the manifest",
				 profile->config);
	if (paths_join(path, manifest->folder, profile->config, "") == 0)
		file = fopen(path, "re");
	if (!file)
		return error_set(error, "there is no file \"%.100s\" beside the manifest",
				 profile->config);
	*text = malloc(TEMPLATE_MAX_BYTES + 1);
	if (!*text) {
		error_set(error, "out of memory");
		code = -ENOMEM;
	} else {
		length = fread(*text, 1, TEMPLATE_MAX_BYTES + 1, file);
		if (ferror(file) || length > TEMPLATE_MAX_BYTES)
			code = error_set(error, "\"%.100s\" cannot be read, or is no template",
					 profile->config);
		else
			(*text)[length] = '\0';
	}
	fclose(file);
	if (code < 0) {
		free(*text);
		*text = NULL;
	}
	return code;
}

/* Copies a text with values in place of placeholders. What else stands in braces stays. */
static char *expand(const char *text, const char *const *values)
{
	struct text_buffer out = {0};

	text_append(&out, "");
	while (*text) {
		size_t plain = strcspn(text, "{"), i;

		text_append_bytes(&out, text, plain);
		text += plain;
		if (!*text)
			break;
		for (i = 0; i < PLACEHOLDERS; i++) {
			const char *name = foreign_placeholder(i);
			size_t length = strlen(name);

			if (values[i] && strncmp(text + 1, name, length) == 0 &&
			    text[length + 1] == '}') {
				text_append(&out, values[i]);
				text += length + 2;
				break;
			}
		}
		if (i == PLACEHOLDERS)
			text_append_bytes(&out, text++, 1);
	}
	if (!text_failed(&out) && out.text)
		return out.text;
	text_destroy(&out);
	return NULL;
}

static int no_memory(struct error *error)
{
	error_set(error, "out of memory");
	return -ENOMEM;
}

/* The folder can be entered by whoever the server becomes. */
static int make_folder(struct foreign_launch *launch, struct error *error)
{
	int code;

	temporary_template(launch->folder, sizeof launch->folder, "tenk-server");
	if (mkdtemp(launch->folder) && chmod(launch->folder, 0755) == 0)
		return 0;
	code = -errno;
	error_set(error, "cannot make a folder for the server: %s", strerror(-code));
	launch->folder[0] = '\0';
	return code;
}

/* Whether it says a setting that is not set. */
static bool says_unset(const char *text, size_t bytes, const char *const *values)
{
	for (size_t i = SET; i < PLACEHOLDERS; i++)
		if (!values[i] && says(text, bytes, foreign_placeholder(i)))
			return true;
	return false;
}

/*
 * Only root can become somebody; to others, servers refuse such a setting or complain of it. And what is
 * not set has no value to be put there.
 */
static void drop_lines(char *template, const char *const *values)
{
	char *to = template;

	for (const char *line = template; *line;) {
		size_t length = strcspn(line, "\n");

		length += line[length] == '\n';
		if (!(getuid() != 0 && says(line, length, foreign_placeholder(USER))) &&
		    !says_unset(line, length, values)) {
			memmove(to, line, length);
			to += length;
		}
		line += length;
	}
	*to = '\0';
}

static int write_config(const struct manifest *manifest, const struct manifest_profile *profile,
			const char *path, const char *const *values, struct error *error)
{
	char *template, *text;
	FILE *file;
	int code = foreign_read_template(manifest, profile, &template, error);

	if (code < 0)
		return code;
	drop_lines(template, values);
	text = expand(template, values);
	free(template);
	if (!text)
		return no_memory(error);
	file = fopen(path, "we");
	if (!file || fputs(text, file) < 0) {
		code = -errno;
		error_set(error, "cannot write %s: %s", path, strerror(-code));
	}
	if (file && fclose(file) != 0 && code == 0) {
		code = -errno;
		error_set(error, "cannot write %s: %s", path, strerror(-code));
	}
	free(text);
	return code;
}

static int fill_arguments(struct foreign_launch *launch, const struct manifest *manifest,
			  const struct manifest_profile *profile, const char *const *values,
			  struct error *error)
{
	char path[PATH_MAX];

	launch->arguments = calloc(profile->command_count + 1, sizeof *launch->arguments);
	if (!launch->arguments)
		return no_memory(error);
	for (size_t i = 0; i < profile->command_count; i++) {
		const char *word = profile->command[i];

		if (says_unset(word, strlen(word), values))
			continue;
		launch->arguments[launch->count] = expand(word, values);
		if (!launch->arguments[launch->count])
			return no_memory(error);
		launch->count++;
	}
	if (launch->count == 0)
		return error_set(error, "its command is empty but for what is not set");
	if (!foreign_find_program(manifest, launch->arguments[0], path)) {
		error_set(error, "there is no program \"%.200s\"", launch->arguments[0]);
		return -ENOENT;
	}
	free(launch->arguments[0]);
	launch->arguments[0] = strdup(path);
	return launch->arguments[0] ? 0 : no_memory(error);
}

int foreign_prepare(struct foreign_launch *launch, const struct manifest *manifest,
		    const struct manifest_profile *profile, uint16_t port,
		    const struct server_settings *settings, struct error *error)
{
	struct passwd record, *user = NULL;
	char names_of_user[1024];
	char port_text[8], config[PATH_MAX];
	const char *values[PLACEHOLDERS] = {[PORT] = port_text,
					    [HOST] = "127.0.0.1",
					    [DIR_OF_START] = launch->folder,
					    [FOLDER] = manifest->folder,
					    [SHARED] = manifest->shared,
					    [USER] = "nobody"};
	int code;

	*launch = (struct foreign_launch){0};
	if (getpwuid_r(getuid(), &record, names_of_user, sizeof names_of_user, &user) == 0 && user)
		values[USER] = user->pw_name;
	snprintf(port_text, sizeof port_text, "%u", port);
	for (size_t i = 0; i < SETTINGS; i++)
		/* In a shell's command, of which no word can be left out, it is empty. */
		values[SET + i] = *settings->values[i] || manifest->shell ? settings->values[i]
									  : NULL;
	launch->environment = server_settings_environment(
		settings, manifest->shell ? environ : process_environment);
	if (!launch->environment)
		return no_memory(error);
	code = make_folder(launch, error);
	if (code == 0 && profile->config) {
		code = paths_join(config, launch->folder, profile->config, "");
		if (code == 0)
			code = write_config(manifest, profile, config, values, error);
		values[CONFIG] = config;
	}
	return code < 0 ? code : fill_arguments(launch, manifest, profile, values, error);
}

void foreign_launch_destroy(struct foreign_launch *launch)
{
	for (size_t i = 0; i < launch->count; i++)
		free(launch->arguments[i]);
	free(launch->arguments);
	server_settings_environment_free(launch->environment);
	temporary_remove(launch->folder);
	*launch = (struct foreign_launch){0};
}
