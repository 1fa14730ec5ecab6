#include "harness/measure/memory_group.h"

#include "harness/machine/machine_files.h"
#include "lib/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REMOVE_WAIT_NS (1 * NS_PER_S)
#define REMOVE_POLL_NS (5 * NS_PER_MS)

enum { FILE_BYTES = MEMORY_PATH_BYTES + 48 };

const char *memory_source_name(enum memory_source source)
{
	static const char *const names[] = {
		[MEMORY_SOURCE_MEMINFO] = "meminfo",
		[MEMORY_SOURCE_CGROUP_V1] = "cgroup-v1",
		[MEMORY_SOURCE_CGROUP_V2] = "cgroup-v2",
		[MEMORY_SOURCE_OUR_CGROUP_V1] = "our-cgroup-v1",
		[MEMORY_SOURCE_OUR_CGROUP_V2] = "our-cgroup-v2",
	};

	return names[source];
}

int memory_group_write(const char *group, const char *file, const char *word)
{
	char path[FILE_BYTES];
	int fd, result = 0;

	snprintf(path, sizeof path, "%s/%s", group, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, word, strlen(word)) < 0)
		result = -errno;
	close(fd);
	return result;
}

static bool group_has(const struct memory_group *group, const char *file)
{
	char path[FILE_BYTES];

	snprintf(path, sizeof path, "%s/%s", group->path, file);
	return access(path, F_OK) == 0;
}

/* Writes what a group needs, and says of what does not work which file it was. */
static int put(const struct memory_group *group, const char *file, const char *word,
	       struct error *error)
{
	int result = memory_group_write(group->path, file, word);

	if (result < 0)
		error_set(error, "cannot write %s of a memory group: %s", file, strerror(-result));
	return result;
}

static int set_up(const struct memory_group *group, uint64_t limit_bytes, struct error *error)
{
	bool first = group->source == MEMORY_SOURCE_CGROUP_V1;
	const char *swap = first ? "memory.swappiness" : "memory.swap.max";
	char limit[32];
	int result = 0;

	/* Whatever is written: from then on sockets are charged, also those that are accepted. */
	if (first)
		result = put(group, "memory.kmem.tcp.limit_in_bytes", "-1", error);
	if (result < 0 || limit_bytes == 0)
		return result;
	snprintf(limit, sizeof limit, "%llu", (unsigned long long)limit_bytes);
	result = put(group, first ? "memory.limit_in_bytes" : "memory.max", limit, error);
	/* Where there is swap, it is no way out. */
	if (result == 0 && group_has(group, swap))
		result = put(group, swap, "0", error);
	return result;
}

static int make_folder(struct memory_group *group, const char *base, const char *name,
		       struct error *error)
{
	int result = 0;

	if (snprintf(group->path, sizeof group->path, "%s/%s", base, name) >=
	    (int)sizeof group->path)
		result = -ENAMETOOLONG;
	else if (mkdir(group->path, 0755) < 0)
		result = -errno;
	if (result < 0)
		error_set(error, "cannot make the memory group %s: %s", group->path,
			  strerror(-result));
	return result;
}

int memory_group_make(struct memory_group *group, const struct memory_groups *groups,
		      const char *name, uint64_t limit_bytes, struct error *error)
{
	int result;

	*group = (struct memory_group){.source = groups->source};
	if (groups->source != MEMORY_SOURCE_CGROUP_V1 && groups->source != MEMORY_SOURCE_CGROUP_V2)
		return 0;
	result = make_folder(group, groups->base, name, error);
	if (result == 0) {
		snprintf(group->entry, sizeof group->entry, "%s/cgroup.procs", group->path);
		result = set_up(group, limit_bytes, error);
		if (result < 0)
			rmdir(group->path);
	}
	if (result < 0)
		*group = (struct memory_group){.source = groups->source};
	return result;
}

static double read_bytes(const struct memory_group *group, const char *file)
{
	char path[FILE_BYTES];
	uint64_t value;

	snprintf(path, sizeof path, "%s/%s", group->path, file);
	return machine_read_number("", path, &value) ? (double)value : NAN;
}

/* A field of memory.stat; `otherwise` where the kernel is too old to have it. */
static double stat_field(const char *text, const char *key, double otherwise)
{
	char value[32];
	uint64_t bytes;

	if (!machine_find_field(text, key, value, sizeof value) ||
	    !machine_parse_number(value, &bytes, NULL))
		return otherwise;
	return (double)bytes;
}

/* The text of memory.stat, malloc'ed; NULL if it cannot be read. */
static char *read_stat(const struct memory_group *group)
{
	char *text = malloc(MACHINE_TEXT_BYTES), path[FILE_BYTES];

	snprintf(path, sizeof path, "%s/memory.stat", group->path);
	if (text && machine_read_text("", path, text, MACHINE_TEXT_BYTES) > 0)
		return text;
	free(text);
	return NULL;
}

/*
 * Files' pages are charged to whoever read them first, be it this server or one before it, and stay
 * when it has gone: they are no property of a server. Shared memory counts as files, and is one.
 */
static double file_bytes(const char *text, const char *key)
{
	return stat_field(text, key, 0) - stat_field(text, "shmem", 0);
}

static bool read_version_1(const struct memory_group *group, struct group_memory *memory)
{
	double sockets = read_bytes(group, "memory.kmem.tcp.usage_in_bytes");
	char *text = read_stat(group);
	double files = text ? file_bytes(text, "cache") : NAN;

	free(text);
	*memory = (struct group_memory){
		.total = read_bytes(group, "memory.usage_in_bytes") + sockets - files,
		.files = files,
		.kernel = read_bytes(group, "memory.kmem.usage_in_bytes") + sockets,
		.sockets = sockets,
		.stacks = NAN,
		.page_tables = NAN,
		.objects = NAN,
	};
	return !isnan(memory->total);
}

static bool read_version_2(const struct memory_group *group, struct group_memory *memory)
{
	char *text = read_stat(group);
	double sum;

	if (!text)
		return false;
	memory->files = file_bytes(text, "file");
	memory->total = read_bytes(group, "memory.current") - memory->files;
	memory->sockets = stat_field(text, "sock", NAN);
	memory->stacks = stat_field(text, "kernel_stack", NAN);
	memory->page_tables = stat_field(text, "pagetables", NAN);
	memory->objects = stat_field(text, "slab", NAN);
	sum = memory->stacks + memory->page_tables + memory->objects +
	      stat_field(text, "percpu", 0);
	memory->kernel = stat_field(text, "kernel", sum) + memory->sockets; /* since Linux 5.18 */
	free(text);
	return !isnan(memory->total);
}

bool memory_group_read(const struct memory_group *group, struct group_memory *memory)
{
	*memory = (struct group_memory){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
	if (!*group->path)
		return false;
	return group->source == MEMORY_SOURCE_CGROUP_V1 ? read_version_1(group, memory)
							: read_version_2(group, memory);
}

bool memory_groups_read_ours(const struct memory_groups *groups, struct group_memory *memory)
{
	bool first = groups->source == MEMORY_SOURCE_OUR_CGROUP_V1;
	struct memory_group ours = {.source = first ? MEMORY_SOURCE_CGROUP_V1
						    : MEMORY_SOURCE_CGROUP_V2};

	if (!first && groups->source != MEMORY_SOURCE_OUR_CGROUP_V2)
		return false;
	memcpy(ours.path, groups->own, sizeof ours.path);
	/* The topmost group of version 1 reads 0: nothing is charged to it. */
	return memory_group_read(&ours, memory) && memory->kernel > 0;
}

unsigned memory_group_kills(const struct memory_group *group)
{
	char path[FILE_BYTES], value[32];
	uint64_t kills = 0;

	if (!*group->path)
		return 0;
	snprintf(path, sizeof path, "%s/%s", group->path,
		 group->source == MEMORY_SOURCE_CGROUP_V1 ? "memory.oom_control" : "memory.events");
	if (!machine_read_field("", path, "oom_kill", value, sizeof value) ||
	    !machine_parse_number(value, &kills, NULL))
		return 0;
	return (unsigned)kills;
}

void memory_group_remove(struct memory_group *group)
{
	uint64_t deadline_ns = clock_now_ns() + REMOVE_WAIT_NS;

	while (*group->path && rmdir(group->path) < 0 && errno == EBUSY &&
	       clock_now_ns() < deadline_ns)
		clock_pause(REMOVE_POLL_NS);
	*group->path = '\0'; /* what could not be removed goes with the run's */
}
