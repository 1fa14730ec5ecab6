#include "harness/machine/free_memory.h"

#include "harness/machine/cgroup.h"
#include "harness/machine/machine_files.h"
#include "lib/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define KEPT_MOST_BYTES (UINT64_C(1536) << 20)
enum { KEPT_ONE_IN = 16, TEXT_BYTES = 8192, PATH_BYTES = 640 };

static const char setting[] = "TENK_KEEP_FREE";

/* What pages of files are called: all of them, and those that are not just dropped. */
struct file_pages {
	const char *all[2], *held[3];
};

/* A kernel's way to tell of a group. */
struct group_files {
	const char *limit, *usage;
	struct file_pages pages; /* in memory.stat */
};

/* What the search goes with. */
struct search {
	struct free_memory *least;
	uint64_t kept_bytes;
};

static uint64_t field(const char *text, const char *key)
{
	char value[64];
	uint64_t number;

	return machine_find_field(text, key, value, sizeof value) &&
			       machine_parse_number(value, &number, NULL)
		       ? number
		       : 0;
}

static uint64_t droppable(const char *text, const struct file_pages *names)
{
	uint64_t all = field(text, names->all[0]) + field(text, names->all[1]), held = 0;

	for (size_t i = 0; i < sizeof names->held / sizeof *names->held; i++)
		held += field(text, names->held[i]);
	return all > held ? all - held : 0;
}

static uint64_t minus(uint64_t from, uint64_t taken)
{
	return from > taken ? from - taken : 0;
}

static int64_t beyond_kept(const struct free_memory *memory)
{
	return (int64_t)memory->bytes - (int64_t)memory->kept_bytes;
}

/* Takes it over if less can be taken there, or more is missing. */
static void consider(const struct search *search, uint64_t bytes, uint64_t of_bytes,
		     const char *whose)
{
	struct free_memory *least = search->least;
	struct free_memory found = {
		.bytes = bytes, .kept_bytes = search->kept_bytes, .whose = whose};

	if (found.kept_bytes == 0)
		found.kept_bytes = of_bytes / KEPT_ONE_IN < KEPT_MOST_BYTES ? of_bytes / KEPT_ONE_IN
									    : KEPT_MOST_BYTES;
	if (least->bytes == UINT64_MAX || beyond_kept(&found) < beyond_kept(least))
		*least = found;
}

static void consider_machine(const struct search *search, const char *root)
{
	static const struct file_pages names = {{"Active(file)", "Inactive(file)"},
						{"Mapped", "Dirty", "Writeback"}};
	char text[TEXT_BYTES];

	if (machine_read_text(root, "/proc/meminfo", text, sizeof text) <= 0 ||
	    field(text, "MemTotal") == 0)
		return;
	consider(search, (field(text, "MemFree") + droppable(text, &names)) * 1024,
		 field(text, "MemTotal") * 1024, "this machine's");
}

static bool consider_group(void *context, const char *root, const char *directory)
{
	static const struct group_files versions[] = {
		{"memory.limit_in_bytes",
		 "memory.usage_in_bytes",
		 {{"total_active_file", "total_inactive_file"},
		  {"total_mapped_file", "total_dirty", "total_writeback"}}},
		{"memory.max",
		 "memory.current",
		 {{"active_file", "inactive_file"},
		  {"file_mapped", "file_dirty", "file_writeback"}}},
	};
	char path[PATH_BYTES], text[TEXT_BYTES];
	uint64_t limit, usage;

	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		snprintf(path, sizeof path, "%s/%s", directory, versions[i].limit);
		/* "max", or in version 1 nearly all that 63 bits can say. */
		if (!machine_read_number(root, path, &limit) || limit >= UINT64_C(1) << 62)
			continue;
		snprintf(path, sizeof path, "%s/%s", directory, versions[i].usage);
		if (!machine_read_number(root, path, &usage))
			continue;
		snprintf(path, sizeof path, "%s/memory.stat", directory);
		if (machine_read_text(root, path, text, sizeof text) <= 0)
			text[0] = '\0';
		consider(context, minus(limit, usage) + droppable(text, &versions[i].pages), limit,
			 "our control group's");
	}
	return true;
}

void free_memory_read(struct free_memory *memory, uint64_t kept_bytes, const char *root)
{
	struct search search = {.least = memory, .kept_bytes = kept_bytes};

	*memory = (struct free_memory){.bytes = UINT64_MAX};
	consider_machine(&search, root);
	cgroup_visit(root, "memory", consider_group, &search);
}

uint64_t free_memory_to_take(const struct free_memory *memory)
{
	return memory->bytes == UINT64_MAX ? UINT64_MAX : minus(memory->bytes, memory->kept_bytes);
}

int free_memory_read_setting(uint64_t *kept_bytes, struct error *error)
{
	const char *text = getenv(setting);
	int result = 0;

	*kept_bytes = 0;
	if (text && *text)
		result = units_parse_integer(UNIT_BYTES, text, kept_bytes, error);
	if (result < 0)
		error_prefix(error, "%s", setting);
	return result;
}
