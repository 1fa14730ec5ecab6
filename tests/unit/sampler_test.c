#include "harness/measure/process_tree.h"
#include "harness/measure/sampler.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A tree of processes: each has written to TOUCHED_BYTES of its own and sleeps. */
enum { CHILDREN = 3, TOUCHED_BYTES = 4 << 20 };

static int said[2]; /* a byte from each process that stands */
static pid_t children[CHILDREN];

static void make_pipe(void)
{
	cr_assert_eq(pipe(said), 0);
}

static void end_tree(void)
{
	for (int i = 0; i < CHILDREN; i++)
		if (children[i] > 0) {
			kill(children[i], SIGKILL);
			waitpid(children[i], NULL, 0);
		}
}

TestSuite(sampler, .init = make_pipe, .fini = end_tree, .timeout = 20);

static void touch_and_sleep(void)
{
	char *memory = mmap(NULL, TOUCHED_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(1);
	memset(memory, 1, TOUCHED_BYTES);
	if (write(said[1], "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void die_with_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

/* A child; `generations` more below it, one in a row. */
static pid_t start(int generations)
{
	pid_t parent = getpid(), pid = fork();

	cr_assert_geq(pid, 0);
	if (pid)
		return pid;
	die_with_parent(parent);
	if (generations)
		start(generations - 1);
	touch_and_sleep();
	return 0;
}

static void await(int count)
{
	char byte;

	for (int i = 0; i < count; i++)
		cr_assert_eq(read(said[0], &byte, 1), 1);
}

static bool contains(const pid_t *pids, ssize_t count, pid_t pid)
{
	for (ssize_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

Test(sampler, a_process_without_children_is_a_tree)
{
	pid_t *pids;

	children[0] = start(0);
	await(1);
	cr_assert_eq(process_tree_list(children[0], &pids), 1);
	cr_assert_eq(pids[0], children[0]);
	free(pids);
}

Test(sampler, the_tree_has_children_and_their_children_and_no_others)
{
	ssize_t count;
	pid_t *pids;

	children[0] = start(2);
	children[1] = start(0);
	await(4);
	count = process_tree_list(children[0], &pids);
	cr_assert_eq(count, 3);
	cr_assert(contains(pids, count, children[0]));
	cr_assert_not(contains(pids, count, children[1]), "a sibling");
	cr_assert_not(contains(pids, count, getpid()), "the parent");
	free(pids);
	count = process_tree_list(getpid(), &pids);
	cr_assert_geq(count, 5);
	cr_assert(contains(pids, count, children[1]));
	free(pids);
}

Test(sampler, several_trees_are_listed_at_once)
{
	pid_t roots[3], *lists[3];
	size_t counts[3];

	children[0] = start(2);
	children[1] = start(0);
	await(4);
	roots[0] = children[1];
	roots[1] = 0; /* there is no such process */
	roots[2] = children[0];
	cr_assert_eq(process_trees_list(roots, 3, lists, counts), 0);
	cr_assert_eq(counts[0], 1);
	cr_assert_eq(lists[0][0], children[1]);
	cr_assert_eq(counts[1], 0);
	cr_assert_null(lists[1]);
	cr_assert_eq(counts[2], 3);
	cr_assert(contains(lists[2], 3, children[0]));
	cr_assert_not(contains(lists[2], 3, children[1]));
	cr_assert_gt(sample_processes_cpu_ns(lists[2], 3), 0);
	free(lists[0]);
	free(lists[2]);
}

Test(sampler, memory_is_that_of_the_whole_tree)
{
	struct memory_sample one, tree;

	children[0] = start(0);
	children[1] = start(2);
	await(4);
	cr_assert(memory_sample_take(&one, children[0]));
	cr_assert(memory_sample_take(&tree, children[1]));
	cr_assert_geq(one.resident_bytes, TOUCHED_BYTES);
	cr_assert_geq(tree.resident_bytes, 3 * TOUCHED_BYTES);
	/* Not exactly: each has some pages that it shares with another or not. */
	cr_assert_gt(tree.resident_bytes, 2.5 * one.resident_bytes);
	cr_assert_lt(tree.resident_bytes, 3.5 * one.resident_bytes);
	cr_assert_gt(tree.virtual_bytes, 2.9 * one.virtual_bytes);
	cr_assert_lt(tree.virtual_bytes, 3.1 * one.virtual_bytes);
	cr_assert_geq(one.threads, 1);
	cr_assert_float_eq(tree.threads, 3 * one.threads, 0.1);
}

Test(sampler, a_child_that_was_not_waited_for_counts_for_nothing)
{
	struct memory_sample before, after;
	siginfo_t ended;

	children[0] = start(0);
	await(1);
	cr_assert(memory_sample_take(&before, getpid()));
	kill(children[0], SIGKILL);
	cr_assert_eq(waitid(P_PID, (id_t)children[0], &ended, WEXITED | WNOWAIT), 0);
	cr_assert(memory_sample_take(&after, getpid()));
	cr_assert_lt(after.threads, before.threads);
	cr_assert_lt(after.virtual_bytes, before.virtual_bytes - TOUCHED_BYTES);
	cr_assert_not(memory_sample_take(&after, children[0]));
}

Test(sampler, a_process_that_has_gone_has_no_memory)
{
	struct memory_sample sample;
	pid_t gone = start(0), *pids;

	await(1);
	kill(gone, SIGKILL);
	waitpid(gone, NULL, 0);
	cr_assert_not(memory_sample_take(&sample, gone));
	cr_assert(sample.resident_bytes != sample.resident_bytes, "NAN");
	cr_assert_eq(process_tree_list(gone, &pids), -ESRCH);
	free(pids);
}
