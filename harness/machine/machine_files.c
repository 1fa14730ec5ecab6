#include "harness/machine/machine_files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

enum { PATH_BYTES = 1024, LIST_BYTES = 1024, OPTIONS_BYTES = 1 << 20 };

static int path_join(const char *root, const char *path, char *joined, size_t size)
{
	int length = snprintf(joined, size, "%s%s", root, path);

	return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

long machine_read_text(const char *root, const char *path, char *text, size_t size)
{
	char full[PATH_BYTES];
	size_t length = 0;
	ssize_t got = 0;
	int fd, status = path_join(root, path, full, sizeof full);

	text[0] = '\0';
	if (status < 0)
		return status;
	fd = open(full, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (length < size - 1) {
		got = read(fd, text + length, size - 1 - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	status = got < 0 ? -errno : 0;
	close(fd);
	if (status < 0)
		length = 0;
	if (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return status < 0 ? status : (long)length;
}

bool machine_parse_number(const char *text, uint64_t *value, const char **end)
{
	char *after;

	while (isspace((unsigned char)*text))
		text++;
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoull(text, &after, 10);
	if (end)
		*end = after;
	return errno == 0;
}

size_t machine_read_numbers(const char *root, const char *path, uint64_t *values, size_t count)
{
	char text[256];
	const char *at = text;
	size_t found = 0;

	if (machine_read_text(root, path, text, sizeof text) <= 0)
		return 0;
	while (found < count && machine_parse_number(at, &values[found], &at))
		found++;
	return found;
}

bool machine_read_number(const char *root, const char *path, uint64_t *value)
{
	return machine_read_numbers(root, path, value, 1) == 1;
}

/* Counts the cores in a list such as "0-3,8,10-11"; false if it is no such list. */
static bool count_list(const char *list, uint64_t *count)
{
	uint64_t first, last;

	for (*count = 0; *list; list += *list == ',') {
		if (!machine_parse_number(list, &first, &list))
			return false;
		last = first;
		if (*list == '-' && !machine_parse_number(list + 1, &last, &list))
			return false;
		if (last < first || (*list && *list != ','))
			return false;
		*count += last - first + 1;
	}
	return *count > 0;
}

bool machine_read_list_count(const char *root, const char *path, uint64_t *count)
{
	char list[LIST_BYTES];

	return machine_read_text(root, path, list, sizeof list) > 0 && count_list(list, count);
}

/* What stands between a key and its value, and around the value. */
static bool is_padding(char character)
{
	return character == ' ' || character == '\t' || character == ':' || character == '=' ||
	       character == '"';
}

bool machine_find_field(const char *text, const char *key, char *value, size_t size)
{
	size_t key_length = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *begin, *end;

		line += *line == '\n';
		if (strncmp(line, key, key_length) != 0 || !is_padding(line[key_length]))
			continue;
		begin = line + key_length;
		end = begin + strcspn(begin, "\n");
		while (begin < end && is_padding(*begin))
			begin++;
		while (end > begin && is_padding(end[-1]))
			end--;
		snprintf(value, size, "%.*s", (int)(end - begin), begin);
		return true;
	}
	return false;
}

bool machine_read_field(const char *root, const char *path, const char *key, char *value,
			size_t size)
{
	char *text = malloc(MACHINE_TEXT_BYTES);
	bool found = text && machine_read_text(root, path, text, MACHINE_TEXT_BYTES) > 0 &&
		     machine_find_field(text, key, value, size);

	free(text);
	return found;
}

/* "0.10 0.20 0.30 2/345 6789": 345 threads exist. */
uint64_t machine_count_threads(const char *root)
{
	char text[256];
	uint64_t count = 0;
	const char *slash;

	if (machine_read_text(root, "/proc/loadavg", text, sizeof text) <= 0)
		return 0;
	slash = strchr(text, '/');
	return slash && machine_parse_number(slash + 1, &count, NULL) ? count : 0;
}

/* gzread also reads files that are not compressed, so both places are read in one way. */
static char *read_options(const char *root, const char *path)
{
	char full[PATH_BYTES];
	char *options;
	gzFile file;
	int length;

	if (path_join(root, path, full, sizeof full) < 0)
		return NULL;
	file = gzopen(full, "rbe");
	if (!file)
		return NULL;
	options = malloc(OPTIONS_BYTES);
	length = options ? gzread(file, options, OPTIONS_BYTES - 1) : -1;
	gzclose(file);
	if (length <= 0) {
		free(options);
		return NULL;
	}
	options[length] = '\0';
	return options;
}

char *machine_kernel_options(const char *root)
{
	struct utsname name;
	char path[PATH_BYTES];
	char *options = read_options(root, "/proc/config.gz");

	if (options || uname(&name) < 0)
		return options;
	snprintf(path, sizeof path, "/boot/config-%s", name.release);
	return read_options(root, path);
}

bool machine_kernel_option(const char *options, const char *name, char *value, size_t size)
{
	return options && machine_find_field(options, name, value, size);
}

bool machine_read_steal(const char *root, uint64_t *steal, uint64_t *total)
{
	enum { COLUMNS = 8, STEAL = 7 }; /* user nice system idle iowait irq softirq steal */
	char value[256];
	const char *at = value;
	uint64_t ticks[COLUMNS];

	if (!machine_read_field(root, "/proc/stat", "cpu", value, sizeof value))
		return false;
	*total = 0;
	for (int i = 0; i < COLUMNS; i++) {
		if (!machine_parse_number(at, &ticks[i], &at))
			return false;
		*total += ticks[i];
	}
	*steal = ticks[STEAL];
	return *total > 0;
}
