/* The generator's threads where they may not have tables of descriptors of their own. */
#include "tests/unit/load_fixture.h"

#include <sched.h>
#include <sys/resource.h>

TestSuite(load_threads, .fini = forget_run);

static _Atomic unsigned asked, allowed;

/* In place of the system's: so many threads get what they ask for, others are forbidden to. */
int unshare(int flags)
{
	(void)flags;
	if (atomic_fetch_add(&asked, 1) < allowed)
		return 0;
	errno = EPERM;
	return -1;
}

Test(load_threads, share_a_table_that_is_large_enough, .timeout = 20)
{
	start_server(answer_well);
	options.idle = 4;
	cr_assert_eq(go_for(10), RUN_OK);
	cr_assert_eq(run.total->crowd_open, 4);
}

#ifndef __SANITIZE_THREAD__ /* with it all threads share a table anyway */
/* How a run ends in which one thread, of two, has no place for its share of the crowd. */
static int run_without_room(struct error *error)
{
	struct live live = {.kind = LIVE_NOTHING};
	struct rlimit limit;

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 256;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	allowed = 1;
	options.connections = 1;
	options.idle = 1000;
	cr_assert_eq(target_parse(&target, options.url, error), 0);
	memcpy(&target.address, &server.address, sizeof(server.address));
	target.address_bytes = sizeof(server.address);
	cr_assert_eq(mix_build(&mix, &options, &target, error), 0);
	run = (struct run){.options = &options, .target = &target, .source = &source, .mix = &mix};
	return control_run(&run, &events, &live, error);
}

Test(load_threads, say_why_they_cannot_begin, .timeout = 20)
{
	struct error error = {""};

	start_server(answer_well);
	server.admitted = 1;
	cr_assert_lt(run_without_room(&error), 0);
	cr_assert(strstr(error.text, "unshare: Operation not permitted"), "%s", error.text);
}
#endif
