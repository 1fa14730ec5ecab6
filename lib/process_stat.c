#include "lib/process_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool process_stat_read(pid_t pid, struct process_stat *stat)
{
	char path[64], text[1024];
	unsigned long user, system;
	long children_user, children_system;
	const char *after;
	ssize_t length;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	do
		length = read(fd, text, sizeof text - 1);
	while (length < 0 && errno == EINTR);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	/* "pid (name) state ...": the name may hold anything, parentheses and newlines too. */
	after = strrchr(text, ')');
	if (!after || sscanf(after + 1, " %*c %d %d %d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
			     &stat->parent, &stat->group, &stat->session, &user, &system,
			     &children_user, &children_system) != 7)
		return false;
	stat->own_ticks = user + system;
	stat->children_ticks = (uint64_t)children_user + (uint64_t)children_system;
	return true;
}
