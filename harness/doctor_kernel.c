/* How the kernel counts time, and what it lets us see. */
#include "harness/doctor_checks.h"

#include "harness/environment.h"
#include "harness/machine_files.h"
#include "lib/clock.h"
#include "lib/statistics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { VALUE_BYTES = 256, TEXT_BYTES = 4096, PATH_BYTES = 768 };

void doctor_check_interrupts(struct doctor_context *context, struct doctor_finding *finding)
{
	static const struct {
		const char *kind, *value, *effect;
	} kinds[] = {
		{"tick", "counted with the process that they hit, by the tick",
		 "On loopback the sender's system call also runs the receiver's protocol work, and "
		 "the kernel charges it to the sender: read CPU per request as the sum of server "
		 "and generator. A core's softirq share is a sample of one look a tick."},
		{"irq_time", "counted exactly, apart from processes",
		 "On loopback the receiver's protocol work runs in softirq, which no process is "
		 "charged for: CPU per request of processes is too low, the cores' busy and "
		 "softirq time beside it is right."},
		{"virt", "counted exactly, at each entry to the kernel and exit",
		 "On loopback the sender's system call also runs the receiver's protocol work: read "
		 "CPU per request as the sum of server and generator."},
	};
	const char *kind = environment_interrupt_accounting(context->root, context->kernel_options);

	for (size_t i = 0; kind && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kind, kinds[i].kind) == 0) {
			doctor_set_value(finding, "%s", kinds[i].value);
			doctor_set_effect(finding, DOCTOR_NOTE, "%s", kinds[i].effect);
			return;
		}
	doctor_set_value(finding, "unknown: this kernel's configuration cannot be read");
	doctor_set_effect(finding, DOCTOR_NOTE,
			  "CPU per request may or may not hold the work of interrupts; the cores' "
			  "busy time beside it does.");
	doctor_set_remedy(finding, "modprobe configs, or install the kernel's /boot/config file");
}

/* How late a sleep of 1 ms ends, the median of some. */
static double measure_lateness_ns(void)
{
	enum { SLEEPS = 21 };
	const struct timespec sleep = {.tv_nsec = (long)NS_PER_MS};
	double lateness_ns[SLEEPS];
	size_t count = 0;

	for (int i = 0; i < SLEEPS; i++) {
		uint64_t started_ns = clock_now_ns();

		if (clock_nanosleep(CLOCK_MONOTONIC, 0, &sleep, NULL) == 0)
			lateness_ns[count++] = (double)(clock_now_ns() - started_ns - NS_PER_MS);
	}
	return statistics_median(lateness_ns, count);
}

void doctor_check_tick(struct doctor_context *context, struct doctor_finding *finding)
{
	char hertz[VALUE_BYTES] = "unknown";
	double lateness_us = measure_lateness_ns() / (double)NS_PER_US;

	machine_kernel_option(context->kernel_options, "CONFIG_HZ", hertz, sizeof hertz);
	doctor_set_value(finding, "%s Hz; a sleep of 1 ms ends %.0f us late", hertz, lateness_us);
	if (lateness_us < 200)
		return;
	doctor_set_effect(finding, lateness_us < 1000 ? DOCTOR_NOTE : DOCTOR_WARNING,
			  "Waits end late, and the generator's sends with them: an open loop shows "
			  "lateness that no server made.");
	doctor_set_remedy(finding, "boot without highres=off and nohlt; keep other load away");
}

void doctor_check_huge_pages(struct doctor_context *context, struct doctor_finding *finding)
{
	char text[VALUE_BYTES], *begin, *end;

	if (machine_read_text(context->root, "/sys/kernel/mm/transparent_hugepage/enabled", text,
			      sizeof text) <= 0) {
		doctor_set_value(finding, "not in this kernel");
		return;
	}
	begin = strchr(text, '[');
	end = begin ? strchr(begin, ']') : NULL;
	if (!end) {
		doctor_set_value(finding, "%s", text);
		return;
	}
	*end = '\0';
	doctor_set_value(finding, "%s; our servers turn them off for themselves", begin + 1);
	if (strcmp(begin + 1, "always") != 0)
		return;
	doctor_set_effect(
		finding, DOCTOR_NOTE,
		"Servers that others wrote may get 2 MiB where they touch one byte: memory "
		"per connection comes in jumps.");
	doctor_set_remedy(finding, "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled");
}

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

void doctor_cgroup_visit(const char *root, const char *controller,
			 bool (*visit)(void *context, const char *root, const char *directory),
			 void *context)
{
	static const char *const unified[] = {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"};
	char text[TEXT_BYTES], mount[VALUE_BYTES];

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

/* A group in which we may make one for a trial. */
struct place {
	bool found;
	int version;
};

static bool find_place(void *context, const char *root, const char *directory)
{
	struct place *place = context;
	char path[PATH_BYTES + 64], controllers[VALUE_BYTES];

	snprintf(path, sizeof path, "%s%s", root, directory);
	if (access(path, W_OK) < 0)
		return true;
	snprintf(path, sizeof path, "%s/cgroup.controllers", directory);
	if (machine_read_text(root, path, controllers, sizeof controllers) < 0) {
		snprintf(path, sizeof path, "%s/cpuacct.usage", directory);
		if (machine_read_text(root, path, controllers, sizeof controllers) <= 0)
			return true;
		*place = (struct place){.found = true, .version = 1};
	} else if (strstr(controllers, "cpu") && strstr(controllers, "memory")) {
		*place = (struct place){.found = true, .version = 2};
	}
	return !place->found;
}

void doctor_check_cgroup(struct doctor_context *context, struct doctor_finding *finding)
{
	struct place place = {.found = false};

	doctor_cgroup_visit(context->root, "cpuacct", find_place, &place);
	if (place.found) {
		doctor_set_value(finding, "version %d, a group for a trial can be made",
				 place.version);
		return;
	}
	doctor_set_value(finding, "none that we may write to");
	doctor_set_effect(finding, DOCTOR_NOTE,
			  "CPU and memory of a trial cannot be had from a group of its own; the "
			  "processes' clocks are enough for CPU.");
	doctor_set_remedy(finding,
			  "run as root, or: systemd-run --user --scope -p Delegate=yes tenk");
}
