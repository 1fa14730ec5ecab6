/* The Date: what it says of any second, and that threads which ask at once never get a mixture. */
#include "servers/core/http/date.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, READINGS = 200000 };

static _Thread_local time_t wall_second; /* this thread's; 0: the kernel's */

int clock_gettime(clockid_t id, struct timespec *time)
{
	if (id == CLOCK_REALTIME_COARSE && wall_second) {
		*time = (struct timespec){.tv_sec = wall_second};
		return 0;
	}
	return (int)syscall(SYS_clock_gettime, id, time);
}

static void expect_right(time_t second)
{
	char date[DATE_BYTES + 1] = {0}, expected[64];
	struct tm utc;

	cr_assert_not_null(gmtime_r(&second, &utc));
	strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", &utc);
	date_write(date, second);
	cr_expect_str_eq(date, expected);
}

Test(date, of_every_day_of_four_centuries, .timeout = 60)
{
	for (time_t day = 0; day <= 146097 + 366; day++)
		expect_right(day * 86400 + day * 7919 % 86400);
	expect_right(253402300799); /* the last that has four digits of a year */
	expect_right(86399);
	expect_right(0);
}

/* Each thread has a clock of its own, so that all change what is published all the time. */
static void *read_often(void *argument)
{
	const time_t *seconds = argument;
	char date[DATE_BYTES], expected[2][DATE_BYTES];
	uintptr_t wrong = 0;

	date_write(expected[0], seconds[0]);
	date_write(expected[1], seconds[1]);
	for (int i = 0; i < READINGS; i++) {
		wall_second = seconds[i / 3 % 2];
		cr_assert_eq(date_put(date), date + DATE_BYTES);
		wrong += memcmp(date, expected[i / 3 % 2], DATE_BYTES) != 0;
	}
	return (void *)wrong;
}

Test(date, is_whole_whoever_changes_it, .timeout = 60)
{
	static const time_t seconds[THREADS][2] = {{784111777, 253402300799},
						   {253402300799, 1},
						   {1, 784111777},
						   {951827696, 784111777}};
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, read_often,
					    (void *)(uintptr_t)seconds[i]),
			     0);
	for (int i = 0; i < THREADS; i++) {
		void *wrong;

		pthread_join(threads[i], &wrong);
		cr_expect_null(wrong, "%zu of %d were none of the second", (size_t)wrong, READINGS);
	}
}
