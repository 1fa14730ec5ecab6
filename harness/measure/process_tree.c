#include "harness/measure/process_tree.h"

#include "lib/process_stat.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	pid_t pid, parent;
	bool belongs;
};

struct table {
	struct entry *entries;
	size_t count, room;
};

static int add(struct table *table, struct entry entry)
{
	if (table->count == table->room) {
		size_t room = table->room ? 2 * table->room : 256;
		struct entry *grown = realloc(table->entries, room * sizeof *grown);

		if (!grown)
			return -ENOMEM;
		table->entries = grown;
		table->room = room;
	}
	table->entries[table->count++] = entry;
	return 0;
}

static int read_all(struct table *table, pid_t root)
{
	DIR *directory = opendir("/proc");
	struct dirent *file;
	int result = 0;

	if (!directory)
		return -errno;
	while (result == 0 && (file = readdir(directory)) != NULL) {
		pid_t pid = (pid_t)strtol(file->d_name, NULL, 10);
		struct process_stat stat;

		if (pid <= 0 || !process_stat_read(pid, &stat))
			continue; /* no process, or one that has just gone */
		result = add(table, (struct entry){pid, stat.parent, .belongs = pid == root});
	}
	closedir(directory);
	return result;
}

static int by_pid(const void *left, const void *right)
{
	pid_t a = ((const struct entry *)left)->pid, b = ((const struct entry *)right)->pid;

	return (a > b) - (a < b);
}

/* A pass finds the children of those found before it: as many passes as there are generations. */
static size_t mark(struct table *table)
{
	size_t marked = 0, before;

	qsort(table->entries, table->count, sizeof *table->entries, by_pid);
	do {
		before = marked;
		marked = 0;
		for (size_t i = 0; i < table->count; i++) {
			struct entry *entry = &table->entries[i], wanted = {.pid = entry->parent};
			const struct entry *parent = bsearch(&wanted, table->entries, table->count,
							     sizeof wanted, by_pid);

			entry->belongs |= parent && parent->belongs;
			marked += entry->belongs;
		}
	} while (marked != before);
	return marked;
}

ssize_t process_tree_list(pid_t root, pid_t **pids)
{
	struct table table = {0};
	int result = read_all(&table, root);
	size_t count = 0, marked;

	*pids = NULL;
	if (result < 0)
		goto done;
	marked = mark(&table);
	if (marked == 0) {
		result = -ESRCH;
		goto done;
	}
	*pids = calloc(marked, sizeof **pids);
	if (!*pids) {
		result = -ENOMEM;
		goto done;
	}
	for (size_t i = 0; i < table.count; i++)
		if (table.entries[i].belongs)
			(*pids)[count++] = table.entries[i].pid;
done:
	free(table.entries);
	return result < 0 ? result : (ssize_t)count;
}

ssize_t process_threads_list(pid_t pid, pid_t *tids, size_t room)
{
	struct dirent *file;
	char path[64];
	size_t count = 0;
	DIR *directory;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	directory = opendir(path);
	while (directory && (file = readdir(directory)) != NULL) {
		pid_t tid = (pid_t)strtol(file->d_name, NULL, 10);

		if (tid > 0 && count++ < room) /* neither "." nor ".." */
			tids[count - 1] = tid;
	}
	if (directory)
		closedir(directory);
	return count <= room ? (ssize_t)count : -ENOSPC;
}
