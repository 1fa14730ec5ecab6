#include "servers/models/libmicrohttpd/task_handover.h"

#include "lib/clock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>

TestSuite(task_handover, .timeout = 30);

/* One task and what came of it. */
struct subject {
	struct handed_task handed; /* first: found again through it */
	struct reply reply;
	unsigned ended;
	bool done;
	unsigned place;
	uint64_t wait_ns, ended_ns;
};

static unsigned ended_count;

static void note_end(struct handed_task *handed, bool done)
{
	struct subject *subject = (struct subject *)handed;

	subject->ended++;
	subject->place = ++ended_count;
	subject->done = done;
	subject->ended_ns = clock_now_ns();
}

static void prepare(struct subject *subject, uint64_t wait_ns)
{
	*subject = (struct subject){.wait_ns = wait_ns,
				    .reply.task = {.kind = &task_delay, .numbers = {wait_ns}}};
	subject->handed.reply = &subject->reply;
	subject->handed.ended = note_end;
}

/* The loop: waits for a wake-up or a timer, and looks. */
static void turn(struct task_handover *handover)
{
	struct pollfd wake = {.fd = task_handover_descriptor(handover), .events = POLLIN};
	uint64_t due_ns = timers_next_ns(&handover->timers), now_ns = clock_now_ns();
	uint64_t left_ns = due_ns > now_ns ? due_ns - now_ns : 0;
	struct timespec left = clock_to_timespec(left_ns < NS_PER_S ? left_ns : NS_PER_S);

	cr_assert(ppoll(&wake, 1, &left, NULL) >= 0);
	task_handover_turn(handover, wake.revents);
}

struct submission {
	struct task_handover *handover;
	struct subject *subjects;
	size_t count;
};

static void *submit_all(void *argument)
{
	const struct submission *submission = argument;

	for (size_t i = 0; i < submission->count; i++)
		if (task_handover_submit(submission->handover, &submission->subjects[i].handed) < 0)
			return argument;
	return NULL;
}

Test(task_handover, tasks_of_several_threads_end_once_and_never_early)
{
	enum { THREADS = 3, EACH = 50 };
	static struct subject subjects[THREADS][EACH];
	struct submission submissions[THREADS];
	struct task_handover handover;
	pthread_t threads[THREADS];
	uint64_t started_ns = clock_now_ns();
	size_t ended = 0;
	void *failed;

	cr_assert(task_handover_init(&handover) == 0);
	for (size_t i = 0; i < THREADS; i++) {
		for (size_t j = 0; j < EACH; j++)
			prepare(&subjects[i][j], (j % 5) * NS_PER_MS);
		submissions[i] = (struct submission){&handover, subjects[i], EACH};
		cr_assert(pthread_create(&threads[i], NULL, submit_all, &submissions[i]) == 0);
	}
	while (ended < THREADS * EACH) {
		turn(&handover);
		ended = 0;
		for (size_t i = 0; i < THREADS * EACH; i++)
			ended += subjects[i / EACH][i % EACH].ended;
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &failed);
		cr_expect(failed == NULL);
	}
	for (size_t i = 0; i < THREADS * EACH; i++) {
		const struct subject *subject = &subjects[i / EACH][i % EACH];

		cr_expect(subject->ended == 1 && subject->done);
		cr_expect(subject->ended_ns - started_ns >= subject->wait_ns);
	}
	task_handover_close(&handover);
	task_handover_destroy(&handover);
}

Test(task_handover, who_came_first_is_served_first)
{
	enum { COUNT = 5 };
	struct subject subjects[COUNT];
	struct task_handover handover;

	cr_assert(task_handover_init(&handover) == 0);
	for (size_t i = 0; i < COUNT; i++) {
		prepare(&subjects[i], 0);
		cr_assert(task_handover_submit(&handover, &subjects[i].handed) == 0);
	}
	for (size_t turns = 0; turns < COUNT && ended_count < COUNT; turns++)
		turn(&handover);
	for (size_t i = 0; i < COUNT; i++)
		cr_expect_eq(subjects[i].place, i + 1);
	task_handover_close(&handover);
	task_handover_destroy(&handover);
}

Test(task_handover, closing_gives_up_what_waits_and_refuses_the_rest)
{
	struct task_handover handover;
	struct subject running, submitted, late;

	cr_assert(task_handover_init(&handover) == 0);
	prepare(&running, 60 * NS_PER_S);
	prepare(&submitted, 60 * NS_PER_S);
	prepare(&late, 0);
	cr_assert(task_handover_submit(&handover, &running.handed) == 0);
	turn(&handover);
	cr_assert(task_handover_submit(&handover, &submitted.handed) == 0);
	cr_expect(running.ended == 0 && submitted.ended == 0);
	task_handover_close(&handover);
	cr_expect(running.ended == 1 && !running.done);
	cr_expect(submitted.ended == 1 && !submitted.done);
	cr_expect(task_handover_submit(&handover, &late.handed) == -ECANCELED);
	cr_expect(late.ended == 0);
	task_handover_destroy(&handover);
}

Test(task_handover, a_wake_up_is_seen_by_who_waits)
{
	struct task_handover handover;
	struct pollfd wake = {.events = POLLIN};

	cr_assert(task_handover_init(&handover) == 0);
	wake.fd = task_handover_descriptor(&handover);
	cr_expect(poll(&wake, 1, 0) == 0);
	task_handover_wake(&handover);
	cr_expect(poll(&wake, 1, 0) == 1);
	task_handover_turn(&handover, true);
	cr_expect(poll(&wake, 1, 0) == 0);
	task_handover_close(&handover);
	task_handover_destroy(&handover);
}
