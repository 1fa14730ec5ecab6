#include "servers/core/tasks/offload.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>

TestSuite(offload, .timeout = 30);

struct subject {
	struct offload_job job; /* first: found again through it */
	sem_t *gate;		/* what `run` waits for; NULL: nothing */
	sem_t *begun;
	pthread_t ran_in;
	atomic_uint runs;
	unsigned ends;
};

static void run(struct offload_job *job)
{
	struct subject *subject = (struct subject *)job;

	subject->ran_in = pthread_self();
	atomic_fetch_add(&subject->runs, 1);
	if (subject->begun)
		sem_post(subject->begun);
	if (subject->gate)
		sem_wait(subject->gate);
}

static void ended(struct offload_job *job)
{
	((struct subject *)job)->ends++;
}

static void submit(struct mailbox *mailbox, struct subject *subject)
{
	subject->job.run = run;
	subject->job.ended = ended;
	offload_submit(mailbox, &subject->job);
}

/* The loop: waits for something to come back, and takes it. */
static void turn(struct mailbox *mailbox)
{
	struct pollfd readable = {.fd = mailbox_descriptor(mailbox), .events = POLLIN};

	cr_assert(poll(&readable, 1, 10000) == 1);
	mailbox_empty(mailbox);
}

static bool has_mail(struct mailbox *mailbox)
{
	struct pollfd readable = {.fd = mailbox_descriptor(mailbox), .events = POLLIN};

	return poll(&readable, 1, 0) == 1;
}

Test(offload, what_a_loop_sends_comes_back_to_it_once)
{
	enum { LOOPS = 2, EACH = 500 };
	static struct subject subjects[LOOPS][EACH];
	struct offload *offload;
	unsigned started, ends;

	cr_assert(offload_open(&offload, 3, LOOPS, &started) == 0);
	cr_expect(started == 3);
	for (unsigned i = 0; i < EACH; i++)
		for (unsigned loop = 0; loop < LOOPS; loop++)
			submit(offload_mailbox(offload, loop), &subjects[loop][i]);
	for (unsigned loop = 0; loop < LOOPS; loop++)
		for (ends = 0; ends < EACH;) {
			turn(offload_mailbox(offload, loop));
			ends = 0;
			for (unsigned i = 0; i < EACH; i++)
				ends += subjects[loop][i].ends;
		}
	for (unsigned i = 0; i < EACH * LOOPS; i++) {
		const struct subject *subject = &subjects[i / EACH][i % EACH];

		cr_expect(subject->runs == 1 && subject->ends == 1);
		cr_expect(!pthread_equal(subject->ran_in, pthread_self()));
	}
	cr_expect(!has_mail(offload_mailbox(offload, 0)));
}

Test(offload, what_has_not_begun_can_be_taken_back_and_what_has_comes_back)
{
	struct subject running = {0}, first = {0}, middle = {0}, last = {0}, late = {0};
	struct offload *offload;
	struct mailbox *mailbox;
	unsigned started;
	sem_t gate, begun;

	sem_init(&gate, 0, 0);
	sem_init(&begun, 0, 0);
	cr_assert(offload_open(&offload, 1, 1, &started) == 0);
	mailbox = offload_mailbox(offload, 0);
	running.gate = &gate;
	running.begun = &begun;
	submit(mailbox, &running);
	sem_wait(&begun);
	submit(mailbox, &first);
	submit(mailbox, &middle);
	submit(mailbox, &last);
	cr_expect(offload_take_back(&middle.job));
	cr_expect(offload_take_back(&last.job));
	cr_expect_not(offload_take_back(&last.job));
	cr_expect_not(offload_take_back(&running.job));
	submit(mailbox, &late); /* behind what has become the last */
	cr_expect_not(has_mail(mailbox));
	sem_post(&gate);
	while (!late.ends)
		turn(mailbox);
	cr_expect(running.ends == 1 && first.ends == 1);
	cr_expect(middle.runs == 0 && middle.ends == 0);
	cr_expect(last.runs == 0 && last.ends == 0);
}
