/* Whole runs in slices, conducted by a thread of the test. */
#include "tests/unit/load_fixture.h"

#include <sched.h>
#include <stdio.h>

TestSuite(load_conduct, .fini = forget_run, .timeout = 20);

static int orders[2], told[2];
static FILE *told_file;

static void prepare(answer_function *answer)
{
	start_server(answer);
	cr_assert_eq(pipe(orders), 0);
	cr_assert_eq(pipe(told), 0);
	told_file = fdopen(told[0], "r");
	options.in_slices = true;
	options.slices_fd = orders[0];
	options.patience_ns = 10 * NS_PER_S;
	events.descriptor = told[1];
}

static void await_event(const char *name)
{
	char line[1024];

	while (fgets(line, sizeof(line), told_file) && !strstr(line, name))
		;
}

static void give(const char *order)
{
	dprintf(orders[1], "%s\n", order);
	await_event("\"slice\"");
}

static enum run_outcome go_with(void *(*conduct)(void *))
{
	enum run_outcome outcome;
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, conduct, NULL), 0);
	outcome = go();
	close(told[1]);
	pthread_join(thread, NULL);
	return outcome;
}

static void *close_at_rest(void *argument)
{
	unsigned opened;

	(void)argument;
	await_event("\"warm\"");
	give("slice 20ms");
	opened = atomic_load(&server.accepted);
	for (unsigned i = 0; i < opened; i++)
		shutdown(server.descriptors[i], SHUT_RDWR);
	while (atomic_load(&server.accepted) < 2 * opened)
		sched_yield();
	give("slice 20ms");
	dprintf(orders[1], "end\n");
	return NULL;
}

Test(load_conduct, what_a_server_closes_at_rest_is_opened_again)
{
	prepare(answer_well);
	cr_assert_eq(go_with(close_at_rest), RUN_OK);
	cr_assert_eq(run.slices.count, 2);
	cr_assert_eq(run.total->connect.total, 2 * options.connections);
	cr_assert_eq(result_count_errors(run.total->errors), 0);
	cr_assert_eq(result_count_errors(run.total->errors_outside), 0);
	cr_assert_eq(run.total->good + run.total->good_outside, atomic_load(&server.answered));
}

static void *give_two(void *argument)
{
	(void)argument;
	await_event("\"warm\"");
	give("lead 10ms");
	give("slice 50ms");
	dprintf(orders[1], "end\n");
	return NULL;
}

/* A connection that had its last answer in a slice is replaced before the slice is over. */
Test(load_conduct, connections_of_one_request_each_are_complete_at_rest)
{
	prepare(answer_well);
	options.requests_per_connection = 1;
	options.idle = 3;
	cr_assert_eq(go_with(give_two), RUN_OK);
	cr_assert_eq(run.total->crowd_open, 3);
	cr_assert_eq(run.total->good + run.total->good_outside + 3, atomic_load(&server.answered));
	cr_assert_eq(run.total->connect.total,
		     run.total->good + run.total->good_outside + 3 + options.connections);
}

static void *give_one_and_forget(void *argument)
{
	(void)argument;
	await_event("\"warm\"");
	give("slice 20ms");
	return NULL;
}

Test(load_conduct, who_is_forgotten_ends_by_himself_and_keeps_what_he_has)
{
	prepare(answer_well);
	options.patience_ns = 300 * NS_PER_MS;
	cr_assert_eq(go_with(give_one_and_forget), RUN_INTERRUPTED);
	cr_assert(strstr(run.halted.text, "no order came for 300"), "%s", run.halted.text);
	cr_assert_eq(run.slices.count, 1);
	cr_assert_gt(run.total->good, 0);
	cr_assert_lt(took_ns, 10 * NS_PER_S);
}
