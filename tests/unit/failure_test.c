#include "loadgen/failure.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct failure make(enum error_class class, enum error_phase phase, int problem,
			   int64_t at_ns, const char *example)
{
	struct failure failure = {.class = class,
				  .phase = phase,
				  .problem = problem,
				  .count = 1,
				  .first_ns = at_ns,
				  .last_ns = at_ns};

	snprintf(failure.example, sizeof(failure.example), "%s", example);
	return failure;
}

static void add(struct failures *failures, struct failure failure)
{
	failures_add(failures, &failure);
}

Test(failure, kinds_are_told_apart_and_keep_their_first_example)
{
	struct failures failures = {0};

	add(&failures, make(ERROR_RESET, PHASE_WAIT, ECONNRESET, 30, "second"));
	add(&failures, make(ERROR_RESET, PHASE_WAIT, ECONNRESET, 20, "first"));
	add(&failures, make(ERROR_RESET, PHASE_SEND, ECONNRESET, 25, "sending"));
	add(&failures, make(ERROR_CONNECT, PHASE_CONNECT, ECONNREFUSED, 40, ""));
	cr_assert_eq(failures.count, 3);
	cr_assert_eq(failures.kind[0].class, ERROR_CONNECT);
	cr_assert_eq(failures.kind[1].phase, PHASE_SEND);
	cr_assert_eq(failures.kind[2].count, 2);
	cr_assert_eq(failures.kind[2].first_ns, 20);
	cr_assert_eq(failures.kind[2].last_ns, 30);
	cr_assert_str_eq(failures.kind[2].example, "first");
}

Test(failure, times_of_two_machines_are_comparable_once_they_count_from_their_windows)
{
	struct failures here = {0}, there = {0};

	/* Clocks that have nothing in common: the later one by the clock was the earlier. */
	add(&here, make(ERROR_RESET, PHASE_WAIT, 0, 1030, "later"));
	add(&there, make(ERROR_RESET, PHASE_WAIT, 0, 900010, "earlier"));
	add(&there, make(ERROR_CONNECT, PHASE_CONNECT, 0, 899990, "before the window"));
	failures_begin_at(&here, 1000);
	failures_begin_at(&there, 900000);
	failures_merge(&here, &there);
	cr_assert_eq(here.count, 2);
	cr_assert_eq(here.kind[0].first_ns, -10);
	cr_assert_eq(here.kind[1].first_ns, 10);
	cr_assert_eq(here.kind[1].last_ns, 30);
	cr_assert_str_eq(here.kind[1].example, "earlier");
}

Test(failure, what_there_is_no_room_for_is_counted)
{
	struct failures failures = {0}, more = {0};

	for (int i = 0; i < FAILURES_MAX + 5; i++)
		add(&failures, make(ERROR_CONNECT, PHASE_CONNECT, i + 1, 1, ""));
	cr_assert_eq(failures.count, FAILURES_MAX);
	cr_assert_eq(failures.others, 5);
	failures_merge(&more, &failures);
	failures_merge(&more, &failures);
	cr_assert_eq(more.others, 10);
	cr_assert_eq(more.kind[3].count, 2);
}

Test(failure, more_kinds_than_there_is_room_for_merge_in_any_order)
{
	static struct failures parts[3], left, right, last;

	for (int i = 0; i < 90; i++)
		add(&parts[i % 3], make(ERROR_CONNECT, PHASE_CONNECT, 90 - i, 1, ""));
	for (int i = 0; i < 90; i++)
		add(&parts[i / 30], make(ERROR_CONNECT, PHASE_CONNECT, i + 1, 1, ""));
	failures_merge(&left, &parts[0]);
	failures_merge(&left, &parts[1]);
	failures_merge(&left, &parts[2]);
	failures_merge(&last, &parts[1]);
	failures_merge(&last, &parts[2]);
	failures_merge(&right, &last);
	failures_merge(&right, &parts[0]);
	cr_assert_eq(left.others, right.others);
	cr_assert_eq(left.count, right.count);
	for (size_t i = 0; i < left.count; i++) {
		cr_assert_eq(left.kind[i].problem, right.kind[i].problem);
		cr_assert_eq(left.kind[i].count, right.kind[i].count);
		cr_assert_eq(left.kind[i].count, 2);
	}
}

Test(failure, bytes_are_shown_so_that_people_can_read_them)
{
	char text[32], small[8];

	cr_assert_str_eq(failure_show_bytes("SSH-2\r\n", 7, text, sizeof(text)), "SSH-2\\x0d\\x0a");
	cr_assert_str_eq(failure_show_bytes("abcdefghij", 10, small, sizeof(small)), "abc");
}

Test(failure, every_class_and_phase_has_its_name)
{
	static const char *const classes[] = {"connect", "reset", "timeout", "status",
					      "length",	 "parse", "body",    "header"};
	static const char *const phases[] = {"connect", "handshake", "send",
					     "wait",	"receive",   "idle"};

	cr_assert_eq(sizeof(classes) / sizeof(classes[0]), ERROR_CLASSES);
	cr_assert_eq(sizeof(phases) / sizeof(phases[0]), ERROR_PHASES);
	for (size_t i = 0; i < ERROR_CLASSES; i++)
		cr_assert_str_eq(error_class_names[i], classes[i]);
	for (size_t i = 0; i < ERROR_PHASES; i++)
		cr_assert_str_eq(error_phase_names[i], phases[i]);
}
