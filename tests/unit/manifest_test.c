#include "harness/catalogue/foreign.h"
#include "harness/catalogue/manifest.h"
#include "harness/machine/paths.h"
#include "harness/yaml/schema.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BAD	"tests/fixtures/bad-manifests/"
#define FOREIGN "tests/fixtures/foreign/manifest.yaml"
#define SHIPPED "servers/reference/"

static void read_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t length;

	cr_assert_not_null(file, "%s is missing", path);
	length = fread(text, 1, size - 1, file);
	fclose(file);
	while (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
}

static void manifest_get(struct manifest *manifest, const char *file)
{
	struct error error = {""};

	cr_assert_eq(manifest_read(manifest, file, &error), 0, "%s", error.text);
}

static void manifest_make(struct manifest *manifest, const char *command)
{
	struct error error = {""};

	cr_assert_eq(manifest_from_command(manifest, command, NULL, &error), 0, "%s", error.text);
}

Test(manifest, every_mistake_is_answered_as_written_down)
{
	DIR *directory = opendir(BAD);
	struct dirent *file;
	size_t count = 0;

	cr_assert_not_null(directory);
	while ((file = readdir(directory))) {
		char path[PATH_MAX], expected_path[PATH_MAX], expected[1024];
		char *dot = strrchr(file->d_name, '.');
		struct manifest manifest;
		struct error error = {""};

		if (strcmp(dot, ".yaml") != 0)
			continue;
		snprintf(path, sizeof path, BAD "%s", file->d_name);
		cr_expect_eq(manifest_read(&manifest, path, &error), -EINVAL, "%s was taken", path);
		cr_expect(!manifest.profiles && !manifest.name, "%s: not empty", path);
		snprintf(expected_path, sizeof expected_path, "%.*s.error",
			 (int)(strlen(path) - strlen(".yaml")), path);
		read_text(expected_path, expected, sizeof expected);
		cr_expect_str_eq(error.text, expected, "%s:\n%s\n-- instead of --\n%s", path,
				 error.text, expected);
		count++;
	}
	closedir(directory);
	cr_assert_geq(count, 24);
}

Test(manifest, what_is_shipped_says_all_that_a_reader_needs)
{
	DIR *directory = opendir(SHIPPED);
	struct dirent *folder;
	size_t count = 0;

	cr_assert_not_null(directory);
	while ((folder = readdir(directory))) {
		char path[PATH_MAX];
		struct manifest manifest;

		if (folder->d_name[0] == '.')
			continue;
		cr_assert_eq(paths_join(path, SHIPPED, folder->d_name, "/manifest.yaml"), 0);
		if (access(path, F_OK) != 0)
			continue; /* shared by several */
		manifest_get(&manifest, path);
		cr_expect_str_eq(manifest.name, folder->d_name);
		cr_expect(manifest.title && manifest.architecture && manifest.tested, "%s", path);
		cr_expect(manifest.debian_count > 0 || manifest.npm || manifest.build_count > 0,
			  "%s: installs nothing", path);
		cr_expect(manifest_has_route(&manifest, "/plaintext"), "%s", path);
		cr_expect_not(manifest_has_route(&manifest, "/nowhere"), "%s", path);
		cr_expect_geq(manifest.profile_count, 2, "%s", path);
		for (size_t i = 0; i < manifest.profile_count; i++)
			cr_expect(manifest.profiles[i].summary && manifest.profiles[i].tuned_count,
				  "%s: profile %zu does not say what is tuned", path, i);
		cr_expect_str_eq(manifest.profiles[1].name, "as-installed");
		manifest_destroy(&manifest);
		count++;
	}
	closedir(directory);
	cr_assert_geq(count, 3);
}

Test(manifest, a_profile_takes_over_what_it_does_not_change)
{
	struct manifest manifest;
	const struct manifest_profile *profiles;

	manifest_get(&manifest, FOREIGN);
	profiles = manifest.profiles;
	cr_assert_eq(manifest.profile_count, 3);
	cr_expect_str_eq(manifest.name, "foreign");
	cr_expect_null(profiles[0].name);
	cr_expect_str_eq(profiles[1].name, "wrong");
	cr_expect_str_eq(profiles[1].config, "server.conf");
	cr_expect_str_eq(profiles[1].summary, "answers something else");
	cr_expect_str_eq(profiles[2].summary, profiles[0].summary);
	cr_expect_eq(profiles[2].tuned_count, 0, "what is tuned is not taken over");
	manifest_destroy(&manifest);
}

Test(manifest, capitals_in_a_route_stand_for_a_number_or_a_name)
{
	static const struct {
		const char *target;
		bool answered;
	} rows[] = {
		{"/plaintext", true},	{"/plaintext?a=b", true},
		{"/bytes/1", true},	{"/bytes/1048576", true},
		{"/bytes/", false},	{"/bytes/x", false},
		{"/bytes/12/3", false}, {"/bytes/12x", false},
		{"/plaintexts", false}, {"/plain", false},
		{"/", false},		{"/json", false},
		{"/file/1.bin", true},	{"/file/a-b_C.d", true},
		{"/file/", false},	{"/file/a/b", false},
		{"/file/%41", false},	{"/file/a?b", true},
	};
	struct manifest manifest;

	manifest_get(&manifest, FOREIGN);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		cr_expect_eq(manifest_has_route(&manifest, rows[i].target), rows[i].answered, "%s",
			     rows[i].target);
	manifest_destroy(&manifest);
	manifest_make(&manifest, "./mine {port}");
	cr_expect(manifest_has_route(&manifest, "/whatever"), "nobody has told what it answers");
	manifest_destroy(&manifest);
}

Test(manifest, a_command_line_is_named_after_its_program)
{
	static const struct {
		const char *command, *name, *line;
	} rows[] = {
		{"./Mine.py --port {port}", "mine-py", "exec ./Mine.py --port {port}"},
		{"  /opt/a b {port}", "a", "exec   /opt/a b {port}"},
		{"cd x && ./y {port}", "cd", "cd x && ./y {port}"},
		{"PORT={port} ./y", "port--port-", "PORT={port} ./y"},
		{"./__ {port}", "server", "exec ./__ {port}"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct manifest manifest;

		manifest_make(&manifest, rows[i].command);
		cr_expect_str_eq(manifest.name, rows[i].name);
		cr_expect_str_eq(manifest.profiles[0].command[2], rows[i].line);
		cr_expect_str_eq(manifest.profiles[0].summary, rows[i].command);
		manifest_destroy(&manifest);
	}
}

/* Whether a list that ends with NULL holds that word. */
static bool holds(char *const *words, const char *word)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

Test(foreign, what_is_set_is_in_command_and_environment_and_what_is_not_in_neither)
{
	struct server_settings settings = {
		.values = {[SETTING_OFFLOAD] = "4", [SETTING_FILES] = "/a b"}};
	struct manifest manifest;
	struct foreign_launch launch;
	struct error error = {""};

	manifest_get(&manifest, "tests/fixtures/manifests/settings.yaml");
	cr_assert_eq(
		foreign_prepare(&launch, &manifest, &manifest.profiles[0], 8123, &settings, &error),
		0, "%s", error.text);
	cr_assert_eq(launch.count, 4, "%zu words", launch.count);
	cr_expect_str_eq(launch.arguments[1], "8123");
	cr_expect_str_eq(launch.arguments[2], "--pool=4");
	cr_expect_str_eq(launch.arguments[3], "--root=/a b", "and none for the backend");
	cr_expect(holds(launch.environment, "TENK_OFFLOAD=4"));
	cr_expect(holds(launch.environment, "TENK_FILES=/a b"));
	for (char **word = launch.environment; *word; word++)
		cr_expect(strncmp(*word, "TENK_BACKEND", 12) != 0, "%s", *word);
	cr_expect(holds(launch.environment, "LC_ALL=C.UTF-8"));
	cr_expect(foreign_says(&manifest, &manifest.profiles[0], "backend"));
	cr_expect_not(foreign_says(&manifest, &manifest.profiles[0], "workers"));
	foreign_launch_destroy(&launch);
	manifest_destroy(&manifest);
}

Test(foreign, what_is_not_set_is_empty_in_a_shells_command)
{
	struct server_settings settings = {.values = {[SETTING_BACKEND] = "127.0.0.1:1"}};
	struct manifest manifest;
	struct foreign_launch launch;
	struct error error = {""};

	manifest_make(&manifest, "./mine {port} '{database}' {backend}");
	cr_assert_eq(
		foreign_prepare(&launch, &manifest, &manifest.profiles[0], 8123, &settings, &error),
		0, "%s", error.text);
	cr_expect_str_eq(launch.arguments[2], "exec ./mine 8123 '' 127.0.0.1:1");
	foreign_launch_destroy(&launch);
	manifest_destroy(&manifest);
}

Test(foreign, a_start_has_its_own_folder_configuration_and_command)
{
	struct manifest manifest;
	struct foreign_launch launch;
	struct server_settings settings = {.values = {[SETTING_WORKERS] = "3"}};
	struct error error = {""};
	char path[PATH_MAX], folder[PATH_MAX], text[2048], expected[PATH_MAX * 2];
	struct stat status;

	manifest_get(&manifest, FOREIGN);
	cr_assert_eq(
		foreign_prepare(&launch, &manifest, &manifest.profiles[0], 8123, &settings, &error),
		0, "%s", error.text);
	cr_expect_eq(launch.arguments[0][0], '/', "%s is no path", launch.arguments[0]);
	cr_expect_null(launch.arguments[launch.count]);
	snprintf(expected, sizeof expected, "%s/server.py", manifest.folder);
	cr_expect_str_eq(launch.arguments[1], expected);
	cr_expect_str_eq(launch.arguments[3], "8123");
	snprintf(expected, sizeof expected, "%s/server.conf", launch.folder);
	cr_expect_str_eq(launch.arguments[5], expected);
	read_text(expected, text, sizeof text);
	cr_expect(getuid() != 0 || strstr(text, "\"port\": 8123, \"host\": \"127.0.0.1\", "
						"\"workers\": 3"),
		  "%s", text);
	cr_expect_null(strstr(text, "{dir}"));
	cr_assert_eq(paths_join(path, launch.folder, "left-behind", ""), 0);
	cr_assert_eq(mkdir(path, 0700), 0);
	snprintf(folder, sizeof folder, "%s", launch.folder);
	foreign_launch_destroy(&launch);
	cr_expect_eq(stat(folder, &status), -1, "%s is still there", folder);
	manifest_destroy(&manifest);
}

Test(foreign, what_is_not_here_is_named_with_the_remedy)
{
	struct manifest manifest;
	char *missing;
	struct manifest_profile *absent;

	manifest_get(&manifest, FOREIGN);
	absent = &manifest.profiles[2];
	missing = foreign_missing(&manifest, absent);
	cr_expect_str_eq(missing, "tenk-no-such-program is not installed");
	free(missing);
	manifest.debian = calloc(2, sizeof *manifest.debian);
	manifest.debian[0] = strdup("this");
	manifest.debian[1] = strdup("that");
	manifest.debian_count = 2;
	missing = foreign_missing(&manifest, absent);
	cr_expect_str_eq(missing,
			 "tenk-no-such-program is not installed (apt-get install this that)");
	free(missing);
	manifest.npm = true;
	missing = foreign_missing(&manifest, &manifest.profiles[0]);
	cr_expect(missing && strstr(missing, "its npm packages are not installed"), "%s", missing);
	free(missing);
	manifest_destroy(&manifest);
}

Test(foreign, another_version_than_was_tested_is_told)
{
	struct manifest manifest;
	char *version;

	manifest_get(&manifest, FOREIGN);
	version = foreign_version(&manifest);
	cr_expect_str_eq(version, "Foreign 4.2.1");
	cr_expect(foreign_is_tested(&manifest, version));
	cr_expect(foreign_is_tested(&manifest, "Foreign 4.2"));
	cr_expect_not(foreign_is_tested(&manifest, "Foreign 4.20"));
	cr_expect_not(foreign_is_tested(&manifest, "Foreign 14.2.1"));
	cr_expect(foreign_is_tested(&manifest, NULL), "what is not known is not told");
	cr_expect(foreign_is_tested(&manifest, "Mine 1.0 on Foreign 4.2.9"));
	cr_expect_not(foreign_is_tested(&manifest, "Mine 4.2 on Foreign 5.0"));
	free(version);
	schema_words_free(manifest.version_command, manifest.version_command_count);
	manifest.version_command_count = 2;
	manifest.version_command = calloc(3, sizeof *manifest.version_command);
	manifest.version_command[0] = strdup("echo");
	manifest.version_command[1] = strdup("v1.2.3 on Foreign 4.2.1");
	version = foreign_version(&manifest);
	cr_expect_str_eq(version, "Foreign 1.2.3 on Foreign 4.2.1");
	free(version);
	manifest_destroy(&manifest);
}

Test(foreign, a_build_is_another_when_a_profile_or_command_is)
{
	struct manifest manifest, other;
	char plain[17], again[17], wrong[17], command[17];

	manifest_get(&manifest, FOREIGN);
	foreign_build(&manifest, &manifest.profiles[0], plain);
	foreign_build(&manifest, &manifest.profiles[0], again);
	foreign_build(&manifest, &manifest.profiles[1], wrong);
	manifest_make(&other, "./mine {port}");
	foreign_build(&other, &other.profiles[0], command);
	cr_expect_str_eq(plain, again);
	cr_expect_str_neq(plain, wrong);
	cr_expect_str_neq(plain, command);
	cr_expect_eq(strlen(command), 16);
	manifest_destroy(&manifest);
	manifest_destroy(&other);
}
