/*
 * Linked into the unit tests of a build that looks for leaks: not in Criterion itself.
 *
 * A test program runs each of its tests in a worker, a new process of the same program that finds
 * its orders in an environment variable. The first process only starts workers, and Criterion does
 * not free all that it needs for that; there is nothing of ours in it to look for.
 */
#include <stdlib.h>

int __lsan_is_turned_off(void);

static int is_worker;

/* At the start: the variable may be gone by the end. */
__attribute__((constructor)) static void look_who_we_are(void)
{
	is_worker = getenv("BXFI_MAP") != NULL;
}

int __lsan_is_turned_off(void)
{
	return !is_worker;
}
