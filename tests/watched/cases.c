/* What loops promise of watches, case by case. */
#include "tests/watched/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static void input_begins(struct trial *trial)
{
	subject_open_pair(trial->subjects);
	EXPECT(trial, subject_start(trial->subjects, LOOP_IN) == 0);
}

static void input_comes(struct trial *trial)
{
	EXPECT(trial, trial->subjects->calls == 0);
	trial_expect_rest(trial);
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
	trial_expect_rest(trial);
}

static void room_begins(struct trial *trial)
{
	subject_open_pair(trial->subjects);
	EXPECT(trial, subject_start(trial->subjects, LOOP_OUT) == 0);
}

static void room_is_there(struct trial *trial)
{
	AWAIT(trial, trial->subjects->calls > 1);
	subject_change(trial->subjects, LOOP_NOTHING);
}

static void room_is_not_wanted(struct trial *trial)
{
	EXPECT(trial, trial->subjects->calls == 0);
	trial_expect_rest(trial);
	subject_change(trial->subjects, LOOP_IN | LOOP_OUT);
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
	subject_open_event(trial->subjects, 1);
	trial->subjects->then = subject_stop;
	EXPECT(trial, subject_start(trial->subjects, LOOP_IN) == 0);
}

static void itself_has_ended(struct trial *trial)
{
	AWAIT(trial, trial->subjects->calls == 1);
	trial_expect_rest(trial);
}

/* Whichever is called first, the other one is ready as well. */
static struct subject *other_of(struct subject *s)
{
	return s == s->trial->subjects ? s + 1 : s - 1;
}

static void two_begin(struct trial *trial, void (*then)(struct subject *subject))
{
	for (struct subject *s = trial->subjects; s < trial->subjects + 2; s++) {
		subject_open_event(s, 1);
		s->then = then;
		EXPECT(trial, subject_start(s, LOOP_IN) == 0);
	}
}

static void stop_both(struct subject *s)
{
	subject_stop(other_of(s));
	subject_stop(s);
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
	subject_change(other_of(s), LOOP_NOTHING);
	subject_change(s, LOOP_NOTHING);
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
	subject_change(&trial->subjects[0], LOOP_IN);
	subject_change(&trial->subjects[1], LOOP_IN);
	trial->subjects[0].then = trial->subjects[1].then = subject_stop;
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

	subject_stop(other);
	EXPECT(s->trial, dup2(fresh, number) == number);
	close(fresh);
	other->calls = 0;
	EXPECT(s->trial, subject_start(other, LOOP_IN) == 0);
	subject_stop(s);
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
		s->then = subject_stop;
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
	subject_open_pair(trial->subjects);
	EXPECT(trial, subject_start(trial->subjects, LOOP_IN) == 0);
	trial_shut(&trial->subjects->peer);
}

static void end_is_input(struct trial *trial)
{
	AWAIT(trial, trial->subjects->events == LOOP_IN);
	subject_change(trial->subjects, LOOP_OUT);
}

static void end_is_room(struct trial *trial)
{
	AWAIT(trial, trial->subjects->events == LOOP_OUT);
	subject_change(trial->subjects, LOOP_NOTHING);
}

static void end_is_not_wanted(struct trial *trial)
{
	EXPECT(trial, trial->subjects->calls == 0);
	trial_expect_rest(trial);
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
	EXPECT(trial, subject_start(s, LOOP_IN) == 0);
	trial_shut(&s->peer);
}

static void reset_is_told(struct trial *trial)
{
	AWAIT(trial, trial->subjects->calls > 1); /* as long as nobody looks what it is */
	EXPECT(trial, trial->subjects->events == LOOP_IN);
	subject_change(trial->subjects, LOOP_IN | LOOP_OUT);
}

static void reset_is_told_as_both(struct trial *trial)
{
	AWAIT(trial, trial->subjects->events == (LOOP_IN | LOOP_OUT));
}

static void high_begins(struct trial *trial)
{
	struct subject *s = trial->subjects;
	int result;

	subject_open_pair(s);
	result = fcntl(s->fd, F_DUPFD_CLOEXEC, FD_SETSIZE);
	EXPECT(trial, result >= FD_SETSIZE);
	close(s->fd);
	s->fd = result;
	EXPECT(trial, write(s->peer, "a", 1) == 1);
	result = subject_start(s, LOOP_IN);
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

	subject_open_event(s, 1);
	now.rlim_cur = (rlim_t)s->fd + 1; /* it has the lowest number that was free */
	EXPECT(trial, setrlimit(RLIMIT_NOFILE, &now) == 0);
	EXPECT(trial, eventfd(0, 0) == -1 && errno == EMFILE);
	result = subject_start(s, LOOP_IN);
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
		subject_stop(s + 1);
	subject_stop(s);
}

static void many_begin(struct trial *trial)
{
	for (int i = 0; i < SUBJECTS; i++) {
		subject_open_event(&trial->subjects[i], 1);
		trial->subjects[i].then = stop_some;
		EXPECT(trial, subject_start(&trial->subjects[i], LOOP_IN) == 0);
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
	trial_expect_rest(trial);
}

step *const trial_cases[][STEPS_MOST + 1] = {
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

const size_t trial_case_count = sizeof trial_cases / sizeof *trial_cases;
