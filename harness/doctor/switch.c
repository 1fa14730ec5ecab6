/* The cost of handing over from one thread to another, measured. */
#include "harness/doctor/switch.h"

#include "harness/doctor/checks.h"
#include "harness/machine/cores.h"
#include "lib/clock.h"
#include "lib/libc.h"
#include "lib/statistics/statistics.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum { ROUNDS = 10000, REPEATS = 7 };

struct player {
	int in, out; /* what it reads from and writes to */
	bool begins; /* writes first */
	int status;  /* 0 or -errno */
	uint64_t took_ns;
};

static int write_byte(int fd)
{
	for (;;) {
		ssize_t count = write(fd, "x", 1);

		if (count == 1)
			return 0;
		if (count < 0 && errno != EINTR)
			return -errno;
	}
}

static int read_byte(int fd)
{
	char byte;

	for (;;) {
		ssize_t count = read(fd, &byte, 1);

		if (count == 1)
			return 0;
		if (count == 0)
			return -EPIPE;
		if (errno != EINTR)
			return -errno;
	}
}

/* One of two that hand a byte to each other; alone, with in and out of one pipe, nobody waits. */
static void *play(void *argument)
{
	struct player *player = argument;
	uint64_t started_ns = clock_now_ns();
	int status = 0;

	for (int round = 0; round < ROUNDS && status == 0; round++) {
		status = player->begins ? write_byte(player->out) : read_byte(player->in);
		if (status == 0)
			status = player->begins ? read_byte(player->in) : write_byte(player->out);
	}
	player->took_ns = clock_now_ns() - started_ns;
	player->status = status;
	return NULL;
}

static int start_player(pthread_t *thread, struct player *player, int core)
{
	pthread_attr_t attributes;
	cpu_set_t one;
	int status = pthread_attr_init(&attributes);

	if (status != 0)
		return -status;
	CPU_ZERO(&one);
	CPU_SET(core, &one);
	status = pthread_attr_setaffinity_np(&attributes, sizeof one, &one);
	if (status == 0)
		status = pthread_create(thread, &attributes, play, player);
	pthread_attr_destroy(&attributes);
	return -status;
}

/* A round is two handovers. */
static int measure_handover(const int there[2], const int back[2], int core, double *handover_ns)
{
	struct player first = {.in = back[0], .out = there[1], .begins = true};
	struct player second = {.in = there[0], .out = back[1]};
	pthread_t threads[2];
	int status = start_player(&threads[0], &second, core);

	if (status != 0)
		return status;
	status = start_player(&threads[1], &first, core);
	if (status != 0) {
		/* The other waits for a first byte: it gets one for each round instead. */
		for (int round = 0; round < ROUNDS; round++)
			if (write_byte(there[1]) < 0 || read_byte(back[0]) < 0)
				break;
		pthread_join(threads[0], NULL);
		return status;
	}
	pthread_join(threads[1], NULL);
	pthread_join(threads[0], NULL);
	*handover_ns = (double)first.took_ns / (ROUNDS * 2);
	return first.status < 0 ? first.status : second.status;
}

static int measure_calls(const int pipe_fds[2], int core, double *calls_ns)
{
	struct player alone = {.in = pipe_fds[0], .out = pipe_fds[1], .begins = true};
	pthread_t thread;
	int status = start_player(&thread, &alone, core);

	if (status != 0)
		return status;
	pthread_join(thread, NULL);
	*calls_ns = (double)alone.took_ns / ROUNDS;
	return alone.status;
}

static int measure(const int there[2], const int back[2], int core, struct doctor_switch_cost *cost)
{
	double handover_ns[REPEATS], calls_ns[REPEATS];

	/* In turn, so that a slow moment meets both. */
	for (int i = 0; i < REPEATS; i++) {
		int status = measure_handover(there, back, core, &handover_ns[i]);

		if (status == 0)
			status = measure_calls(there, core, &calls_ns[i]);
		if (status < 0)
			return status;
	}
	cost->handover_ns = statistics_median(handover_ns, REPEATS);
	cost->calls_ns = statistics_median(calls_ns, REPEATS);
	cost->switch_ns = cost->handover_ns - cost->calls_ns;
	return 0;
}

static void close_pipe(const int pipe_fds[2])
{
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

int doctor_measure_switch(struct doctor_switch_cost *cost)
{
	int there[2], back[2], first, last, status;
	cpu_set_t allowed;

	if (cores_allowed(&allowed, &first, &last) == 0)
		return -EINVAL;
	if (pipe2(there, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(back, O_CLOEXEC) < 0) {
		status = -errno;
		close_pipe(there);
		return status;
	}
	status = measure(there, back, last, cost);
	close_pipe(there);
	close_pipe(back);
	return status;
}

void doctor_check_switch(struct doctor_context *context, struct doctor_finding *finding)
{
	struct doctor_switch_cost cost;

	(void)context;
	if (doctor_measure_switch(&cost) < 0) {
		doctor_set_value(finding, "not measured: no threads or pipes to be had");
		doctor_set_effect(finding, DOCTOR_NOTE, "What a switch costs here is not known.");
		return;
	}
	doctor_set_value(finding,
			 "%.2f us between threads (%.2f us by a pipe, %.2f us of it calls)",
			 cost.switch_ns / (double)NS_PER_US, cost.handover_ns / (double)NS_PER_US,
			 cost.calls_ns / (double)NS_PER_US);
}
