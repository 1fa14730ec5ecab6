#include "stored/store.h"

#include "lib/text_buffer.h"
#include "lib/units.h"
#include "stored/json_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { SAME_NAMES_MOST = 1000 };

static const char *const folders[] = {"histograms", "intervals", "load"};

char *store_time(char text[STORE_TIME_BYTES], bool seconds_only)
{
	struct timespec now;
	struct tm utc;
	size_t length;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	length = strftime(text, STORE_TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &utc);
	if (seconds_only)
		snprintf(text + length, STORE_TIME_BYTES - length, "Z");
	else
		snprintf(text + length, STORE_TIME_BYTES - length, ".%03uZ",
			 (unsigned)(now.tv_nsec / 1000000) % 1000);
	return text;
}

static int path_in(const struct store *store, char path[PATH_MAX], const char *name)
{
	int length = snprintf(path, PATH_MAX, "%s/%s", store->directory, name);

	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int fail(struct error *error, const char *what, const char *where, int failure)
{
	error_set(error, "cannot %s %s: %s", what, where, strerror(-failure));
	return failure;
}

/* No space, the user's share is used up, or the largest file that is allowed. */
static bool is_shortage(int failure)
{
	return failure == -ENOSPC || failure == -EDQUOT || failure == -EFBIG;
}

int store_complain_room(const struct store *store, const char *what, struct error *error)
{
	struct text_buffer folder = {0};
	struct statvfs room;
	char left[32] = "?";

	if (statvfs(store->directory, &room) == 0)
		units_format(UNIT_BYTES, (double)room.f_bavail * (double)room.f_frsize, left,
			     sizeof left);
	text_append_shell(&folder, store->directory);
	error_set(error,
		  "%s: no room is left for it in %s (%s are free on its file system). What was "
		  "measured before is kept.\n"
		  "  make room, and go on with  tenk run --resume %s",
		  what, store->directory, left, text_string(&folder));
	text_destroy(&folder);
	return -ENOSPC;
}

static int fail_to_store(const struct store *store, const char *what, const char *where,
			 int failure, struct error *error)
{
	char text[PATH_MAX + 100];

	fail(error, what, where, failure);
	if (!is_shortage(failure))
		return failure;
	snprintf(text, sizeof text, "%s", error->text);
	store_complain_room(store, text, error);
	return failure;
}

int store_reserve(const struct store *store, uint64_t line_bytes, uint64_t file_bytes,
		  struct error *error)
{
	off_t end = lseek(store->trials_fd, 0, SEEK_END);
	struct statvfs room;
	int failure = 0;

	/* Beyond its end: its size stays as it is. What of it is not used is given back with the file's end. */
	if (fallocate(store->trials_fd, FALLOC_FL_KEEP_SIZE, end, (off_t)line_bytes) < 0)
		failure = -errno;
	if (is_shortage(failure))
		return fail_to_store(store, "reserve room for the next trials in", "trials.jsonl",
				     failure, error);
	/* Where nobody counts blocks (ramfs, tmpfs without a size, many of FUSE) no number of them is free either. */
	if (statvfs(store->directory, &room) == 0 && room.f_blocks > 0 &&
	    (double)room.f_bavail * (double)room.f_frsize < (double)file_bytes)
		return fail_to_store(store, "reserve room for the next trials'", "files", -ENOSPC,
				     error);
	return 0;
}

static int make_folder(const char *path)
{
	return mkdir(path, 0777) < 0 && errno != EEXIST ? -errno : 0;
}

static int open_trials(struct store *store, int flags, struct error *error)
{
	char path[PATH_MAX];
	int failure = path_in(store, path, "trials.jsonl");

	store->trials_fd = failure ? -1 : open(path, O_RDWR | O_APPEND | O_CLOEXEC | flags, 0666);
	if (store->trials_fd < 0)
		return fail(error, "open", path, failure ? failure : -errno);
	if (flock(store->trials_fd, LOCK_EX | LOCK_NB) < 0) {
		failure = -errno;
		store_close(store);
		if (failure == -EWOULDBLOCK) {
			error_set(error, "another tenk is at work in %s", store->directory);
			return -EBUSY;
		}
		return fail(error, "lock", path, failure);
	}
	return 0;
}

/* A new folder below results/: where the clock was set back, or two begin at once, with a number behind its name. */
static int make_named(struct store *store, const char *name, struct error *error)
{
	time_t now = time(NULL);
	int result = make_folder("results");
	char stamp[32];
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
	if (result < 0) {
		fail(error, "make the folder", "results", result);
		error_prefix(error, "here (--out names another place)");
		return result;
	}
	for (unsigned i = 1; i <= SAME_NAMES_MOST; i++) {
		char number[16] = "";

		if (i > 1)
			snprintf(number, sizeof number, "-%u", i);
		snprintf(store->directory, sizeof store->directory, "results/%s-%s%s", stamp, name,
			 number);
		if (mkdir(store->directory, 0777) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return fail(error, "make the folder", store->directory, -errno);
}

static int make_given(struct store *store, const char *directory, struct error *error)
{
	int result = make_folder(directory);

	snprintf(store->directory, sizeof store->directory, "%s", directory);
	return result < 0 ? fail(error, "make the folder", directory, result) : 0;
}

int store_create(struct store *store, const char *directory, const char *name, struct error *error)
{
	char path[PATH_MAX];
	int result;

	store->trials_fd = -1;
	result = directory ? make_given(store, directory, error) : make_named(store, name, error);
	if (result < 0)
		return result;
	for (size_t i = 0; result == 0 && i < sizeof folders / sizeof *folders; i++) {
		result = path_in(store, path, folders[i]);
		if (result == 0)
			result = make_folder(path);
	}
	if (result < 0)
		return fail(error, "make the folder", store->directory, result);
	result = open_trials(store, O_CREAT | O_EXCL, error);
	if (result == -EEXIST)
		error_set(error,
			  "%s holds a run already: choose another folder, or go on with "
			  "tenk run --resume %s",
			  store->directory, store->directory);
	return result;
}

int store_open(struct store *store, const char *directory, struct error *error)
{
	int result;

	snprintf(store->directory, sizeof store->directory, "%s", directory);
	result = open_trials(store, 0, error);
	if (result == -ENOENT)
		error_set(error,
			  "%s holds no run to go on with: there is no trials.jsonl in it (tenk run "
			  "without --resume begins a run)",
			  directory);
	if (result < 0)
		return result;
	if (ftruncate(store->trials_fd, json_lines_end(store->trials_fd)) < 0) {
		result = -errno;
		store_close(store);
		return fail(error, "repair the end of trials.jsonl in", directory, result);
	}
	return 0;
}

int store_write_run(const struct store *store, const json_t *run, struct error *error)
{
	char *text = json_dumps(run, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	char path[PATH_MAX], temporary[PATH_MAX];
	int result = text ? path_in(store, path, "run.json") : -ENOMEM, fd;

	if (result == 0)
		result = path_in(store, temporary, "run.json.new");
	if (result == 0) {
		fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		result = fd < 0 ? -errno : write_and_sync(fd, text, strlen(text));
		if (fd >= 0)
			close(fd);
		if (result == 0 && rename(temporary, path) < 0)
			result = -errno;
		if (result < 0)
			unlink(temporary);
	}
	free(text);
	return result < 0 ? fail_to_store(store, "write", "run.json", result, error) : 0;
}

int store_append_trial(const struct store *store, const json_t *trial, struct error *error)
{
	int result = json_lines_append(store->trials_fd, trial);

	return result < 0 ? fail_to_store(store, "append to", "trials.jsonl", result, error) : 0;
}

void store_close(struct store *store)
{
	if (store->trials_fd >= 0) {
		/* What was reserved behind it. */
		if (ftruncate(store->trials_fd, lseek(store->trials_fd, 0, SEEK_END)) < 0)
			errno = 0; /* it stays reserved, and nothing else is wrong */
		close(store->trials_fd);
	}
	store->trials_fd = -1;
}
