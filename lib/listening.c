#include "lib/listening.h"

#include "lib/process_stat.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOCKETS_MOST = 64, HOLDERS_MOST = 256, STATE_LISTEN = 0x0A, ADDRESS_DIGITS = 32 };

struct sockets {
	unsigned long inodes[SOCKETS_MOST];
	size_t count;
};

/* The address as /proc/net/tcp has it: words in the byte order of this machine, in hexadecimal. */
static void format_address(const char *host, char text[ADDRESS_DIGITS + 1])
{
	uint32_t words[4] = {0};
	int family = strchr(host, ':') ? AF_INET6 : AF_INET;
	size_t count = family == AF_INET6 ? 4 : 1;

	text[0] = '\0';
	if (inet_pton(family, host, words) == 1)
		for (size_t i = 0; i < count; i++)
			snprintf(text + 8 * i, 9, "%08X", words[i]);
}

static bool is_any(const char *address)
{
	return address[strspn(address, "0")] == '\0';
}

/* Adds the listening sockets of a port, of this address or of any. proc(5), /proc/net/tcp. */
static void find_sockets(struct sockets *sockets, const char *path, const char *address,
			 uint16_t port)
{
	FILE *file = fopen(path, "re");
	char line[512], local[ADDRESS_DIGITS + 1];
	unsigned local_port, state;
	unsigned long inode;

	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, " %*u: %32[0-9A-F]:%x %*s %x %*s %*s %*s %*u %*u %lu", local,
			   &local_port, &state, &inode) == 4 &&
		    state == STATE_LISTEN && local_port == port &&
		    (is_any(local) || is_any(address) || strcmp(local, address) == 0) &&
		    sockets->count < SOCKETS_MOST)
			sockets->inodes[sockets->count++] = inode;
	if (file)
		fclose(file);
}

/* Whether one of the process's descriptors is one of the sockets. */
static bool holds(const char *pid, const struct sockets *sockets)
{
	char path[PATH_MAX], target[64];
	struct dirent *entry;
	unsigned long inode;
	bool found = false;
	DIR *descriptors;

	snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
	descriptors = opendir(path);
	while (descriptors && !found && (entry = readdir(descriptors)) != NULL) {
		ssize_t length = readlinkat(dirfd(descriptors), entry->d_name, target,
					    sizeof target - 1);

		target[length > 0 ? length : 0] = '\0';
		if (sscanf(target, "socket:[%lu]", &inode) != 1)
			continue;
		for (size_t i = 0; i < sockets->count; i++)
			found = found || sockets->inodes[i] == inode;
	}
	if (descriptors)
		closedir(descriptors);
	return found;
}

/* 0 if it is gone. */
static pid_t parent_of(pid_t pid)
{
	struct process_stat stat;

	return process_stat_read(pid, &stat) ? stat.parent : 0;
}

static void read_name(pid_t pid, char *name, size_t size)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	file = fopen(path, "re");
	if (!file || !fgets(name, (int)size, file))
		snprintf(name, size, "?");
	name[strcspn(name, "\n")] = '\0';
	if (file)
		fclose(file);
}

static bool is_among(pid_t pid, const pid_t *pids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* Fills in `holders`; *children: some process of the machine is a child of a holder. */
static size_t find_holders(const struct sockets *sockets, pid_t *holders, bool *children)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	size_t count = 0;

	while (processes && (entry = readdir(processes)) != NULL)
		if (isdigit((unsigned char)entry->d_name[0]) && count < HOLDERS_MOST &&
		    holds(entry->d_name, sockets))
			holders[count++] = (pid_t)strtol(entry->d_name, NULL, 10);
	if (processes)
		rewinddir(processes);
	*children = false;
	while (processes && (entry = readdir(processes)) != NULL)
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    is_among(parent_of((pid_t)strtol(entry->d_name, NULL, 10)), holders, count))
			*children = true;
	if (processes)
		closedir(processes);
	return count;
}

void listening_find(struct listening *listening, const char *host, uint16_t port)
{
	struct sockets sockets = {0};
	pid_t holders[HOLDERS_MOST];
	char address[ADDRESS_DIGITS + 1];
	size_t count, parents = 0;
	bool children;

	*listening = (struct listening){0};
	format_address(host, address);
	if (!strchr(host, ':'))
		find_sockets(&sockets, "/proc/net/tcp", address, port);
	find_sockets(&sockets, "/proc/net/tcp6", strchr(host, ':') ? address : "-", port);
	count = find_holders(&sockets, holders, &children);
	for (size_t i = 0; i < count; i++)
		if (!is_among(parent_of(holders[i]), holders, count)) {
			listening->pid = holders[i];
			parents++;
		}
	listening->alone = count == 1 && !children;
	if (parents == 1) {
		read_name(listening->pid, listening->name, sizeof listening->name);
		return;
	}
	listening->pid = 0;
	listening->alone = false;
	snprintf(listening->why, sizeof listening->why, "%s",
		 parents ? "several processes without a common parent listen on its port"
			 : "the process that listens on its port is not to be found: it is of "
			   "another user or container");
}
