/* Tests that cannot be where QEMU runs each program of another architecture (scripts/check-distributions --aarch64). */
#ifndef TENK_TESTS_EMULATED_H
#define TENK_TESTS_EMULATED_H

#include <criterion/criterion.h>
#include <stdlib.h>

/* It answers some system calls by itself, and not as Linux does; why, a clause: "it makes up its own stat". */
static inline void skip_if_emulated(const char *why)
{
	if (getenv("TENK_EMULATED"))
		cr_skip_test("emulated: %s", why);
}

#endif
