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
	size_t root; /* which of the roots it belongs to, from 1 on; 0: to none */
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

static int read_all(struct table *table)
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
		result = add(table, (struct entry){pid, stat.parent, 0});
	}
	closedir(directory);
	return result;
}

static int by_pid(const void *left, const void *right)
{
	pid_t a = ((const struct entry *)left)->pid, b = ((const struct entry *)right)->pid;

	return (a > b) - (a < b);
}

static struct entry *find(const struct table *table, pid_t pid)
{
	const struct entry wanted = {.pid = pid};

	return bsearch(&wanted, table->entries, table->count, sizeof wanted, by_pid);
}

/* A pass finds the children of those found before it: as many passes as there are generations. */
static void mark(struct table *table)
{
	bool more;

	do {
		more = false;
		for (size_t i = 0; i < table->count; i++) {
			struct entry *entry = &table->entries[i];
			const struct entry *parent = entry->root ? NULL
								 : find(table, entry->parent);

			if (!parent || !parent->root)
				continue;
			entry->root = parent->root;
			more = true;
		}
	} while (more);
}

static int append(pid_t **list, size_t *count, pid_t pid)
{
	pid_t *grown = *list;

	/* Room grows by powers of two. */
	if ((*count & (*count - 1)) == 0)
		grown = reallocarray(*list, *count ? 2 * *count : 1, sizeof *grown);
	if (!grown)
		return -ENOMEM;
	*list = grown;
	grown[(*count)++] = pid;
	return 0;
}

int process_trees_list(const pid_t *roots, size_t count, pid_t **lists, size_t *counts)
{
	struct table table = {0};
	int result = read_all(&table);

	qsort(table.entries, table.count, sizeof *table.entries, by_pid);
	for (size_t i = 0; i < count; i++) {
		struct entry *root = find(&table, roots[i]);

		lists[i] = NULL;
		counts[i] = 0;
		if (root)
			root->root = i + 1;
	}
	mark(&table);
	for (size_t i = 0; i < table.count && result == 0; i++) {
		size_t root = table.entries[i].root;

		if (root)
			result = append(&lists[root - 1], &counts[root - 1], table.entries[i].pid);
	}
	for (size_t i = 0; i < count && result < 0; i++) {
		free(lists[i]);
		lists[i] = NULL;
		counts[i] = 0;
	}
	free(table.entries);
	return result;
}

ssize_t process_tree_list(pid_t root, pid_t **pids)
{
	size_t count;
	int result = process_trees_list(&root, 1, pids, &count);

	if (result == 0 && count == 0)
		result = -ESRCH;
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
