#include "harness/doctor/features.h"

#include "harness/doctor/doctor.h"
#include "harness/machine/cgroup.h"
#include "harness/machine/machine_files.h"
#include "harness/measure/system_calls.h"
#include "lib/process_stat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATH_BYTES = 768 };

static void is_there(struct doctor_finding *finding)
{
	doctor_set_value(finding, "yes");
}

static void is_missing(struct doctor_finding *finding, const char *why)
{
	doctor_set_value(finding, "no: %s", why);
	finding->verdict = DOCTOR_NOTE;
}

/* Asked for what cannot be, a kernel that has it says that, and one that has it not says so. */
static void look_accept4(const char *root, struct doctor_finding *finding)
{
	(void)root;
	if (accept4(-1, NULL, NULL, SOCK_CLOEXEC) < 0 && errno != EBADF)
		is_missing(finding, strerror(errno));
	else
		is_there(finding);
}

static void look_reuseport(const char *root, struct doctor_finding *finding)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	(void)root;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0)
		is_missing(finding, strerror(errno));
	else
		is_there(finding);
	if (fd >= 0)
		close(fd);
}

static void look_pidfd(const char *root, struct doctor_finding *finding)
{
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	(void)root;
	if (fd < 0)
		is_missing(finding, strerror(errno));
	else
		is_there(finding);
	if (fd >= 0)
		close(fd);
}

/* The counters by which system calls are counted: of this very thread, for a moment. */
static void look_counters(const char *root, struct doctor_finding *finding)
{
	struct system_calls calls;

	system_calls_open(&calls, getpid(), SYSTEM_CALLS_ALL, root);
	if (*calls.why)
		is_missing(finding, calls.why);
	else
		is_there(finding);
	system_calls_close(&calls);
}

static void look_run_queue(const char *root, struct doctor_finding *finding)
{
	char path[PATH_BYTES];
	uint64_t ran_ns, waited_ns;

	snprintf(path, sizeof path, "%s/proc/self/schedstat", root);
	if (process_schedstat_read(path, &ran_ns, &waited_ns))
		is_there(finding);
	else
		is_missing(finding, "this kernel does not tell how long threads wait for a core "
				    "(schedstat)");
}

/* The group that we are in, and what it tells of the memory that is charged to it. */
static bool look_group(void *context, const char *root, const char *directory)
{
	/* Those by which the kernel's share is told apart; an older kernel lacks the first. */
	static const char *const fields[] = {"kernel", "sock", "kernel_stack", "pagetables",
					     "slab"};
	struct doctor_finding *finding = context;
	char path[PATH_BYTES], lacks[128] = "", value[32];
	char *text = malloc(MACHINE_TEXT_BYTES);

	snprintf(path, sizeof path, "%s%s/memory.usage_in_bytes", root, directory);
	if (access(path, R_OK) == 0) {
		doctor_set_value(finding, "version 1");
		free(text);
		return false;
	}
	snprintf(path, sizeof path, "%s%s/memory.stat", root, directory);
	if (!text || machine_read_text("", path, text, MACHINE_TEXT_BYTES) <= 0) {
		free(text);
		return true;
	}
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (!machine_find_field(text, fields[i], value, sizeof value))
			snprintf(lacks + strlen(lacks), sizeof lacks - strlen(lacks), "%s%s",
				 *lacks ? ", " : "", fields[i]);
	doctor_set_value(finding, *lacks ? "version 2; its memory.stat lacks %s" : "version 2",
			 lacks);
	free(text);
	return false;
}

static void look_groups(const char *root, struct doctor_finding *finding)
{
	cgroup_visit(root, "memory", look_group, finding);
	if (!*finding->value)
		is_missing(finding, "no control group of memory is seen from here");
}

/* In the order in which they are told. */
static const struct feature {
	const char *key, *title;
	void (*look)(const char *root, struct doctor_finding *finding);
} features[] = {
	{"accept4", "accept4", look_accept4},
	{"reuseport", "SO_REUSEPORT", look_reuseport},
	{"pidfd", "pidfd_open", look_pidfd},
	{"counters", "perf counters", look_counters},
	{"run_queue", "run-queue delay", look_run_queue},
	{"memory_groups", "memory cgroup", look_groups},
};

/* What the doctor finds that concerns the kernel alone. */
static const char *const checks[] = {"interrupts", "huge_pages"};

enum { FEATURES = sizeof features / sizeof *features, CHECKS = sizeof checks / sizeof *checks };

_Static_assert(FEATURES + CHECKS <= FEATURES_MOST, "FEATURES_MOST");

size_t features_look(const char *root, struct doctor_finding findings[FEATURES_MOST])
{
	size_t count = 0;

	for (size_t i = 0; i < FEATURES; i++, count++) {
		findings[count] = (struct doctor_finding){.key = features[i].key,
							  .title = features[i].title};
		features[i].look(root, &findings[count]);
	}
	for (size_t i = 0; i < CHECKS; i++)
		count += doctor_look(checks[i], root, &findings[count]);
	return count;
}
