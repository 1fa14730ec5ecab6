#include "harness/neighbours.h"

#include "lib/clock.h"

#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KERNEL_THREADS_PARENT = 2 };

/* What /proc/PID/stat says (proc(5)); the name, in parentheses, may hold anything. */
struct status {
	int parent, group, session;
	uint64_t ticks; /* user and system, of itself and of the children that it has waited for */
};

static bool read_status(const char *name, struct status *status)
{
	char path[64], text[1024];
	unsigned long user, system;
	long children_user, children_system;
	const char *after;
	size_t length;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%.20s/stat", name);
	file = fopen(path, "re");
	if (!file)
		return false;
	length = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[length] = '\0';
	after = strrchr(text, ')');
	if (!after || sscanf(after + 1, " %*c %d %d %d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
			     &status->parent, &status->group, &status->session, &user, &system,
			     &children_user, &children_system) != 7)
		return false;
	status->ticks = user + system + (uint64_t)children_user + (uint64_t)children_system;
	return true;
}

static bool is_own(const struct status *status, const pid_t *own, size_t own_count)
{
	for (size_t i = 0; i < own_count; i++)
		if (own[i] > 0 && (status->group == own[i] || status->session == own[i]))
			return true;
	return false;
}

/*
 * A child that ends adds what it used to its parent's sum when that has waited for it, so the sum
 * over all processes goes on as if it were still there.
 */
void neighbours_read(struct neighbours *neighbours, const pid_t *own, size_t own_count)
{
	DIR *directory = opendir("/proc");
	const struct dirent *entry;
	uint64_t ticks = 0;
	char self[24];

	*neighbours = (struct neighbours){.at_ns = clock_now_ns(), .cpu_ns = NAN};
	if (!directory)
		return;
	snprintf(self, sizeof self, "%d", (int)getpid());
	while ((entry = readdir(directory)) != NULL) {
		struct status status;

		if (!isdigit((unsigned char)entry->d_name[0]) || strcmp(entry->d_name, self) == 0)
			continue;
		if (read_status(entry->d_name, &status) && status.parent != KERNEL_THREADS_PARENT &&
		    !is_own(&status, own, own_count))
			ticks += status.ticks;
	}
	closedir(directory);
	neighbours->cpu_ns = (double)ticks * (double)NS_PER_S / (double)sysconf(_SC_CLK_TCK);
}
