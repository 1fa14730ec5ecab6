#include "harness/machine/cgroup.h"

#include "harness/machine/machine_files.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 512, TEXT_BYTES = 4096, MOUNT_BYTES = 96 };

/* Calls visit for a directory and for all above it, down to the mount's own. */
static bool visit_upwards(const char *root, const char *mount, const char *group,
			  bool (*visit)(void *context, const char *root, const char *directory),
			  void *context)
{
	char path[PATH_BYTES];
	size_t mount_length = strlen(mount);

	snprintf(path, sizeof path, "%s%s", mount, strcmp(group, "/") == 0 ? "" : group);
	for (;;) {
		if (!visit(context, root, path))
			return false;
		if (strlen(path) <= mount_length)
			return true;
		*strrchr(path, '/') = '\0';
	}
}

/* Whether "cpu,cpuacct" names the controller. */
static bool names_controller(const char *list, size_t length, const char *controller)
{
	size_t wanted = strlen(controller);
	const char *end = list + length;

	while (list < end) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		size_t word = (size_t)((comma ? comma : end) - list);

		if (word == wanted && memcmp(list, controller, wanted) == 0)
			return true;
		list += word + 1;
	}
	return false;
}

void cgroup_visit(const char *root, const char *controller,
		  bool (*visit)(void *context, const char *root, const char *directory),
		  void *context)
{
	static const char *const unified[] = {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"};
	char text[TEXT_BYTES], mount[MOUNT_BYTES];

	if (machine_read_text(root, "/proc/self/cgroup", text, sizeof text) <= 0)
		return;
	/* "4:memory:/group" of version 1, "0::/group" of version 2. */
	for (char *line = text, *next; line; line = next) {
		char *list = strchr(line, ':');
		char *group = list ? strchr(list + 1, ':') : NULL;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!group)
			continue;
		list++;
		if (list == group) {
			for (size_t i = 0; i < sizeof unified / sizeof *unified; i++)
				if (!visit_upwards(root, unified[i], group + 1, visit, context))
					return;
		} else if (names_controller(list, (size_t)(group - list), controller)) {
			snprintf(mount, sizeof mount, "/sys/fs/cgroup/%s", controller);
			if (!visit_upwards(root, mount, group + 1, visit, context))
				return;
		}
	}
}
