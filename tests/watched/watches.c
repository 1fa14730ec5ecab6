/*
 * The contract of watches, asked of whichever loop serves this request: /watches/N is case N.
 *
 * A case is a few steps with a moment between them, in which the loop turns several times. It answers "well", or what
 * was wrong, or "out of range"; beyond the last case it is not found. Whatever the case, `ready` must come
 * from the loop's turn, be about a watch that was started, and tell something that it watches for.
 */
#include "lib/clock.h"
#include "servers/core/tasks/reply.h"
#include "servers/core/tasks/tools.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SUBJECTS = 200, STEPS_MOST = 5, TURNS = 5, PATIENCE = 500 };
#define MOMENT_NS (8 * NS_PER_MS)

struct trial;

/* A watch, and what came of it. */
struct subject {
	struct trial *trial;
	struct loop_watch *watch; /* from malloc: to be freed as soon as it was stopped */
	int fd, peer;
	unsigned calls, events; /* all that was told */
	void (*then)(struct subject *subject);
};

typedef void step(struct trial *trial);

struct trial {
	struct task task;
	struct task_tools *tools;
	struct loop_timer timer;
	unsigned turns; /* at least, until the next step */
	unsigned patience;
	step *const *steps; /* those still to come */
	struct subject *subjects;
	bool inside; /* a service */
	uint64_t cpu_ns;
	char wrong[80];
	struct rlimit limit;
};

_Static_assert(sizeof(struct trial) <= TASK_STATE_BYTES, "the state of a task is bounded");

#define EXPECT(trial, condition)                                                                   \
	do {                                                                                       \
		if (!(condition) && !*(trial)->wrong)                                              \
			snprintf((trial)->wrong, sizeof(trial)->wrong, "line %d: %.60s", __LINE__, \
				 #condition);                                                      \
	} while (0)

/* The first thing in a step: it is tried again until that is so, as long as there is patience. */
#define AWAIT(trial, condition)                          \
	do {                                             \
		if (!(condition) && (trial)->patience) { \
			(trial)->patience--;             \
			(trial)->steps--;                \
			return;                          \
		}                                        \
		EXPECT(trial, condition);                \
	} while (0)

/* --- a subject ------------------------------------------------------------------------------- */

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

static int start(struct subject *s, unsigned interest)
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

static void change(struct subject *s, unsigned interest)
{
	struct trial *trial = s->trial;

	trial->inside = true;
	EXPECT(trial,
	       trial->tools->services->watch_change(trial->tools->loop, s->watch, interest) == 0);
	trial->inside = false;
	EXPECT(trial, s->watch->interest == interest);
	s->calls = s->events = 0;
}

static void stop(struct subject *s)
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

static void open_pair(struct subject *s)
{
	int fds[2] = {-1, -1};

	EXPECT(s->trial,
	       socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
	s->fd = fds[0];
	s->peer = fds[1];
}

static void open_event(struct subject *s, unsigned count)
{
	s->fd = eventfd(count, EFD_CLOEXEC | EFD_NONBLOCK);
	EXPECT(s->trial, s->fd >= 0);
}

static void shut(int *fd)
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
static void expect_rest(struct trial *trial)
{
	EXPECT(trial, cpu_ns() - trial->cpu_ns < MOMENT_NS / 2);
}

/* --- cases ----------------------------------------------------------------------------------- */

static void input_begins(struct trial *trial)
{
	open_pair(trial->subjects);
	EXPECT(trial, start(trial->subjects, LOOP_IN) == 0);
}

static void input_comes(struct trial *trial)
{
	EXPECT(trial, trial->subjects->calls == 0);
	expect_rest(trial);
	EXPECT(trial, write(trial->subjects->peer, "a", 1) == 1);
}

/* What has been learnt of it already may still be told, once. */
static void input_is_read(struct trial *trial)
{
	char byte;

	AWAIT(trial, trial->subjects->calls > 1);
	EXPECT(trial, trial->subjects->events == LOOP_IN);
	EXPECT(trial, read(trial->subjects->fd, &byte, 1) == 1);
	trial->subjects->calls = 0;
}

static void input_was_read(struct trial *trial)
{
	EXPECT(trial, trial->subjects->calls <= 1);
	expect_rest(trial);
}

static void room_begins(struct trial *trial)
{
	open_pair(trial->subjects);
	EXPECT(trial, start(trial->subjects, LOOP_OUT) == 0);
}

static void room_is_there(struct trial *trial)
{
	AWAIT(trial, trial->subjects->calls > 1);
	change(trial->subjects, LOOP_NOTHING);
}

static void room_is_not_wanted(struct trial *trial)
{
	EXPECT(trial, trial->subjects->calls == 0);
	expect_rest(trial);
	change(trial->subjects, LOOP_IN | LOOP_OUT);
}

static void room_is_wanted(struct trial *trial)
{
	AWAIT(trial, trial->subjects->events == LOOP_OUT);
	EXPECT(trial, write(trial->subjects->peer, "a", 1) == 1);
}

static void both_are_there(struct trial *trial)
{
	AWAIT(trial, trial->subjects->events == (LOOP_IN | LOOP_OUT));
}

static void itself_begins(struct trial *trial)
{
	open_event(trial->subjects, 1);
	trial->subjects->then = stop;
	EXPECT(trial, start(trial->subjects, LOOP_IN) == 0);
}

static void itself_has_ended(struct trial *trial)
{
	AWAIT(trial, trial->subjects->calls == 1);
	expect_rest(trial);
}

/* Whichever is called first, the other one is ready as well. */
static struct subject *other_of(struct subject *s)
{
	return s == s->trial->subjects ? s + 1 : s - 1;
}

static void two_begin(struct trial *trial, void (*then)(struct subject *subject))
{
	for (struct subject *s = trial->subjects; s < trial->subjects + 2; s++) {
		open_event(s, 1);
		s->then = then;
		EXPECT(trial, start(s, LOOP_IN) == 0);
	}
}

static void stop_both(struct subject *s)
{
	stop(other_of(s));
	stop(s);
}

static void another_begins(struct trial *trial)
{
	two_begin(trial, stop_both);
}

static void another_has_ended(struct trial *trial)
{
	AWAIT(trial, trial->subjects[0].calls + trial->subjects[1].calls);
	EXPECT(trial, trial->subjects[0].calls + trial->subjects[1].calls == 1);
}

static void quieten_both(struct subject *s)
{
	change(other_of(s), LOOP_NOTHING);
	change(s, LOOP_NOTHING);
	s->calls = 1;
}

static void quiet_begins(struct trial *trial)
{
	two_begin(trial, quieten_both);
}

static void quiet_is_kept(struct trial *trial)
{
	AWAIT(trial, trial->subjects[0].calls + trial->subjects[1].calls);
	EXPECT(trial, trial->subjects[0].calls + trial->subjects[1].calls == 1);
	change(&trial->subjects[0], LOOP_IN);
	change(&trial->subjects[1], LOOP_IN);
	trial->subjects[0].then = trial->subjects[1].then = stop;
}

static void quiet_has_ended(struct trial *trial)
{
	AWAIT(trial, trial->subjects[0].calls && trial->subjects[1].calls);
	EXPECT(trial, trial->subjects[0].calls == 1);
	EXPECT(trial, trial->subjects[1].calls == 1);
}

/* What the other was told of must not be told of whoever has its number next. */
static void take_number(struct subject *s)
{
	struct subject *other = other_of(s);
	int number = other->fd, fresh = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	stop(other);
	EXPECT(s->trial, dup2(fresh, number) == number);
	close(fresh);
	other->calls = 0;
	EXPECT(s->trial, start(other, LOOP_IN) == 0);
	stop(s);
	s->calls = 1;
}

static void number_begins(struct trial *trial)
{
	two_begin(trial, take_number);
}

static void number_is_taken(struct trial *trial)
{
	AWAIT(trial, trial->subjects[0].calls + trial->subjects[1].calls);
	EXPECT(trial, trial->subjects[0].calls + trial->subjects[1].calls == 1);
	for (struct subject *s = trial->subjects; s < trial->subjects + 2; s++) {
		s->then = stop;
		if (s->watch)
			EXPECT(trial, eventfd_write(s->fd, 1) == 0);
	}
}

static void number_has_ended(struct trial *trial)
{
	AWAIT(trial, trial->subjects[0].calls && trial->subjects[1].calls);
	EXPECT(trial, trial->subjects[0].calls == 1 && trial->subjects[1].calls == 1);
	EXPECT(trial, !trial->subjects[0].watch && !trial->subjects[1].watch);
}

static void end_begins(struct trial *trial)
{
	open_pair(trial->subjects);
	EXPECT(trial, start(trial->subjects, LOOP_IN) == 0);
	shut(&trial->subjects->peer);
}

static void end_is_input(struct trial *trial)
{
	AWAIT(trial, trial->subjects->events == LOOP_IN);
	change(trial->subjects, LOOP_OUT);
}

static void end_is_room(struct trial *trial)
{
	AWAIT(trial, trial->subjects->events == LOOP_OUT);
	change(trial->subjects, LOOP_NOTHING);
}

static void end_is_not_wanted(struct trial *trial)
{
	EXPECT(trial, trial->subjects->calls == 0);
	expect_rest(trial);
}

/* A connection that was reset: an error, and not only a hang-up. */
static void reset_begins(struct trial *trial)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct linger at_once = {.l_onoff = 1};
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct subject *s = trial->subjects;

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	EXPECT(trial, bind(listener, (struct sockaddr *)&address, length) == 0);
	EXPECT(trial, listen(listener, 1) == 0);
	EXPECT(trial, getsockname(listener, (struct sockaddr *)&address, &length) == 0);
	EXPECT(trial, connect(s->fd, (struct sockaddr *)&address, length) == 0);
	s->peer = accept(listener, NULL, NULL);
	setsockopt(s->peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(listener);
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	EXPECT(trial, start(s, LOOP_IN) == 0);
	shut(&s->peer);
}

static void reset_is_told(struct trial *trial)
{
	AWAIT(trial, trial->subjects->calls > 1); /* as long as nobody looks what it is */
	EXPECT(trial, trial->subjects->events == LOOP_IN);
	change(trial->subjects, LOOP_IN | LOOP_OUT);
}

static void reset_is_told_as_both(struct trial *trial)
{
	AWAIT(trial, trial->subjects->events == (LOOP_IN | LOOP_OUT));
}

static void high_begins(struct trial *trial)
{
	struct subject *s = trial->subjects;
	int result;

	open_pair(s);
	result = fcntl(s->fd, F_DUPFD_CLOEXEC, FD_SETSIZE);
	EXPECT(trial, result >= FD_SETSIZE);
	close(s->fd);
	s->fd = result;
	EXPECT(trial, write(s->peer, "a", 1) == 1);
	result = start(s, LOOP_IN);
	if (result == -ERANGE && !*trial->wrong)
		snprintf(trial->wrong, sizeof trial->wrong, "out of range");
	EXPECT(trial, result == 0);
}

static void high_is_told(struct trial *trial)
{
	AWAIT(trial, trial->subjects->calls);
}

/* No descriptor is to be had: that does not matter, or it is said. */
static void short_begins(struct trial *trial)
{
	struct subject *s = trial->subjects;
	struct rlimit now = trial->limit;
	int result;

	open_event(s, 1);
	now.rlim_cur = (rlim_t)s->fd + 1; /* it has the lowest number that was free */
	EXPECT(trial, setrlimit(RLIMIT_NOFILE, &now) == 0);
	EXPECT(trial, eventfd(0, 0) == -1 && errno == EMFILE);
	result = start(s, LOOP_IN);
	EXPECT(trial, result == 0 || result == -EMFILE || result == -ENOMEM);
}

static void short_was(struct trial *trial)
{
	AWAIT(trial, (trial->subjects->calls > 0) == (trial->subjects->watch != NULL));
	setrlimit(RLIMIT_NOFILE, &trial->limit);
}

/* Each stops itself, and its neighbour if that is still there. */
static void stop_some(struct subject *s)
{
	if (s + 1 < s->trial->subjects + SUBJECTS)
		stop(s + 1);
	stop(s);
}

static void many_begin(struct trial *trial)
{
	for (int i = 0; i < SUBJECTS; i++) {
		open_event(&trial->subjects[i], 1);
		trial->subjects[i].then = stop_some;
		EXPECT(trial, start(&trial->subjects[i], LOOP_IN) == 0);
	}
}

static void many_have_ended(struct trial *trial)
{
	unsigned calls = 0, left = 0;

	for (int i = 0; i < SUBJECTS; i++) {
		calls += trial->subjects[i].calls;
		left += trial->subjects[i].watch != NULL;
	}
	AWAIT(trial, left == 0);
	for (int i = 0; i < SUBJECTS; i++)
		EXPECT(trial, trial->subjects[i].calls <= 1);
	EXPECT(trial, calls >= SUBJECTS / 2);
	expect_rest(trial);
}

static step *const cases[][STEPS_MOST + 1] = {
	{input_begins, input_comes, input_is_read, input_was_read},
	{room_begins, room_is_there, room_is_not_wanted, room_is_wanted, both_are_there},
	{itself_begins, itself_has_ended},
	{another_begins, another_has_ended},
	{quiet_begins, quiet_is_kept, quiet_has_ended},
	{number_begins, number_is_taken, number_has_ended},
	{end_begins, end_is_input, end_is_room, end_is_not_wanted},
	{reset_begins, reset_is_told, reset_is_told_as_both},
	{high_begins, high_is_told},
	{short_begins, short_was},
	{many_begin, many_have_ended},
};

/* --- the kind -------------------------------------------------------------------------------- */

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

	if (task->numbers[0] >= sizeof cases / sizeof *cases) {
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
	trial->steps = cases[task->numbers[0]];
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
		stop(&trial->subjects[i]);
		shut(&trial->subjects[i].fd);
		shut(&trial->subjects[i].peer);
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
