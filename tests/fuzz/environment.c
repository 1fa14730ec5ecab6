#include "tests/fuzz/environment.h"

#include <string.h>
#include <time.h>

struct environment environment;

int __real_clock_gettime(clockid_t id, struct timespec *time);
int __wrap_clock_gettime(clockid_t id, struct timespec *time);
int __real_clock_nanosleep(clockid_t id, int flags, const struct timespec *until,
			   struct timespec *left);
int __wrap_clock_nanosleep(clockid_t id, int flags, const struct timespec *until,
			   struct timespec *left);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

int __wrap_clock_gettime(clockid_t id, struct timespec *time)
{
	if (!environment.now_ns)
		return __real_clock_gettime(id, time);
	*time = (struct timespec){.tv_sec = (time_t)(environment.now_ns / 1000000000),
				  .tv_nsec = (long)(environment.now_ns % 1000000000)};
	return 0;
}

/* Of sleeps until a time. */
int __wrap_clock_nanosleep(clockid_t id, int flags, const struct timespec *until,
			   struct timespec *left)
{
	if (!environment.now_ns)
		return __real_clock_nanosleep(id, flags, until, left);
	environment.now_ns = (uint64_t)until->tv_sec * 1000000000 + (uint64_t)until->tv_nsec;
	return 0;
}

static bool is_refused(void)
{
	return environment.allocations_left && --environment.allocations_left == 0;
}

void *__wrap_malloc(size_t size)
{
	return is_refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return is_refused() ? NULL : __real_realloc(old, size);
}

void *environment_allocate(size_t size)
{
	return __real_malloc(size);
}

struct schedule schedule_read(const uint8_t *data, size_t size)
{
	const uint8_t *line = size ? memchr(data, '\n', size < SCHEDULE_MOST ? size : SCHEDULE_MOST)
				   : NULL;
	struct schedule schedule = {.bytes = data};

	if (line) {
		schedule.length = (size_t)(line - data);
		schedule.all = schedule.length + 1;
	}
	return schedule;
}

/* The bytes as they stand, so that changing one changes one decision; later rounds mix them. */
unsigned schedule_draw(struct schedule *schedule, unsigned below)
{
	uint64_t at = schedule->drawn++, value;

	if (schedule->length == 0)
		return 0;
	value = schedule->bytes[at % schedule->length];
	if (at >= schedule->length)
		value = (value + at) * UINT64_C(0x9E3779B97F4A7C15) >> 32;
	return (unsigned)(value % below);
}

bool schedule_chance(struct schedule *schedule, unsigned one_in)
{
	return schedule_draw(schedule, one_in) == one_in - 1;
}

size_t schedule_size(struct schedule *schedule, size_t most)
{
	static const size_t limits[] = {2, 8, 64, 4096, SIZE_MAX, SIZE_MAX};
	size_t limit = limits[schedule_draw(schedule, sizeof limits / sizeof *limits)];

	if (limit > most)
		limit = most;
	if (limit > 256 && schedule_draw(schedule, 2))
		return limit;
	return 1 + (schedule_draw(schedule, 256) * 256 + schedule_draw(schedule, 256)) % limit;
}
