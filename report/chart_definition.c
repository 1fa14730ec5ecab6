#include "report/chart_definition.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One word of a directive and what it stands for. */
struct choice {
	const char *word;
	int value;
};

static const struct choice data_choices[] = {
	{"axis", CHART_AXIS},	      {"percentiles", CHART_PERCENTILES},
	{"stack", CHART_STACK},	      {"ratios", CHART_RATIOS},
	{"grid", CHART_GRID},	      {"ladder", CHART_LADDER},
	{"plane", CHART_PLANE},	      {"claims", CHART_CLAIMS},
	{"answered", CHART_ANSWERED}, {NULL, 0}};
static const struct choice scale_choices[] = {
	{"linear", CHART_SCALE_LINEAR}, {"log", CHART_SCALE_LOG}, {NULL, 0}};

static int choice_find(const struct choice *choices, const char *word, struct error *error)
{
	for (; choices->word; choices++)
		if (strcmp(choices->word, word) == 0)
			return choices->value;
	return error_set(error, "\"%.40s\" is not a choice", word);
}

static int text_store(char *to, size_t size, const char *value, struct error *error)
{
	size_t used = strlen(to);
	int length = snprintf(to + used, size - used, "%s%s", used ? " " : "", value);

	if (length < 0 || (size_t)length >= size - used)
		return error_set(error, "the text is too long (%zu bytes at most)", size - 1);
	return 0;
}

static int metrics_store(struct chart_definition *definition, char *value, struct error *error)
{
	char *rest = NULL;

	for (char *key = strtok_r(value, " \t", &rest); key; key = strtok_r(NULL, " \t", &rest)) {
		if (definition->metric_count == CHART_METRICS_MAX)
			return error_set(error, "more than %d metrics", CHART_METRICS_MAX);
		if (text_store(definition->metrics[definition->metric_count++], CHART_NAME_SIZE,
			       key, error) < 0)
			return -EINVAL;
	}
	return 0;
}

static int directive_store(struct chart_definition *definition, const char *key, char *value,
			   struct error *error)
{
	int choice = 0;

	if (strcmp(key, "title") == 0)
		return text_store(definition->title, sizeof definition->title, value, error);
	if (strcmp(key, "y-title") == 0)
		return text_store(definition->y_title, sizeof definition->y_title, value, error);
	if (strcmp(key, "caption") == 0)
		return text_store(definition->caption, sizeof definition->caption, value, error);
	if (strcmp(key, "metrics") == 0)
		return metrics_store(definition, value, error);
	if (strcmp(key, "along") == 0)
		return text_store(definition->along, sizeof definition->along, value, error);
	if (strcmp(key, "data") == 0) {
		choice = choice_find(data_choices, value, error);
		definition->data = (enum chart_data)choice;
	} else if (strcmp(key, "x") == 0) {
		choice = choice_find(scale_choices, value, error);
		definition->x = (enum chart_scale)choice;
	} else if (strcmp(key, "y") == 0) {
		choice = choice_find(scale_choices, value, error);
		definition->y = (enum chart_scale)choice;
	} else {
		return error_set(error,
				 "unknown key \"%.40s\" (keys here: title, data, metrics, x, "
				 "y, y-title, caption, along)",
				 key);
	}
	return choice < 0 ? choice : 0;
}

/* Reads one line of the file; a line that does not begin with "#:" belongs to gnuplot. */
static int line_read(struct chart_definition *definition, char *line, struct error *error)
{
	char *key, *value;
	size_t length;

	if (strncmp(line, "#:", 2) != 0)
		return 0;
	line[strcspn(line, "\r\n")] = '\0';
	key = line + 2 + strspn(line + 2, " \t");
	length = strcspn(key, " \t");
	value = key + length + strspn(key + length, " \t");
	key[length] = '\0';
	return directive_store(definition, key, value, error);
}

/* What looks at something else than metrics, or at the same ones always. */
static bool is_without_metrics(enum chart_data data)
{
	return data == CHART_PERCENTILES || data == CHART_ANSWERED || data == CHART_LADDER ||
	       data == CHART_CLAIMS;
}

static int definition_read(struct chart_definition *definition, const char *file,
			   struct error *error)
{
	const char *name = strrchr(file, '/');
	FILE *stream = fopen(file, "re");
	char *line = NULL;
	size_t size = 0, number = 0;
	int code = 0;

	if (!stream) {
		code = -errno;
		error_set(error, "%s: %s", file, strerror(-code));
		return code;
	}
	*definition = (struct chart_definition){0};
	name = name ? name + 1 : file;
	code = text_store(definition->file, sizeof definition->file, file, error);
	if (code == 0)
		code = text_store(definition->name, sizeof definition->name, name, error);
	if (code == 0)
		definition->name[strlen(definition->name) - strlen(".gp")] = '\0';
	while (code == 0 && getline(&line, &size, stream) >= 0) {
		number++;
		code = line_read(definition, line, error);
		if (code < 0)
			error_prefix(error, "%s:%zu", file, number);
	}
	free(line);
	fclose(stream);
	if (code == 0 && !definition->title[0])
		code = error_set(error, "%s: no line \"#: title ...\"", file);
	if (code == 0 && definition->metric_count == 0 && !is_without_metrics(definition->data))
		code = error_set(error, "%s: no line \"#: metrics ...\"", file);
	return code;
}

/* A chart's name comes from a scenario: it must not wander off into other folders. */
static bool name_is_safe(const char *name)
{
	return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")];
}

/* Whether a file is NAME.gp or NAME-something.gp. */
static bool file_belongs(const char *file, const char *name)
{
	size_t length = strlen(name), file_length = strlen(file);

	return file_length > length + strlen(".gp") - 1 && strncmp(file, name, length) == 0 &&
	       (file[length] == '.' || file[length] == '-') &&
	       strcmp(file + file_length - strlen(".gp"), ".gp") == 0;
}

/* '.' before '-': the chart itself comes before those drawn with it. */
static int compare_files(const void *left, const void *right)
{
	const char *a = *(char *const *)left, *b = *(char *const *)right;

	for (; *a && *a == *b; a++, b++)
		;
	return (*a == '.' ? 0 : (unsigned char)*a) - (*b == '.' ? 0 : (unsigned char)*b);
}

/* The files of a chart as malloc'ed paths, sorted. Returns their number or -errno. */
static long files_find(char *files[CHART_FILES_MAX], const char *directory, const char *name)
{
	DIR *stream = opendir(directory);
	struct dirent *entry;
	long count = 0;

	if (!stream)
		return -errno;
	while (count >= 0 && count < CHART_FILES_MAX && (entry = readdir(stream))) {
		if (!file_belongs(entry->d_name, name))
			continue;
		if (asprintf(&files[count], "%s/%s", directory, entry->d_name) < 0) {
			while (count > 0)
				free(files[--count]);
			count = -ENOMEM;
		} else {
			count++;
		}
	}
	closedir(stream);
	if (count > 0)
		qsort(files, (size_t)count, sizeof *files, compare_files);
	return count;
}

long chart_definitions_read(struct chart_definition definitions[CHART_FILES_MAX],
			    const char *resource_directory, const char *name, struct error *error)
{
	char *files[CHART_FILES_MAX] = {NULL}, *joined, *directory;
	long count;
	int code = 0;

	if (!name_is_safe(name))
		return 0;
	if (asprintf(&joined, "%s/charts", resource_directory) < 0)
		return -ENOMEM;
	directory = realpath(joined, NULL); /* gnuplot works in a folder of its own */
	count = directory ? files_find(files, directory, name) : -errno;
	if (count < 0)
		error_set(error, "%s: %s", joined, strerror((int)-count));
	for (long i = 0; i < count; i++) {
		if (code == 0)
			code = definition_read(&definitions[i], files[i], error);
		free(files[i]);
	}
	free(directory);
	free(joined);
	return code < 0 ? code : count;
}
