/* tenk compare --aa: the same program twice, under two labels, and how different it seems from itself. */
#include "harness/command/compare_request.h"

#include "harness/command/command.h"
#include "lib/json.h"
#include "lib/temporary.h"
#include "lib/units.h"
#include "stored/comparison/noise.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Where the copies lie is in their environment and arguments, and so in the layout of their stacks: paths of
 * different length are what two builds have too.
 */
static const char *const names[RUN_BUILDS] = {"a",
					      "the-same-program-in-a-folder-with-a-longer-name"};

static int copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t sent = out < 0 ? -1 : 1;
	int result;

	while (sent > 0)
		sent = sendfile(out, in, NULL, 1 << 20);
	result = sent < 0 ? -errno : 0;
	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) < 0 && result == 0)
		result = -errno;
	return result;
}

static int copy_servers(const char *from, const char *to)
{
	DIR *directory = opendir(from);
	int result = directory && mkdir(to, 0777) == 0 ? 0 : -errno;
	char source[PATH_MAX], target[PATH_MAX];
	struct dirent *file;

	while (result == 0 && (file = readdir(directory)) != NULL) {
		if (strncmp(file->d_name, "server-", 7) != 0 || strchr(file->d_name, '.'))
			continue;
		result = paths_join(source, from, file->d_name, "");
		if (result == 0)
			result = paths_join(target, to, file->d_name, "");
		if (result == 0)
			result = copy_file(source, target);
	}
	if (directory)
		closedir(directory);
	return result;
}

int compare_copy_build(struct build_copies *copies, const char *build, struct error *error)
{
	int result = 0;

	temporary_template(copies->temporary, sizeof copies->temporary, "tenk-noise");
	if (!mkdtemp(copies->temporary)) {
		result = -errno;
		error_set(error, "cannot make a folder %s: %s", copies->temporary,
			  strerror(-result));
		copies->temporary[0] = '\0';
		return result;
	}
	for (size_t i = 0; result == 0 && i < RUN_BUILDS; i++) {
		result = paths_join(copies->folders[i], copies->temporary, names[i], "");
		if (result == 0)
			result = copy_servers(build, copies->folders[i]);
	}
	if (result < 0)
		error_set(error, "cannot copy the servers of %s to %s: %s", build,
			  copies->temporary, strerror(-result));
	return result;
}

void compare_remove_copies(struct build_copies *copies)
{
	temporary_remove(copies->temporary);
	copies->temporary[0] = '\0';
}

static void print_floor(const struct results *run, const char *metric, const json_t *step,
			bool ratio)
{
	const json_t *descriptor = results_metric(run, metric);
	char text[64];

	units_format(ratio ? UNIT_RATIO : units_kind_named(json_string_of(descriptor, "unit")),
		     json_number_of(step, "change"), text, sizeof text);
	printf("  %10s", text);
}

static void print_cell(const struct results *run, const char *metric, const json_t *cell)
{
	bool ratio = strcmp(json_string_of(cell, "scale"), "ratio") == 0;
	const json_t *step;
	size_t i;

	printf("    %-32.32s", json_string_of(cell, "cell"));
	json_array_foreach(json_object_get(cell, "floors"), i, step)
		print_floor(run, metric, step, ratio);
	printf("\n      varies by %.3g, correlates by %.2f within pairs, %.2f from one to the next\n",
	       json_number_of(cell, "variation"), json_number_of(cell, "correlation"),
	       json_number_of(cell, "autocorrelation"));
}

static void print_noise(const struct results *run, const json_t *noise)
{
	const json_t *metric, *cell;
	size_t i, j;

	puts("The same program differs from itself, in 19 of 20 comparisons, by at most\n");
	printf("  %-34s  %10s  %10s  %10s  %10s pairs\n", "", "10", "20", "40", "80");
	json_array_foreach(json_object_get(noise, "metrics"), i, metric)
	{
		const char *key = json_string_of(metric, "key");

		printf("  %s\n", json_string_of(results_metric(run, key), "title"));
		json_array_foreach(json_object_get(metric, "cells"), j, cell)
			print_cell(run, key, cell);
	}
}

int compare_show_noise(const struct compare_request *request, const struct compared_sides *sides)
{
	char path[PATH_MAX];
	struct error error;
	json_t *noise = noise_measure(sides->a, sides->a_subject, sides->b_subject, &error);
	int code = EXIT_OK;

	if (!noise)
		return command_fail(EXIT_INVALID, error.text);
	print_noise(sides->a, noise);
	if (noise_write(noise, request->noise, path, sizeof path, &error) < 0)
		code = command_fail(EXIT_FAILED, error.text);
	else
		printf("\nNo comparison on this machine is tighter than that for %d days: %s\n",
		       NOISE_DAYS, path);
	json_decref(noise);
	return code;
}
