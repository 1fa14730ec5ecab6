/* How tasks begin, end, fail and are cancelled, in a loop whose time passes when the test says so. */
#include "servers/core/tasks/task_life.h"

#include "lib/clock.h"
#include "servers/core/loops/timers.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

static struct timers timers;
static struct task_tools tools;
static struct reply reply;
static unsigned done, destroyed;
static sem_t begun, gate;

static void open_loop(void)
{
	task_tools_init(&tools, &timers_services, &timers);
	sem_init(&begun, 0, 0);
	sem_init(&gate, 0, 0);
}

static void close_loop(void)
{
	reply_release(&reply);
	tools.mailbox = NULL; /* without a watch */
	task_tools_close(&tools);
	timers_destroy(&timers);
}

TestSuite(task_life, .init = open_loop, .fini = close_loop, .timeout = 30);

/* A kind that holds memory, to see that it goes; numbers[0] of 0 fails, `flag` is to block. */
struct holder {
	struct task task;
	struct loop_timer timer;
	char *held;
};

static void fired(struct loop_timer *timer)
{
	task_end((struct task *)((char *)timer - offsetof(struct holder, timer)));
}

static bool read_name(struct task *task, struct task_request *asked)
{
	((struct holder *)task)->held = strndup(asked->text, asked->text_length);
	return memchr(asked->text, '/', asked->text_length) == NULL;
}

static void run(struct task *task)
{
	if (task->numbers[0] == 0)
		task_fail(task, 504, "too late");
	if (task->flag) {
		sem_post(&begun);
		sem_wait(&gate);
	}
}

static enum task_started start(struct task *task)
{
	struct holder *holder = (struct holder *)task;

	if (task->numbers[0] < 2) {
		run(task);
		return TASK_ENDED;
	}
	holder->timer.fire = fired;
	holder->timer.due_ns = clock_now_ns() + task->numbers[0];
	cr_assert(timers_start(task->tools->loop, &holder->timer) == 0);
	return TASK_RUNS;
}

static void cancel(struct task *task)
{
	timers_stop(task->tools->loop, &((struct holder *)task)->timer);
}

static void answer(const struct task *task, struct reply *to)
{
	const struct holder *holder = (const struct holder *)task;

	reply_own(to, "text/plain", strdup(holder->held), strlen(holder->held));
}

static void destroy(struct task *task)
{
	free(((struct holder *)task)->held);
	destroyed++;
}

static const struct task_kind timed = {.bytes = sizeof(struct holder),
				       .read = read_name,
				       .run = run,
				       .start = start,
				       .cancel = cancel,
				       .answer = answer,
				       .destroy = destroy};
static const struct task_kind offloaded = {.bytes = sizeof(struct holder),
					   .offloadable = true,
					   .read = read_name,
					   .run = run,
					   .answer = answer,
					   .destroy = destroy};

static void note_done(void *context)
{
	(void)context;
	done++;
}

static struct task *begin(const struct task_kind *kind, uint64_t number, bool flag,
			  const char *text)
{
	reply.task = (struct task_request){.kind = kind,
					   .numbers = {number},
					   .flag = flag,
					   .text = text,
					   .text_length = (uint16_t)strlen(text)};
	return task_begin(&reply.task, &reply, &tools, note_done, NULL);
}

static void expect_reply(unsigned status, const char *body)
{
	cr_expect_eq(reply.status, status);
	cr_expect_eq(reply.body_length, strlen(body), "%zu bytes", (size_t)reply.body_length);
	cr_expect_eq(memcmp(reply.bytes, body, strlen(body)), 0, "%s", reply.bytes);
}

Test(task_life, one_that_ends_at_once_is_answered_without_being_told_of)
{
	cr_expect_null(begin(&timed, 1, false, "name"));
	expect_reply(200, "name");
	cr_expect(done == 0 && destroyed == 1);
	tools.services = NULL; /* a thread */
	cr_expect_null(begin(&timed, 5, false, "other"));
	expect_reply(200, "other");
	cr_expect(done == 0 && destroyed == 2);
}

Test(task_life, one_that_runs_is_told_of_at_its_end)
{
	struct task *task = begin(&timed, 1000, false, "name");

	cr_assert_not_null(task);
	cr_expect(done == 0 && destroyed == 0 && timers.count == 1);
	timers_fire(&timers, UINT64_MAX, SIZE_MAX);
	expect_reply(200, "name");
	cr_expect(done == 1 && destroyed == 1);
	cr_expect(begin(&timed, 1000, false, "name") == task, "its state serves the next");
	timers_fire(&timers, UINT64_MAX, SIZE_MAX);
}

Test(task_life, what_fails_says_why)
{
	cr_expect_null(begin(&timed, 0, false, "name"));
	expect_reply(504, "504 Gateway Timeout: too late\n");
	cr_expect_null(begin(&timed, 5, false, "a/b"));
	expect_reply(404, "404 Not Found\n");
	cr_expect(done == 0 && destroyed == 2 && timers.count == 0);
}

Test(task_life, a_delay_passes_first)
{
	struct task *task;

	reply.task = (struct task_request){
		.kind = &timed, .numbers = {1}, .text = "n", .text_length = 1, .delay_ns = 7};
	task = task_begin(&reply.task, &reply, &tools, note_done, NULL);
	cr_assert_not_null(task);
	cr_expect(reply.task.kind == &timed, "there is more");
	timers_fire(&timers, UINT64_MAX, SIZE_MAX);
	cr_expect(done == 1 && destroyed == 0);
	cr_expect_null(task_begin(&reply.task, &reply, &tools, note_done, NULL));
	expect_reply(200, "n");
	cr_expect_null(reply.task.kind);
}

Test(task_life, who_goes_is_not_told_and_nothing_is_kept)
{
	task_cancel(begin(&timed, 1000, false, "name"));
	cr_expect(done == 0 && destroyed == 1 && timers.count == 0);
}

static void await_mail(void)
{
	struct pollfd mail = {.fd = mailbox_descriptor(tools.mailbox), .events = POLLIN};

	cr_assert(poll(&mail, 1, 10000) == 1);
	mailbox_empty(tools.mailbox);
}

Test(task_life, workers_do_what_would_block_and_drop_what_nobody_waits_for)
{
	struct offload *offload;
	struct task *running, *waiting;
	unsigned started;

	cr_assert(offload_open(&offload, 1, 1, &started) == 0);
	cr_expect(task_blocks(&offloaded, &tools));
	tools.mailbox = offload_mailbox(offload, 0);
	cr_expect_not(task_blocks(&offloaded, &tools));
	cr_assert_not_null(begin(&offloaded, 0, false, "name"));
	await_mail();
	expect_reply(504, "504 Gateway Timeout: too late\n");
	cr_expect(done == 1 && destroyed == 1);

	running = begin(&offloaded, 1, true, "running");
	sem_wait(&begun);
	waiting = begin(&offloaded, 1, true, "waiting");
	task_cancel(waiting);
	cr_expect_eq(destroyed, 2, "nobody has begun it");
	task_cancel(running);
	cr_expect_eq(destroyed, 2, "the worker still has it");
	sem_post(&gate);
	await_mail();
	cr_expect_eq(destroyed, 3);
	cr_expect_eq(done, 1, "those who have gone are not told");
	cr_expect(sem_trywait(&begun) < 0, "the one that waited was not begun");
}
