/* The group of a run: where it is made, and how it goes again, whatever becomes of tenk. */
#include "harness/measure/memory_group.h"

#include "harness/machine/cgroup.h"
#include "harness/machine/machine_files.h"
#include "lib/clock.h"
#include "lib/libc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SWEEP_POLL_NS  (20 * NS_PER_MS)
#define CLOSE_WAIT_NS  (2 * NS_PER_S)
#define WARDEN_WAIT_NS (15 * NS_PER_S)
#define ORDERLY_NS     (6 * NS_PER_S) /* in which servers end by themselves when tenk has died */

enum { FILE_BYTES = MEMORY_PATH_BYTES + 64, WORD_BYTES = 32 };

/* Version 2 wants no processes in a group that has others below: there we step aside to. */
static const char aside[] = "tenk";

/* What the warden is told: that all is well, and what there is to take back if not. */
enum message { ALL_IS_WELL = 'w', CONTROLLER_GIVEN = 'c', STEPPED_ASIDE = 's' };

static void tell_warden(const struct memory_groups *groups, enum message message)
{
	char byte = (char)message;

	if (send(groups->warden_fd, &byte, 1, MSG_NOSIGNAL) != 1)
		kill(groups->warden, SIGKILL); /* which is as well as telling it to end */
}

/* Whether a list of words in a file of the group has this one. */
static bool file_has_word(const char *group, const char *file, const char *word)
{
	char path[FILE_BYTES], text[512];
	size_t length = strlen(word);

	snprintf(path, sizeof path, "%s/%s", group, file);
	if (machine_read_text("", path, text, sizeof text) <= 0)
		return false;
	for (const char *at = text; (at = strstr(at, word)) != NULL; at += length)
		if ((at == text || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	return false;
}

static bool has_file(const char *group, const char *file)
{
	char path[FILE_BYTES];

	snprintf(path, sizeof path, "%s/%s", group, file);
	return access(path, F_OK) == 0;
}

/* Whether one path is the other or a folder above it. */
static bool is_above(const char *path, const char *below)
{
	size_t length = strlen(path);

	return strncmp(path, below, length) == 0 && (!below[length] || below[length] == '/');
}

/*
 * The first directory of a hierarchy that is there is our own: a container does not see the
 * beginning of its path. What lies above our own is not ours to make groups in.
 */
static bool find_own(void *context, const char *root, const char *directory)
{
	struct memory_groups *groups = context;
	char path[MEMORY_PATH_BYTES];

	if (snprintf(path, sizeof path, "%s%s", root, directory) >= (int)sizeof path ||
	    access(path, F_OK) < 0 || (*groups->own && is_above(path, groups->own)))
		return true;
	memcpy(groups->own, path, sizeof path);
	if (has_file(groups->own, "memory.usage_in_bytes"))
		groups->source = MEMORY_SOURCE_CGROUP_V1;
	else if (file_has_word(groups->own, "cgroup.controllers", "memory"))
		groups->source = MEMORY_SOURCE_CGROUP_V2;
	return groups->source == MEMORY_SOURCE_MEMINFO;
}

static int move_process(const char *group, pid_t pid)
{
	char word[WORD_BYTES];

	snprintf(word, sizeof word, "%d", (int)pid);
	return memory_group_write(group, "cgroup.procs", word);
}

static void path_aside(const struct memory_groups *groups, char path[FILE_BYTES])
{
	snprintf(path, FILE_BYTES, "%s/%s", groups->base, aside);
}

/* Gives the run's group its controller, stepping out of the way if nobody else is in it. */
static int enable(struct memory_groups *groups)
{
	static const char file[] = "cgroup.subtree_control";
	char path[FILE_BYTES];
	int result = 0;

	if (!file_has_word(groups->own, file, "memory")) {
		result = memory_group_write(groups->own, file, "+memory");
		if (result == -EBUSY) {
			path_aside(groups, path);
			if (mkdir(path, 0755) < 0)
				return -errno;
			groups->stepped = true;
			tell_warden(groups, STEPPED_ASIDE);
			result = move_process(path, groups->warden);
			if (result == 0)
				result = move_process(path, getpid());
			if (result == 0)
				result = memory_group_write(groups->own, file, "+memory");
		}
		groups->gave_controller = result == 0;
		if (groups->gave_controller)
			tell_warden(groups, CONTROLLER_GIVEN);
	}
	return result < 0 ? result : memory_group_write(groups->base, file, "+memory");
}

/* Kills what is in a group. */
static void kill_all_in(const char *group)
{
	char path[FILE_BYTES], line[WORD_BYTES];
	FILE *file;

	snprintf(path, sizeof path, "%s/cgroup.procs", group);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file)) {
		pid_t pid = (pid_t)strtol(line, NULL, 10);

		if (pid > 1 && pid != getpid())
			kill(pid, SIGKILL);
	}
	if (file)
		fclose(file);
}

/* Removes the groups of trials. Whether none is left. */
static bool sweep_trials(const struct memory_groups *groups, bool kills)
{
	DIR *directory = opendir(groups->base);
	struct dirent *entry;
	bool empty = true;

	while (directory && (entry = readdir(directory)) != NULL) {
		char path[MEMORY_PATH_BYTES + 32];

		snprintf(path, sizeof path, "%s/%.30s", groups->base, entry->d_name);
		if (entry->d_name[0] == '.' || entry->d_type != DT_DIR ||
		    strcmp(entry->d_name, aside) == 0)
			continue;
		if (kills)
			kill_all_in(path);
		if (rmdir(path) < 0 && errno != ENOENT)
			empty = false;
	}
	if (directory)
		closedir(directory);
	return empty;
}

/* Puts back what was changed. Whether the run's group is gone. */
static bool sweep_run(struct memory_groups *groups)
{
	static const char file[] = "cgroup.subtree_control";
	char path[FILE_BYTES];

	if (groups->gave_controller) {
		memory_group_write(groups->base, file, "-memory");
		memory_group_write(groups->own, file, "-memory");
	}
	if (groups->stepped) {
		path_aside(groups, path);
		move_process(groups->own, getpid());
		rmdir(path);
	}
	return rmdir(groups->base) == 0 || errno == ENOENT;
}

/* Until all is removed or the time is up; from kill_after_ns on what lives there is killed. */
static void sweep(struct memory_groups *groups, uint64_t patience_ns, uint64_t kill_after_ns)
{
	uint64_t begin_ns = clock_now_ns();

	while (clock_now_ns() < begin_ns + patience_ns) {
		bool kills = clock_now_ns() >= begin_ns + kill_after_ns;

		if (sweep_trials(groups, kills) && sweep_run(groups))
			return;
		clock_pause(SWEEP_POLL_NS);
	}
}

/*
 * Waits until all is well, or for the end of tenk. In a session of its own, which it says when it
 * is: what kills tenk's whole process group or session does not reach it.
 */
static _Noreturn void watch_over(struct memory_groups *groups, int fd)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	char byte = ALL_IS_WELL;
	ssize_t got;

	if (setsid() < 0)
		_exit(1);
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	prctl(PR_SET_NAME, "tenk-warden");
	if (dup2(fd, 0) == 0)
		close_range(1, ~0U, 0);
	if (send(0, &byte, 1, MSG_NOSIGNAL) != 1)
		_exit(1);
	while ((got = read(0, &byte, 1)) != 0) {
		if (got < 0 && errno != EINTR)
			_exit(1);
		if (got == 1 && byte == ALL_IS_WELL)
			_exit(0);
		groups->gave_controller |= got == 1 && byte == CONTROLLER_GIVEN;
		groups->stepped |= got == 1 && byte == STEPPED_ASIDE;
	}
	sweep(groups, WARDEN_WAIT_NS, ORDERLY_NS);
	_exit(0);
}

static void end_warden(struct memory_groups *groups)
{
	if (groups->warden <= 0)
		return;
	tell_warden(groups, ALL_IS_WELL);
	close(groups->warden_fd);
	while (waitpid(groups->warden, NULL, 0) < 0 && errno == EINTR)
		;
	groups->warden = 0;
}

/* Returns when it is where nothing that ends us ends it, too: before there is anything to undo. */
static int start_warden(struct memory_groups *groups)
{
	ssize_t got;
	int ends[2];
	char byte;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	groups->warden = fork();
	if (groups->warden == 0) {
		close(ends[1]);
		watch_over(groups, ends[0]);
	}
	close(ends[0]);
	if (groups->warden < 0) {
		int result = -errno;

		close(ends[1]);
		groups->warden = 0;
		return result;
	}
	groups->warden_fd = ends[1];
	do
		got = read(groups->warden_fd, &byte, 1);
	while (got < 0 && errno == EINTR);
	if (got == 1)
		return 0;
	end_warden(groups);
	return -ECHILD;
}

/* A trial's group, made and removed: what does not work would spoil each trial later. */
static int try_trial(const struct memory_groups *groups, struct error *error)
{
	struct memory_group group;
	struct group_memory memory;
	int result = memory_group_make(&group, groups, "try", 0, error);

	if (result == 0 && !memory_group_read(&group, &memory))
		result = error_set(error, "a memory group cannot be read");
	memory_group_remove(&group);
	return result;
}

/* 0, or -errno with groups->why; what has been made so far is for memory_groups_close. */
static int make_run(struct memory_groups *groups)
{
	struct error error;
	int result = -ENAMETOOLONG;

	if (snprintf(groups->base, sizeof groups->base, "%s/tenk-%d", groups->own, (int)getpid()) <
	    (int)sizeof groups->base)
		result = start_warden(groups);
	if (result == 0 && mkdir(groups->base, 0755) < 0)
		result = -errno;
	if (result == 0 && groups->source == MEMORY_SOURCE_CGROUP_V2)
		result = enable(groups);
	if (result == -EBUSY)
		snprintf(groups->why, sizeof groups->why,
			 "the group %.120s has other processes in it, and may have groups below it "
			 "only without: start tenk in one of its own (systemd-run --user --scope "
			 "-p Delegate=yes tenk ...)",
			 groups->own);
	else if (result < 0)
		snprintf(groups->why, sizeof groups->why, "no group can be made below %.160s: %s",
			 groups->own, strerror(-result));
	if (result < 0)
		return result;
	result = try_trial(groups, &error);
	if (result < 0)
		snprintf(groups->why, sizeof groups->why, "%.310s", error.text);
	return result;
}

/* Where no groups can be made: to our own, if it tells anything, else to the whole machine. */
static void fall_back(struct memory_groups *groups)
{
	bool first = groups->source == MEMORY_SOURCE_CGROUP_V1;
	struct group_memory memory;

	memory_groups_close(groups);
	groups->source = first ? MEMORY_SOURCE_OUR_CGROUP_V1 : MEMORY_SOURCE_OUR_CGROUP_V2;
	if (!memory_groups_read_ours(groups, &memory))
		groups->source = MEMORY_SOURCE_MEMINFO;
}

void memory_groups_open(struct memory_groups *groups, const char *root)
{
	*groups = (struct memory_groups){.warden_fd = -1};
	cgroup_visit(root, "memory", find_own, groups);
	if (groups->source == MEMORY_SOURCE_MEMINFO)
		snprintf(groups->why, sizeof groups->why,
			 "no group with a memory controller is to be seen here");
	else if (make_run(groups) < 0)
		fall_back(groups);
}

void memory_groups_close(struct memory_groups *groups)
{
	end_warden(groups);
	if (*groups->base)
		sweep(groups, CLOSE_WAIT_NS, CLOSE_WAIT_NS / 2);
	*groups->base = '\0';
	groups->source = MEMORY_SOURCE_MEMINFO;
}
