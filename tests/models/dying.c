/*
 * dying: a server that answers correctly and then dies, to test those who have to notice.
 *
 * After --test-value answers (40 if not given, which are soon given on a machine that has no time for us,
 * too; pipelined answers that leave together count as one) it aborts, with whatever connections are open:
 * the kernel resets those that have unread input and closes the others. The variant leaves with status 3
 * instead of by a signal.
 *
 * Try: server-dying --listen 127.0.0.1:8080 --test-value 500
 */
#include "tests/models/plain_loop.h"

#include <stdlib.h>
#include <sys/prctl.h>

enum { ANSWERS_BY_DEFAULT = 40, EXIT_STATUS = 3 };

static bool exits;

static struct plain_connection *acquire(const struct plain_loop *loop)
{
	(void)loop;
	return calloc(1, sizeof(struct plain_connection));
}

static void release(const struct plain_loop *loop, struct plain_connection *c)
{
	(void)loop;
	free(c);
}

static void answered(struct plain_loop *loop)
{
	if (--loop->value)
		return;
	if (exits)
		_exit(EXIT_STATUS);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* it is meant to happen: leave no core dump */
	abort();
}

static int run(const struct server_options *options, struct listener *listener)
{
	static struct plain_loop loop = {
		.acquire = acquire, .release = release, .answered = answered};

	loop.value = options->test_value ? options->test_value : ANSWERS_BY_DEFAULT;
	return plain_loop_run(&loop, listener);
}

static void exit_instead(struct server_options *options)
{
	(void)options;
	exits = true;
}

static const struct server_variant variants[] = {
	{.name = "exit", .summary = "the same, leaving with status 3", .apply = exit_instead}, {0}};

const struct server_model server_model = {
	.name = "dying",
	.family = "loops",
	.summary = "one thread asks the kernel, and dies after a given number of answers",
	.traits = MODEL_BLOCKING | MODEL_TEST_ONLY,
	.variants = variants,
	.run = run,
};
