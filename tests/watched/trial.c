/*
 * The contract of watches, asked of whichever loop serves this request: /watches/N is case N.
 *
 * A case is a few steps with a moment between them, in which the loop turns several times. It answers "well", or what
 * was wrong, or "out of range"; beyond the last case it is not found. Whatever the case, `ready` must come
 * from the loop's turn, be about a watch that was started, and tell something that it watches for.
 */
#include "tests/watched/trial.h"

#include "servers/core/tasks/reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Found again through its descriptor's owner, which stands behind the watch. */
struct owned_watch {
	struct loop_watch watch;
	struct subject *subject;
};

static void ready(struct loop_watch *watch, unsigned events)
{
	struct subject *s = ((struct owned_watch *)watch)->subject;

	EXPECT(s->trial, !s->trial->inside);
	EXPECT(s->trial, s->watch == watch);
	EXPECT(s->trial, events && !(events & ~watch->interest));
	s->calls++;
	s->events |= events;
	if (s->then)
		s->then(s);
}

int subject_start(struct subject *s, unsigned interest)
{
	struct owned_watch *own = calloc(1, sizeof *own);
	struct trial *trial = s->trial;
	int result;

	EXPECT(trial, own);
	if (!own)
		return -ENOMEM;
	memset(own, 0xa5, sizeof *own);
	own->watch.fd = s->fd;
	own->watch.interest = interest;
	own->watch.ready = ready;
	own->subject = s;
	s->watch = &own->watch;
	trial->inside = true;
	result = trial->tools->services->watch_start(trial->tools->loop, s->watch);
	trial->inside = false;
	if (result < 0) {
		free(own);
		s->watch = NULL;
	}
	return result;
}

void subject_change(struct subject *s, unsigned interest)
{
	struct trial *trial = s->trial;

	trial->inside = true;
	EXPECT(trial,
	       trial->tools->services->watch_change(trial->tools->loop, s->watch, interest) == 0);
	trial->inside = false;
	EXPECT(trial, s->watch->interest == interest);
	s->calls = s->events = 0;
}

void subject_stop(struct subject *s)
{
	struct trial *trial = s->trial;
	unsigned interest;

	if (!s->watch)
		return;
	trial->inside = true;
	interest = s->watch->interest;
	trial->tools->services->watch_stop(trial->tools->loop, s->watch);
	EXPECT(trial, s->watch->interest == interest); /* it may be started again as it is */
	trial->inside = false;
	memset(s->watch, 0x5a, sizeof(struct owned_watch));
	free(s->watch);
	s->watch = NULL;
}

void subject_open_pair(struct subject *s)
{
	int fds[2] = {-1, -1};

	EXPECT(s->trial,
	       socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
	s->fd = fds[0];
	s->peer = fds[1];
}

void subject_open_event(struct subject *s, unsigned count)
{
	s->fd = eventfd(count, EFD_CLOEXEC | EFD_NONBLOCK);
	EXPECT(s->trial, s->fd >= 0);
}

void trial_shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static uint64_t cpu_ns(void)
{
	return clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* Since the last step: a turn or two, but not turn after turn. */
void trial_expect_rest(struct trial *trial)
{
	EXPECT(trial, cpu_ns() - trial->cpu_ns < MOMENT_NS / 2);
}

static void next_step(struct loop_timer *timer);

static void wait_a_turn(struct trial *trial)
{
	trial->timer = (struct loop_timer){.due_ns = clock_now_ns() + MOMENT_NS / TURNS,
					   .fire = next_step};
	EXPECT(trial, trial->tools->services->timer_start(trial->tools->loop, &trial->timer) == 0);
}

static void wait_for_step(struct trial *trial)
{
	trial->cpu_ns = cpu_ns();
	trial->turns = TURNS;
	wait_a_turn(trial);
}

static void next_step(struct loop_timer *timer)
{
	struct trial *trial = (struct trial *)((char *)timer - offsetof(struct trial, timer));
	step *now;

	if (--trial->turns) {
		wait_a_turn(trial);
		return;
	}
	now = *trial->steps++;
	if (now)
		now(trial);
	if (now && !*trial->wrong)
		wait_for_step(trial);
	else
		task_end(&trial->task);
}

static enum task_started start_case(struct task *task)
{
	struct trial *trial = (struct trial *)task;

	if (task->numbers[0] >= trial_case_count) {
		task_fail(task, 404, NULL);
		return TASK_ENDED;
	}
	trial->subjects = calloc(SUBJECTS, sizeof *trial->subjects);
	if (!trial->subjects) {
		task_fail(task, 503, "no memory");
		return TASK_ENDED;
	}
	trial->tools = task->tools;
	trial->patience = PATIENCE;
	for (int i = 0; i < SUBJECTS; i++)
		trial->subjects[i] = (struct subject){.trial = trial, .fd = -1, .peer = -1};
	getrlimit(RLIMIT_NOFILE, &trial->limit);
	trial->steps = trial_cases[task->numbers[0]];
	wait_for_step(trial);
	return TASK_RUNS;
}

static void cancel(struct task *task)
{
	struct trial *trial = (struct trial *)task;

	trial->tools->services->timer_stop(trial->tools->loop, &trial->timer);
}

static void answer(const struct task *task, struct reply *reply)
{
	const struct trial *trial = (const struct trial *)task;

	reply_say(reply, "%s", *trial->wrong ? trial->wrong : "well");
}

static void destroy(struct task *task)
{
	struct trial *trial = (struct trial *)task;

	for (int i = 0; trial->subjects && i < SUBJECTS; i++) {
		subject_stop(&trial->subjects[i]);
		trial_shut(&trial->subjects[i].fd);
		trial_shut(&trial->subjects[i].peer);
	}
	free(trial->subjects);
}

static void run(struct task *task)
{
	task_fail(task, 500, "not in a loop");
}

const struct task_kind task_watches = {
	.name = "watches",
	.route = "/watches/N",
	.most = {1000},
	.bytes = sizeof(struct trial),
	.run = run,
	.start = start_case,
	.cancel = cancel,
	.answer = answer,
	.destroy = destroy,
};
