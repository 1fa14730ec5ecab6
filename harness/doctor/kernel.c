/* How the kernel counts time, and what it lets us see. */
#include "harness/doctor/checks.h"

#include "harness/machine/environment.h"
#include "harness/machine/machine_files.h"
#include "harness/measure/memory_group.h"
#include "lib/clock.h"
#include "lib/statistics/statistics.h"

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

void doctor_check_cgroup(struct doctor_context *context, struct doctor_finding *finding)
{
	struct memory_groups groups;

	memory_groups_open(&groups, context->root);
	if (!*groups.why) {
		doctor_set_value(finding, "version %d, of memory, below our own",
				 groups.source == MEMORY_SOURCE_CGROUP_V1 ? 1 : 2);
		memory_groups_close(&groups);
		return;
	}
	doctor_set_value(finding, "none of memory that we may make");
	doctor_set_effect(finding, DOCTOR_NOTE,
			  "The kernel's share of memory is known for server and generator together "
			  "only: %s.",
			  groups.why);
	doctor_set_remedy(finding,
			  "run as root, or: systemd-run --user --scope -p Delegate=yes tenk");
}
