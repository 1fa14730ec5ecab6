#include "lib/process_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* False if it cannot be read. */
static bool read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return false;
	do
		length = read(fd, text, size - 1);
	while (length < 0 && errno == EINTR);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	return true;
}

bool process_schedstat_read(const char *path, uint64_t *ran_ns, uint64_t *waited_ns)
{
	char text[80];

	return read_file(path, text, sizeof text) &&
	       sscanf(text, "%lu %lu", ran_ns, waited_ns) == 2 && *ran_ns > 0;
}

bool process_stat_read(pid_t pid, struct process_stat *stat)
{
	char path[64], text[1024];
	unsigned long user, system;
	long children_user, children_system;
	const char *after;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (!read_file(path, text, sizeof text))
		return false;
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
